"""The shape of ``plan.json``: pydantic models, from which its JSON Schema is generated.

Numbers that were computed are rounded on the way in, so that the file has the same bytes on every machine:
seconds to 3 decimals, degrees to 4, kilometres to 3, dB to 4, days to 4, fractions and probabilities to 6,
bits that are no whole number to 3, and numbers of any other unit to 9 significant digits, whole ones exact.
Numbers that a user wrote (positions, limits, rates) are repeated as read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from eagleplan.model.earlier import OutcomeStatus
from eagleplan.model.plan import ReasonCode
from eagleplan.model.site import SiteStatus
from eagleplan.report.demand_parts import (
    DeliveryPart,
    DemandPart,
    DiscardPart,
    FibreLinkPart,
    GuaranteeConflictPart,
    InitialStockPart,
    MetOutlookPart,
    ProofPart,
    RivalPart,
    StockPart,
)
from eagleplan.report.epochs import OrbitKind
from eagleplan.report.part import (
    Bits,
    Days,
    Decibels,
    Degrees,
    Fraction,
    Kilometres,
    Number,
    Part,
    Seconds,
    Utc,
)

SCHEMA_VERSION: Literal[1] = 1
KIND: Literal["eagleplan-plan"] = "eagleplan-plan"


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
    details: Mapping[str, Number]
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
    usable_utc: Utc
    """From here on its key can be delivered."""
    usable_s: int
    is_whole: bool
    """Whether it is a whole window; false for a part of one."""
    outcome: OutcomeStatus | None
    """What became of it, where that is known: its bits are then those that came of it."""
    max_elevation_deg: Degrees
    mean_loss_db: Decibels
    min_loss_db: Decibels
    p_clear: Fraction
    p_clear_origin: str
    forecast_age_s: int | None
    """Age of the forecast when the plan was made; null where the probability is no forecast's."""
    forecast_lead_s: int | None
    """From the making of the forecast to the contact."""
    p_clear_climatology: Fraction | None
    """What climatology alone says."""
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
    orbit_number: int
    """Revolutions of the satellite, from one ascending node to the next, at culmination."""
    night: str
    """Date on which the site's night began."""
    blocked_by: str | None
    """The constraint that took the whole pass."""
    windows: tuple[WindowPart, ...]
    contact_ids: tuple[str, ...]
    """Chosen contacts of this pass."""
    reason: ReasonPart
    best_contact: ContactPart | None
    """What a pass that was not chosen could have given; null for chosen passes and for those without key."""


class BackupPart(Part):
    contact_id: str
    """The chosen contact that the backup stands in for."""
    backup: ContactPart
    distance_km: Kilometres
    p_clear_if_clouded: Fraction
    """Clear probability of the backup given that the chosen contact is clouded out."""


class NightPart(Part):
    """The Sun stands below the site's limit."""

    site_id: str
    start_utc: Utc
    end_utc: Utc
    start_s: Seconds
    end_s: Seconds


class ClosurePart(Part):
    """A rule other than night lets nothing happen."""

    constraint: str
    satellite_id: str | None
    """Null: every satellite."""
    site_id: str | None
    """Null: every site."""
    start_utc: Utc
    end_utc: Utc
    start_s: Seconds
    end_s: Seconds
    origin: str


class VerdictPart(Part):
    """Published figures of one kind against what the version that made the plan computes."""

    subject: str
    n_reproduced: int
    n_compatible: int
    n_not_reproduced: int


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
    satellites: tuple[SatellitePart, ...]
    sites: tuple[SitePart, ...]
    demands: tuple[DemandPart, ...]
    guarantee_conflicts: tuple[GuaranteeConflictPart, ...]
    sky_met: MetOutlookPart | None
    rivals: tuple[RivalPart, ...]
    contacts: tuple[ContactPart, ...]
    """By start, satellite, site."""
    loss_reference_plane: str
    """Where the losses of the contacts begin and end."""
    backups: tuple[BackupPart, ...]
    """By the contact that each stands in for, best first."""
    deliveries: tuple[DeliveryPart, ...]
    discards: tuple[DiscardPart, ...]
    initial_stocks: tuple[InitialStockPart, ...]
    fibre_links: tuple[FibreLinkPart, ...]
    changeover_s: int | None
    """At least so long lies between two contacts of one terminal; null: not known."""
    max_key_age_s: int | None
    """Older key of a stock is not delivered; null: key does not age."""
    stocks: tuple[StockPart, ...]
    proof: ProofPart
    passes: tuple[PassPart, ...]
    """By rise, satellite, site."""
    nights: tuple[NightPart, ...]
    closures: tuple[ClosurePart, ...]
    """By start, constraint, satellite, site."""
    notices: tuple[NoticePart, ...]
    assumptions: tuple[AssumptionPart, ...]
    verdicts: tuple[VerdictPart, ...]
    inputs: tuple[InputPart, ...]
    stamp: Mapping[str, str]
