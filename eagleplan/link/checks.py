"""What a loss budget refuses to compute: every wrong parameter, named by its key."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from eagleplan.errors import InputError, Problem
from eagleplan.link.couplings import COUPLINGS, Check
from eagleplan.link.extinction import extinction_table
from eagleplan.link.geometry import BEAMS
from eagleplan.link.rays import Hardware, Rays
from eagleplan.link.sky import SKY_WAVELENGTHS_NM, sky_tables
from eagleplan.link.station_air import station_aod_550nm
from eagleplan.model import LinkOptions, Site, Terminal


def _terminal_checks(terminal: Terminal) -> Iterator[Check]:
    yield "wavelength_nm", terminal.wavelength_nm, terminal.wavelength_nm > 0.0, "must be > 0"
    yield "aperture_m", terminal.aperture_m, terminal.aperture_m > 0.0, "must be > 0"
    yield "m2", terminal.m2, terminal.m2 >= 1.0, "must be >= 1"
    if terminal.waist_radius_m is not None:
        yield "waist_radius_m", terminal.waist_radius_m, terminal.waist_radius_m > 0.0, "must be > 0"
    half_angle_urad = terminal.divergence_half_angle_1e2_urad
    if half_angle_urad is not None:
        yield "divergence_half_angle_1e2_urad", half_angle_urad, half_angle_urad > 0.0, "must be > 0"
        yield (
            "divergence_half_angle_1e2_urad",
            half_angle_urad,
            terminal.beam == "gaussian",
            "belongs to a gaussian beam; a truncated one diffracts by its aperture",
        )
    jitter_urad, bias_urad = terminal.pointing_jitter_urad, terminal.pointing_bias_urad
    yield "pointing_jitter_urad", jitter_urad, jitter_urad >= 0.0, "must be >= 0"
    yield "pointing_bias_urad", bias_urad, bias_urad >= 0.0, "must be >= 0"


def _site_checks(site: Site) -> Iterator[Check]:
    receiver, detector, air = site.receiver, site.receiver.detector, site.air
    yield "aperture_m", site.aperture_m, site.aperture_m > 0.0, "must be > 0"
    yield (
        "obscuration_frac",
        receiver.obscuration_frac,
        0.0 <= receiver.obscuration_frac < 1.0,
        "must be from 0 to below 1 (a fraction of the aperture's diameter)",
    )
    for key, value in (
        ("optics_loss_db", receiver.optics_loss_db),
        ("background_per_detector_cps", receiver.background_per_detector_cps),
        ("dark_count_cps", detector.dark_count_cps),
        ("artificial_radiance_w_m2_sr_um", air.artificial_radiance_w_m2_sr_um),
        ("rms_wind_m_s", air.rms_wind_m_s),
        ("ground_wind_m_s", air.ground_wind_m_s),
    ):
        yield key, value, value >= 0.0, "must be >= 0"
    if receiver.coupling_loss_db is not None:
        yield "coupling_loss_db", receiver.coupling_loss_db, receiver.coupling_loss_db >= 0.0, "must be >= 0"
    if receiver.filter_bandwidth_nm is not None:
        bandwidth_nm = receiver.filter_bandwidth_nm
        yield "filter_bandwidth_nm", bandwidth_nm, bandwidth_nm > 0.0, "must be > 0"
        yield "n_detectors", detector.n_detectors, detector.n_detectors >= 1, "must be >= 1"
    efficiency_frac = detector.efficiency_frac
    yield "efficiency_frac", efficiency_frac, 0.0 < efficiency_frac <= 1.0, "must be above 0 and at most 1"
    yield "ground_cn2_per_m23", air.ground_cn2_per_m23, air.ground_cn2_per_m23 > 0.0, "must be > 0"
    if air.aod_550nm is not None:
        yield "air.aod_550nm", air.aod_550nm, air.aod_550nm >= 0.0, "must be >= 0"
    stated_db = receiver.optics_loss_db + (receiver.coupling_loss_db or 0.0)
    yield (
        "calibration.offset_db",
        site.calibration.offset_db,
        site.calibration.offset_db + stated_db >= 0.0,
        "takes away more than the receiver's stated losses",
    )


def _option_checks(options: LinkOptions) -> Iterator[Check]:
    given = {
        "zenith_extinction_db": options.zenith_extinction_db,
        "aod_550nm": options.aod_550nm,
        "visibility_km": options.visibility_km,
    }
    for key, value in given.items():
        if value is not None:
            holds = value > 0.0 if key == "visibility_km" else value >= 0.0
            yield key, value, holds, "must be > 0" if key == "visibility_km" else "must be >= 0"
    n_given = sum(value is not None for value in given.values())
    yield (
        "zenith_extinction_db",
        float(n_given),
        n_given == 1,
        "exactly one of zenith_extinction_db, aod_550nm and visibility_km must be given",
    )
    height_m = options.aerosol_scale_height_m
    yield "aerosol_scale_height_m", height_m, height_m > 0.0, "must be > 0"


def _pair_checks(ends: Hardware, options: LinkOptions) -> Iterator[Check]:
    """What only the two ends together can get wrong."""
    site, wavelength_nm = ends.site, ends.terminal.wavelength_nm
    coupling = COUPLINGS[site.receiver.coupling]
    if site.receiver.coupling_loss_db is None:
        yield from coupling.checks(ends)
    if site.receiver.filter_bandwidth_nm is not None:
        yield from coupling.sky_checks(ends)
        low_nm, high_nm = SKY_WAVELENGTHS_NM
        inside = low_nm <= wavelength_nm <= high_nm
        yield (
            "wavelength_nm",
            wavelength_nm,
            inside,
            f"the sky's tables reach from {low_nm:g} to {high_nm:g} nm",
        )
    if options.visibility_km is not None and not options.visibility_km > 0.0:
        return
    if station_aod_550nm(site, options) is not None:
        table = extinction_table()
        covered = ", ".join(f"{nm:g}" for nm in table.wavelength_nm)
        yield (
            "wavelength_nm",
            wavelength_nm,
            table.covers(wavelength_nm),
            f"outside the extinction table, bands of 5 nm around {covered}; or give zenith_extinction_db",
        )
        top_m = float(table.altitude_m[-1])
        yield (
            "altitude_m",
            site.altitude_m,
            site.altitude_m <= top_m,
            f"the extinction table ends at {top_m:g} m",
        )


def _names(rays: Rays) -> Iterator[Problem]:
    for path, field, value, known in (
        ("link", "day_sky", rays.options.day_sky, sky_tables()),
        *(("terminal", "beam", ends.terminal.beam, BEAMS) for ends in rays.hardware),
        *(
            (f"site {ends.site.site_id}", "coupling", ends.site.receiver.coupling, COUPLINGS)
            for ends in rays.hardware
        ),
    ):
        if value not in known:
            yield Problem(
                path=path, field=field, message=f"must be one of {', '.join(known)}", got=str(value)
            )


def _problems(path: str, checks: Iterable[Check]) -> Iterator[Problem]:
    for field, value, holds, message in checks:
        if not (holds and math.isfinite(value)):
            yield Problem(path=path, field=field, message=message, got=f"{value:g}")


def refuse_bad_parameters(rays: Rays) -> None:
    """Raise one `InputError` that names every parameter of which no loss can be computed."""
    problems = [*_names(rays), *_problems("link", _option_checks(rays.options))]
    for terminal in {id(ends.terminal): ends.terminal for ends in rays.hardware}.values():
        problems += _problems("terminal", _terminal_checks(terminal))
    for site in {id(ends.site): ends.site for ends in rays.hardware}.values():
        problems += _problems(f"site {site.site_id}", _site_checks(site))
    if not problems:
        for ends in rays.hardware:
            problems += _problems(f"site {ends.site.site_id}", _pair_checks(ends, rays.options))
    if problems:
        raise InputError(problems)
