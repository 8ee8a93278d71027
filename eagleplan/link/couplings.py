"""What the telescope's light is coupled into: a field stop, a fibre, a fibre behind adaptive optics.

A new kind of receiver is one subclass here and one line in `COUPLINGS`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from types import MappingProxyType

import numpy as np

from eagleplan.link import fibre, field_stop
from eagleplan.link.adaptive_optics import CorrectedSight, corrected_sight
from eagleplan.link.rays import Hardware, Sight
from eagleplan.link.turbulence import fried_radius_m, turbulence_over
from eagleplan.units import EARTH_EQUATORIAL_RADIUS_KM, FloatArray

_EARTH_GM_KM3_S2 = 398_600.4418
"""Geocentric gravitational constant (WGS84)."""

Check = tuple[str, float | None, bool, str]
"""(key of the part of the link that it belongs to, value or None where it is missing, whether it will do, what it
must be).
"""


def slew_rad_s(sight: Sight, altitude_m: float) -> FloatArray:
    """Rate at which the sight turns, for a circular orbit; the Earth's spin is left out (5 %)."""
    site_km = EARTH_EQUATORIAL_RADIUS_KM + 1e-3 * altitude_m
    height_km = site_km * np.sin(np.deg2rad(sight.apparent_elevation_deg))
    radius_km = np.sqrt(site_km**2 + sight.range_km**2 + 2.0 * sight.range_km * height_km)
    across_km2_s2 = _EARTH_GM_KM3_S2 / radius_km - sight.range_rate_km_s**2
    return np.sqrt(np.maximum(across_km2_s2, 0.0)) / sight.range_km


class Coupling(ABC):
    """A kind of receiver: coupling of a flat wave, what turbulence leaves of it, and how much sky it sees."""

    @abstractmethod
    def checks(self, ends: Hardware) -> Iterator[Check]:
        """What must hold before the coupling can be computed."""

    @abstractmethod
    def sky_checks(self, ends: Hardware) -> Iterator[Check]:
        """What must hold before the sky's light can be computed."""

    @abstractmethod
    def flat_wave_frac(self, ends: Hardware) -> float:
        """Coupling without turbulence."""

    @abstractmethod
    def turbulent_mean_frac(self, ends: Hardware, sight: Sight) -> FloatArray:
        """Mean coupling over that of a flat wave."""

    @abstractmethod
    def turbulent_quantile_frac(self, ends: Hardware, sight: Sight, p_below: float) -> FloatArray:
        """Coupling over that of a flat wave that is undercut for a share `p_below` of the time."""

    @abstractmethod
    def etendue_m2_sr(self, ends: Hardware) -> float:
        """Area times solid angle that the receiver collects the sky from."""


def _fried_radius_m(ends: Hardware, sight: Sight) -> FloatArray:
    over = turbulence_over(ends.site.air, ends.site.altitude_m)
    return fried_radius_m(over, wavelength_nm=ends.terminal.wavelength_nm, airmass=sight.airmass)


class FieldStop(Coupling):
    """A stop in the focal plane before free-space detectors."""

    def checks(self, ends: Hardware) -> Iterator[Check]:
        field_urad = ends.site.receiver.field_of_view_full_angle_urad
        if field_urad is None:
            yield "field_of_view_full_angle_urad", None, False, "is missing, and a field stop needs it"
        else:
            yield "field_of_view_full_angle_urad", field_urad, field_urad > 0.0, "must be > 0 for a field stop"

    sky_checks = checks

    def _field_urad(self, ends: Hardware) -> float:
        field_urad = ends.site.receiver.field_of_view_full_angle_urad
        if field_urad is None:
            raise ValueError("field_of_view_full_angle_urad must be given for a field stop")
        return field_urad

    def flat_wave_frac(self, ends: Hardware) -> float:
        return field_stop.diffraction_encircled_frac(
            field_full_angle_urad=self._field_urad(ends),
            aperture_m=ends.site.aperture_m,
            obscuration_frac=ends.site.receiver.obscuration_frac,
            wavelength_nm=ends.terminal.wavelength_nm,
        )

    def turbulent_mean_frac(self, ends: Hardware, sight: Sight) -> FloatArray:
        return field_stop.seeing_encircled_frac(
            field_full_angle_urad=self._field_urad(ends),
            fried_radius_m=_fried_radius_m(ends, sight),
            wavelength_nm=ends.terminal.wavelength_nm,
        )

    def turbulent_quantile_frac(self, ends: Hardware, sight: Sight, p_below: float) -> FloatArray:
        """The blurred spot's centre is steady beside the stop: its mean stands for its quantile."""
        return self.turbulent_mean_frac(ends, sight)

    def etendue_m2_sr(self, ends: Hardware) -> float:
        clear = 1.0 - ends.site.receiver.obscuration_frac**2
        area_m2 = 0.25 * np.pi * ends.site.aperture_m**2 * clear
        return float(area_m2 * 0.25 * np.pi * (1e-6 * self._field_urad(ends)) ** 2)


class Fibre(Coupling):
    """A single-mode fibre at the telescope's focus, tilt uncorrected."""

    def checks(self, ends: Hardware) -> Iterator[Check]:
        return iter(())

    def sky_checks(self, ends: Hardware) -> Iterator[Check]:
        return iter(())

    def flat_wave_frac(self, ends: Hardware) -> float:
        return fibre.best_mode(ends.site.receiver.obscuration_frac).efficiency_frac

    def turbulent_mean_frac(self, ends: Hardware, sight: Sight) -> FloatArray:
        return fibre.mean_without_correction_frac(
            aperture_over_r0=ends.site.aperture_m / _fried_radius_m(ends, sight),
            obscuration_frac=ends.site.receiver.obscuration_frac,
        )

    def turbulent_quantile_frac(self, ends: Hardware, sight: Sight, p_below: float) -> FloatArray:
        mean = self.turbulent_mean_frac(ends, sight)
        # Without correction the light at the fibre is speckle: negative exponential.
        return mean * float(-np.log1p(-p_below))

    def etendue_m2_sr(self, ends: Hardware) -> float:
        """One spatial mode, λ², whatever the telescope (Siegman, Applied Optics 5:1588 (1966))."""
        return (1e-9 * ends.terminal.wavelength_nm) ** 2


class CorrectedFibre(Fibre):
    """A single-mode fibre behind adaptive optics."""

    def checks(self, ends: Hardware) -> Iterator[Check]:
        optics, site = ends.site.receiver.adaptive_optics, ends.site
        missing = "is missing, and the coupling behind adaptive optics follows from it; or give coupling_loss_db"
        pitch_m, delay_s = optics.actuator_pitch_m, optics.delay_s
        key = "adaptive_optics.actuator_pitch_m"
        if pitch_m is None:
            yield key, None, False, missing
        else:
            most = f"must be above 0 and at most the telescope's aperture, {site.aperture_m:g} m"
            yield key, pitch_m, 0.0 < pitch_m <= site.aperture_m, most
        key = "adaptive_optics.delay_s"
        if delay_s is None:
            yield key, None, False, missing
        else:
            yield key, delay_s, delay_s >= 0.0, "must be >= 0"
        tilt_urad, static_nm = optics.residual_tilt_urad, optics.static_wavefront_error_nm
        yield "adaptive_optics.residual_tilt_urad", tilt_urad, tilt_urad >= 0.0, "must be >= 0"
        if static_nm is not None:
            yield "adaptive_optics.static_wavefront_error_nm", static_nm, static_nm >= 0.0, "must be >= 0"

    def _corrected(self, ends: Hardware, sight: Sight) -> CorrectedSight:
        optics = ends.site.receiver.adaptive_optics
        if optics.actuator_pitch_m is None or optics.delay_s is None:
            raise ValueError("actuator_pitch_m and delay_s must be given for adaptive optics")
        over = turbulence_over(ends.site.air, ends.site.altitude_m)
        r0_m = fried_radius_m(over, wavelength_nm=ends.terminal.wavelength_nm, airmass=np.ones(1))
        return corrected_sight(
            over,
            fried_radius_zenith_m=float(r0_m[0]),
            aperture_m=ends.site.aperture_m,
            obscuration_frac=ends.site.receiver.obscuration_frac,
            pitch_m=optics.actuator_pitch_m,
            delay_s=optics.delay_s,
            airmass=sight.airmass,
            slew_rad_s=slew_rad_s(sight, ends.site.altitude_m),
        )

    def _own_tilt_rad2(self, ends: Hardware) -> float:
        return fibre.tilt_variance_rad2(
            tilt_urad=ends.site.receiver.adaptive_optics.residual_tilt_urad,
            aperture_m=ends.site.aperture_m,
            wavelength_nm=ends.terminal.wavelength_nm,
        )

    def _static_rad2(self, ends: Hardware) -> float:
        static_nm = ends.site.receiver.adaptive_optics.static_wavefront_error_nm or 0.0
        return float((2.0 * np.pi * static_nm / ends.terminal.wavelength_nm) ** 2)

    def turbulent_mean_frac(self, ends: Hardware, sight: Sight) -> FloatArray:
        own = fibre.tilt_mean_frac(self._own_tilt_rad2(ends)) * float(np.exp(-self._static_rad2(ends)))
        return self._corrected(ends, sight).mean_frac * own

    def turbulent_quantile_frac(self, ends: Hardware, sight: Sight, p_below: float) -> FloatArray:
        left = self._corrected(ends, sight)
        r0_m = _fried_radius_m(ends, sight)
        pitch_m = ends.site.receiver.adaptive_optics.actuator_pitch_m or ends.site.aperture_m
        own_tilt_rad2 = self._own_tilt_rad2(ends)
        fade = fibre.together(
            [
                fibre.tilt_fade_frac(left.tilt_rad2 + own_tilt_rad2, p_below=p_below),
                fibre.speckle_fade_frac(
                    fine_rad2=left.fine_rad2 + self._static_rad2(ends),
                    aperture_over_grain=ends.site.aperture_m / np.minimum(pitch_m, r0_m),
                    p_below=p_below,
                ),
            ]
        )
        # Where the loop has lost the wavefront the light at the fibre is speckle: turbulence cannot fade deeper.
        lost = -np.log1p(-p_below) * fibre.tilt_fade_frac(np.asarray(own_tilt_rad2), p_below=p_below)
        deepest = np.asarray(np.maximum(fade, lost), dtype=np.float64)
        return self.turbulent_mean_frac(ends, sight) * deepest


COUPLINGS: Mapping[str, Coupling] = MappingProxyType(
    {"field-stop": FieldStop(), "smf": Fibre(), "smf-ao": CorrectedFibre()}
)
"""`Receiver.coupling` → how it is computed."""
