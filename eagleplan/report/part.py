"""What our JSON files are made of: parts that know nothing unknown, and numbers that are rounded on the way in.

A field is named like the model's field that it holds, so that `Part.of` and `restore` carry it over by its name.
"""

from __future__ import annotations

import dataclasses
from datetime import UTC
from typing import Annotated, Self, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, PlainSerializer, WithJsonSchema

from eagleplan.report.times import iso_utc

_Model = TypeVar("_Model")


def decimals(digits: int) -> AfterValidator:
    """Rounds to `digits` decimals, and −0 to 0."""
    return AfterValidator(lambda value: round(value, digits) + 0.0)


def significant(value: float) -> float:
    """`value` to 9 significant digits, and −0 to 0; a whole number of bits or contacts stays exact."""
    if value.is_integer() and abs(value) < 2.0**53:
        return value + 0.0
    return float(f"{value:.8e}") + 0.0


Seconds = Annotated[float, decimals(3)]
Degrees = Annotated[float, decimals(4)]
Kilometres = Annotated[float, decimals(3)]
Decibels = Annotated[float, decimals(4)]
Fraction = Annotated[float, decimals(6)]
Bits = Annotated[float, decimals(3)]
Days = Annotated[float, decimals(4)]
Number = Annotated[float, AfterValidator(significant)]
Utc = Annotated[
    AwareDatetime,
    AfterValidator(lambda instant: instant.astimezone(UTC)),
    PlainSerializer(iso_utc, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": r"^[0-9T:.-]+Z$"}),
]


class Part(BaseModel):
    """Base of every part: nothing unknown, nothing converted in silence, no NaN and no infinity."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, allow_inf_nan=False, use_attribute_docstrings=True
    )

    @classmethod
    def of(cls, source: object, /, **more: object) -> Self:
        """The part with the values that `source` has under the same names, `more` first."""
        values = {name: more[name] if name in more else getattr(source, name) for name in cls.model_fields}
        return cls.model_validate(values, from_attributes=True)


def restore(kind: type[_Model], part: Part, /, **more: object) -> _Model:
    """The way back: a dataclass with the values that `part` has under the same names, `more` first."""
    names = {field.name for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    return kind(**{name: getattr(part, name) for name in names & type(part).model_fields.keys()} | more)
