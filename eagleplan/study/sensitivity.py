"""How much each axis of a Latin hypercube matters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eagleplan.study.intervals import CONFIDENCE_FRAC, Estimate, student
from eagleplan.study.variants import Variant
from eagleplan.units import FloatArray

LEAST_POINTS = 4
"""Fewer points leave Fisher's interval of a correlation without any width that means something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """What an axis does to the fraction met, over the points of a Latin hypercube, base stations where there are sets.

    `rank_correlation` is Spearman's, between -1 and 1, None where all points meet the same. `effect_frac` is the change
    of the fraction met from the axis' lowest value to its highest with the other axes held, by linear regression; None
    where there are too few points. `explained_frac` is what the regression explains of the variance between points.
    """

    axis: str
    low: float
    high: float
    n_points: int
    rank_correlation: Estimate | None
    effect_frac: Estimate | None
    explained_frac: float | None


def sensitivities(axes: Sequence[str], found: Sequence[Variant]) -> list[Sensitivity]:
    """For each axis of numbers, the strongest first; nothing of fewer than `LEAST_POINTS` points."""
    numbers = {place: values for place in range(len(axes)) if (values := _numbers(found, place)) is not None}
    if len(found) < LEAST_POINTS or not numbers:
        return []
    met_frac = np.array([variant.met_frac.mean for variant in found])
    effects, explained_frac = _regression(np.column_stack(list(numbers.values())), met_frac)
    ranked = [
        Sensitivity(
            axis=axes[place],
            low=float(values.min()),
            high=float(values.max()),
            n_points=len(found),
            rank_correlation=rank_correlation(values, met_frac),
            effect_frac=effect,
            explained_frac=explained_frac,
        )
        for (place, values), effect in zip(numbers.items(), effects, strict=True)
    ]
    return sorted(ranked, key=lambda one: -abs(one.rank_correlation.mean) if one.rank_correlation else 0.0)


def rank_correlation(a: FloatArray, b: FloatArray) -> Estimate | None:
    """Spearman's rank correlation of (n,) and (n,), n > 3; ties have their mean rank.

    None where one of them is constant. The interval is Fisher's z with the variance (1 + r²/2) / (n - 3) (Bonett &
    Wright 2000, Psychometrika 65:23, equation 4).
    """
    if np.ptp(a) == 0.0 or np.ptp(b) == 0.0:
        return None
    from scipy.special import ndtri

    correlation = float(np.clip(np.corrcoef(_ranks(a), _ranks(b))[0, 1], -1.0, 1.0))
    if abs(correlation) > 1.0 - 1e-12:
        correlation = math.copysign(1.0, correlation)
        return Estimate(mean=correlation, low=correlation, high=correlation)
    half = float(ndtri(0.5 + CONFIDENCE_FRAC / 2.0)) * math.sqrt((1.0 + correlation**2 / 2.0) / (len(a) - 3))
    z = math.atanh(correlation)
    return Estimate(mean=correlation, low=math.tanh(z - half), high=math.tanh(z + half))


def _ranks(values: FloatArray) -> FloatArray:
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(count) - (count - 1) / 2.0)[place])


def _numbers(found: Sequence[Variant], place: int) -> FloatArray | None:
    try:
        values = np.array([float(variant.point[place]) for variant in found])
    except ValueError:
        return None
    return values if len(values) and np.isfinite(values).all() and np.ptp(values) > 0.0 else None


def _regression(x: FloatArray, y: FloatArray) -> tuple[list[Estimate | None], float | None]:
    """Least squares of y (n,) on the columns of x (n, p), each scaled to its span, with Student's intervals."""
    n, p = x.shape
    design = np.column_stack([np.ones(n), (x - x.min(axis=0)) / np.ptp(x, axis=0)])
    if n < p + 2 or np.linalg.matrix_rank(design) < p + 1 or np.ptp(y) == 0.0:
        return [None] * p, None
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ design.T @ y
    residual = y - design @ coefficients
    degrees = n - p - 1
    error2 = float(residual @ residual) / degrees * np.diag(inverse)
    explained_frac = 1.0 - float(residual @ residual) / float(((y - y.mean()) ** 2).sum())
    return [
        student(float(b), float(e), degrees) for b, e in zip(coefficients[1:], error2[1:], strict=True)
    ], explained_frac
