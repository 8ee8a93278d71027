"""How much of the beam the ground telescope catches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from eagleplan.link.diffraction import truncated_gaussian
from eagleplan.model import Terminal
from eagleplan.units import FloatArray

Capture = Callable[[FloatArray, float, float], FloatArray]
"""(range_km, aperture_m, obscuration_frac) → part of the beam that an annular aperture catches."""


def waist_radius_m(terminal: Terminal) -> float:
    """1/e² intensity radius at the telescope exit."""
    return 0.5 * terminal.aperture_m if terminal.waist_radius_m is None else terminal.waist_radius_m


def gaussian_half_angle_1e2_urad(terminal: Terminal) -> float:
    """Far-field half-angle at 1/e² intensity: as measured, else M² λ/(π w0).

    Source: Siegman, Lasers (1986), eq. 17.19, with M² after ISO 11146-1.
    """
    if terminal.divergence_half_angle_1e2_urad is not None:
        return terminal.divergence_half_angle_1e2_urad
    return 1e-3 * terminal.m2 * terminal.wavelength_nm / (np.pi * waist_radius_m(terminal))


def gaussian_capture_frac(
    *,
    range_km: FloatArray,
    divergence_half_angle_1e2_urad: float,
    waist_radius_m: float,
    aperture_m: float,
    obscuration_frac: float,
) -> FloatArray:
    """Part of a Gaussian beam that an annular aperture on its axis catches, shape of `range_km`.

    With w² = w0² + (θ L)², outer radius a and inner radius b: exp(−2b²/w²) − exp(−2a²/w²)
    (Siegman, Lasers (1986), eqs. 17.5 and 17.33).
    """
    spot_squared_m2 = waist_radius_m**2 + (1e-3 * divergence_half_angle_1e2_urad * range_km) ** 2
    outer = 0.5 * aperture_m**2 / spot_squared_m2
    inner = obscuration_frac**2 * outer
    # exp(−i) − exp(−o), kept accurate where both are near one.
    return np.asarray(-np.exp(-inner) * np.expm1(inner - outer), dtype=np.float64)


def _gaussian(terminal: Terminal) -> Capture:
    half_angle_urad = gaussian_half_angle_1e2_urad(terminal)
    waist_m = waist_radius_m(terminal)

    def capture(range_km: FloatArray, aperture_m: float, obscuration_frac: float) -> FloatArray:
        return gaussian_capture_frac(
            range_km=range_km,
            divergence_half_angle_1e2_urad=half_angle_urad,
            waist_radius_m=waist_m,
            aperture_m=aperture_m,
            obscuration_frac=obscuration_frac,
        )

    return capture


def _v_per_urad(terminal: Terminal) -> float:
    """k a sin θ of an angle of 1 µrad; M² stretches the far field."""
    return 1e3 * np.pi * terminal.aperture_m / (terminal.wavelength_nm * terminal.m2)


def _truncated(terminal: Terminal) -> Capture:
    far_field = truncated_gaussian(0.5 * terminal.aperture_m / waist_radius_m(terminal))
    v_per_urad = _v_per_urad(terminal)

    def capture(range_km: FloatArray, aperture_m: float, obscuration_frac: float) -> FloatArray:
        v = v_per_urad * 1e3 * 0.5 * aperture_m / range_km
        return far_field.encircled_frac(v) - far_field.encircled_frac(obscuration_frac * v)

    return capture


BEAMS: Mapping[str, Callable[[Terminal], Capture]] = MappingProxyType(
    {"gaussian": _gaussian, "truncated-gaussian": _truncated}
)
"""Shape of the beam → its capture by an annular aperture."""


def pointing_half_angle_1e2_urad(terminal: Terminal) -> float:
    """1/e² half-angle of the Gaussian that a small pointing error samples: the beam's, or its core's."""
    if terminal.beam == "gaussian":
        return gaussian_half_angle_1e2_urad(terminal)
    far_field = truncated_gaussian(0.5 * terminal.aperture_m / waist_radius_m(terminal))
    return far_field.gaussian_v / _v_per_urad(terminal)
