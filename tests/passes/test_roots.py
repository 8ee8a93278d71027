"""Newton's steps inside brackets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eagleplan.passes.roots import bracketed_newton


@given(st.lists(st.tuples(st.floats(-0.9, 0.9), st.floats(0.05, 50.0), st.booleans()), min_size=1, max_size=30))
def test_roots_of_steep_and_flat_functions(cases: list[tuple[float, float, bool]]) -> None:
    root, steep, rises = (np.array(column) for column in zip(*cases, strict=True))
    sign = np.where(rises, 1.0, -1.0)

    def function(parameters: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        at, slope, up = parameters
        return up * np.tanh(slope * (x - at)), up * slope / np.cosh(slope * (x - at)) ** 2

    ones = np.ones(len(root))
    found = bracketed_newton(function, np.stack((root, steep, sign)), -ones, ones, sign, -0.95 * ones, 1e-5)
    assert found == pytest.approx(root, abs=1e-8)


def test_a_root_just_outside_its_bracket_is_reached() -> None:
    found = bracketed_newton(
        lambda p, x: (x - p, np.ones_like(x)),
        np.array([1.0 + 3e-7]),
        -np.ones(1),
        np.ones(1),
        np.ones(1),
        np.zeros(1),
        1e-6,
    )
    assert found == pytest.approx(1.0, abs=1e-6)


def test_no_functions() -> None:
    none = np.zeros(0)
    assert len(bracketed_newton(lambda p, x: (x, x), none, none, none, none, none, 1e-5)) == 0
