"""The nouns of the planner: frozen dataclasses that every room shares and none of them owns.

Units are in the names. Instants are aware UTC datetimes; inside a horizon time is float seconds since its start.
"""

from eagleplan.model.claims import ContactClaim, DemandClaim, PlanClaims
from eagleplan.model.constraints import AllowedTimes, Constraints, ForbiddenSector
from eagleplan.model.contact import REFERENCE_PLANE, Budget, Contact, KeyYield, Profile
from eagleplan.model.demand import Demand, InitialStock, Network, refresh_bits
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
from eagleplan.model.orbit import MeanElements, Satellite, TabulatedEphemeris
from eagleplan.model.passes import Pass, Window
from eagleplan.model.plan import (
    Assumption,
    Delivery,
    DemandResult,
    InputFile,
    Night,
    Notice,
    PassDecision,
    Plan,
    Proof,
    Reason,
    ScheduleOptions,
)
from eagleplan.model.site import HorizonMask, Site
from eagleplan.model.validation import ValidationRow, Verdict

__all__ = [
    "REFERENCE_PLANE",
    "AdaptiveOptics",
    "Air",
    "AllowedTimes",
    "Assumption",
    "Budget",
    "Calibration",
    "Constraints",
    "Contact",
    "ContactClaim",
    "Delivery",
    "Demand",
    "DemandClaim",
    "DemandResult",
    "Detector",
    "ForbiddenSector",
    "Horizon",
    "HorizonMask",
    "InitialStock",
    "InputFile",
    "KeyYield",
    "LinkOptions",
    "MeanElements",
    "Network",
    "Night",
    "Notice",
    "Pass",
    "PassDecision",
    "Plan",
    "PlanClaims",
    "Profile",
    "Proof",
    "Reason",
    "Receiver",
    "Satellite",
    "ScheduleOptions",
    "Security",
    "Site",
    "Source",
    "TabulatedEphemeris",
    "Terminal",
    "ValidationRow",
    "Verdict",
    "Window",
    "refresh_bits",
]
