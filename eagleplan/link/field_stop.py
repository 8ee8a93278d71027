"""How much of a star-like spot passes a round stop, blurred by diffraction and by seeing."""

from __future__ import annotations

import functools

import numpy as np

from eagleplan.units import FloatArray, read_only

_RADII: FloatArray = np.concatenate(([0.0], np.logspace(-2.0, 3.0, 251)))


def diffraction_encircled_frac(
    *, field_full_angle_urad: float, aperture_m: float, obscuration_frac: float, wavelength_nm: float
) -> float:
    """Part of the light of an annular aperture within a round field, without turbulence.

    ∫₀^v 2 [J₁(t) − ε J₁(εt)]²/t dt / (1 − ε²), v = π D θ / λ with θ the half-angle (Mahajan, JOSA 72:1258
    (1982)).
    """
    from scipy.special import j1

    v = 0.5e3 * np.pi * aperture_m * field_full_angle_urad / wavelength_nm
    if v > 400.0:
        # Its mean beyond the first hundred rings: 1 − 2/(π v (1 − ε)).
        return float(1.0 - 2.0 / (np.pi * v * (1.0 - obscuration_frac)))
    t = np.linspace(0.0, v, 1 + 2 * max(200, int(20.0 * v)))[1:]
    amplitude = j1(t) - obscuration_frac * j1(obscuration_frac * t)
    density = np.concatenate(([0.0], 2.0 * amplitude**2 / t))
    return float(min(1.0, np.trapezoid(density, dx=float(t[0])) / (1.0 - obscuration_frac**2)))


@functools.cache
def _seeing_curve() -> FloatArray:
    """Encircled power of the long-exposure spot at `_RADII`, in units of λ/(2π r0); shape of `_RADII`."""
    from scipy.special import j1

    u = np.linspace(0.0, 3.2, 40_001)[1:]
    transfer = np.exp(-3.44 * u ** (5.0 / 3.0))
    near = _RADII <= 60.0
    curve = np.empty_like(_RADII)
    curve[near] = [radius * np.trapezoid(j1(radius * u) * transfer, u) for radius in _RADII[near]]
    # Far out Kolmogorov's spot falls as r^(−11/3), so what lies outside falls as r^(−5/3).
    edge = int(np.count_nonzero(near)) - 1
    curve[~near] = 1.0 - (1.0 - curve[edge]) * (_RADII[~near] / _RADII[edge]) ** (-5.0 / 3.0)
    return read_only(np.clip(np.maximum.accumulate(curve), 0.0, 1.0))


def seeing_encircled_frac(
    *, field_full_angle_urad: float, fried_radius_m: FloatArray, wavelength_nm: float
) -> FloatArray:
    """Part of a long-exposure Kolmogorov spot within a round field, shape of `fried_radius_m`.

    ρ ∫₀^∞ J₁(ρu) exp(−3.44 u^(5/3)) du with ρ = 2π θ r0/λ, θ the half-angle (Fried, JOSA 56:1372 (1966);
    Roddier, Progress in Optics 19 (1981), section 4.4). A large telescope: diffraction is a factor of its
    own.
    """
    radius = 1e3 * np.pi * field_full_angle_urad * fried_radius_m / wavelength_nm
    return np.interp(radius, _RADII, _seeing_curve())
