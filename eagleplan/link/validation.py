"""The link against the world: published figures, and ours computed when asked.

The figures are data (``data/validation/link.csv``); a family of them is a function and a line of `FAMILIES`.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

import numpy as np

from eagleplan.link.adaptive_optics import corrected_sight
from eagleplan.link.airmass import kasten_young_airmass
from eagleplan.link.couplings import slew_rad_s
from eagleplan.link.extinction import clear_air_from_table, path_extinction_db
from eagleplan.link.fibre import best_mode, mean_without_correction_frac
from eagleplan.link.geometry import BEAMS, gaussian_capture_frac
from eagleplan.link.pointing import pointing_quantile_frac
from eagleplan.link.rays import Sight
from eagleplan.link.sky import moon_radiance, moonlight_nanolambert, natural_radiance
from eagleplan.link.turbulence import (
    fried_radius_m,
    p1621_rms_wind_m_s,
    rytov_variance,
    scintillation_quantile_frac,
    turbulence_over,
)
from eagleplan.link.validation_micius import MiciusTrack, micius_rows
from eagleplan.model import Air, Terminal, ValidationRow
from eagleplan.resources import data_path
from eagleplan.units import FloatArray, db_from_frac

Inputs = Mapping[str, float]
_ARCSEC2_PER_SR = (180.0 * 3600.0 / np.pi) ** 2


def _db(transmittance_frac: FloatArray | float) -> float:
    return float(np.ravel(db_from_frac(transmittance_frac))[0])


def _secant(elevation_deg: float) -> FloatArray:
    """The sources' own air mass."""
    return np.array([1.0 / np.sin(np.deg2rad(elevation_deg))])


def _rytov(given: Inputs) -> float:
    over = turbulence_over(Air(rms_wind_m_s=given["rms_wind_m_s"]), given["altitude_m"])
    airmass = _secant(given["elevation_deg"])
    return float(rytov_variance(over, wavelength_nm=given["wavelength_nm"], airmass=airmass)[0])


def _p1621_wind(given: Inputs) -> float:
    return p1621_rms_wind_m_s(given["ground_wind_m_s"])


def _fried(given: Inputs) -> float:
    over = turbulence_over(Air(), 0.0)
    return 100.0 * float(fried_radius_m(over, wavelength_nm=given["wavelength_nm"], airmass=np.ones(1))[0])


def _fibre(given: Inputs) -> float:
    return best_mode(given["obscuration_frac"]).efficiency_frac


def _fibre_uncorrected(given: Inputs) -> float:
    r0_m = fried_radius_m(
        turbulence_over(Air(), 0.0),
        wavelength_nm=given["wavelength_nm"],
        airmass=_secant(given["elevation_deg"]),
    )
    return _db(
        mean_without_correction_frac(
            aperture_over_r0=given["aperture_m"] / r0_m, obscuration_frac=given["obscuration_frac"]
        )
    )


def _fibre_corrected(given: Inputs) -> float:
    """An overhead pass at 500 km, so the satellite's speed lies in the plane of zenith and line of sight."""
    over = turbulence_over(Air(ground_cn2_per_m23=given["ground_cn2_per_m23"]), 0.0)
    range_km, elevation_deg = np.array([given["range_km"]]), np.array([given["elevation_deg"]])
    nothing = np.zeros(1)
    receding_km_s = 7.6126 * 6371.0 / 6871.0 * np.cos(np.deg2rad(elevation_deg))
    sight = Sight(
        range_km=range_km,
        range_rate_km_s=receding_km_s,
        apparent_elevation_deg=elevation_deg,
        airmass=_secant(given["elevation_deg"]),
        sun_elevation_deg=nothing,
        moon_elevation_deg=nothing,
        moon_separation_deg=nothing,
        moon_phase_angle_deg=nothing,
    )
    r0_m = fried_radius_m(over, wavelength_nm=given["wavelength_nm"], airmass=np.ones(1))
    corrected = corrected_sight(
        over,
        fried_radius_zenith_m=float(r0_m[0]),
        aperture_m=given["aperture_m"],
        obscuration_frac=given["obscuration_frac"],
        pitch_m=given["actuator_pitch_m"],
        delay_s=given["delay_s"],
        airmass=sight.airmass,
        slew_rad_s=slew_rad_s(sight, 0.0),
    )
    return _db(corrected.mean_frac)


def _truncated_gaussian(given: Inputs) -> float:
    terminal = Terminal(
        wavelength_nm=given["wavelength_nm"],
        aperture_m=given["transmitter_m"],
        beam="truncated-gaussian",
        waist_radius_m=given["waist_radius_m"],
        pointing_jitter_urad=0.0,
    )
    capture = BEAMS[terminal.beam](terminal)
    return _db(capture(np.array([given["range_km"]]), given["receiver_m"], 0.0))


def _airmass(given: Inputs) -> float:
    return given["zenith_db"] * float(kasten_young_airmass(np.array([given["elevation_deg"]]))[0])


def _extinction_table(given: Inputs) -> float:
    air = clear_air_from_table(
        wavelength_nm=given["wavelength_nm"],
        altitude_m=given.get("altitude_m", 0.0),
        station_aod_550nm=given["aod_550nm"],
    )
    airmass = kasten_young_airmass(np.array([given.get("elevation_deg", 90.0)]))
    loss_db = path_extinction_db(air=[air], air_of_sample=np.zeros(1, dtype=np.intp), airmass=airmass)
    return float(loss_db[0])


def _giggenbach(given: Inputs) -> float:
    """30 dBm; 1.49 dB optics, 98.19 dB gain, 3.01 dB pointing; 0.6 m and 6.02 dB on the ground."""
    half_angle_urad = 1e6 * float(np.sqrt(8.0 / 10.0**9.819))
    caught = gaussian_capture_frac(
        range_km=np.array([given["range_km"]]),
        divergence_half_angle_1e2_urad=half_angle_urad,
        waist_radius_m=0.02,
        aperture_m=0.6,
        obscuration_frac=0.0,
    )
    fixed_db = 1.49 + 3.01 + 6.02 + given["atmosphere_db"] + given["scintillation_db"]
    return 30.0 - fixed_db - _db(caught)


def _pointing_fade(given: Inputs) -> float:
    return _db(
        pointing_quantile_frac(
            divergence_half_angle_1e2_urad=given["half_angle_urad"],
            jitter_urad=given["jitter_urad"],
            bias_urad=0.0,
            p_below=given["p_below"],
        )
    )


def _scintillation_fade(given: Inputs) -> float:
    return _db(scintillation_quantile_frac(np.array([given["power_index"]]), p_below=given["p_below"]))


def _moonlight(given: Inputs) -> float:
    """In V magnitudes per square arcsecond, by eq. 1 of Krisciunas and Schaefer."""
    nanolambert = moonlight_nanolambert(
        elevation_deg=np.array([given["elevation_deg"]]),
        moon_elevation_deg=np.array([given["moon_elevation_deg"]]),
        moon_separation_deg=np.array([given["moon_separation_deg"]]),
        moon_phase_angle_deg=np.array([given["moon_phase_angle_deg"]]),
        zenith_extinction_mag=given["zenith_extinction_mag"],
    )
    return float((20.7233 - np.log(nanolambert[0] / 34.08)) / 0.92104)


def _full_moon_sky(given: Inputs) -> float:
    """Natural sky and Moon together at the zenith over Paranal, in magnitudes per square arcsecond."""
    zenith, half = np.array([90.0]), np.array([45.0])
    radiance = natural_radiance(zenith, wavelength_nm=given["wavelength_nm"], zenith_extinction_mag=0.1)
    radiance = radiance + moon_radiance(
        elevation_deg=zenith,
        moon_elevation_deg=half,
        moon_separation_deg=half,
        moon_phase_angle_deg=np.zeros(1),
        wavelength_nm=given["wavelength_nm"],
        altitude_m=2640.0,
        aod_550nm=0.05,
    )
    return float(-2.5 * np.log10(radiance[0] / _ARCSEC2_PER_SR / given["zero_point_w_m2_um"]))


def _ntanos(given: Inputs) -> float:
    """600 km at the zenith: 13 µrad full angle, 0.75 µrad jitter at 1 %, 2.65 + 3 + 0.3 dB, 85 % detector."""
    caught = _micius_diffraction({"half_angle_urad": 6.5, "range_km": 600.0, "receiver_m": 2.3})
    fade = _pointing_fade({"half_angle_urad": 6.5, "jitter_urad": 0.75, "p_below": 0.01})
    return caught + fade + 2.65 + 3.0 + 0.3 + _db(0.85)


def _micius_diffraction(given: Inputs) -> float:
    return _db(
        gaussian_capture_frac(
            range_km=np.array([given["range_km"]]),
            divergence_half_angle_1e2_urad=given["half_angle_urad"],
            waist_radius_m=0.0,
            aperture_m=given["receiver_m"],
            obscuration_frac=0.0,
        )
    )


FAMILIES: Mapping[str, tuple[str, Callable[[Inputs], float]]] = MappingProxyType(
    {
        "rytov": ("Irradiance variance on a point", _rytov),
        "p1621-wind": ("Wind aloft from wind at the ground", _p1621_wind),
        "fried": ("Fried radius, HV5/7, zenith", _fried),
        "fibre": ("Fibre coupling of a flat wave", _fibre),
        "fibre-uncorrected": ("Fibre without adaptive optics, mean loss", _fibre_uncorrected),
        "fibre-corrected": ("Fibre behind adaptive optics, mean loss", _fibre_corrected),
        "truncated-gaussian": ("Diffraction of a truncated Gaussian", _truncated_gaussian),
        "airmass": ("Zenith loss times Kasten-Young air mass", _airmass),
        "airmass-haze": ("Zenith loss times Kasten-Young air mass, haze", _airmass),
        "extinction-table": ("Zenith loss of the extinction table", _extinction_table),
        "water-band": ("Extinction inside a water band", _extinction_table),
        "giggenbach": ("Received power, 400 km downlink", _giggenbach),
        "pointing-fade": ("Pointing fade", _pointing_fade),
        "scintillation-fade": ("Scintillation fade", _scintillation_fade),
        "moonlight": ("Scattered moonlight in V", _moonlight),
        "full-moon-sky": ("Sky with a full Moon", _full_moon_sky),
        "ntanos": ("Best case of a 600 km downlink, total", _ntanos),
        "micius-diffraction": ("Micius, diffraction", _micius_diffraction),
    }
)
"""Family of the figures → what is compared, and how ours is computed."""


def _published() -> Iterator[Mapping[str, str]]:
    with data_path("validation", "link.csv").open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(line for line in lines if not line.startswith("#"))


def _row(line: Mapping[str, str]) -> ValidationRow:
    title, ours = FAMILIES[line["family"]]
    given = [item.split("=") for item in line["inputs"].split(";") if item]
    words = ", ".join(f"{name} {value}" for name, value in given)
    return ValidationRow(
        case=f"{title}: {words}" if words else title,
        source=line["source"],
        published=float(line["published"]),
        ours=ours({name: float(value) for name, value in given}),
        tolerance=float(line["tolerance"]),
        unit=line["unit"],
        inputs_complete=line["inputs_complete"] == "yes",
        note=line["note"],
    )


def validation_rows(micius_track: MiciusTrack | None = None) -> tuple[ValidationRow, ...]:
    """Every figure of the link's validation table, computed now.

    `micius_track` is the pass of 2016-12-19 as this project's own orbit code sees it; without it the packaged
    track serves, and the two rows on the pass's geometry are left out.
    """
    return (*(_row(line) for line in _published()), *micius_rows(micius_track))
