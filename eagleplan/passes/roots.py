"""Roots of many functions at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from eagleplan.units import FloatArray

_MAX_STEPS = 60
_FEW = 0.5
# A root may lie beyond its bracket by the rounding of what the bracket was made from.
_OVERSHOOT = 1e-6

Function = Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]
"""Values and derivatives (n,) of functions with parameters (…, n) at x (n,)."""


def bracketed_newton(
    function: Function,
    parameters: FloatArray,
    low: FloatArray,
    high: FloatArray,
    rising: FloatArray,
    guess: FloatArray,
    small_step: float,
) -> FloatArray:
    """One root (n,) in each bracket [`low`, `high`].

    `rising` is +1 where the function goes from negative to positive in the bracket and −1 where it falls.
    Newton's steps are taken inside the bracket, and halving where they would leave it. A root is done when
    its step is below `small_step`: what remains is of the order of its square.
    """
    root = np.clip(guess, low, high)
    x, low, high, active = root.copy(), low.copy(), high.copy(), np.arange(len(root))
    for _ in range(_MAX_STEPS):
        if not len(active):
            break
        value, slope = function(parameters, x)
        below = value * rising < 0.0
        np.copyto(low, x, where=below)
        np.copyto(high, x, where=~below)
        with np.errstate(divide="ignore", invalid="ignore"):
            new = x - value / slope
        outside = ~((new >= low - _OVERSHOOT) & (new <= high + _OVERSHOOT))
        if outside.any():
            new = np.where(outside, 0.5 * (low + high), new)
        open_ = np.abs(new - x) >= small_step
        x = new
        n_open = int(np.count_nonzero(open_))
        if n_open == 0:
            root[active] = x
            break
        if n_open < _FEW * len(active):
            root[active] = x
            active, x, low, high, rising = active[open_], x[open_], low[open_], high[open_], rising[open_]
            parameters = parameters[..., open_]
    return root
