"""Light from a turbulent path into a single-mode fibre.

Lengths are in units of the telescope's aperture D, spatial frequencies in cycles per D. The mean coupling
is exact for Kolmogorov turbulence: the mode's autocorrelation under the wavefront's structure function.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eagleplan.units import FloatArray, read_only

KOLMOGOROV = 0.0229
"""Φ(f) = 0.0229 r0^(−5/3) f^(−11/3) in rad² m² (Noll, JOSA 66:207 (1976), eq. 22)."""

FREQUENCIES: FloatArray = read_only(np.geomspace(1e-8, 300.0, 1000))
"""From a hundred million apertures (no outer scale) to a three-hundredth of one."""

_N_ACROSS = 128
_SEPARATIONS: FloatArray = np.concatenate(
    ([0.0], np.geomspace(1e-5, 1.0 / 16.0, 96)[:-1], np.arange(_N_ACROSS // 16, _N_ACROSS + 1) / _N_ACROSS)
)
"""Fine near zero: what strong turbulence leaves comes from within r0."""

_APERTURES_PER_R0: FloatArray = np.geomspace(0.02, 4000.0, 213)


@dataclass(frozen=True, slots=True, kw_only=True)
class FibreMode:
    """The best Gaussian mode on an annular pupil: β = pupil radius / mode radius, and its coupling."""

    beta: float
    efficiency_frac: float


def best_mode(obscuration_frac: float) -> FibreMode:
    """Largest coupling of a flat wave behind an annular pupil into a fibre's Gaussian mode.

    max over β of 2 [(exp(−β²α²) − exp(−β²))/β]² / (1 − α²), with α the obscuration (Ruilier, Proc. SPIE
    3350:319 (1998)). 0.8145 without obscuration.
    """
    beta = np.linspace(0.2, 2.0, 18_001)
    overlap = (np.exp(-((beta * obscuration_frac) ** 2)) - np.exp(-(beta**2))) / beta
    best = int(np.argmax(overlap))
    efficiency_frac = 2.0 * overlap[best] ** 2 / (1.0 - obscuration_frac**2)
    return FibreMode(beta=float(beta[best]), efficiency_frac=float(efficiency_frac))


@functools.lru_cache(maxsize=64)
def mode_autocorrelation(obscuration_frac: float) -> tuple[FloatArray, FloatArray]:
    """Separations (s,) from 0 to 1, and the share of the flat wave's coupling that each brings (sum 1)."""
    axis = (np.arange(_N_ACROSS) - 0.5 * (_N_ACROSS - 1)) / _N_ACROSS
    radius = np.hypot(axis, axis[:, np.newaxis])
    inside = (radius <= 0.5) & (radius >= 0.5 * obscuration_frac)
    mode = np.where(inside, np.exp(-((2.0 * best_mode(obscuration_frac).beta * radius) ** 2)), 0.0)
    shape = (2 * _N_ACROSS, 2 * _N_ACROSS)
    along_axis = np.fft.irfft2(np.abs(np.fft.rfft2(mode, s=shape)) ** 2, s=shape)[0, : _N_ACROSS + 1]
    autocorrelation = np.interp(_SEPARATIONS, np.arange(_N_ACROSS + 1) / _N_ACROSS, np.clip(along_axis, 0.0, None))
    edges = np.concatenate(([0.0], 0.5 * (_SEPARATIONS[1:] + _SEPARATIONS[:-1]), [1.0]))
    weight = autocorrelation * _SEPARATIONS * np.diff(edges)
    return read_only(_SEPARATIONS), read_only(weight / weight.sum())


def structure_per_strength(left_over: FloatArray, separation: FloatArray) -> FloatArray:
    """Structure function of the wavefront at (D/r0)^(5/3) = 1, shape (…, separations).

    2 ∫Φ(f) left_over(f) (1 − J₀(2πfr)) 2πf df, with `left_over` (…, frequencies) the part of the turbulence's
    spectrum that reaches the fibre. All of it gives 6.88 r^(5/3) (Fried, JOSA 56:1372 (1966)).
    """
    step = np.gradient(np.log(FREQUENCIES))
    density = 4.0 * np.pi * KOLMOGOROV * FREQUENCIES ** (-5.0 / 3.0) * step
    return np.asarray((left_over * density) @ _kernel(tuple(separation.tolist())), dtype=np.float64)


@functools.lru_cache(maxsize=4)
def _kernel(separation: tuple[float, ...]) -> FloatArray:
    """1 − J₀(2πfr), shape (frequencies, separations): the same for every telescope, and slow."""
    from scipy.special import j0

    argument = 2.0 * np.pi * FREQUENCIES[:, np.newaxis] * np.array(separation)
    return read_only(np.where(argument < 1e-3, 0.25 * argument**2, 1.0 - j0(argument)))


def mean_coupling_frac(structure: FloatArray, obscuration_frac: float) -> FloatArray:
    """Mean coupling over that of a flat wave, ∫A(r) exp(−D(r)/2) r dr, for structures (…, separations).

    Source: Shaklan and Roddier, Applied Optics 27:2334 (1988).
    """
    _, weight = mode_autocorrelation(obscuration_frac)
    return np.asarray(np.exp(-0.5 * structure) @ weight, dtype=np.float64)


@functools.lru_cache(maxsize=64)
def _uncorrected(obscuration_frac: float) -> FloatArray:
    separation, _ = mode_autocorrelation(obscuration_frac)
    structure = 6.88 * separation ** (5.0 / 3.0)
    strength = _APERTURES_PER_R0[:, np.newaxis] ** (5.0 / 3.0)
    return read_only(np.log(mean_coupling_frac(strength * structure, obscuration_frac)))


def mean_without_correction_frac(*, aperture_over_r0: FloatArray, obscuration_frac: float) -> FloatArray:
    """Long-exposure coupling over that of a flat wave, shape of `aperture_over_r0`.

    (1 + (D/r0)^(5/3))^(−6/5) is a good approximation.
    """
    log_mean = np.interp(np.log(aperture_over_r0), np.log(_APERTURES_PER_R0), _uncorrected(obscuration_frac))
    return np.exp(log_mean)


def tilt_variance_rad2(*, tilt_urad: float, aperture_m: float, wavelength_nm: float) -> float:
    """Wavefront variance over the pupil of a tilt jitter per axis on the sky: 2 (π D σ / 2λ)²."""
    return 2.0 * (0.5e3 * np.pi * aperture_m * tilt_urad / wavelength_nm) ** 2


def tilt_mean_frac(tilt_rad2: float) -> float:
    """Mean of exp(−q) over a Gaussian tilt of two axes whose wavefront variance is ⟨q⟩: 1/(1 + ⟨q⟩)."""
    return 1.0 / (1.0 + tilt_rad2)


def tilt_fade_frac(tilt_rad2: FloatArray, *, p_below: float) -> FloatArray:
    """exp(−q) over its mean that is undercut for a share `p_below` of the time: q is exponential, so p^⟨q⟩.

    Source: Canuet et al., JOSA A 35:148 (2018), for the sum of squared mode amplitudes.
    """
    return np.asarray(p_below**tilt_rad2 * (1.0 + tilt_rad2), dtype=np.float64)


def speckle_fade_frac(*, fine_rad2: FloatArray, aperture_over_grain: FloatArray, p_below: float) -> FloatArray:
    """Coupling over its mean that is undercut for a share `p_below` of the time, for errors finer than tilt.

    A steady amplitude exp(−σ²/2) in a circular Gaussian one (modified Rician: Canales and Cagigal, JOSA A
    16:2550 (1999)), whose power is the share 1/(1 + (D/ρ)²) of the rest, ρ the grain of the residual
    wavefront (Parenti and Sasiela, JOSA A 11:288 (1994)).
    """
    from scipy.special import chndtrix

    in_step = np.exp(-fine_rad2)
    scattered = np.maximum(-np.expm1(-fine_rad2) / (1.0 + aperture_over_grain**2), 1e-4 * in_step)
    per_axis = 0.5 * scattered
    quantile = per_axis * chndtrix(p_below, 2.0, in_step / per_axis)
    return np.asarray(quantile / (in_step + scattered), dtype=np.float64)


def together(fades: Sequence[FloatArray]) -> FloatArray:
    """Fade of a product of independent factors: fades in dB add in square (exact for log-normal factors)."""
    squared = np.sum([np.log(fade) ** 2 for fade in fades], axis=0)
    return np.asarray(np.exp(-np.sqrt(squared)), dtype=np.float64)
