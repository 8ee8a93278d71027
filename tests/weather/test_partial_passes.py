"""Cloud within a pass: how often, and what is left of the key."""

from __future__ import annotations

import math

import numpy as np
import pytest

from eagleplan.model import Contact, Detector, KeyYield, Receiver, Site
from eagleplan.weather.cloud_scenarios import BoolArray, IntArray, correlation_in_time
from eagleplan.weather.partial_passes import clear_steps, partial_bits

SITE = Site(
    site_id="a",
    name="a",
    country="XX",
    latitude_deg=48.0,
    longitude_deg=11.0,
    altitude_m=600.0,
    aperture_m=0.8,
    status="operational",
    time_zone="UTC",
    min_elevation_deg=20.0,
    max_sun_elevation_deg=-6.0,
    p_clear_zenith_annual=0.45,
    receiver=Receiver(
        receiver_id="bench",
        coupling="smf-ao",
        obscuration_frac=0.3,
        optics_loss_db=3.0,
        coupling_loss_db=4.0,
        background_per_detector_cps=200.0,
        detector=Detector(
            efficiency_frac=0.8,
            dark_count_cps=100.0,
            n_detectors=4,
            gate_s=1e-9,
            dead_time_s=30e-9,
            p_afterpulse=0.0,
            misalignment_error_frac=0.01,
        ),
    ),
)


def contact(start_s: int, duration_s: int, p_clear: float) -> Contact:
    return Contact(
        contact_id=f"a-{start_s}-{duration_s}",
        pass_id="a",
        satellite_id="eagle1",
        site_id="a",
        start_s=start_s,
        end_s=start_s + duration_s,
        max_elevation_deg=60.0,
        mean_loss_db=30.0,
        min_loss_db=28.0,
        p_clear=p_clear,
        p_clear_origin="test",
        key=KeyYield(
            secret_bits=100 * duration_s,
            sifted_bits=1e6,
            qber_frac=0.02,
            phase_error_frac=0.03,
            leaked_bits=1e5,
            plob_bits=1e7,
            protocol="bb84-one-decoy",
            statistics="test",
        ),
        expected_bits=math.floor(p_clear * 100 * duration_s),
        usable_s=start_s + duration_s,
    )


def test_steps_are_clear_as_often_as_the_contact_and_turn_as_often_as_the_field_says() -> None:
    this = contact(30, 240, 0.5)
    (clear,) = clear_steps([this], [SITE], n_skies=20_000, seed=1)
    assert clear.shape == (20_000, 5)
    assert clear.mean(axis=0) == pytest.approx(np.full(5, 0.5), abs=0.015)
    turned = (clear[:, 0] != clear[:, -1]).mean()
    # Two signs of one Gaussian pair differ with probability arccos(r)/π (Sheppard 1899).
    assert turned == pytest.approx(math.acos(correlation_in_time(240.0)) / math.pi, abs=0.01)


def test_key_of_clear_seconds_is_asked_for_once_each() -> None:
    this = contact(30, 150, 0.5)
    asked: list[BoolArray] = []

    def key_of(index: int, clear: BoolArray) -> IntArray:
        asked.append(clear)
        return 100 * clear.sum(axis=1)

    steps = (np.array([[True, True, True], [True, False, False], [False, False, False], [True, False, False]]),)
    # Steps of the clock: 30 s of the first minute, then 60 s, then 60 s.
    assert partial_bits([this], steps, key_of).ravel().tolist() == [15_000, 3_000, 0, 3_000]
    assert [clear.shape for clear in asked] == [(2, 150)]


def test_additive_key_keeps_its_mean_and_finite_key_loses() -> None:
    this = contact(0, 300, 0.4)
    clear = clear_steps([this], [SITE], n_skies=20_000, seed=2)
    additive = partial_bits([this], clear, lambda _, seconds: 100 * seconds.sum(axis=1))
    finite = partial_bits([this], clear, lambda _, seconds: np.maximum(0, 200 * seconds.sum(axis=1) - 30_000))
    assert additive.mean() == pytest.approx(0.4 * 30_000, rel=0.03)
    assert finite.max() == additive.max() == 30_000
    assert finite.mean() < additive.mean()
