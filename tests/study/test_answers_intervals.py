"""Intervals against scipy.stats, and how often they hold the truth."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from eagleplan.study.intervals import LEAST_WEEKS, Estimate, estimate, mean_over_variants, sum_over_weeks
from eagleplan.study.sensitivity import rank_correlation
from eagleplan.weather.cloud_scenarios import Looks, latent_field

N_YEARS = 1000


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(5)


def test_a_mean_has_student_s_interval(random: np.random.Generator) -> None:
    sample = random.gamma(2.0, size=37)
    found = estimate(sample)
    low, high = stats.t.interval(0.95, 36, loc=sample.mean(), scale=stats.sem(sample))
    assert (found.mean, found.low, found.high) == pytest.approx((sample.mean(), low, high), rel=1e-12)
    assert found.is_sure


def test_a_difference_of_two_variants_is_a_paired_one(random: np.random.Generator) -> None:
    one = random.normal(3.0, 1.0, 50)
    other = one + random.normal(0.1, 0.2, 50)
    interval = stats.ttest_rel(other, one).confidence_interval(0.95)
    found = estimate(other - one)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), rel=1e-9)


def test_weeks_as_a_sample(random: np.random.Generator) -> None:
    shares = random.normal(1.0, 0.3, 52)
    low, high = stats.t.interval(0.95, 51, loc=shares.mean(), scale=stats.sem(shares))
    found = sum_over_weeks(shares)
    assert (found.mean, found.low, found.high) == pytest.approx((shares.sum(), 52 * low, 52 * high), rel=1e-12)
    few = sum_over_weeks(shares[: LEAST_WEEKS - 1])
    assert (few.low, few.high) == (None, None)
    assert sum_over_weeks(shares[:LEAST_WEEKS]).low is not None


def test_a_mean_over_variants_is_taken_sky_by_sky(random: np.random.Generator) -> None:
    one, other = random.normal(size=20), random.normal(size=20)
    assert mean_over_variants([one, other]) == estimate((one + other) / 2)
    # Of other numbers of skies the errors add up.
    longer = random.normal(size=30)
    found = mean_over_variants([one, longer])
    error = np.sqrt(stats.sem(one) ** 2 + stats.sem(longer) ** 2) / 2
    half = stats.t.ppf(0.975, 19) * error
    assert found.mean == pytest.approx((one.mean() + longer.mean()) / 2)
    assert (found.low, found.high) == pytest.approx((found.mean - half, found.mean + half))


def test_what_cannot_be_told_is_not_told() -> None:
    assert estimate([5.0]) == Estimate(mean=5.0, low=None, high=None)
    assert not estimate([5.0]).is_sure
    assert not estimate([0.0, 0.0, 0.0]).is_sure
    assert not estimate([-1.0, 1.0]).is_sure
    assert estimate([-2.0, -2.1]).is_sure
    # A fraction is neither below 0 nor above 1, and so is its mean.
    assert estimate([0.0, 0.0, 0.3], least=0.0, most=1.0).low == 0.0
    assert estimate([1.0, 1.0, 0.7], least=0.0, most=1.0).high == 1.0


@pytest.mark.parametrize(("n_skies", "least"), [(100, 0.93), (20, 0.92)])
def test_intervals_hold_the_truth_as_often_as_they_say(n_skies: int, least: float, random: np.random.Generator) -> None:
    # A pair's year: 52 weeks in which all of the key comes, some or none; the truth is the mean of the draw.
    p, bits = np.array([0.6, 0.25, 0.15]), np.array([0.0, 0.4, 1.0])
    years = random.choice(bits, p=p, size=(N_YEARS, n_skies, 52)).mean(axis=2)
    held = [found.low <= p @ bits <= found.high for found in map(estimate, years)]  # type: ignore[operator]
    assert least < np.mean(held) < 0.97


def test_intervals_of_gains_hold_the_truth_too(random: np.random.Generator) -> None:
    # Two variants under the same skies: much of the year is common, and the second has one pass more.
    common = random.gamma(9.0, size=(N_YEARS, 50))
    own = random.exponential(0.5, size=(N_YEARS, 50))
    other = random.exponential(0.3, size=(N_YEARS, 50))
    held = [
        found.low <= 0.2 <= found.high  # type: ignore[operator]
        for found in (estimate(a - b) for a, b in zip(common + own, common + other, strict=True))
    ]
    assert 0.93 < np.mean(held) < 0.97


def test_variants_share_their_skies() -> None:
    # Why differences are taken sky by sky: sky k of any plan comes from the same random numbers, and from no others.
    site = [SimpleNamespace(latitude_deg=48.0, longitude_deg=11.0)]
    days = np.arange(6) * 30 * 86_400.0
    drawn = {}
    for n_looks in (6, 3):
        looks = Looks(site=np.zeros(n_looks, dtype=np.intp), at_s=days[:n_looks])
        drawn[n_looks] = latent_field(looks, site, n_skies=8, seed=3, correlation_length_km=350.0)  # type: ignore[arg-type]
    np.testing.assert_allclose(drawn[6][:, :3], drawn[3], rtol=1e-6)
    independent = np.random.default_rng(3).standard_normal((6, 8)).T
    np.testing.assert_allclose(drawn[6], independent, rtol=1e-6)


def test_rank_correlation_is_spearman_s(random: np.random.Generator) -> None:
    a = random.integers(0, 6, 40).astype(float)
    b = a + random.normal(0.0, 3.0, 40)
    found = rank_correlation(a, b)
    assert found is not None
    assert found.mean == pytest.approx(stats.spearmanr(a, b).statistic, abs=1e-12)
    half = 1.959964 * np.sqrt((1 + found.mean**2 / 2) / 37)
    assert found.low == pytest.approx(np.tanh(np.arctanh(found.mean) - half), abs=1e-6)
    assert found.high == pytest.approx(np.tanh(np.arctanh(found.mean) + half), abs=1e-6)
    assert rank_correlation(a, np.ones(40)) is None
    assert rank_correlation(a, -(a**3)) == Estimate(mean=-1.0, low=-1.0, high=-1.0)


def test_rank_correlation_s_interval_holds_the_truth(random: np.random.Generator) -> None:
    # Spearman's correlation of a bivariate normal is 6/π asin(r/2) (Pearson 1907).
    r, n = 0.6, 25
    truth = 6 / np.pi * np.arcsin(r / 2)
    x = random.normal(size=(N_YEARS, n))
    y = r * x + np.sqrt(1 - r * r) * random.normal(size=(N_YEARS, n))
    found = [rank_correlation(a, b) for a, b in zip(x, y, strict=True)]
    held = [one.low <= truth <= one.high for one in found]  # type: ignore[union-attr, operator]
    assert 0.93 < np.mean(held) < 0.97
