"""How much of a limit is left: in the solvers' own seconds, or on the wall."""

from __future__ import annotations

import time

from eagleplan.schedule.limits import Limits


class Clock:
    """Counts what solvers say that they took; with `workers` = 0 it looks at the wall instead."""

    def __init__(self, time_s: float, limits: Limits) -> None:
        self.reproducible = limits.workers > 0
        self._time_s = time_s
        self._begun_s = time.monotonic()
        self._spent_s = 0.0

    def spend(self, time_s: float) -> None:
        self._spent_s += time_s

    @property
    def used_s(self) -> float:
        return self._spent_s if self.reproducible else time.monotonic() - self._begun_s

    @property
    def left_s(self) -> float:
        return max(0.0, self._time_s - self.used_s)
