"""Kinds of keys that several tables of the TOML file have."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from eagleplan.inputs.demand import MAX_BITS


def assumed(default: float, source: str, ge: float | None = None, le: float | None = None) -> Any:
    """A key whose default is this project's choice; `source` says why, and is printed in the report."""
    return Field(default=default, json_schema_extra={"assumed": source}, ge=ge, le=le)


def _time_of_day(value: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?", value):
        raise PydanticCustomError("time_of_day", "must be a time of day such as 22:30")
    return value


Angle = Annotated[float, Field(ge=-360, le=360)]
TimeOfDay = Annotated[str, AfterValidator(_time_of_day)]
Fraction = Annotated[float, Field(ge=0, le=1)]
Bits = Annotated[int, Field(ge=0, le=MAX_BITS)]
Elevation = Annotated[float, Field(ge=0, le=89)]
SunElevation = Annotated[float, Field(ge=-90, le=90)]
