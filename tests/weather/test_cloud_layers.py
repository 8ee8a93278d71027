"""Cloud above a site: which layers count, and how they overlap."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eagleplan.units import FloatArray
from eagleplan.weather import clear_above

SHARE = st.floats(0.0, 1.0)


def _cover(**layers: float) -> dict[str, FloatArray]:
    return {layer: np.array([[value]]) for layer, value in layers.items()}


def _clear(altitude_m: float, **layers: float) -> float:
    return float(clear_above(_cover(**layers), altitude_m=altitude_m, low_cloud_top_m=2000.0)[0, 0])


def test_the_valley_takes_the_total_as_it_is() -> None:
    assert _clear(600.0, total=0.7, low=0.6, mid=0.2, high=0.1) == pytest.approx(0.3)


def test_a_summit_stands_above_the_sea_of_cloud() -> None:
    assert _clear(2400.0, total=0.95, low=0.95, mid=0.0, high=0.0) == 1.0
    assert _clear(2400.0, total=0.95, low=0.9, mid=0.5, high=0.2) == pytest.approx(0.5 * 0.8)
    assert _clear(2000.0, total=0.95, low=0.9, mid=0.5, high=0.2) == pytest.approx(0.4)
    assert _clear(1999.0, total=0.95, low=0.9, mid=0.5, high=0.2) == pytest.approx(0.05)


def test_layers_cover_no_more_than_the_total() -> None:
    assert _clear(2400.0, total=0.5, low=0.1, mid=0.5, high=0.5) == pytest.approx(0.5)


def test_without_a_total_layers_overlap_at_random() -> None:
    assert _clear(100.0, low=0.5, mid=0.5, high=0.5) == pytest.approx(0.125)


def test_without_layers_cloud_below_counts_too() -> None:
    assert _clear(2400.0, total=0.95) == pytest.approx(0.05)


@given(total=SHARE, low=SHARE, mid=SHARE, high=SHARE)
def test_a_higher_site_never_sees_more_cloud(total: float, low: float, mid: float, high: float) -> None:
    below = _clear(0.0, total=total, low=low, mid=mid, high=high)
    above = _clear(3000.0, total=total, low=low, mid=mid, high=high)
    assert 0.0 <= below <= above + 1e-12
    assert above <= 1.0
