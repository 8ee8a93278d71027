"""A plan's satellites in motion, a little beyond both ends of its horizon, for formats that readers interpolate."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from eagleplan.model import Horizon, Plan
from eagleplan.orbit.trajectory import Track, Turns, track
from eagleplan.units import SECONDS_PER_DAY, FloatArray

MARGIN_S = 600
"""So far beyond the horizon are satellites known; an operator's ephemeris ends where it ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """A satellite's way; seconds count from the plan's horizon. `runs_s` are the (start, end) of what is known."""

    way: Track
    runs_s: tuple[tuple[float, float], ...]

    def states(self, t_s: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Earth-fixed positions (3, n) in km, and velocities relative to the turning Earth (3, n) in km/s."""
        return self.way.position_and_velocity(np.asarray(t_s, dtype=np.float64) + MARGIN_S)

    def run_around(self, t_s: float) -> tuple[float, float]:
        """The part without a gap that holds an instant; raises ValueError where none does."""
        for start_s, end_s in self.runs_s:
            if start_s <= t_s <= end_s:
                return start_s, end_s
        raise ValueError(f"the satellite's way is not known at {t_s} s")


def motions(plan: Plan, satellite_ids: Sequence[str]) -> Mapping[str, Motion]:
    """The motion of each satellite named. Raises InputError where one cannot be propagated."""
    around = Horizon(
        start_utc=plan.horizon.start_utc - timedelta(seconds=MARGIN_S),
        days=plan.horizon.days + 2 * MARGIN_S / SECONDS_PER_DAY,
    )
    turns = Turns(around)
    found = {}
    for satellite in plan.satellites:
        if satellite.satellite_id in satellite_ids:
            way = track(satellite, around, turns)
            runs_s = tuple(
                (start_s - MARGIN_S, min(end_s, around.duration_s) - MARGIN_S) for start_s, end_s in way.runs_s
            )
            found[satellite.satellite_id] = Motion(way=way, runs_s=runs_s)
    return found


def grid_s(first_s: float, last_s: float, step_s: int) -> FloatArray:
    """Multiples of `step_s` from `first_s` to `last_s`, shape (n,), both ends included where they are multiples."""
    first, last = math.ceil(first_s / step_s - 1e-9), math.floor(last_s / step_s + 1e-9)
    return np.arange(first, last + 1, dtype=np.float64) * step_s
