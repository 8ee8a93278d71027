"""Concentration bounds: from counts to their expectations, and from a checked sample to the rest.

Everything is elementwise on arrays that broadcast. `beta` is ln(1/ε) of each single tail.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from eagleplan.key.information import LN2
from eagleplan.units import FloatArray

Interval = Callable[[FloatArray, FloatArray, FloatArray], tuple[FloatArray, FloatArray]]
"""(n_k, N, beta) → lower and upper bound of the expectation of n_k, one part of N; each fails with chance
e^−β.
"""

Sampling = Callable[[FloatArray, FloatArray, FloatArray, FloatArray], FloatArray]
"""(errors, checked, unchecked, beta) → upper bound of the error rate in the unchecked part."""

TINY = 1e-100


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """What finite blocks are paid with: an interval for decoy counts, a sampling bound for the phase
    error.
    """

    interval: Interval
    sampling: Sampling


def hoeffding_interval(n: FloatArray, total: FloatArray, beta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """n ± sqrt(N β / 2): Hoeffding 1963 over all N detections of a basis, as in Lim et al. 2014 Eq. 2–4."""
    delta = np.sqrt(total * beta / 2.0)
    return n - delta, n + delta


def chernoff_interval(n: FloatArray, total: FloatArray, beta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Multiplicative Chernoff bounds of an expectation: Yin et al. 2020, Sci. Rep. 10:14312."""
    below = beta / 2.0 + np.sqrt(2.0 * beta * n + beta**2 / 4.0)
    above = beta + np.sqrt(2.0 * beta * n + beta**2)
    return n - below, n + above


def kl_interval(n: FloatArray, total: FloatArray, beta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Both roots of N D(n/N ‖ x/N) = β, D the binary relative entropy.

    Hoeffding 1963, theorem 1, holds for independent trials of unequal chance, which detections of one basis
    are once their photon numbers are given.
    """
    return _kl_lower(n, total, beta), total - _kl_lower(total - n, total, beta)


def _kl_lower(n: FloatArray, total: FloatArray, beta: FloatArray) -> FloatArray:
    """Lower root by Newton in ln x, from below: the function is convex there, so every iterate is a valid
    bound.
    """
    n, total, beta = np.broadcast_arrays(n, total, beta)
    some = n > 0.0
    k = np.where(some, np.minimum(n, total), 1.0)
    rest = np.maximum(np.where(some, total, 2.0) - k, 0.0)
    # two points that are too low: by the Poisson bound, and by Chernoff's for larger counts
    chernoff = k - beta / 2.0 - np.sqrt(2.0 * beta * k + beta**2 / 4.0)
    log_x = np.maximum(np.log(k) - 1.0 - beta / k, np.log(np.maximum(chernoff, TINY)))
    for _ in range(12):
        x = np.exp(log_x)
        # (N − k) ln((N − k)/(N − x)), 0 where k = N
        others = rest * -np.log1p((k - x) / np.where(rest > 0.0, rest, 1.0))
        excess = k * (np.log(k) - log_x) + np.where(rest > 0.0, others, 0.0) - beta
        slope = -k + rest * x / (rest + k - x)
        log_x = np.minimum(log_x - excess / np.minimum(slope, -1e-12 * k), np.log(k))
    return np.where(some, np.exp(log_x), 0.0)


def exact_interval(n: FloatArray, total: FloatArray, beta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Clopper–Pearson bounds times N, from the exact binomial tail.

    By Hoeffding 1956 (Ann. Math. Stat. 27:713, theorem 4) a sum of independent trials of unequal chance has
    smaller tails than the binomial of the same mean, one count or more away from it. Counts need not be
    whole.
    """
    from scipy.special import betaincinv  # late: a quarter of a second

    n, total, beta = np.broadcast_arrays(n, total, beta)
    eps = np.exp(-beta)
    k, rest = np.maximum(n, 0.0), np.maximum(total - n, 0.0)
    low = betaincinv(np.maximum(k, TINY), rest + 1.0, eps)
    high = betaincinv(np.maximum(rest, TINY), k + 1.0, eps)
    return np.where(k > 0.0, total * low, 0.0), np.where(rest > 0.0, total * (1.0 - high), total)


def asymptotic_interval(n: FloatArray, total: FloatArray, beta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The count itself, twice: the limit of infinitely long blocks."""
    return n, n


def fung_sampling(errors: FloatArray, checked: FloatArray, unchecked: FloatArray, beta: FloatArray) -> FloatArray:
    """Random sampling without replacement: Fung, Ma, Chau 2010 (PRA 81:012318), g() of Lim et al. 2014 Eq. 5.

    b + sqrt((c + d)(1 − b) b / (c d ln 2) log2((c + d) / (c d (1 − b) b) e^{2β})). The bound is asymptotic:
    at b = 0 it claims 0; it is kept as published.
    """
    c, d = np.maximum(checked, TINY), np.maximum(unchecked, TINY)
    b = np.clip(errors / c, 0.0, 0.5)
    inner = b > 0.0
    spread = np.where(inner, (1.0 - b) * b, 0.25)
    joint = (c + d) / (c * d)
    bits = np.maximum((np.log(joint / spread) + 2.0 * beta) / LN2, 0.0)
    return np.asarray(b + np.where(inner, np.sqrt(joint * spread / LN2 * bits), 0.0))


def serfling_sampling(errors: FloatArray, checked: FloatArray, unchecked: FloatArray, beta: FloatArray) -> FloatArray:
    """b + sqrt((c + d)(c + 1) β / (2 c² d)), c checked and d unchecked: Serfling 1974, Ann. Stat. 2:39."""
    c, d = np.maximum(checked, TINY), np.maximum(unchecked, TINY)
    return np.asarray(errors / c + np.sqrt((1.0 + c / d) * (1.0 + 1.0 / c) / c * beta / 2.0))


def hypergeometric_sampling(
    errors: FloatArray, checked: FloatArray, unchecked: FloatArray, beta: FloatArray
) -> FloatArray:
    """The largest error count K among c + d for which a check of c shows so few errors with chance above
    e^−β.

    P[Hyp ≤ m] ≤ pmf(m) / (1 − pmf(m−1)/pmf(m)), as the distribution is log-concave; log-gamma carries counts
    that are not whole. Returns (K − m) / d.
    """
    c = np.maximum(np.asarray(checked, dtype=np.float64), 1.0)
    d = np.maximum(np.asarray(unchecked, dtype=np.float64), 1.0)
    c, d, beta = np.broadcast_arrays(c, d, beta)
    m = np.clip(errors, 0.0, c)
    low, high = m, m + d
    for _ in range(45):
        middle = 0.5 * (low + high)
        likely = _hypergeometric_log_tail(m, c, d, middle) > -beta
        low, high = np.where(likely, middle, low), np.where(likely, high, middle)
    return np.asarray((high - m) / d)


def _hypergeometric_log_tail(m: FloatArray, c: FloatArray, d: FloatArray, k: FloatArray) -> FloatArray:
    """ln of an upper bound of P[at most m of k errors among c drawn from c + d]; 0 where the bound is above
    1.
    """
    from scipy.special import gammaln  # late: a quarter of a second

    def log_choose(n: FloatArray, r: FloatArray) -> FloatArray:
        return np.asarray(gammaln(n + 1.0) - gammaln(r + 1.0) - gammaln(n - r + 1.0))

    log_pmf = log_choose(c, m) + log_choose(d, np.clip(k - m, 0.0, d)) - log_choose(c + d, k)
    ratio = m * (d - k + m) / ((c - m + 1.0) * (k - m + 1.0))
    return np.where(ratio < 1.0, np.minimum(log_pmf - np.log1p(-np.minimum(ratio, 1.0 - 1e-15)), 0.0), 0.0)


def no_sampling(errors: FloatArray, checked: FloatArray, unchecked: FloatArray, beta: FloatArray) -> FloatArray:
    """The error rate of the sample itself: the limit of infinitely long blocks."""
    return np.asarray(errors / np.maximum(checked, TINY))


def of_square(sampling: Sampling) -> Sampling:
    """The same bound at ε² instead of ε: the form in which it enters an entropic uncertainty relation."""

    def squared(errors: FloatArray, checked: FloatArray, unchecked: FloatArray, beta: FloatArray) -> FloatArray:
        return sampling(errors, checked, unchecked, 2.0 * beta)

    return squared


HOEFFDING = Statistics(interval=hoeffding_interval, sampling=fung_sampling)
CHERNOFF = Statistics(interval=chernoff_interval, sampling=fung_sampling)
KL = Statistics(interval=kl_interval, sampling=hypergeometric_sampling)
EXACT = Statistics(interval=exact_interval, sampling=hypergeometric_sampling)
SERFLING = Statistics(interval=hoeffding_interval, sampling=of_square(serfling_sampling))
EXACT_OF_SQUARE = Statistics(interval=exact_interval, sampling=of_square(hypergeometric_sampling))
