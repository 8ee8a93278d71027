"""The span of time that a plan covers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from eagleplan.units import SECONDS_PER_DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Horizon:
    """From `start_utc` (aware, UTC) for `days`; seconds in a plan count from `start_utc`."""

    start_utc: datetime
    days: float

    def __post_init__(self) -> None:
        if self.start_utc.utcoffset() != timedelta(0):
            raise ValueError("start_utc must be an aware UTC datetime")
        if not self.days > 0.0:
            raise ValueError("days must be positive")

    @property
    def duration_s(self) -> float:
        return self.days * SECONDS_PER_DAY

    @property
    def end_s(self) -> int:
        """The last instant at which key can be delivered: the duration in whole seconds, rounded up, at least 1."""
        return math.ceil(round(self.duration_s, 6)) or 1

    @property
    def end_utc(self) -> datetime:
        return self.utc(self.duration_s)

    def utc(self, t_s: float) -> datetime:
        """The instant `t_s` seconds after the start, to the microsecond."""
        return self.start_utc + timedelta(seconds=t_s)

    def seconds(self, instant_utc: datetime) -> float:
        """Seconds from the start to `instant_utc`."""
        return (instant_utc - self.start_utc).total_seconds()
