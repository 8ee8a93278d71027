"""Vectorised maximisation: damped Newton steps for many small smooth problems at once.

Every problem of the batch is independent; all take the same number of steps, so that results do not depend on
what else is in the batch. Derivatives are central differences, evaluated in one call for the whole batch.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from eagleplan.units import FloatArray

Rows = npt.NDArray[np.intp]

Objective = Callable[[FloatArray, Rows], FloatArray]
"""Points (s, r, d) of the problems `rows` (r,) → values (s, r); −inf or NaN where a point is not allowed."""

LADDER = np.array([2.0, 1.0, 0.5, 0.2, 0.05, 0.01])
"""Step lengths that are tried along each Newton direction; the best is taken if it improves."""

POLL = np.array([0.6, 0.1])
"""Step lengths along each axis that are tried where no Newton step gains: at an edge of the domain."""

WORTHWHILE = 1e-6
"""Relative gain for which such a step is taken."""

CONVERGED = 1e-11
"""Relative gain below which a problem is done."""


def ascend(
    objective: Objective,
    start: FloatArray,
    *,
    iterations: int,
    step: float = 1e-3,
    trust: float = 1.0,
    poll: bool = False,
) -> tuple[FloatArray, FloatArray]:
    """Climb from `start` (b, d); returns points (b, d) and values (b,). A start that is not allowed stays.

    `step` is the finite difference and `trust` the longest step in the norm of the variables, which should be
    logarithms or logits of the quantities. With `poll`, a problem that no Newton step improves is tried along its axes
    before it is done: its optimum may lie at an edge of what is allowed, where Newton steps lead outside.
    """
    x = np.array(start, dtype=np.float64)
    n_dim = x.shape[1]
    rows = np.arange(x.shape[0])
    value = _finite(objective(x[np.newaxis], rows))[0]
    offsets, pairs = _stencil(n_dim)
    axes = np.concatenate([length * offsets[: 2 * n_dim] for length in POLL])
    rows = rows[np.isfinite(value)]
    for _ in range(iterations):
        if rows.size == 0:
            break
        here, centre = x[rows], value[rows]
        around = _finite(objective(here + step * offsets[:, np.newaxis, :], rows))
        # a stencil point outside the domain is replaced by the centre: that derivative vanishes for this step
        direction = _direction(np.where(np.isfinite(around), around, centre), centre, step, n_dim, pairs)
        length = np.linalg.norm(direction, axis=1, keepdims=True)
        direction *= np.minimum(1.0, trust / np.maximum(length, 1e-300))
        tries = _finite(objective(here + LADDER[:, np.newaxis, np.newaxis] * direction, rows))
        best = np.argmax(tries, axis=0)
        gained = tries[best, np.arange(rows.size)]
        # where no step gains, all later ones would be the same: that problem is done
        better = gained > centre + CONVERGED * np.abs(centre)
        x[rows[better]] = (here + LADDER[best][:, np.newaxis] * direction)[better]
        value[rows[better]] = gained[better]
        stuck, rows = rows[~better], rows[better]
        if poll and stuck.size > 0:
            tries = x[stuck] + axes[:, np.newaxis, :]
            polled = _finite(objective(tries, stuck))
            best = np.argmax(polled, axis=0)
            gained = polled[best, np.arange(stuck.size)]
            better = gained > value[stuck] + WORTHWHILE * np.abs(value[stuck])
            x[stuck[better]] = tries[best, np.arange(stuck.size)][better]
            value[stuck[better]] = gained[better]
            rows = np.sort(np.concatenate([rows, stuck[better]]))
    return x, value


def _direction(
    around: FloatArray, centre: FloatArray, step: float, n_dim: int, pairs: list[tuple[int, int]]
) -> FloatArray:
    """Newton directions (b, d) uphill from the values of the stencil (s, b), whatever the curvature's
    sign.
    """
    plus, minus, cross = around[:n_dim], around[n_dim : 2 * n_dim], around[2 * n_dim :]
    gradient = ((plus - minus) / (2.0 * step)).T
    hessian = np.zeros((centre.size, n_dim, n_dim))
    for k in range(n_dim):
        hessian[:, k, k] = (plus[k] - 2.0 * centre + minus[k]) / step**2
    for row, (i, j) in zip(cross, pairs, strict=True):
        hessian[:, i, j] = hessian[:, j, i] = (row - plus[i] - plus[j] + centre) / step**2
    curvature, axes = np.linalg.eigh(hessian)
    floor = 1e-9 * np.max(np.abs(curvature), axis=1, keepdims=True) + 1e-300
    along = np.einsum("bji,bj->bi", axes, gradient) / np.maximum(np.abs(curvature), floor)
    return np.asarray(np.einsum("bij,bj->bi", axes, along))


def _finite(values: FloatArray) -> FloatArray:
    return np.where(np.isnan(values), -np.inf, values)


def _stencil(n_dim: int) -> tuple[FloatArray, list[tuple[int, int]]]:
    unit = np.eye(n_dim)
    pairs = [(i, j) for i in range(n_dim) for j in range(i + 1, n_dim)]
    return np.concatenate([unit, -unit, *[(unit[i] + unit[j])[np.newaxis] for i, j in pairs]]), pairs
