"""Passes, windows, and their geometry second by second."""

from eagleplan.passes.constraints import CONSTRAINTS
from eagleplan.passes.find import FailedSatellite, PassSearch, find_passes
from eagleplan.passes.profile import ProfileSpan, profiles
from eagleplan.passes.search import search

__all__ = [
    "CONSTRAINTS",
    "FailedSatellite",
    "PassSearch",
    "ProfileSpan",
    "find_passes",
    "profiles",
    "search",
]
