"""Polynomials through equally spaced samples: one per cell, from twenty samples around it.

A cell is the span between two neighbouring samples. Its polynomial is the Lagrange interpolant of degree 19
through the ten samples on either side, economised in Chebyshev polynomials to degree 6. Both steps are
linear in the samples, so that one matrix gives all coefficients. With steps of a third of a radian of
orbital motion (300 s in low orbits) the result is within a millimetre of SGP4. (Hermite interpolation with
SGP4's velocities is not: they are not the derivatives of its positions.)
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from eagleplan.units import FloatArray, read_only

SAMPLES_BEFORE = 9
"""Samples needed before the left end of the first cell, and after the right end of the last."""

SAMPLES_AROUND = 2 * (SAMPLES_BEFORE + 1)
N_COEFFICIENTS = 7
_POINTS = 32


@lru_cache(maxsize=1)
def _weights() -> FloatArray:
    """Matrix (7, 20) from samples to coefficients of 1, x, … x⁶, where x runs from −1 to 1 over the cell."""
    nodes = np.arange(SAMPLES_AROUND) - SAMPLES_BEFORE
    angle = (np.arange(_POINTS) + 0.5) * (np.pi / _POINTS)
    factors = (0.5 * (np.cos(angle) + 1.0))[:, None, None] - nodes
    spans = nodes[:, None] - nodes
    own = np.eye(SAMPLES_AROUND, dtype=np.bool_)
    basis = np.where(own, 1.0, factors).prod(axis=2) / np.where(own, 1, spans).astype(np.float64).prod(axis=1)
    # Chebyshev coefficients by the discrete cosine transform, which is exact for a polynomial of degree 19.
    series = np.cos(np.arange(N_COEFFICIENTS)[:, None] * angle) @ basis * (2.0 / _POINTS)
    series[0] *= 0.5
    return read_only(_powers_of_chebyshev() @ series)


def _powers_of_chebyshev() -> FloatArray:
    """Matrix (7, 7) whose column k holds the coefficients of Chebyshev's polynomial k."""
    powers = np.eye(N_COEFFICIENTS)
    for k in range(2, N_COEFFICIENTS):
        powers[:, k] = -powers[:, k - 2]
        powers[1:, k] += 2.0 * powers[:-1, k - 1]
    return powers


def cell_coefficients(samples: FloatArray) -> FloatArray:
    """Coefficients (c, 7, n) of the cells between samples (c, n + 19); powers of x ascending."""
    n_cells = samples.shape[-1] - SAMPLES_AROUND + 1
    shifted = np.lib.stride_tricks.sliding_window_view(samples, n_cells, axis=-1)
    return np.asarray(np.matmul(_weights(), shifted), dtype=np.float64)


def chebyshev_points() -> FloatArray:
    """Points (7,) in [−1, 1] at which `coefficients_at_points` wants its values."""
    return np.asarray(
        np.cos((2.0 * np.arange(N_COEFFICIENTS) + 1.0) * np.pi / (2.0 * N_COEFFICIENTS)), dtype=np.float64
    )


def coefficients_at_points(values: FloatArray) -> FloatArray:
    """Coefficients (c, 7, n) of polynomials through values (c, 7, n) at the Chebyshev points of their cells."""
    powers = np.vander(chebyshev_points(), N_COEFFICIENTS, increasing=True)
    return np.asarray(np.matmul(np.linalg.inv(powers), values), dtype=np.float64)


def value(coefficients: FloatArray, x: FloatArray) -> FloatArray:
    """Values (…, n) at `x` (n,) of polynomials with coefficients (…, k, n)."""
    powers = range(coefficients.shape[-2] - 2, -1, -1)
    total = coefficients[..., -1, :].copy()
    for power in powers:
        total *= x
        total += coefficients[..., power, :]
    return total


def value_and_slope(coefficients: FloatArray, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Values and derivatives with respect to x, shapes (…, n)."""
    total = coefficients[..., -1, :].copy()
    slope = np.zeros_like(total)
    for power in range(coefficients.shape[-2] - 2, -1, -1):
        slope *= x
        slope += total
        total *= x
        total += coefficients[..., power, :]
    return total, slope


def value_slope_curvature(coefficients: FloatArray, x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Values, first and second derivatives with respect to x, shapes (…, n)."""
    total = coefficients[..., -1, :].copy()
    slope = np.zeros_like(total)
    half_curvature = np.zeros_like(total)
    for power in range(coefficients.shape[-2] - 2, -1, -1):
        half_curvature *= x
        half_curvature += slope
        slope *= x
        slope += total
        total *= x
        total += coefficients[..., power, :]
    return total, slope, 2.0 * half_curvature
