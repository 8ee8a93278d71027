"""Confidence intervals: of means over skies, and of sums over weeks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eagleplan.units import FloatArray

CONFIDENCE_FRAC = 0.95

LEAST_WEEKS = 8
"""Fewer say nothing of how weeks differ that would not drown in Student's factor (12.7 for two, 2.4 for eight)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A mean and its two-sided confidence interval, in the unit of what was averaged.

    `low` and `high` are None where there is too little to tell: fewer than two skies, or weeks.
    """

    mean: float
    low: float | None
    high: float | None

    @property
    def is_sure(self) -> bool:
        """Whether the interval leaves 0 out."""
        return self.low is not None and self.high is not None and (self.low > 0.0 or self.high < 0.0)


def estimate(values: npt.ArrayLike, *, least: float = -math.inf, most: float = math.inf) -> Estimate:
    """Mean of independent values (n,) with Student's interval, cut off at what the mean cannot be below or above.

    Of the same skies in two variants take the values' differences. Sky k of two variants comes from the same random
    numbers, and no other sky has any of them: differences sky by sky are independent, and vary less than each variant
    does.
    """
    sample = np.asarray(values, dtype=np.float64)
    error2 = float(sample.var(ddof=1) / len(sample)) if len(sample) > 1 else 0.0
    return student(float(sample.mean()), error2, len(sample) - 1, least=least, most=most)


def sum_over_weeks(shares: npt.ArrayLike) -> Estimate:
    """Sum of the shares (n_weeks,) that weeks have in a figure, with the interval as if the weeks had been drawn.

    It takes in whatever differs from week to week: the planner's choices, the passes, the season. As the weeks of a
    year are no random ones, it is rather too wide. Without an interval for fewer than `LEAST_WEEKS`.
    """
    sample = np.asarray(shares, dtype=np.float64)
    if len(sample) < LEAST_WEEKS:
        return Estimate(mean=float(sample.sum()), low=None, high=None)
    return student(float(sample.sum()), float(sample.var(ddof=1) * len(sample)), len(sample) - 1)


def mean_over_variants(samples: Sequence[FloatArray], *, least: float = -math.inf, most: float = math.inf) -> Estimate:
    """Mean of several variants' values under their skies: sky by sky, as skies are shared.

    Where variants have other numbers of skies, they share none, and their errors add up.
    """
    if len({len(sample) for sample in samples}) == 1:
        return estimate(np.mean(samples, axis=0), least=least, most=most)
    error2 = sum(float(sample.var(ddof=1) / len(sample)) for sample in samples if len(sample) > 1) / len(samples) ** 2
    mean = float(np.mean([sample.mean() for sample in samples]))
    return student(mean, error2, min(map(len, samples)) - 1, least=least, most=most)


def student(mean: float, error2: float, degrees: int, *, least: float = -math.inf, most: float = math.inf) -> Estimate:
    """The interval of a mean whose squared standard error was estimated with so many degrees of freedom."""
    if degrees < 1:
        return Estimate(mean=mean, low=None, high=None)
    from scipy.special import stdtrit

    half = float(stdtrit(degrees, 0.5 + CONFIDENCE_FRAC / 2.0)) * math.sqrt(error2)
    return Estimate(mean=mean, low=max(least, mean - half), high=min(most, mean + half))
