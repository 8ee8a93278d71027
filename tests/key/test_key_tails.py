"""Concentration bounds against brute-force sums and their own defining equations."""

from __future__ import annotations

from math import comb, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eagleplan.key.tails import (
    chernoff_interval,
    exact_interval,
    fung_sampling,
    hoeffding_interval,
    hypergeometric_sampling,
    kl_interval,
    serfling_sampling,
)

INTERVALS = {
    "hoeffding": hoeffding_interval,
    "chernoff": chernoff_interval,
    "kl": kl_interval,
    "exact": exact_interval,
}


def binomial_tail(n: int, p: float, k: int) -> float:
    """P[Binomial(n, p) ≤ k] by summing."""
    return sum(comb(n, i) * p**i * (1.0 - p) ** (n - i) for i in range(k + 1))


@pytest.mark.parametrize("name", INTERVALS)
@pytest.mark.parametrize(("n", "k"), [(40, 0), (40, 3), (40, 20), (40, 37), (40, 40), (300, 30)])
@pytest.mark.parametrize("eps", [0.1, 1e-3, 1e-6])
def test_interval_covers_as_promised(name: str, n: int, k: int, eps: float) -> None:
    """A mean at the bound gives such a count, or one further away, with chance ε at most."""
    low, high = INTERVALS[name](np.asarray(float(k)), np.asarray(float(n)), np.asarray(-log(eps)))
    assert low <= k <= high
    if 0.0 < high < n:
        assert binomial_tail(n, float(high) / n, k) <= eps * (1.0 + 1e-9)
    if 0.0 < low < n:
        assert 1.0 - binomial_tail(n, float(low) / n, k - 1) <= eps * (1.0 + 1e-6)


def test_exact_interval_is_exact() -> None:
    for n, k in ((40, 3), (300, 30), (300, 280)):
        low, high = exact_interval(np.asarray(float(k)), np.asarray(float(n)), np.asarray(-log(1e-6)))
        assert binomial_tail(n, float(high) / n, k) == pytest.approx(1e-6, rel=1e-6)
        assert 1.0 - binomial_tail(n, float(low) / n, k - 1) == pytest.approx(1e-6, rel=1e-6)


@given(
    total=st.floats(1.0, 1e9),
    share=st.one_of(st.just(0.0), st.floats(1e-9, 1.0)),
    beta=st.floats(0.1, 60.0),
)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_relative_entropy_roots(total: float, share: float, beta: float) -> None:
    n = np.asarray(total * share)
    low, high = (float(x) for x in kl_interval(n, np.asarray(total), np.asarray(beta)))
    assert 0.0 <= low <= n * (1.0 + 1e-12)
    assert n * (1.0 - 1e-12) <= high <= total * (1.0 + 1e-12)

    def divergence(x: float) -> float:
        k, rest = float(n), total - float(n)
        first = k * log(k / x) if k > 0.0 else 0.0
        return first - (rest * np.log1p((k - x) / rest) if rest > 0.0 else 0.0)

    # the count's own rounding, 1e-16 of the total, is felt through the slope of the divergence
    felt = 1e-9 + 1e-14 * total
    if low > 1e-250:
        assert divergence(low) == pytest.approx(beta, rel=1e-6, abs=felt)


@given(total=st.floats(10.0, 1e8), share=st.floats(1e-6, 0.5), beta=st.floats(1.0, 50.0))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_tighter_bounds_lie_inside_looser_ones(total: float, share: float, beta: float) -> None:
    n, all_of, b = (np.asarray(x) for x in (total * share, total, beta))
    exact, kl, hoeffding, chernoff = (
        INTERVALS[name](n, all_of, b) for name in ("exact", "kl", "hoeffding", "chernoff")
    )
    slack = 1e-7 * total * share + 1e-6
    for inner, outer in ((exact, kl), (kl, hoeffding), (kl, chernoff)):
        assert inner[0] >= outer[0] - slack
        assert inner[1] <= outer[1] + slack


@pytest.mark.parametrize(("checked", "unchecked", "errors"), [(40, 200, 0), (40, 200, 2), (100, 60, 10)])
@pytest.mark.parametrize("eps", [0.05, 1e-4])
def test_hypergeometric_bound_against_the_sum(checked: int, unchecked: int, errors: int, eps: float) -> None:
    """The next larger number of errors is less likely than ε; ours is not much larger than the exact
    answer.
    """

    def tail(k: int) -> float:
        total = comb(checked + unchecked, checked)
        return sum(comb(k, i) * comb(checked + unchecked - k, checked - i) for i in range(errors + 1)) / total

    largest = max(k for k in range(errors, errors + unchecked + 1) if tail(k) > eps)
    bound = hypergeometric_sampling(
        *(np.asarray(float(x)) for x in (errors, checked, unchecked)), np.asarray(-log(eps))
    )
    ours = errors + float(bound) * unchecked
    assert largest <= ours <= largest * 1.1 + 2.0


@pytest.mark.parametrize("sampling", [serfling_sampling, hypergeometric_sampling])
def test_sampling_bounds_hold_in_a_drawn_world(
    sampling: object,
) -> None:
    rng = np.random.default_rng(3)
    checked, unchecked, wrong = 400, 4000, 130
    seen = rng.hypergeometric(wrong, checked + unchecked - wrong, checked, 20_000)
    assert callable(sampling)
    bound = sampling(seen.astype(np.float64), np.asarray(400.0), np.asarray(4000.0), np.asarray(-log(0.05)))
    assert np.mean((wrong - seen) / unchecked > bound) <= 0.05


def test_fung_bound_is_the_printed_formula() -> None:
    b, c, d, eps = 0.02, 3e4, 2e6, 1e-9 / 21.0
    gamma = np.sqrt((c + d) * (1 - b) * b / (c * d * log(2)) * np.log2((c + d) / (c * d * (1 - b) * b) / eps**2))
    ours = fung_sampling(np.asarray(b * c), np.asarray(c), np.asarray(d), np.asarray(-log(eps)))
    assert ours == pytest.approx(b + gamma, rel=1e-12)


def test_intervals_of_nothing() -> None:
    zero, beta = np.asarray(0.0), np.asarray(20.0)
    for name in ("kl", "exact"):
        low, high = INTERVALS[name](zero, np.asarray(1e6), beta)
        assert low == 0.0
        # −ln ε events at most, as for a Poisson count of 0
        assert high == pytest.approx(20.0, rel=1e-4)
