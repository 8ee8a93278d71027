"""The shape of ``plan.json``: pydantic models, from which its JSON Schema is generated.

Numbers that were computed are rounded on the way in, so that the file has the same bytes on every machine:
seconds to 3 decimals, degrees to 4, kilometres to 3, dB to 4, days to 4, fractions and probabilities to 6,
bits that are no whole number to 3, and numbers of any other unit to 9 significant digits, whole ones exact.
Numbers that a user wrote (positions, limits) are repeated as read.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)

from eagleplan.model.plan import ReasonCode
from eagleplan.model.site import SiteStatus
from eagleplan.report.epochs import OrbitKind
from eagleplan.report.times import iso_utc

SCHEMA_VERSION: Literal[1] = 1
KIND: Literal["eagleplan-plan"] = "eagleplan-plan"


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
    PlainSerializer(iso_utc, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": r"^[0-9T:.-]+Z$"}),
]


class Part(BaseModel):
    """Base of every part: nothing unknown, nothing converted in silence, no NaN and no infinity."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, allow_inf_nan=False, use_attribute_docstrings=True
    )


class HorizonPart(Part):
    start_utc: Utc
    end_utc: Utc
    days: Annotated[float, Field(gt=0.0, le=36_600.0)]


class OrbitPart(Part):
    kind: OrbitKind
    """Mean elements of a catalogue (`tle`, `omm`) or of a wished-for orbit (`design`), or an `ephemeris`."""
    object_name: str
    catalog_id: int | None
    international_designator: str
    epoch_utc: Utc
    """Epoch of the elements; of an ephemeris, its first state."""
    age_at_start_days: Days
    """From the epoch to the horizon's start; negative if the epoch lies after it."""
    origin: str


class SatellitePart(Part):
    satellite_id: str
    name: str
    orbit: OrbitPart


class SitePart(Part):
    site_id: str
    name: str
    country: str
    status: SiteStatus
    latitude_deg: float
    longitude_deg: float
    altitude_m: float
    aperture_m: float
    time_zone: str
    min_elevation_deg: float
    max_sun_elevation_deg: float
    p_clear_zenith_annual: float
    origin: str


class KeyPart(Part):
    protocol: str
    statistics: str
    secret_bits: int
    """Secret key of the contact under a clear sky."""
    sifted_bits: Bits
    qber_frac: Fraction
    phase_error_frac: Fraction
    leaked_bits: Bits
    plob_bits: Bits
    """Repeaterless bound on the key of the contact (Pirandola et al. 2017)."""
    abort_reason: str | None
    details: dict[str, Number]
    """Intermediates of the proof by name; 9 significant digits."""


class ContactPart(Part):
    contact_id: str
    pass_id: str
    satellite_id: str
    site_id: str
    start_utc: Utc
    end_utc: Utc
    start_s: int
    """Whole seconds since the horizon's start; the contact is [start_s, end_s)."""
    end_s: int
    max_elevation_deg: Degrees
    mean_loss_db: Decibels
    min_loss_db: Decibels
    p_clear: Fraction
    p_clear_origin: str
    expected_bits: int
    """floor(p_clear × secret_bits): what the plan counts on."""
    key: KeyPart


class WindowPart(Part):
    start_utc: Utc
    end_utc: Utc
    start_s: Seconds
    end_s: Seconds
    start_bound: str
    end_bound: str


class ReasonPart(Part):
    code: ReasonCode
    text: str


class PassPart(Part):
    pass_id: str
    satellite_id: str
    site_id: str
    rise_utc: Utc
    culmination_utc: Utc
    set_utc: Utc
    rise_s: Seconds
    culmination_s: Seconds
    set_s: Seconds
    cut_start: bool
    """The horizon's start cuts the pass: `rise_s` is the horizon's start."""
    cut_end: bool
    rise_azimuth_deg: Degrees
    culmination_azimuth_deg: Degrees
    set_azimuth_deg: Degrees
    max_elevation_deg: Degrees
    min_range_km: Kilometres
    timing_uncertainty_s: Seconds
    blocked_by: str | None
    """The constraint that took the whole pass."""
    windows: list[WindowPart]
    contact_ids: list[str]
    """Chosen contacts of this pass."""
    reason: ReasonPart
    best_contact: ContactPart | None
    """What a pass that was not chosen could have given; null for chosen passes and for those without key."""


class DemandPart(Part):
    demand_id: str
    node_a: str
    node_b: str
    wanted_bits: int
    priority: int
    guarantee_bits: int
    origin: str
    delivered_bits: int
    met_frac: Fraction
    guarantee_kept: bool
    limited_by: str


class DeliveryPart(Part):
    demand_id: str
    satellite_id: str
    site_a: str
    site_b: str
    bits: int


class StockPart(Part):
    """Key on one edge: initial + produced − spent = left."""

    satellite_id: str
    site_id: str
    initial_bits: int
    produced_bits: int
    spent_bits: int
    left_bits: int


class ProofPart(Part):
    solver: str
    status: Literal["optimal", "feasible"]
    level: str
    """The first objective level that is not proven; `objective`, `bound` and `gap_frac` are of this level."""
    objective: Number
    bound: Number
    gap_frac: Fraction
    levels: dict[str, Number]
    """Objective of every level, most important first."""
    deterministic_time_s: Seconds
    """The solver's own clock, which is the same on every machine."""
    seed: int
    workers: int
    reproducible: bool


class NoticePart(Part):
    notice_id: str
    subject: str
    message: str


class AssumptionPart(Part):
    key: str
    value: str
    source: str


class InputPart(Part):
    role: str
    path: str
    sha256: str


class PlanDocument(Part):
    """A plan: chosen contacts, every pass with its reason, key per demand, and the proof of its quality."""

    kind: Literal["eagleplan-plan"]
    schema_version: Literal[1]
    name: str
    horizon: HorizonPart
    satellites: list[SatellitePart]
    sites: list[SitePart]
    demands: list[DemandPart]
    contacts: list[ContactPart]
    """By start, satellite, site."""
    loss_reference_plane: str
    """Where the losses of the contacts begin and end."""
    deliveries: list[DeliveryPart]
    stocks: list[StockPart]
    proof: ProofPart
    passes: list[PassPart]
    """By rise, satellite, site."""
    notices: list[NoticePart]
    assumptions: list[AssumptionPart]
    inputs: list[InputPart]
    stamp: dict[str, str]
