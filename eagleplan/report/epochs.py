"""How old the knowledge of an orbit is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from eagleplan.model import MeanElements, Satellite
from eagleplan.units import SECONDS_PER_DAY

OrbitKind = Literal["tle", "omm", "design", "ephemeris"]


def orbit_kind(satellite: Satellite) -> OrbitKind:
    """Where the motion comes from: ``tle``, ``omm``, ``design`` or ``ephemeris``."""
    return satellite.orbit.kind if isinstance(satellite.orbit, MeanElements) else "ephemeris"


def orbit_epoch_utc(satellite: Satellite) -> datetime:
    """Epoch of mean elements; of an ephemeris, its first state."""
    orbit = satellite.orbit
    if isinstance(orbit, MeanElements):
        return orbit.epoch_utc
    return orbit.epoch_utc + timedelta(seconds=float(orbit.t_s[0]))


def orbit_age_days(satellite: Satellite, at_utc: datetime) -> float:
    """Days from the orbit's epoch to `at_utc`; negative before the epoch."""
    return (at_utc - orbit_epoch_utc(satellite)).total_seconds() / SECONDS_PER_DAY
