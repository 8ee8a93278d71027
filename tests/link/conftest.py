"""A link to take apart: parts with sensible figures, each of which a test may replace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from eagleplan.link import LinkWindow
from eagleplan.model import Detector, Profile, Receiver, Site, Terminal
from eagleplan.units import FloatArray

EARTH_RADIUS_KM = 6371.0


def slant_range_km(elevation_deg: FloatArray, altitude_km: float = 500.0) -> FloatArray:
    up = EARTH_RADIUS_KM * np.sin(np.deg2rad(elevation_deg))
    return np.sqrt(up**2 + 2.0 * EARTH_RADIUS_KM * altitude_km + altitude_km**2) - up


DETECTOR = Detector(
    efficiency_frac=0.8,
    dark_count_cps=100.0,
    n_detectors=4,
    gate_s=1e-9,
    dead_time_s=30e-9,
    p_afterpulse=0.0,
    misalignment_error_frac=0.01,
)
RECEIVER = Receiver(
    receiver_id="bench",
    coupling="smf-ao",
    obscuration_frac=0.3,
    optics_loss_db=3.0,
    coupling_loss_db=4.0,
    background_per_detector_cps=200.0,
    detector=DETECTOR,
)
SITE = Site(
    site_id="de-bench",
    name="Bench",
    country="DE",
    latitude_deg=48.0,
    longitude_deg=11.0,
    altitude_m=600.0,
    aperture_m=0.8,
    status="operational",
    time_zone="Europe/Berlin",
    min_elevation_deg=20.0,
    max_sun_elevation_deg=-6.0,
    p_clear_zenith_annual=0.45,
    receiver=RECEIVER,
)
TERMINAL = Terminal(wavelength_nm=1550.0, aperture_m=0.08, m2=1.2, pointing_jitter_urad=1.5)

MakeWindow = Callable[..., LinkWindow]


@pytest.fixture
def make_window() -> MakeWindow:
    """A window over the bench site, with any field of site, receiver, detector or terminal replaced."""

    def make(
        elevation_deg: FloatArray | tuple[float, ...] = (20.0, 45.0, 90.0),
        *,
        range_km: FloatArray | None = None,
        sight: dict[str, float] | None = None,
        site: dict[str, object] | None = None,
        receiver: dict[str, object] | None = None,
        detector: dict[str, object] | None = None,
        terminal: dict[str, object] | None = None,
    ) -> LinkWindow:
        elevation = np.asarray(elevation_deg, dtype=np.float64)
        sky = {
            "sun_elevation_deg": -40.0,
            "sun_separation_deg": 90.0,
            "moon_elevation_deg": -30.0,
            "moon_separation_deg": 90.0,
            "moon_phase_angle_deg": 90.0,
            "sunlit_frac": 0.0,
            "range_rate_km_s": 3.0,
            **(sight or {}),
        }
        profile = Profile(
            t_s=np.arange(elevation.size) + 0.5,
            azimuth_deg=np.zeros_like(elevation),
            elevation_deg=elevation,
            apparent_elevation_deg=elevation,
            range_km=slant_range_km(elevation) if range_km is None else np.asarray(range_km),
            **{name: np.full_like(elevation, value) for name, value in sky.items()},
        )
        parts = replace(RECEIVER, detector=replace(DETECTOR, **(detector or {})), **(receiver or {}))
        return LinkWindow(
            profile=profile,
            site=replace(SITE, receiver=parts, **(site or {})),
            terminal=replace(TERMINAL, **(terminal or {})),
        )

    return make
