"""How bright the sky is along the line of sight: airglow and stars, the Moon, towns, twilight and day.

All radiances are spectral, in W m⁻² sr⁻¹ µm⁻¹. The terms add; each has the look direction that belongs to it.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping

import numpy as np

from eagleplan.resources import data_path
from eagleplan.units import FloatArray

SKY_WAVELENGTHS_NM = (500.0, 1650.0)
"""Where the sky's tables hold; a table that ends before takes its last value on."""

_RAYLEIGH_MAG_550NM = 0.106
"""Molecular extinction at 550 nm at sea level in magnitudes per air mass (Bucholtz 1995; 0.0973 nepers)."""

_RAYLEIGH_SCALE_HEIGHT_M = 8000.0
_V_BAND_NM = 550.0
_NANOLAMBERT_W_M2_SR_UM = 4.53e-8
"""One nanolambert in V: 34.08 exp(20.7233 − 0.92104 V) nL (Krisciunas and Schaefer, eq. 1) against
3.631e-8 W m⁻² µm⁻¹ at V = 0 (Bessell et al. 1998).
"""
_MAG_PER_NEPER = 2.5 / np.log(10.0)
_SUN_K = 5772.0
"""Nominal effective temperature of the Sun (IAU 2015 B3)."""


@functools.cache
def sky_tables() -> Mapping[str, tuple[FloatArray, FloatArray]]:
    """Name → (wavelength_nm, radiance) of the packaged table, read once."""
    with data_path("sky_radiance.csv").open(encoding="utf-8") as lines:
        rows = [line.strip().split(",") for line in lines if not line.startswith("#")][1:]
    return {
        name: (
            np.array([float(row[1]) for row in rows if row[0] == name]),
            np.array([float(row[2]) for row in rows if row[0] == name]),
        )
        for name in dict.fromkeys(row[0] for row in rows)
    }


def _at(table: str, wavelength_nm: float) -> float:
    """Radiance at a wavelength, interpolated in its logarithm."""
    wavelengths_nm, radiance = sky_tables()[table]
    return float(np.exp(np.interp(wavelength_nm, wavelengths_nm, np.log(radiance))))


def airglow_airmass(zenith_angle_deg: FloatArray) -> FloatArray:
    """Optical path through the airglow's layer over that at the zenith, (1 − 0.96 sin²Z)^(−1/2).

    Source: Krisciunas and Schaefer, PASP 103:1033 (1991), eq. 3.
    """
    return (1.0 - 0.96 * np.sin(np.deg2rad(zenith_angle_deg)) ** 2) ** -0.5


def extinction_mag(*, wavelength_nm: float, altitude_m: float, aod_550nm: float) -> float:
    """Extinction in magnitudes per air mass: Rayleigh by λ^(−4.08), aerosol by λ^(−1.3) (Ångström)."""
    colour = wavelength_nm / _V_BAND_NM
    rayleigh = _RAYLEIGH_MAG_550NM * float(np.exp(-altitude_m / _RAYLEIGH_SCALE_HEIGHT_M)) * colour**-4.08
    return float(rayleigh + _MAG_PER_NEPER * aod_550nm * colour**-1.3)


def natural_radiance(elevation_deg: FloatArray, *, wavelength_nm: float, zenith_extinction_mag: float) -> FloatArray:
    """Airglow, zodiacal light and stars: the zenith's value, brighter where the layer lies slant.

    Krisciunas and Schaefer (1991), eq. 2: B = B_zenith X 10^(−0.4 k (X − 1)).
    """
    path = airglow_airmass(90.0 - elevation_deg)
    dimmed = 10.0 ** (-0.4 * zenith_extinction_mag * (path - 1.0))
    return _at("natural", wavelength_nm) * path * dimmed


def _sunlight_colour(wavelength_nm: float) -> float:
    """Sunlight at a wavelength over that at 550 nm, black body."""

    def planck(nm: float) -> float:
        return float(nm**-5.0 / np.expm1(1.438_777e7 / (nm * _SUN_K)))

    return planck(wavelength_nm) / planck(_V_BAND_NM)


def moonlight_nanolambert(
    *,
    elevation_deg: FloatArray,
    moon_elevation_deg: FloatArray,
    moon_separation_deg: FloatArray,
    moon_phase_angle_deg: FloatArray,
    zenith_extinction_mag: float,
    rayleigh_weight: float = 1.0,
    mie_weight: float = 1.0,
) -> FloatArray:
    """Moonlight scattered into the line of sight, in V nanolamberts; nothing with the Moon below the horizon.

    Krisciunas and Schaefer, PASP 103:1033 (1991), eqs. 15 and 18 to 21: Rayleigh and Mie phase functions of
    the separation, dimmed on the Moon's path, scattered on the line of sight's. `*_weight` scale the two
    phase functions.
    """
    full_share = 10.0 ** (-0.4 * (3.84 + 0.026 * np.abs(moon_phase_angle_deg) + 4e-9 * moon_phase_angle_deg**4))
    rayleigh = 10.0**5.36 * (1.06 + np.cos(np.deg2rad(moon_separation_deg)) ** 2)
    near = 6.2e7 / np.maximum(moon_separation_deg, 0.25) ** 2
    mie = np.where(moon_separation_deg < 10.0, near, 10.0 ** (6.15 - moon_separation_deg / 40.0))
    moon_path = airglow_airmass(np.minimum(90.0 - moon_elevation_deg, 90.0))
    sight_path = airglow_airmass(90.0 - elevation_deg)
    brightness = (
        (rayleigh_weight * rayleigh + mie_weight * mie)
        * full_share
        * 10.0 ** (-0.4 * zenith_extinction_mag * moon_path)
        * (1.0 - 10.0 ** (-0.4 * zenith_extinction_mag * sight_path))
    )
    return np.where(moon_elevation_deg > 0.0, brightness, 0.0)


def moon_radiance(
    *,
    elevation_deg: FloatArray,
    moon_elevation_deg: FloatArray,
    moon_separation_deg: FloatArray,
    moon_phase_angle_deg: FloatArray,
    wavelength_nm: float,
    altitude_m: float,
    aod_550nm: float,
) -> FloatArray:
    """Moonlight in the sky at a wavelength: the V-band model, carried over by the colours of its parts.

    Sunlight as a black body, the Moon redder by λ^0.75 (after Kieffer and Stone, AJ 129:2887 (2005)),
    Rayleigh scattering by λ^(−4.08), Mie by λ^(−1.3), each as its share of the extinction.
    """
    colour = wavelength_nm / _V_BAND_NM
    k_v = extinction_mag(wavelength_nm=_V_BAND_NM, altitude_m=altitude_m, aod_550nm=aod_550nm)
    k = extinction_mag(wavelength_nm=wavelength_nm, altitude_m=altitude_m, aod_550nm=aod_550nm)
    brightness = moonlight_nanolambert(
        elevation_deg=elevation_deg,
        moon_elevation_deg=moon_elevation_deg,
        moon_separation_deg=moon_separation_deg,
        moon_phase_angle_deg=moon_phase_angle_deg,
        zenith_extinction_mag=k,
        rayleigh_weight=colour**-4.08 * k_v / k,
        mie_weight=colour**-1.3 * k_v / k,
    )
    light = _NANOLAMBERT_W_M2_SR_UM * _sunlight_colour(wavelength_nm) * float(colour**0.75)
    return brightness * light


def twilight_share(sun_elevation_deg: FloatArray) -> FloatArray:
    """Brightness of the sky over that by day: 1 with the Sun up, none from 18° below the horizon.

    Between, 10^(−0.4 (2.088 d − 0.057 d²)) at d degrees below: the V-band fit of Patat et al., A&A 455:385
    (2006), table 1, which carried back to sunset meets the day sky of ITU-R P.1621 within 15 %.
    """
    below_deg = np.clip(-sun_elevation_deg, 0.0, 18.0)
    share = 10.0 ** (-0.4 * (2.088 * below_deg - 0.057 * below_deg**2))
    return np.where(sun_elevation_deg <= -18.0, 0.0, share)


def day_radiance(sun_elevation_deg: FloatArray, *, wavelength_nm: float, day_sky: str) -> FloatArray:
    """Scattered sunlight by day and in twilight; `day_sky` is a column of ITU-R P.1621-2, table 1.

    The table knows no angle to the Sun; keeping away from it is the Sun exclusion's business.
    """
    return _at(day_sky, wavelength_nm) * twilight_share(sun_elevation_deg)
