"""The exact far field of a Gaussian beam that its telescope's edge cuts off.

Everything is a function of v = k a sin θ, with a the aperture's radius, and of the truncation α = a / w0.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from eagleplan.units import FloatArray, read_only

_V_MAX = 60.0
_V_STEP = 0.02
_N_NODES = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class FarField:
    """Encircled power over v² at `v`, both (m,), as a part of the power behind the aperture.

    `gaussian_v` is the 1/e² half-angle, in v, of the Gaussian with the same curvature on the axis.
    """

    v: FloatArray
    power_per_v2: FloatArray
    gaussian_v: float

    def encircled_frac(self, v: FloatArray) -> FloatArray:
        """Part of the power within v of the axis; beyond the table its last value, which is too little."""
        inside = np.minimum(v, self.v[-1])
        power_per_v2 = np.interp(inside, self.v, self.power_per_v2)
        return np.asarray(np.minimum(power_per_v2 * inside**2, 1.0), dtype=np.float64)


@functools.lru_cache(maxsize=64)
def truncated_gaussian(truncation: float) -> FarField:
    """Fraunhofer diffraction of a Gaussian with `truncation` = aperture radius / 1/e² waist radius.

    U(v) = ∫₀¹ s exp(−α²s²) J₀(vs) ds, and ∫₀^∞ U² v dv = ∫₀¹ s exp(−2α²s²) ds (Parseval) is the power
    behind the aperture. Source: Klein and Degnan, Applied Optics 13:2134 (1974), eqs. 4 to 9, here without
    obscuration.
    """
    from scipy.special import j0

    nodes, weights = np.polynomial.legendre.leggauss(_N_NODES)
    s, ds = 0.5 * (nodes + 1.0), 0.5 * weights
    amplitude = s * np.exp(-((truncation * s) ** 2)) * ds
    v = np.arange(0.0, _V_MAX + _V_STEP, _V_STEP)
    field = j0(v[:, np.newaxis] * s) @ amplitude
    power = float(np.sum(s * np.exp(-2.0 * (truncation * s) ** 2) * ds))
    density = field**2 * v / power
    encircled = np.concatenate(([0.0], np.cumsum(0.5 * _V_STEP * (density[1:] + density[:-1]))))
    per_v2 = np.empty_like(v)
    per_v2[1:] = encircled[1:] / v[1:] ** 2
    per_v2[0] = 0.5 * field[0] ** 2 / power
    mean_s2 = float(np.sum(amplitude * s**2) / np.sum(amplitude))
    return FarField(v=read_only(v), power_per_v2=read_only(per_v2), gaussian_v=float(2.0 / np.sqrt(mean_s2)))
