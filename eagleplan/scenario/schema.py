"""The TOML file as pydantic models: one class a table, one field a key."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from eagleplan.inputs.checked import Table, UtcDatetime
from eagleplan.inputs.hardware import DEFAULT_PROFILE, override_table
from eagleplan.model import (
    Air,
    Calibration,
    Constraints,
    DutyCycle,
    LinkOptions,
    Receiver,
    ScheduleOptions,
    Security,
    Source,
    StationLimits,
    Terminal,
)
from eagleplan.scenario.fields import Elevation, Fraction, SunElevation, TimeOfDay, assumed
from eagleplan.scenario.network_tables import KmsTable, NetworkTable
from eagleplan.scenario.orbit_tables import FileOrbit, KeplerOrbit, SunSynchronousOrbit, WalkerOrbit

DEFAULT_RECEIVER = "default"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


if TYPE_CHECKING:
    # What a type checker may know of the tables that are made from the dataclasses of the model.
    class TerminalTable(Table): ...

    class SourceTable(Table): ...

    class AirTable(Table): ...

    class CalibrationTable(Table): ...

    class DutyTable(Table): ...

    class LimitsTable(Table): ...

    class ScheduleTable(Table):
        pins: tuple[str, ...] | None = None
        vetoes: tuple[str, ...] | None = None
        objectives: tuple[str, ...] | None = None
        solver: str | None = None

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
    DutyTable = override_table(DutyCycle, with_profile=False)
    LimitsTable = override_table(StationLimits, with_profile=False)
    ScheduleTable = override_table(ScheduleOptions, with_profile=False)
    OptionsTable = override_table(Constraints, with_profile=False)


def given(table: Table | None) -> dict[str, Any]:
    """The keys of a table that the file sets, and their values."""
    return {} if table is None else {name: getattr(table, name) for name in sorted(table.model_fields_set)}


class HorizonTable(Table):
    start_utc: UtcDatetime | None = None
    days: float = Field(default=7.0, gt=0, le=400)


class SatelliteTable(Table):
    name: str | None = None
    orbit: Annotated[FileOrbit | SunSynchronousOrbit | KeplerOrbit | WalkerOrbit, Field(discriminator="kind")]
    profile: str = DEFAULT_PROFILE
    availability_file: str | None = None
    classical_contacts_file: str | None = None
    duty: DutyTable = Field(default_factory=DutyTable)
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
    limits: LimitsTable = Field(default_factory=LimitsTable)


class SitesTable(Table):
    file: str | None = None
    use: list[str] | None = Field(default=None, min_length=1)
    allow_candidates: bool = False
    closed: list[str] = Field(default_factory=list)
    min_elevation_deg: Elevation = assumed(20.0, "assumed: below 20° loss and turbulence rule out fibre coupling")
    max_sun_elevation_deg: SunElevation = assumed(-6.0, "assumed: night begins at the end of civil dusk")
    aperture_m: float = assumed(0.6, "assumed: a common size of ground telescope", ge=0.01, le=50)
    air: AirTable = Field(default_factory=AirTable)
    limits: LimitsTable = Field(default_factory=LimitsTable)
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


class ForecastTable(Table):
    """A forecast file; what it is follows from its name's end, or `kind` says it."""

    file: str
    kind: Literal["open-meteo", "csv", "grib"] | None = None
    issued_utc: UtcDatetime | None = None
    site_ids: list[str] | None = Field(default=None, min_length=1)
    decay_hours: float | None = Field(default=None, gt=0, le=1000)


class MetarTable(Table):
    """Reports of one aerodrome, for one site near it."""

    file: str
    station: str = Field(pattern=r"^[A-Z][A-Z0-9]{3}$")
    site_id: str
    station_elevation_m: float = Field(default=0.0, ge=-500, le=6000)


class WeatherTable(Table):
    """Climatology, forecasts, and what an operator knows better."""

    priors_file: str | None = None
    monthly_file: str | None = None
    planned_utc: UtcDatetime | None = None
    forecasts: list[ForecastTable] = Field(default_factory=list)
    metar: list[MetarTable] = Field(default_factory=list)
    overrides_file: str | None = None
    decay_hours: float = assumed(48.0, "assumed: in some days cloud forecasts lose their skill", ge=1, le=1000)
    observation_decay_hours: float = assumed(
        6.0, "assumed: between the correlations after 1 h and 12 h of ITU-R P.1853's clouds", ge=0.1, le=100
    )
    low_cloud_top_m: float = assumed(
        2000.0, "assumed: stations from there on stand above the low layer's cloud", ge=0, le=20_000
    )
    max_forecast_age_hours: float = assumed(48.0, "assumed: by then a newer run is out", ge=0, le=1000)
    correlation_length_km: float = assumed(
        350.0, "assumed: published e-folding distances of cloud cover are 200 to 1000 km", ge=1, le=5000
    )
    n_outlook_skies: int = Field(default=1000, ge=0, le=100_000)
    outlook_seed: int = Field(default=20_260_101, ge=0)
    partial_passes: bool = False


class DemandTable(Table):
    file: str
    scale_frac: float = Field(default=1.0, gt=0, le=1000)


class OperationsTable(Table):
    """A re-plan: the plan before it, and what became of its contacts; `eagleplan replan` fills it in."""

    earlier_plan_file: str | None = None
    outcomes_file: str | None = None
    now_utc: UtcDatetime | None = None
    freeze_hours: float = Field(default=0.0, ge=0, le=9600)


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
    kms: KmsTable = Field(default_factory=KmsTable)
    demand: DemandTable
    constraints: ConstraintsTable = Field(default_factory=ConstraintsTable)
    schedule: ScheduleTable = Field(default_factory=ScheduleTable)
    operations: OperationsTable = Field(default_factory=OperationsTable)
