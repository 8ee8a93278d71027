"""The arithmetic of refreshed keys."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eagleplan.model import refresh_bits


def test_an_aes_key_every_hour_of_a_week() -> None:
    assert refresh_bits(256, 3600, 604_800) == 43_008


@given(st.integers(1, 4096), st.integers(1, 10_000), st.integers(1, 1_000_000))
def test_refreshes_are_the_instants_within_the_period(key_bits: int, interval_s: int, period_s: int) -> None:
    assert refresh_bits(key_bits, interval_s, period_s) == key_bits * len(range(0, period_s, interval_s))


@pytest.mark.parametrize("wrong", [(0, 3600, 604_800), (256, 0, 604_800), (256, 3600, 0), (256, -1, 1)])
def test_refresh_of_nothing_is_refused(wrong: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        refresh_bits(*wrong)
