"""Confidence intervals of means over skies."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eagleplan.units import FloatArray

CONFIDENCE_FRAC = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A mean and its two-sided confidence interval, in the unit of what was averaged.

    The interval is Student's over independent skies. It covers the draw of the clouds alone, not what the models do not
    know. `low` and `high` are None where fewer than two skies were drawn.
    """

    mean: float
    low: float | None
    high: float | None

    @property
    def is_sure(self) -> bool:
        """Whether the interval leaves 0 out."""
        return self.low is not None and self.high is not None and (self.low > 0.0 or self.high < 0.0)


def estimate(values: npt.ArrayLike) -> Estimate:
    """Mean of independent values (n,) with its interval."""
    sample = np.asarray(values, dtype=np.float64)
    return _estimate(float(sample.mean()), _error2(sample), len(sample) - 1)


def difference(values: npt.ArrayLike, base: npt.ArrayLike) -> Estimate:
    """Mean of `values` less that of `base`, both (n,), drawn independently (Welch, with the smaller n − 1 of degrees).

    Two variants see the same climate but not the same skies, so that their values are not paired.
    """
    one, other = np.asarray(values, dtype=np.float64), np.asarray(base, dtype=np.float64)
    return _estimate(float(one.mean() - other.mean()), _error2(one) + _error2(other), min(len(one), len(other)) - 1)


def _error2(sample: FloatArray) -> float:
    return float(sample.var(ddof=1) / len(sample)) if len(sample) > 1 else 0.0


def _estimate(mean: float, error2: float, degrees: int) -> Estimate:
    if degrees < 1:
        return Estimate(mean=mean, low=None, high=None)
    from scipy.special import stdtrit

    half = float(stdtrit(degrees, 0.5 + CONFIDENCE_FRAC / 2.0)) * math.sqrt(error2)
    return Estimate(mean=mean, low=mean - half, high=mean + half)
