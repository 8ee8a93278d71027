"""Orbits of the TOML file: one class a `kind`."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from eagleplan.inputs.checked import Table, UtcDatetime
from eagleplan.scenario.fields import Angle, TimeOfDay

WALKER_PATTERN = re.compile(r"(\d+(?:\.\d+)?):(\d+)/(\d+)/(\d+)", re.ASCII)


def _walker_pattern(value: str) -> str:
    if not WALKER_PATTERN.fullmatch(value):
        raise PydanticCustomError("walker", "must be inclination:satellites/planes/phasing such as 53:24/3/1")
    return value


WalkerPattern = Annotated[str, AfterValidator(_walker_pattern)]


class FileOrbit(Table):
    """Elements that somebody publishes: TLE or OMM."""

    kind: Literal["file"]
    path: str
    catalog_id: int | None = Field(default=None, ge=0, le=999_999_999)
    object_name: str | None = None


class SunSynchronousOrbit(Table):
    """A circular Sun-synchronous orbit wished for."""

    kind: Literal["sso"]
    altitude_km: float = Field(ge=160, le=5900)
    ltan: TimeOfDay
    epoch_utc: UtcDatetime | None = None
    eccentricity: float = Field(default=0.001, ge=0, lt=1)
    arg_perigee_deg: Angle = 90.0
    mean_anomaly_deg: Angle = 0.0
    bstar_per_earth_radius: float = 0.0


class KeplerOrbit(Table):
    """Any orbit wished for, by its mean altitude and angles."""

    kind: Literal["kepler"]
    altitude_km: float = Field(ge=160, le=400_000)
    inclination_deg: float = Field(ge=0, le=180)
    raan_deg: Angle
    epoch_utc: UtcDatetime | None = None
    eccentricity: float = Field(default=0.0, ge=0, lt=1)
    arg_perigee_deg: Angle = 0.0
    mean_anomaly_deg: Angle = 0.0
    bstar_per_earth_radius: float = 0.0


class WalkerOrbit(Table):
    """A constellation wished for: `pattern` is inclination:satellites/planes/phasing, as in "53:24/3/1"."""

    kind: Literal["walker"]
    altitude_km: float = Field(ge=160, le=400_000)
    pattern: WalkerPattern
    epoch_utc: UtcDatetime | None = None
    raan_deg: Angle = 0.0
    spread_deg: float = Field(default=360.0, gt=0, le=360)
