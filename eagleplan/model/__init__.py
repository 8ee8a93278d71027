"""The nouns of the planner: frozen dataclasses that every room shares and none of them owns.

Units are in the names. Instants are aware UTC datetimes; inside a horizon time is float seconds since its start.
"""

from eagleplan.model.claims import ContactClaim, DemandClaim, PlanClaims
from eagleplan.model.constraints import AllowedTimes, Constraints, ForbiddenSector
from eagleplan.model.contact import REFERENCE_PLANE, Budget, Contact, KeyYield, Profile
from eagleplan.model.demand import Demand, FibreLink, InitialStock, Network, refresh_bits
from eagleplan.model.earlier import EarlierContact, EarlierPass, EarlierPlan, OutcomeStatus
from eagleplan.model.horizon import Horizon
from eagleplan.model.link import (
    AdaptiveOptics,
    Air,
    Calibration,
    Detector,
    LinkOptions,
    Receiver,
    Security,
    Source,
    Terminal,
)
from eagleplan.model.orbit import DutyCycle, MeanElements, Satellite, TabulatedEphemeris
from eagleplan.model.passes import Pass, Window
from eagleplan.model.plan import (
    DEFAULT_OBJECTIVES,
    Assumption,
    Backup,
    Closure,
    Delivery,
    DemandResult,
    Discard,
    GuaranteeConflict,
    InputFile,
    Night,
    Notice,
    Outlook,
    PassDecision,
    Plan,
    Proof,
    ProofLevel,
    Reason,
    Rival,
    ScheduleOptions,
    VerdictCount,
)
from eagleplan.model.site import HorizonMask, Site, StationLimits
from eagleplan.model.trace import ContactTrace, KeyGrowth, LinkTrace, SkyTrack
from eagleplan.model.validation import ValidationRow, Verdict
from eagleplan.model.weather import Forecast, Observation, PassOverride, Weather, WeatherOptions

__all__ = [
    "DEFAULT_OBJECTIVES",
    "REFERENCE_PLANE",
    "AdaptiveOptics",
    "Air",
    "AllowedTimes",
    "Assumption",
    "Backup",
    "Budget",
    "Calibration",
    "Closure",
    "Constraints",
    "Contact",
    "ContactClaim",
    "ContactTrace",
    "Delivery",
    "Demand",
    "DemandClaim",
    "DemandResult",
    "Detector",
    "Discard",
    "DutyCycle",
    "EarlierContact",
    "EarlierPass",
    "EarlierPlan",
    "FibreLink",
    "ForbiddenSector",
    "Forecast",
    "GuaranteeConflict",
    "Horizon",
    "HorizonMask",
    "InitialStock",
    "InputFile",
    "KeyGrowth",
    "KeyYield",
    "LinkOptions",
    "LinkTrace",
    "MeanElements",
    "Network",
    "Night",
    "Notice",
    "Observation",
    "OutcomeStatus",
    "Outlook",
    "Pass",
    "PassDecision",
    "PassOverride",
    "Plan",
    "PlanClaims",
    "Profile",
    "Proof",
    "ProofLevel",
    "Reason",
    "Receiver",
    "Rival",
    "Satellite",
    "ScheduleOptions",
    "Security",
    "Site",
    "SkyTrack",
    "Source",
    "StationLimits",
    "TabulatedEphemeris",
    "Terminal",
    "ValidationRow",
    "Verdict",
    "VerdictCount",
    "Weather",
    "WeatherOptions",
    "Window",
    "refresh_bits",
]
