"""The turbulent air over a site: Hufnagel-Valley profile, and the path integrals that the loss terms need.

A slant path is the vertical one stretched by the air mass, which equals sec(zenith angle) to 0.5 % above
20° and stays finite at the horizon.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eagleplan.model import Air
from eagleplan.units import FloatArray

TURBULENCE_TOP_M = 20_000.0
"""Upper end of the integrals (ITU-R P.1622, section 4)."""

_HEIGHT_M: FloatArray = TURBULENCE_TOP_M * np.linspace(0.0, 1.0, 401) ** 3
"""Close together at the ground, where the layers are thin."""


def p1621_rms_wind_m_s(ground_wind_m_s: float) -> float:
    """Wind aloft of the Hufnagel-Valley profile from that at the ground (ITU-R P.1621-2, eq. 5)."""
    return float(np.sqrt(ground_wind_m_s**2 + 33.11 * ground_wind_m_s + 360.31))


def hufnagel_valley_cn2(
    height_m: FloatArray, *, altitude_m: float, ground_cn2_per_m23: float, rms_wind_m_s: float
) -> FloatArray:
    """Cn² in m^(−2/3) at heights above a site (ITU-R P.1621-2, eq. 6).

    The free atmosphere's terms follow the altitude above the sea, the ground layer's the height above the
    site.
    """
    above_sea_m = height_m + altitude_m
    return (
        8.148e-56 * rms_wind_m_s**2 * above_sea_m**10 * np.exp(-above_sea_m / 1000.0)
        + 2.7e-16 * np.exp(-above_sea_m / 1500.0)
        + ground_cn2_per_m23 * np.exp(-height_m / 100.0)
    )


def bufton_wind_m_s(height_m: FloatArray, *, altitude_m: float, ground_wind_m_s: float) -> FloatArray:
    """Wind by height above a site, v + 30 exp(−((h − 9400)/4800)²) (Bufton, Appl. Opt. 12:1785 (1973))."""
    return ground_wind_m_s + 30.0 * np.exp(-(((height_m + altitude_m - 9400.0) / 4800.0) ** 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class Turbulence:
    """The air over a site in thin layers, from the ground up, shape (m,): height, share of ∫Cn² dh, wind.

    And the vertical integrals of Cn² dh: plain, with h^(5/6), with h².
    """

    height_m: FloatArray
    share: FloatArray
    wind_m_s: FloatArray
    cn2_integral: float
    cn2_h56_integral: float
    cn2_h2_integral: float


def turbulence_over(air: Air, altitude_m: float) -> Turbulence:
    """Hufnagel-Valley turbulence with Bufton's wind over a site, up to 20 km above the sea."""
    height_m = _HEIGHT_M * (1.0 - altitude_m / TURBULENCE_TOP_M)
    cn2 = hufnagel_valley_cn2(
        height_m,
        altitude_m=altitude_m,
        ground_cn2_per_m23=air.ground_cn2_per_m23,
        rms_wind_m_s=air.rms_wind_m_s,
    )
    layers = cn2 * np.gradient(height_m)
    return Turbulence(
        height_m=height_m,
        share=layers / layers.sum(),
        wind_m_s=bufton_wind_m_s(height_m, altitude_m=altitude_m, ground_wind_m_s=air.ground_wind_m_s),
        cn2_integral=float(np.trapezoid(cn2, height_m)),
        cn2_h56_integral=float(np.trapezoid(cn2 * height_m ** (5.0 / 6.0), height_m)),
        cn2_h2_integral=float(np.trapezoid(cn2 * height_m**2, height_m)),
    )


def _wavenumber_per_m(wavelength_nm: float) -> float:
    return 2e9 * np.pi / wavelength_nm


def fried_radius_m(over: Turbulence, *, wavelength_nm: float, airmass: FloatArray) -> FloatArray:
    """r0 = (0.423 k² X ∫Cn² dh)^(−3/5) of a plane wave (Fried, JOSA 56:1372 (1966); ITU-R P.1621-2)."""
    return (0.423 * _wavenumber_per_m(wavelength_nm) ** 2 * over.cn2_integral * airmass) ** -0.6


def rytov_variance(over: Turbulence, *, wavelength_nm: float, airmass: FloatArray) -> FloatArray:
    """Weak irradiance variance on a point, 2.253 k^(7/6) X^(11/6) ∫Cn² h^(5/6) dh (P.1622, eq. 4)."""
    wavenumber = _wavenumber_per_m(wavelength_nm) ** (7.0 / 6.0)
    variance = 2.253 * wavenumber * over.cn2_h56_integral * airmass ** (11.0 / 6.0)
    return np.asarray(variance, dtype=np.float64)


def scintillation_index(rytov: FloatArray) -> FloatArray:
    """Irradiance variance on a point, weak to saturated (Andrews and Phillips, Laser Beam Propagation through
    Random Media (2005), eq. 12.40).
    """
    large = 0.49 * rytov / (1.0 + 1.11 * rytov**1.2) ** (7.0 / 6.0)
    small = 0.51 * rytov / (1.0 + 0.69 * rytov**1.2) ** (5.0 / 6.0)
    return np.expm1(large + small)


def aperture_averaging(over: Turbulence, *, wavelength_nm: float, airmass: FloatArray, aperture_m: float) -> FloatArray:
    """What an aperture leaves of the irradiance variance, 0 to 1 (ITU-R P.1622, eqs. 6 to 9).

    1/(1 + 1.1 (D²/(λ h0 X))^(7/6)) with the turbulence's scale height h0 = (∫Cn² h² dh / ∫Cn² h^(5/6)
    dh)^(6/7).
    """
    scale_height_m = (over.cn2_h2_integral / over.cn2_h56_integral) ** (6.0 / 7.0)
    fresnel = aperture_m**2 / (1e-9 * wavelength_nm * scale_height_m * airmass)
    return np.asarray(1.0 / (1.0 + 1.1 * fresnel ** (7.0 / 6.0)), dtype=np.float64)


def power_scintillation_index(
    over: Turbulence, *, wavelength_nm: float, airmass: FloatArray, aperture_m: float
) -> FloatArray:
    """Variance of the power in an aperture over its squared mean."""
    on_a_point = scintillation_index(rytov_variance(over, wavelength_nm=wavelength_nm, airmass=airmass))
    return on_a_point * aperture_averaging(over, wavelength_nm=wavelength_nm, airmass=airmass, aperture_m=aperture_m)


def scintillation_quantile_frac(power_index: FloatArray, *, p_below: float) -> FloatArray:
    """Received power over its mean that is undercut for a share `p_below` of the time, log-normal.

    exp(−s²/2 + s z_p) with s² = ln(1 + σ_P²) (ITU-R P.1622, section 4.3).
    """
    from scipy.special import ndtri

    log_variance = np.log1p(power_index)
    return np.exp(-0.5 * log_variance + np.sqrt(log_variance) * float(ndtri(p_below)))
