"""Clicks that no signal photon caused: the sky through the receiver's filter, stray light and dark counts."""

from __future__ import annotations

import numpy as np

from eagleplan.link.couplings import COUPLINGS
from eagleplan.link.rays import Hardware, Rays, Sight
from eagleplan.link.sky import day_radiance, extinction_mag, moon_radiance, natural_radiance
from eagleplan.link.station_air import station_aod_550nm
from eagleplan.model import LinkOptions
from eagleplan.units import PLANCK_J_S, SPEED_OF_LIGHT_KM_S, FloatArray, frac_from_db

TYPICAL_AOD_550NM = 0.1
"""Aerosol that scatters moonlight where only a zenith extinction is given: clear continental air."""


def sky_radiance(ends: Hardware, sight: Sight, options: LinkOptions) -> FloatArray:
    """Spectral radiance along the line of sight in W m⁻² sr⁻¹ µm⁻¹, shape (n,)."""
    wavelength_nm, site = ends.terminal.wavelength_nm, ends.site
    given_aod_550nm = station_aod_550nm(site, options)
    aod_550nm = TYPICAL_AOD_550NM if given_aod_550nm is None else given_aod_550nm
    return (
        natural_radiance(
            sight.apparent_elevation_deg,
            wavelength_nm=wavelength_nm,
            zenith_extinction_mag=extinction_mag(
                wavelength_nm=wavelength_nm, altitude_m=site.altitude_m, aod_550nm=aod_550nm
            ),
        )
        + moon_radiance(
            elevation_deg=sight.apparent_elevation_deg,
            moon_elevation_deg=sight.moon_elevation_deg,
            moon_separation_deg=sight.moon_separation_deg,
            moon_phase_angle_deg=sight.moon_phase_angle_deg,
            wavelength_nm=wavelength_nm,
            altitude_m=site.altitude_m,
            aod_550nm=aod_550nm,
        )
        + day_radiance(sight.sun_elevation_deg, wavelength_nm=wavelength_nm, day_sky=options.day_sky)
        + site.air.artificial_radiance_w_m2_sr_um
    )


def photons_per_s(
    radiance_w_m2_sr_um: FloatArray, *, etendue_m2_sr: float, bandwidth_nm: float, wavelength_nm: float
) -> FloatArray:
    """Sky photons that the receiver collects per second: L × etendue × bandwidth / photon energy."""
    photon_j = PLANCK_J_S * SPEED_OF_LIGHT_KM_S * 1e3 / (wavelength_nm * 1e-9)
    return radiance_w_m2_sr_um * etendue_m2_sr * (bandwidth_nm * 1e-3) / photon_j


def background_per_detector_cps(rays: Rays) -> FloatArray:
    """Sky, stray light and dark counts of one detector at every sample, shape (n,).

    The sky's light spreads evenly over the detectors. It fills the fibre's mode or the field stop whatever
    the turbulence, so of the loss terms only optics and detector efficiency apply to it.
    """

    def clicks_cps(ends: Hardware, sight: Sight) -> FloatArray:
        receiver = ends.site.receiver
        steady_cps = receiver.background_per_detector_cps + receiver.detector.dark_count_cps
        if receiver.filter_bandwidth_nm is None:
            return np.full(sight.range_km.size, steady_cps)
        collected = photons_per_s(
            sky_radiance(ends, sight, rays.options),
            etendue_m2_sr=COUPLINGS[receiver.coupling].etendue_m2_sr(ends),
            bandwidth_nm=receiver.filter_bandwidth_nm,
            wavelength_nm=ends.terminal.wavelength_nm,
        )
        detector = receiver.detector
        clicking = frac_from_db(receiver.optics_loss_db) * detector.efficiency_frac / detector.n_detectors
        return steady_cps + collected * clicking

    return rays.per_hardware(clicks_cps)
