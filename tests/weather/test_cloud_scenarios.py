"""Joint skies against the field's own law, closed forms, and an independent draw of three stations."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import ndtr

from eagleplan.model import Contact, Detector, KeyYield, Receiver, Site
from eagleplan.weather import cloud_scenarios
from eagleplan.weather.cloud_scenarios import (
    clear_skies,
    correlation_in_time,
    distances_km,
    latent_field,
    looks_of_passes,
    p_both_clear,
    realised_bits,
)

REFERENCE = Path(__file__).parents[1] / "reference"
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


def site(site_id: str, latitude_deg: float, longitude_deg: float) -> Site:
    return Site(
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
        receiver=RECEIVER,
    )


def contact(site_id: str, start_s: int, p_clear: float, *, pass_id: str = "", duration_s: int = 60) -> Contact:
    pass_id = pass_id or f"{site_id}-{start_s}"
    return Contact(
        contact_id=f"{pass_id}-{start_s}-{duration_s}",
        pass_id=pass_id,
        satellite_id="eagle1",
        site_id=site_id,
        start_s=start_s,
        end_s=start_s + duration_s,
        max_elevation_deg=60.0,
        mean_loss_db=30.0,
        min_loss_db=28.0,
        p_clear=p_clear,
        p_clear_origin="test",
        key=KeyYield(
            secret_bits=1000 + start_s,
            sifted_bits=1e6,
            qber_frac=0.02,
            phase_error_frac=0.03,
            leaked_bits=1e5,
            plob_bits=1e7,
            protocol="bb84-one-decoy",
            statistics="test",
        ),
        expected_bits=math.floor(p_clear * (1000 + start_s)),
        usable_s=start_s + duration_s,
    )


def week(n_sites: int, *, days: int = 7) -> tuple[list[Contact], list[Site]]:
    """Four passes a night over each of `n_sites` stations on a line of meridians."""
    sites = [site(f"s{n:02d}", 35.0 + n, 3.0 * n) for n in range(n_sites)]
    probabilities = np.linspace(0.15, 0.85, n_sites)
    contacts = [
        contact(f"s{n:02d}", day * 86400 + number * 5700 + 30 * n, float(probabilities[n]))
        for day in range(days)
        for number in range(4)
        for n in range(n_sites)
    ]
    return contacts, sites


def test_each_contact_is_clear_as_often_as_its_probability_says() -> None:
    contacts, sites = week(8)
    clear = clear_skies(contacts, sites, n_skies=4000, seed=3)
    p_clear = np.array([contact.p_clear for contact in contacts])
    error = np.sqrt(p_clear * (1 - p_clear) / 4000)
    deviation = (clear.mean(axis=0) - p_clear) / error
    assert np.abs(deviation).max() < 4.5
    # Columns are correlated, so the mean of squares is not as sharp as 224 independent ones would make it.
    assert 0.5 < np.mean(deviation**2) < 1.7


@pytest.mark.parametrize(("lag_s", "expected"), [(360, 0.79), (3600, 0.54), (6 * 3600, 0.34), (12 * 3600, 0.21)])
def test_correlation_of_clear_and_cloudy_over_time(lag_s: int, expected: float) -> None:
    n_skies = 20_000
    contacts = [contact("a", 0, 0.5), contact("a", lag_s, 0.5)]
    clear = clear_skies(contacts, [site("a", 48.0, 11.0)], n_skies=n_skies, seed=7)
    assert np.corrcoef(clear.T)[0, 1] == pytest.approx(expected, abs=0.03)
    # For two medians the indicator's correlation is (2/π) arcsin of the field's (Sheppard 1899).
    assert 2 / math.pi * math.asin(correlation_in_time(lag_s)) == pytest.approx(expected, abs=0.006)


def three_stations() -> tuple[list[Site], list[float]]:
    with (REFERENCE / "site_priors_three.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    sites = [site(row["site"], float(row["latitude_deg"]), float(row["longitude_deg"])) for row in rows]
    return sites, [float(row["p_clear_zenith"]) for row in rows]


@pytest.mark.parametrize(
    ("correlation_length_km", "expected"), [(1e-3, 0.826), (200.0, 0.805), (350.0, 0.772), (600.0, 0.726)]
)
def test_any_of_three_stations_clear(correlation_length_km: float, expected: float) -> None:
    sites, p_clear = three_stations()
    contacts = [contact(site.site_id, 0, p) for site, p in zip(sites, p_clear, strict=True)]
    clear = clear_skies(contacts, sites, n_skies=20_000, seed=11, correlation_length_km=correlation_length_km)
    assert clear.any(axis=1).mean() == pytest.approx(expected, abs=0.02)


def test_great_circles_are_as_long_as_geodesics() -> None:
    # WGS84 geodesics by geographiclib 2.1 (Karney 2013, J. Geod. 87:43); a sphere is good to half a percent.
    sites, _ = three_stations()
    distance = distances_km(sites)
    assert distance[0, 1] == pytest.approx(658.600, rel=5e-3)
    assert distance[0, 2] == pytest.approx(336.651, rel=5e-3)
    assert distance[1, 2] == pytest.approx(972.719, rel=5e-3)
    assert np.array_equal(distance, distance.T)


def test_the_field_has_the_law_it_claims() -> None:
    contacts, sites = week(4, days=2)
    looks, _ = looks_of_passes(contacts, sites)
    field = latent_field(looks, sites, n_skies=40_000, seed=5, correlation_length_km=350.0)
    expected = np.exp(-distances_km(sites) / 350.0)[np.ix_(looks.site, looks.site)] * correlation_in_time(
        looks.at_s[:, None] - looks.at_s
    )
    assert np.abs(np.corrcoef(field.T) - expected).max() < 5 / math.sqrt(40_000)


def test_a_long_horizon_drawn_in_pieces_has_the_same_law(monkeypatch: pytest.MonkeyPatch) -> None:
    contacts, sites = week(3, days=6)
    looks, _ = looks_of_passes(contacts, sites)
    for name, looks_of_piece in (("AT_ONCE", 50), ("PIECE", 15), ("MEMORY", 25)):
        monkeypatch.setattr(cloud_scenarios, name, looks_of_piece)
    field = latent_field(looks, sites, n_skies=40_000, seed=5, correlation_length_km=350.0)
    expected = np.exp(-distances_km(sites) / 350.0)[np.ix_(looks.site, looks.site)] * correlation_in_time(
        looks.at_s[:, None] - looks.at_s
    )
    assert np.abs(np.corrcoef(field.T) - expected).max() < 5 / math.sqrt(40_000) + 0.01


def test_parts_of_a_pass_share_its_sky() -> None:
    parts = [contact("a", 0, 0.3, pass_id="one"), contact("a", 60, 0.6, pass_id="one")]
    others = [contact("a", 200, 0.6, pass_id="two")]
    clear = clear_skies([*parts, *others], [site("a", 48.0, 11.0)], n_skies=5000, seed=1)
    assert np.all(clear[:, 1] >= clear[:, 0])
    assert (clear[:, 1] != clear[:, 2]).any()


def test_two_satellites_over_one_station_at_once_see_one_sky() -> None:
    both = [contact("a", 0, 0.5, pass_id="one"), contact("a", 0, 0.5, pass_id="two")]
    clear = clear_skies(both, [site("a", 48.0, 11.0)], n_skies=2000, seed=1)
    assert np.array_equal(clear[:, 0], clear[:, 1])


def test_members_of_an_ensemble_are_taken_in_turn() -> None:
    contacts = [contact("a", 0, 0.5), contact("b", 0, 0.5)]
    sites = [site("a", 48.0, 11.0), site("b", 40.0, 1.0)]
    members = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.5]])
    clear = clear_skies(contacts, sites, n_skies=3000, seed=1, p_clear_of_member=members)
    assert np.all(clear[0::3] == [True, False])
    assert np.all(clear[1::3] == [False, True])
    assert np.all(clear[2::3, 0])
    assert clear[2::3, 1].mean() == pytest.approx(0.5, abs=0.07)


def test_certainties_stay_certain_and_key_comes_with_a_clear_sky() -> None:
    contacts = [contact("a", 0, 1.0), contact("a", 100, 0.0), contact("a", 5000, 0.5)]
    clear = clear_skies(contacts, [site("a", 48.0, 11.0)], n_skies=500, seed=1)
    assert clear[:, 0].all()
    assert not clear[:, 1].any()
    bits = realised_bits(contacts, clear)
    assert set(bits[:, 2]) == {0, 6000}
    assert np.array_equal(bits[:, 2] > 0, clear[:, 2])


def test_the_same_seed_gives_the_same_skies() -> None:
    contacts, sites = week(3)
    once = clear_skies(contacts, sites, n_skies=50, seed=9)
    assert np.array_equal(once, clear_skies(contacts, sites, n_skies=50, seed=9))
    assert not np.array_equal(once, clear_skies(contacts, sites, n_skies=50, seed=10))


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.8, 0.99])
@pytest.mark.parametrize(("p_a", "p_b"), [(0.4, 0.7), (0.1, 0.2), (0.5, 0.5)])
def test_chance_of_two_clear_skies_equals_the_integral(p_a: float, p_b: float, correlation: float) -> None:
    a, b = cloud_scenarios.normal_quantile([p_a, p_b])

    def inner(x: float) -> float:
        given_x = float(ndtr((b - correlation * x) / math.sqrt(1 - correlation**2)))
        return math.exp(-x * x / 2) / math.sqrt(2 * math.pi) * given_x

    expected, _ = quad(inner, -10.0, float(a), epsabs=1e-11)
    assert p_both_clear(p_a, p_b, correlation) == pytest.approx(expected, abs=1e-8)


def test_chance_of_two_clear_skies_at_the_ends() -> None:
    assert p_both_clear(0.4, 0.7, 1.0) == pytest.approx(0.4, abs=1e-6)
    assert p_both_clear(1.0, 0.7, 0.5) == pytest.approx(0.7)
    assert p_both_clear(0.0, 0.7, 0.5) == 0.0
    with pytest.raises(ValueError, match="correlation"):
        p_both_clear(0.4, 0.7, -0.1)


@pytest.mark.parametrize(("n_skies", "length_km"), [(0, 350.0), (10, 0.0)])
def test_refuses_nonsense(n_skies: int, length_km: float) -> None:
    with pytest.raises(ValueError, match="must be positive"):
        clear_skies(
            [contact("a", 0, 0.5)],
            [site("a", 48.0, 11.0)],
            n_skies=n_skies,
            seed=1,
            correlation_length_km=length_km,
        )
