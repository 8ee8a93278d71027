"""What a loss budget refuses to compute: every wrong parameter, named by its key."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from eagleplan.errors import InputError, Problem
from eagleplan.link.couplings import COUPLINGS, Check
from eagleplan.link.extinction import extinction_table
from eagleplan.link.geometry import BEAMS
from eagleplan.link.rays import Hardware, Rays
from eagleplan.link.sky import SKY_WAVELENGTHS_NM, sky_tables
from eagleplan.link.station_air import station_aod_550nm
from eagleplan.link.turbulence import TURBULENCE_TOP_M
from eagleplan.model import LinkOptions, Receiver, Site, Terminal
from eagleplan.units import FloatArray

Part = Literal["terminal", "receiver", "site", "link"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A parameter of which no loss can be computed: whose it is, its dotted key there, and why.

    `owner` is the id of the site or receiver; there is none for a terminal, nor for the link's options.
    """

    part: Part
    owner: str
    key: str
    message: str
    got: str | None

    def problem(self) -> Problem:
        """What to tell a caller whose parameters come from no file."""
        return Problem(path=f"{self.part} {self.owner}".strip(), field=self.key, message=self.message, got=self.got)


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


def _receiver_checks(receiver: Receiver) -> Iterator[Check]:
    detector = receiver.detector
    yield (
        "obscuration_frac",
        receiver.obscuration_frac,
        0.0 <= receiver.obscuration_frac < 1.0,
        "must be from 0 to below 1 (a fraction of the aperture's diameter)",
    )
    for key, value in (
        ("optics_loss_db", receiver.optics_loss_db),
        ("background_per_detector_cps", receiver.background_per_detector_cps),
        ("detector.dark_count_cps", detector.dark_count_cps),
    ):
        yield key, value, value >= 0.0, "must be >= 0"
    if receiver.coupling_loss_db is not None:
        yield "coupling_loss_db", receiver.coupling_loss_db, receiver.coupling_loss_db >= 0.0, "must be >= 0"
    if receiver.filter_bandwidth_nm is not None:
        bandwidth_nm = receiver.filter_bandwidth_nm
        yield "filter_bandwidth_nm", bandwidth_nm, bandwidth_nm > 0.0, "must be > 0"
        yield "detector.n_detectors", detector.n_detectors, detector.n_detectors >= 1, "must be >= 1"
    efficiency_frac = detector.efficiency_frac
    sensible = 0.0 < efficiency_frac <= 1.0
    yield "detector.efficiency_frac", efficiency_frac, sensible, "must be above 0 and at most 1"


def _site_checks(site: Site) -> Iterator[Check]:
    air = site.air
    yield "aperture_m", site.aperture_m, site.aperture_m > 0.0, "must be > 0"
    for key, value in (
        ("air.artificial_radiance_w_m2_sr_um", air.artificial_radiance_w_m2_sr_um),
        ("air.rms_wind_m_s", air.rms_wind_m_s),
        ("air.ground_wind_m_s", air.ground_wind_m_s),
    ):
        yield key, value, value >= 0.0, "must be >= 0"
    yield "air.ground_cn2_per_m23", air.ground_cn2_per_m23, air.ground_cn2_per_m23 > 0.0, "must be > 0"
    if air.aod_550nm is not None:
        yield "air.aod_550nm", air.aod_550nm, air.aod_550nm >= 0.0, "must be >= 0"
    for key, value in (
        ("calibration.offset_db", site.calibration.offset_db),
        ("calibration.extinction_per_airmass_db", site.calibration.extinction_per_airmass_db),
    ):
        yield key, value, True, "must be a finite number"


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
    one = [key for key, value in given.items() if value is not None]
    message = f"exactly one of {', '.join(given)} must be given"
    if not one:
        yield "zenith_extinction_db", None, False, message
    elif len(one) > 1:
        yield one[0], given[one[0]], False, f"{message}, not {' and '.join(one)}"
    height_m = options.aerosol_scale_height_m
    yield "aerosol_scale_height_m", height_m, height_m > 0.0, "must be > 0"


def _wavelength_checks(ends: Hardware, options: LinkOptions) -> Iterator[Check]:
    wavelength_nm = ends.terminal.wavelength_nm
    if ends.site.receiver.filter_bandwidth_nm is not None:
        low_nm, high_nm = SKY_WAVELENGTHS_NM
        inside = low_nm <= wavelength_nm <= high_nm
        yield "wavelength_nm", wavelength_nm, inside, f"the sky's tables reach from {low_nm:g} to {high_nm:g} nm"
    if station_aod_550nm(ends.site, options) is not None:
        table = extinction_table()
        message = f"outside the extinction table, bands of 5 nm around {_listed(table.wavelength_nm)}"
        yield (
            "wavelength_nm",
            wavelength_nm,
            table.covers(wavelength_nm),
            f"{message}; or give zenith_extinction_db",
        )


def _listed(wavelengths_nm: FloatArray) -> str:
    """Ascending wavelengths in words, runs in steps of 5 nm as a span."""
    runs = np.split(wavelengths_nm, np.flatnonzero(np.diff(wavelengths_nm) > 5.0) + 1)
    return ", ".join(f"{run[0]:g}" if run.size == 1 else f"{run[0]:g} to {run[-1]:g}" for run in runs)


def _altitude_checks(ends: Hardware, options: LinkOptions) -> Iterator[Check]:
    altitude_m = ends.site.altitude_m
    if station_aod_550nm(ends.site, options) is not None:
        top_m = float(extinction_table().altitude_m[-1])
        message = f"the extinction table ends at {top_m:g} m; give zenith_extinction_db"
        yield "altitude_m", altitude_m, altitude_m <= top_m, message
    top_m = TURBULENCE_TOP_M
    yield "altitude_m", altitude_m, altitude_m < top_m, f"the turbulent air ends at {top_m:g} m"


def _coupling_checks(ends: Hardware) -> Iterator[Check]:
    coupling = COUPLINGS[ends.site.receiver.coupling]
    if ends.site.receiver.coupling_loss_db is None:
        yield from coupling.checks(ends)
    if ends.site.receiver.filter_bandwidth_nm is not None:
        yield from coupling.sky_checks(ends)


def _choices(hardware: Iterable[Hardware], options: LinkOptions) -> Iterator[Refusal]:
    chosen: list[tuple[Part, str, str, str, Iterable[str]]] = [("link", "", "day_sky", options.day_sky, sky_tables())]
    for ends in hardware:
        receiver = ends.site.receiver
        chosen.append(("terminal", "", "beam", ends.terminal.beam, BEAMS))
        chosen.append(("receiver", receiver.receiver_id, "coupling", receiver.coupling, COUPLINGS))
    for part, owner, key, value, known in chosen:
        if value not in known:
            message = f"must be one of {', '.join(known)}"
            yield Refusal(part=part, owner=owner, key=key, message=message, got=str(value))


def _refused(part: Part, owner: str, checks: Iterable[Check]) -> Iterator[Refusal]:
    for key, value, holds, message in checks:
        if not holds or value is None or not math.isfinite(value):
            got = None if value is None else f"{value:g}"
            yield Refusal(part=part, owner=owner, key=key, message=message, got=got)


def _of_each_end(ends: Hardware) -> Iterator[Refusal]:
    receiver = ends.site.receiver
    yield from _refused("terminal", "", _terminal_checks(ends.terminal))
    yield from _refused("receiver", receiver.receiver_id, _receiver_checks(receiver))
    yield from _refused("site", ends.site.site_id, _site_checks(ends.site))


def _of_both_ends(ends: Hardware, options: LinkOptions) -> Iterator[Refusal]:
    """What only the two ends together can get wrong."""
    yield from _refused("receiver", ends.site.receiver.receiver_id, _coupling_checks(ends))
    yield from _refused("terminal", "", _wavelength_checks(ends, options))
    yield from _refused("site", ends.site.site_id, _altitude_checks(ends, options))


def refusals(hardware: Iterable[Hardware], options: LinkOptions) -> tuple[Refusal, ...]:
    """Every parameter of which no loss can be computed, once each; empty if all is well.

    What the two ends get wrong together is looked for where neither is wrong by itself.
    """
    pairs = tuple(hardware)
    found = [*_choices(pairs, options), *_refused("link", "", _option_checks(options))]
    for ends in pairs:
        found += _of_each_end(ends)
    if not found:
        for ends in pairs:
            found += _of_both_ends(ends, options)
    return tuple(dict.fromkeys(found))


def refuse_bad_parameters(rays: Rays) -> None:
    """Raise one `InputError` that names every parameter of which no loss can be computed."""
    refused = refusals(rays.hardware, rays.options)
    if refused:
        raise InputError(refusal.problem() for refusal in refused)


def refuse_impossible_losses(rays: Rays, terms_db: dict[str, FloatArray]) -> None:
    """Raise `InputError` where no light would be left, or more than the telescope catches.

    The calibration alone can do the latter, and whether it does depends on the air mass.
    """
    on_the_ground_db = np.sum([loss_db for name, loss_db in terms_db.items() if name != "geometry"], axis=0)
    problems: list[Problem] = []
    for ends, samples in zip(rays.hardware, rays.samples, strict=True):
        path = f"site {ends.site.site_id}"
        dark = [name for name, loss_db in terms_db.items() if not np.isfinite(loss_db[samples]).all()]
        for name in dark:
            problems.append(Problem(path=path, field=name, message="the loss is beyond all bounds: no light is left"))
        if not dark and samples.size and on_the_ground_db[samples].min() < 0.0:
            airmass = rays.sight.airmass[samples][int(on_the_ground_db[samples].argmin())]
            fit = ends.site.calibration
            message = f"takes away more than all losses behind the aperture, at {airmass:.3g} air masses"
            got = f"{fit.offset_db:g} dB and {fit.extinction_per_airmass_db:g} dB per air mass"
            problems.append(Problem(path=path, field="calibration", message=message, got=got))
    if problems:
        raise InputError(dict.fromkeys(problems))
