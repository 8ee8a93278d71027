"""The course of the year: the chance of a clear zenith at an instant, from twelve monthly values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from eagleplan.units import FloatArray, read_only

MONTHS = 12


def monthly_p_clear(annual: float, factors: Sequence[float]) -> FloatArray:
    """Chance of a clear zenith by month (12,): the annual prior times the monthly shape, at most 1."""
    return read_only(np.minimum(annual * np.asarray(factors, dtype=np.float64), 1.0))


def p_clear_zenith_at(monthly: FloatArray, instant_utc: datetime) -> float:
    """Linear between the middles of months, around the year: nothing jumps at midnight on the first."""
    month = instant_utc.month - 1
    start, end = _month_start(instant_utc.year, month), _month_start(instant_utc.year, month + 1)
    place = month + (instant_utc - start) / (end - start) - 0.5
    before = int(np.floor(place))
    share = place - before
    return float((1.0 - share) * monthly[before % MONTHS] + share * monthly[(before + 1) % MONTHS])


def _month_start(year: int, month: int) -> datetime:
    return datetime(year + month // MONTHS, month % MONTHS + 1, 1, tzinfo=UTC)
