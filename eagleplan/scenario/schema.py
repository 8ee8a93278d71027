"""The TOML file as pydantic models: one class a table, one field a key."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from eagleplan.inputs.checked import Table, UtcDatetime
from eagleplan.inputs.hardware import DEFAULT_PROFILE, override_table
from eagleplan.model import (
    Air,
    Calibration,
    Constraints,
    LinkOptions,
    Receiver,
    ScheduleOptions,
    Security,
    Source,
    Terminal,
)

DEFAULT_RECEIVER = "default"
WALKER_PATTERN = re.compile(r"(\d+(?:\.\d+)?):(\d+)/(\d+)/(\d+)", re.ASCII)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def assumed(default: float, source: str, ge: float | None = None, le: float | None = None) -> Any:
    """A key whose default is this project's choice; `source` says why, and is printed in the report."""
    return Field(default=default, json_schema_extra={"assumed": source}, ge=ge, le=le)


def _time_of_day(value: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?", value):
        raise PydanticCustomError("time_of_day", "must be a time of day such as 22:30")
    return value


def _walker_pattern(value: str) -> str:
    if not WALKER_PATTERN.fullmatch(value):
        raise PydanticCustomError("walker", "must be inclination:satellites/planes/phasing such as 53:24/3/1")
    return value


WalkerPattern = Annotated[str, AfterValidator(_walker_pattern)]
Angle = Annotated[float, Field(ge=-360, le=360)]
TimeOfDay = Annotated[str, AfterValidator(_time_of_day)]
Fraction = Annotated[float, Field(ge=0, le=1)]
Elevation = Annotated[float, Field(ge=0, le=89)]
SunElevation = Annotated[float, Field(ge=-90, le=90)]

if TYPE_CHECKING:
    # What a type checker may know of the tables that are made from the dataclasses of the model.
    class TerminalTable(Table): ...

    class SourceTable(Table): ...

    class AirTable(Table): ...

    class CalibrationTable(Table): ...

    class ScheduleTable(Table): ...

    class OptionsTable(Table): ...

    class ReceiverTable(Table):
        profile: str = DEFAULT_PROFILE

    class LinkTable(ReceiverTable): ...

    class KeyTable(ReceiverTable): ...

else:
    AirTable = override_table(Air, with_profile=False)
    CalibrationTable = override_table(Calibration, with_profile=False)
    TerminalTable = override_table(Terminal, with_profile=False)
    SourceTable = override_table(Source, with_profile=False)
    ReceiverTable = override_table(Receiver, with_profile=True)
    LinkTable = override_table(LinkOptions, with_profile=True)
    KeyTable = override_table(Security, with_profile=True)
    ScheduleTable = override_table(ScheduleOptions, with_profile=False)
    OptionsTable = override_table(Constraints, with_profile=False)


def given(table: Table | None) -> dict[str, Any]:
    """The keys of a table that the file sets, and their values."""
    return {} if table is None else {name: getattr(table, name) for name in sorted(table.model_fields_set)}


class HorizonTable(Table):
    start_utc: UtcDatetime | None = None
    days: float = Field(default=7.0, gt=0, le=400)


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


class SatelliteTable(Table):
    name: str | None = None
    orbit: Annotated[FileOrbit | SunSynchronousOrbit | KeplerOrbit | WalkerOrbit, Field(discriminator="kind")]
    profile: str = DEFAULT_PROFILE
    availability_file: str | None = None
    terminal: TerminalTable | None = None
    source: SourceTable | None = None


class SiteOverride(Table):
    """What one site has in place of the catalogue's row."""

    min_elevation_deg: Elevation | None = None
    max_sun_elevation_deg: SunElevation | None = None
    aperture_m: float | None = Field(default=None, gt=0, le=50)
    receiver: str | None = None
    p_clear_zenith_annual: Fraction | None = None
    horizon_mask_file: str | None = None
    calendar_file: str | None = None
    calendar_rule: Literal["forbid", "permit"] = "forbid"
    air: AirTable = Field(default_factory=AirTable)
    calibration: CalibrationTable = Field(default_factory=CalibrationTable)


class SitesTable(Table):
    file: str | None = None
    use: list[str] | None = Field(default=None, min_length=1)
    allow_candidates: bool = False
    min_elevation_deg: Elevation = assumed(20.0, "assumed: below 20° loss and turbulence rule out fibre coupling")
    max_sun_elevation_deg: SunElevation = assumed(-6.0, "assumed: night begins at the end of civil dusk")
    aperture_m: float = assumed(0.6, "assumed: a common size of ground telescope", ge=0.01, le=50)
    air: AirTable = Field(default_factory=AirTable)
    override: dict[str, SiteOverride] = Field(default_factory=dict)


class ClearanceTable(Table):
    """A report of the US Laser Clearinghouse; several for one site add up."""

    file: str
    site_id: str
    satellite_id: str | None = None
    operator: str | None = None
    margin_s: float = Field(default=0.0, ge=0, le=600)


class WeeklyTable(Table):
    """A window that comes back every week in local time."""

    rule: Literal["forbid", "permit"]
    site_id: str | None = None
    satellite_id: str | None = None
    weekdays: list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]] | None = Field(default=None, min_length=1)
    from_local: TimeOfDay
    to_local: TimeOfDay
    from_date: date | None = None
    until_date: date | None = None
    time_zone: str | None = None


class SectorTable(Table):
    """A part of the sky into which a terminal must not point."""

    site_id: str | None = None
    azimuth_from_deg: float = Field(default=0.0, ge=0, le=360)
    azimuth_to_deg: float = Field(default=360.0, ge=0, le=360)
    elevation_from_deg: float = Field(default=0.0, ge=-90, le=90)
    elevation_to_deg: float = Field(default=90.0, ge=-90, le=90)


class ConstraintsTable(OptionsTable):
    """What must hold for every contact, besides what each site says."""

    blackouts_file: str | None = None
    laser_clearance: list[ClearanceTable] = Field(default_factory=list)
    weekly: list[WeeklyTable] = Field(default_factory=list)
    sectors: list[SectorTable] = Field(default_factory=list)


class WeatherTable(Table):
    priors_file: str | None = None


class StockTable(Table):
    satellite_id: str
    site_id: str
    bits: int = Field(ge=0)


class NetworkTable(Table):
    initial_stocks: list[StockTable] = Field(default_factory=list)


class DemandTable(Table):
    file: str


class ScenarioFile(Table):
    schema_version: Literal[1]
    name: str = Field(min_length=1)
    horizon: HorizonTable = Field(default_factory=HorizonTable)
    satellites: dict[str, SatelliteTable] = Field(min_length=1)
    sites: SitesTable = Field(default_factory=SitesTable)
    receivers: dict[str, ReceiverTable] = Field(default_factory=dict)
    link: LinkTable = Field(default_factory=LinkTable)
    key: KeyTable = Field(default_factory=KeyTable)
    weather: WeatherTable = Field(default_factory=WeatherTable)
    network: NetworkTable = Field(default_factory=NetworkTable)
    demand: DemandTable
    constraints: ConstraintsTable = Field(default_factory=ConstraintsTable)
    schedule: ScheduleTable = Field(default_factory=ScheduleTable)
