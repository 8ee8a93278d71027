"""Backups against a direct count over drawn skies, and the rules by which a contact is fit to be one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from eagleplan.model import Contact, Detector, KeyYield, Receiver, Site
from eagleplan.weather.backups import backups, p_clear_if_clouded
from eagleplan.weather.cloud_scenarios import clear_skies, distances_km

KEY = KeyYield(
    secret_bits=1000,
    sifted_bits=1e6,
    qber_frac=0.02,
    phase_error_frac=0.03,
    leaked_bits=1e5,
    plob_bits=1e7,
    protocol="bb84-one-decoy",
    statistics="test",
)
FIRST = Contact(
    contact_id="first",
    pass_id="first",
    satellite_id="eagle1",
    site_id="munich",
    start_s=1000,
    end_s=1300,
    max_elevation_deg=60.0,
    mean_loss_db=30.0,
    min_loss_db=28.0,
    p_clear=0.45,
    p_clear_origin="test",
    key=KEY,
    expected_bits=450,
    usable_s=1300,
)


def other(contact_id: str, site_id: str, **changes: object) -> Contact:
    """A contact that begins when the terminal has turned to it."""
    changes = {"start_s": 1060} | changes
    return replace(FIRST, contact_id=contact_id, pass_id=contact_id, site_id=site_id, **changes)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def sites() -> list[Site]:
    detector = Detector(
        efficiency_frac=0.8,
        dark_count_cps=100.0,
        n_detectors=4,
        gate_s=1e-9,
        dead_time_s=30e-9,
        p_afterpulse=0.0,
        misalignment_error_frac=0.01,
    )
    receiver = Receiver(
        receiver_id="bench",
        coupling="smf-ao",
        obscuration_frac=0.3,
        optics_loss_db=3.0,
        coupling_loss_db=4.0,
        background_per_detector_cps=200.0,
        detector=detector,
    )
    return [
        Site(
            site_id=site_id,
            name=site_id,
            country="XX",
            latitude_deg=latitude_deg,
            longitude_deg=longitude_deg,
            altitude_m=600.0,
            aperture_m=0.8,
            status="operational",
            time_zone="UTC",
            min_elevation_deg=20.0,
            max_sun_elevation_deg=-6.0,
            p_clear_zenith_annual=0.45,
            receiver=receiver,
        )
        for site_id, latitude_deg, longitude_deg in (
            ("munich", 48.1, 11.3),
            ("graz", 47.1, 15.5),
            ("matera", 40.6, 16.7),
            ("helmos", 38.0, 22.2),
        )
    ]


def test_chance_given_cloud_is_what_drawn_skies_count(sites: list[Site]) -> None:
    contact = other("graz", "graz", start_s=1100, end_s=1500, p_clear=0.6)
    clear = clear_skies([FIRST, contact], sites, n_skies=40_000, seed=2)
    counted = clear[~clear[:, 0], 1].mean()
    distance_km = float(distances_km(sites)[0, 1])
    p_clear = p_clear_if_clouded(FIRST, contact, distance_km=distance_km, correlation_length_km=350.0)
    assert p_clear == pytest.approx(counted, abs=4 * np.sqrt(0.25 / 22_000))
    assert p_clear < contact.p_clear


def test_a_sure_first_contact_says_nothing_of_another() -> None:
    sure = replace(FIRST, p_clear=1.0)
    assert p_clear_if_clouded(sure, other("x", "graz"), distance_km=10.0, correlation_length_km=350.0) == 0.45


def test_the_best_is_under_another_sky(sites: list[Site]) -> None:
    near = other("near", "graz", key=replace(KEY, secret_bits=9000))
    poor = other("poor", "matera", key=replace(KEY, secret_bits=1100))
    good = other("good", "helmos", key=replace(KEY, secret_bits=1200))
    (backup,) = backups([FIRST], [FIRST, near, poor, good], sites, changeover_s=60)
    assert (backup.contact_id, backup.backup.contact_id) == ("first", "good")
    assert backup.distance_km == pytest.approx(1427.99, rel=5e-3)
    (closer,) = backups([FIRST], [near, poor, good], sites, changeover_s=60, correlation_length_km=200.0)
    assert closer.backup.contact_id == "near"


def test_a_little_more_key_does_not_make_up_for_a_cloudier_sky(sites: list[Site]) -> None:
    # 40 % more key at the nearer station, but the sky that hides the first hides it more often.
    near = other("near", "graz", key=replace(KEY, secret_bits=1400), p_clear=0.45)
    far = other("far", "helmos", key=replace(KEY, secret_bits=1300), p_clear=0.45)
    (backup,) = backups([FIRST], [near, far], sites, changeover_s=60, correlation_length_km=330.0)
    assert backup.backup.contact_id == "far"


@pytest.mark.parametrize(
    "unfit",
    [
        other("other-satellite", "helmos", satellite_id="eagle2"),
        other("no-key", "helmos", key=replace(KEY, secret_bits=0)),
        other("before", "helmos", start_s=700, end_s=1000),
        other("begins-first", "helmos", start_s=900, end_s=1340),
        other("no-time-to-turn", "helmos", start_s=1059, end_s=1340),
        other("after", "helmos", start_s=1300, end_s=1600),
        other("too-near", "graz"),
        other("runs-into-the-next", "helmos", start_s=1100, end_s=1350),
        other("station-is-taken", "matera", start_s=1000, end_s=1200),
    ],
    ids=lambda contact: contact.contact_id,
)
def test_unfit_contacts_are_no_backup(unfit: Contact, sites: list[Site]) -> None:
    following = other("next", "munich", start_s=1400, end_s=1600)
    elsewhere = other("elsewhere", "matera", satellite_id="eagle2", start_s=1100, end_s=1200)
    chosen = [FIRST, following, elsewhere]
    assert [b for b in backups(chosen, [unfit], sites, changeover_s=60) if b.contact_id == "first"] == []
    fit = other("fit", "helmos", start_s=1100, end_s=1340)
    assert [
        b.backup.contact_id for b in backups(chosen, [unfit, fit], sites, changeover_s=60) if b.contact_id == "first"
    ]


def test_a_terminal_that_turns_slowly_needs_a_later_backup(sites: list[Site]) -> None:
    early = other("early", "helmos", key=replace(KEY, secret_bits=2000))
    late = other("late", "helmos", start_s=1090)
    slews = {("eagle1", "munich", 1300, "helmos"): 90}
    (backup,) = backups([FIRST], [early, late], sites, changeover_s=60, slews=slews)
    assert backup.backup.contact_id == "late"
    (backup,) = backups([FIRST], [early, late], sites, changeover_s=60)
    assert backup.backup.contact_id == "early"
    following = other("next", "munich", start_s=1400, end_s=1600)
    back = slews | {("eagle1", "helmos", 1300, "munich"): 101}
    assert [b.contact_id for b in backups([FIRST, following], [late], sites, changeover_s=60, slews=back)] == []
