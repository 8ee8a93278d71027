"""The terms of the loss budget in the order of the light; each is a function of all lines of sight at once.

A new term is one function here and one line in `LOSS_TERMS`; the property tests then run over it too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from eagleplan.link.couplings import COUPLINGS
from eagleplan.link.extinction import path_extinction_db
from eagleplan.link.geometry import BEAMS, pointing_half_angle_1e2_urad
from eagleplan.link.pointing import mean_pointing_frac
from eagleplan.link.rays import Hardware, Rays, Sight
from eagleplan.link.station_air import clear_air
from eagleplan.units import FloatArray, db_from_frac

LossTerm = Callable[[Rays], FloatArray]


def geometry_db(rays: Rays) -> FloatArray:
    """Diffraction: the part of the beam that misses the ground telescope's clear aperture."""

    def captured(ends: Hardware, sight: Sight) -> FloatArray:
        capture = BEAMS[ends.terminal.beam](ends.terminal)
        return capture(sight.range_km, ends.site.aperture_m, ends.site.receiver.obscuration_frac)

    return db_from_frac(rays.per_hardware(captured))


def pointing_db(rays: Rays) -> FloatArray:
    """Pointing error of the satellite: the mean over its jitter, about its bias."""
    return db_from_frac(
        rays.per_sample(
            lambda ends: float(
                mean_pointing_frac(
                    divergence_half_angle_1e2_urad=pointing_half_angle_1e2_urad(ends.terminal),
                    jitter_urad=ends.terminal.pointing_jitter_urad,
                    bias_urad=ends.terminal.pointing_bias_urad,
                )
            )
        )
    )


def extinction_db(rays: Rays) -> FloatArray:
    """Scattering and absorption in clear air."""
    return path_extinction_db(
        air=[clear_air(ends, rays.options) for ends in rays.hardware],
        air_of_sample=rays.hardware_of_sample,
        airmass=rays.sight.airmass,
    )


def turbulence_db(rays: Rays) -> FloatArray:
    """What turbulence costs at the stop or fibre; nothing where the coupling loss is given as a figure."""

    def mean(ends: Hardware, sight: Sight) -> FloatArray:
        if ends.site.receiver.coupling_loss_db is not None:
            return np.ones(sight.range_km.size)
        return COUPLINGS[ends.site.receiver.coupling].turbulent_mean_frac(ends, sight)

    return db_from_frac(rays.per_hardware(mean))


def optics_db(rays: Rays) -> FloatArray:
    """Telescope, relay, filter and decoder of the receiver."""
    return rays.per_sample(lambda ends: ends.site.receiver.optics_loss_db)


def coupling_db(rays: Rays) -> FloatArray:
    """Into the fibre or through the field stop: as given, or that of a flat wave."""

    def loss_db(ends: Hardware) -> float:
        given_db = ends.site.receiver.coupling_loss_db
        if given_db is not None:
            return given_db
        return float(db_from_frac(COUPLINGS[ends.site.receiver.coupling].flat_wave_frac(ends)))

    return rays.per_sample(loss_db)


def detector_db(rays: Rays) -> FloatArray:
    """Photons that reach the detector and make no click."""
    return db_from_frac(rays.per_sample(lambda ends: ends.site.receiver.detector.efficiency_frac))


def calibration_db(rays: Rays) -> FloatArray:
    """What logged passes add at a calibrated site; the one term that a fit may make negative."""
    return (
        rays.per_sample(lambda ends: ends.site.calibration.offset_db)
        + rays.per_sample(lambda ends: ends.site.calibration.extinction_per_airmass_db) * rays.sight.airmass
    )


LOSS_TERMS: Mapping[str, LossTerm] = MappingProxyType(
    {
        "geometry": geometry_db,
        "pointing": pointing_db,
        "extinction": extinction_db,
        "turbulence": turbulence_db,
        "optics": optics_db,
        "coupling": coupling_db,
        "detector": detector_db,
        "calibration": calibration_db,
    }
)
