"""Outlooks against counting by hand."""

from __future__ import annotations

import numpy as np
import pytest

from eagleplan.weather.outlook import outlook, standard_error


def test_ten_skies_by_hand() -> None:
    delivered = np.array([50, 0, 10, 90, 20, 30, 40, 60, 70, 80])
    result = outlook(delivered, guarantee_bits=30)
    assert (result.n_skies, result.mean_bits) == (10, 45.0)
    assert (result.p10_bits, result.p50_bits, result.p90_bits) == (0, 40, 80)
    assert result.p_guarantee == 0.7
    # Σ (x − 45)² = 8250, over n − 1 = 9 and n = 10.
    assert result.mean_error_bits == pytest.approx((8250 / 9 / 10) ** 0.5)


def test_a_percentile_is_an_amount_that_some_sky_gave() -> None:
    delivered = np.random.default_rng(1).integers(0, 10**6, 997)
    result = outlook(delivered, guarantee_bits=0)
    assert {result.p10_bits, result.p50_bits, result.p90_bits} <= set(delivered.tolist())
    assert np.mean(delivered <= result.p10_bits) >= 0.1 > np.mean(delivered < result.p10_bits)
    assert result.p_guarantee == 1.0


def test_one_sky_knows_no_spread() -> None:
    assert standard_error(np.array([7])) == 0.0
