"""What adaptive optics leaves of the turbulence, layer by layer, and what that does to a fibre's coupling.

Below 1/2d cycles per metre the mirror of pitch d follows the wavefront, late by τ: of a layer that moves at
v it leaves 2 (1 − J₀(2πf vτ)) of the spectrum (winds of all directions). Above, it leaves everything
(Jolissaint, JEOS:RP 5:10055 (2010), without aliasing and noise). Lengths are in units of the aperture.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from eagleplan.link.fibre import (
    FREQUENCIES,
    KOLMOGOROV,
    mean_coupling_frac,
    mode_autocorrelation,
    structure_per_strength,
)
from eagleplan.link.turbulence import Turbulence
from eagleplan.units import FloatArray, read_only

_MOVED: FloatArray = np.concatenate(([0.0], np.geomspace(1e-3, 30.0, 64)))
"""How far a layer moves while the loop is late, over D."""

_CROSSINGS_RAD_S: FloatArray = np.linspace(0.0, 0.04, 17)
"""Slew rate times air mass, from a geostationary satellite to one at 200 km."""

_AIRMASSES: FloatArray = np.geomspace(0.99, 40.0, 48)


@dataclass(frozen=True, slots=True, kw_only=True)
class LateLoop:
    """What is left at (D/r0)^(5/3) = 1 of a layer that moves by `_MOVED` (m,) while the loop is late.

    `structure` (m, separations) is its structure function, `tilt_rad2` and `fine_rad2` (m,) its wavefront
    variance over the pupil, of the two tilts and of all that is finer.
    """

    structure: FloatArray
    tilt_rad2: FloatArray
    fine_rad2: FloatArray


@functools.lru_cache(maxsize=64)
def late_loop(aperture_over_pitch: float, obscuration_frac: float) -> LateLoop:
    """The loop's leavings; variances with the filters of Noll, JOSA 66:207 (1976), eq. 8.

    16 J₂²(y)/y² for the tilts and 1 − (2 J₁(y)/y)² for all but piston, with y = π f D.
    """
    from scipy.special import j0, j1, jn

    steps_to_edge = np.log(0.5 * aperture_over_pitch / FREQUENCIES) / np.log(FREQUENCIES[1] / FREQUENCIES[0])
    followed = np.clip(steps_to_edge + 0.5, 0.0, 1.0)
    late = 2.0 * (1.0 - j0(2.0 * np.pi * FREQUENCIES * _MOVED[:, np.newaxis]))
    left_over = followed * late + (1.0 - followed)
    y = np.maximum(np.pi * FREQUENCIES, 1e-4)
    tilt = 16.0 * (jn(2, y) / y) ** 2
    finer = np.maximum(1.0 - (2.0 * j1(y) / y) ** 2 - tilt, 0.0)
    spectrum = 2.0 * np.pi * KOLMOGOROV * FREQUENCIES ** (-8.0 / 3.0) * left_over
    separation, _ = mode_autocorrelation(obscuration_frac)
    return LateLoop(
        structure=read_only(structure_per_strength(left_over, separation)),
        tilt_rad2=read_only(np.trapezoid(spectrum * tilt, FREQUENCIES, axis=-1)),
        fine_rad2=read_only(np.trapezoid(spectrum * finer, FREQUENCIES, axis=-1)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedSight:
    """Mean coupling over that of a flat wave and residual wavefront variances, every array (n,)."""

    mean_frac: FloatArray
    tilt_rad2: FloatArray
    fine_rad2: FloatArray


def corrected_sight(
    over: Turbulence,
    *,
    fried_radius_zenith_m: float,
    aperture_m: float,
    obscuration_frac: float,
    pitch_m: float,
    delay_s: float,
    airmass: FloatArray,
    slew_rad_s: FloatArray,
) -> CorrectedSight:
    """Coupling behind adaptive optics along paths of `airmass` (n,), turning at `slew_rad_s` (n,).

    A layer at height h is h × X away, so the sight crosses it at slew × X × h besides its wind.
    """
    strength_zenith = (aperture_m / fried_radius_zenith_m) ** (5.0 / 3.0)
    knots = _knots(
        over.height_m.tobytes(),
        over.wind_m_s.tobytes(),
        over.share.tobytes(),
        aperture_m / pitch_m,
        obscuration_frac,
        delay_s / aperture_m,
        strength_zenith,
    )
    log_mean = knots.log_mean
    crossing = np.clip(slew_rad_s * airmass, _CROSSINGS_RAD_S[0], _CROSSINGS_RAD_S[-1])
    row = np.minimum((crossing / _CROSSINGS_RAD_S[1]).astype(np.intp), _CROSSINGS_RAD_S.size - 2)
    row_share = crossing / _CROSSINGS_RAD_S[1] - row
    along = np.log(np.clip(airmass, _AIRMASSES[0], _AIRMASSES[-1]) / _AIRMASSES[0]) / np.log(
        _AIRMASSES[1] / _AIRMASSES[0]
    )
    column = np.minimum(along.astype(np.intp), _AIRMASSES.size - 2)
    column_share = along - column
    upper = log_mean[row, column] * (1.0 - column_share) + log_mean[row, column + 1] * column_share
    lower = log_mean[row + 1, column] * (1.0 - column_share) + log_mean[row + 1, column + 1] * column_share

    def variance_rad2(of_knots: FloatArray) -> FloatArray:
        per_airmass = np.interp(crossing, _CROSSINGS_RAD_S, of_knots)
        return np.asarray(strength_zenith * airmass * per_airmass, dtype=np.float64)

    return CorrectedSight(
        mean_frac=np.exp(upper * (1.0 - row_share) + lower * row_share),
        tilt_rad2=variance_rad2(knots.tilt_rad2),
        fine_rad2=variance_rad2(knots.fine_rad2),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Knots:
    """Of one telescope: log of the mean coupling by `_CROSSINGS_RAD_S` (k,) and `_AIRMASSES` (a,), shape (k, a).

    And the variances at each crossing (k,), at (D/r0)^(5/3) = 1 along the path.
    """

    log_mean: FloatArray
    tilt_rad2: FloatArray
    fine_rad2: FloatArray


@functools.lru_cache(maxsize=256)
def _knots(
    height_m: bytes,
    wind_m_s: bytes,
    share: bytes,
    aperture_over_pitch: float,
    obscuration_frac: float,
    delay_s_per_m: float,
    strength_zenith: float,
) -> _Knots:
    """The same for every satellite over a station; arrays come as their bytes, which can be looked up."""
    height, wind, of_layer = (np.frombuffer(column) for column in (height_m, wind_m_s, share))
    loop = late_loop(aperture_over_pitch, obscuration_frac)
    moved = (wind + _CROSSINGS_RAD_S[:, np.newaxis] * height) * delay_s_per_m
    shares = _shares_of_knots(moved, of_layer)
    structure = shares @ loop.structure
    strength = strength_zenith * _AIRMASSES
    mean_frac = mean_coupling_frac(strength[:, np.newaxis] * structure[:, np.newaxis, :], obscuration_frac)
    return _Knots(
        log_mean=read_only(np.log(mean_frac)),
        tilt_rad2=read_only(shares @ loop.tilt_rad2),
        fine_rad2=read_only(shares @ loop.fine_rad2),
    )


def _shares_of_knots(moved: FloatArray, share: FloatArray) -> FloatArray:
    """Share of the turbulence at each knot of `_MOVED`, (k, knots), for layers moved by (k, layers)."""
    right = np.clip(np.searchsorted(_MOVED, moved), 1, _MOVED.size - 1)
    to_right = np.clip((moved - _MOVED[right - 1]) / (_MOVED[right] - _MOVED[right - 1]), 0.0, 1.0)
    result = np.zeros((moved.shape[0], _MOVED.size))
    rows = np.broadcast_to(np.arange(moved.shape[0])[:, np.newaxis], moved.shape)
    np.add.at(result, (rows, right), share * to_right)
    np.add.at(result, (rows, right - 1), share * (1.0 - to_right))
    return result
