"""Passes, windows, and their geometry second by second."""

from eagleplan.passes.constraints import CONSTRAINTS
from eagleplan.passes.find import FailedSatellite, PassSearch, find_passes
from eagleplan.passes.profile import ProfileSpan, profiles
from eagleplan.passes.search import search
from eagleplan.passes.slew import Hop, slew_seconds

__all__ = [
    "CONSTRAINTS",
    "FailedSatellite",
    "Hop",
    "PassSearch",
    "ProfileSpan",
    "find_passes",
    "profiles",
    "search",
    "slew_seconds",
]
