"""Entropy, and what error correction gives away."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from eagleplan.units import FloatArray

LN2 = float(np.log(2.0))


def binary_entropy(p: npt.ArrayLike) -> FloatArray:
    """h(p) = −p log2 p − (1 − p) log2(1 − p), with h(0) = h(1) = 0; any shape, p in [0, 1]."""
    x = np.asarray(p, dtype=np.float64)
    inner = (x > 0.0) & (x < 1.0)
    y = np.where(inner, x, 0.5)
    return np.where(inner, -(y * np.log(y) + (1.0 - y) * np.log1p(-y)) / LN2, 0.0)


def leaked_bits(n_sifted: npt.ArrayLike, qber_frac: npt.ArrayLike, ec_efficiency: float) -> FloatArray:
    """f n h(Q): bits that error correction of efficiency f ≥ 1 makes public (Lim et al. 2014, f = 1.16)."""
    return ec_efficiency * np.asarray(n_sifted) * binary_entropy(np.minimum(qber_frac, 0.5))
