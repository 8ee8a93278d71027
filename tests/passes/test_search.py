"""Passes without a scenario: a week against published rows, elements in every shape, bad input."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eagleplan.errors import InputError
from eagleplan.model import MeanElements
from eagleplan.orbit import keplerian_elements
from eagleplan.passes import search

GRAZ = {"latitude_deg": 47.07, "longitude_deg": 15.49, "altitude_m": 490.0}


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    path = Path(__file__).parent.parent / "reference" / "passes_sso_30sites_7days.json"
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def week(reference: dict[str, Any]) -> dict[str, Any]:
    start = datetime.fromisoformat(reference["start_utc"])
    return {"sites": reference["sites"], "start_utc": start, "end_utc": start + timedelta(days=reference["days"])}


def test_every_pass_of_the_reference_week(reference: dict[str, Any], week: dict[str, Any]) -> None:
    """920 passes over 30 sites, found by a dense search; its rows are rounded to 10 µs and 1e-6°."""
    rows = np.array(search(reference["elements"], min_elevation_deg=reference["min_elevation_deg"], **week))
    wanted = np.array(reference["passes"])
    assert rows.shape == wanted.shape == (920, 6)
    assert (rows[:, :2] == wanted[:, :2]).all()
    assert np.abs(rows[:, 2:5] - wanted[:, 2:5]).max() < 2e-5
    assert np.abs(rows[:, 5] - wanted[:, 5]).max() < 1e-6


def test_an_omm_is_worth_its_tle(reference: dict[str, Any], week: dict[str, Any]) -> None:
    omm = {
        "OBJECT_NAME": "EAGLE", "OBJECT_ID": "2026-001A", "EPOCH": "2026-05-31T12:00:00.000000",
        "MEAN_MOTION": 14.89339540, "ECCENTRICITY": 0.001, "INCLINATION": 97.79, "RA_OF_ASC_NODE": 100.0,
        "ARG_OF_PERICENTER": 90.0, "MEAN_ANOMALY": 0.0, "BSTAR": 0.00002, "MEAN_MOTION_DOT": 0.0,
        "MEAN_MOTION_DDOT": 0.0, "NORAD_CAT_ID": 799501299, "ELEMENT_SET_NO": 1, "REV_AT_EPOCH": 1,
        "CLASSIFICATION_TYPE": "U", "EPHEMERIS_TYPE": 0,
    }  # fmt: skip
    from_tle, from_omm = (search([source], **week) for source in (reference["elements"][0], omm))
    assert len(from_omm) == 920
    assert np.array(from_omm) == pytest.approx(np.array(from_tle), abs=1e-6)


def test_satellites_and_sites_are_told_apart(orbits: dict[str, MeanElements], start_utc: datetime) -> None:
    chosen = [orbits["500 km SSO"], orbits["1500 km"]]
    sites = [GRAZ, GRAZ | {"latitude_deg": -33.0}]
    end_utc = start_utc + timedelta(days=1)
    together = search(chosen, sites, start_utc, end_utc, 20.0)
    apart = []
    for i, orbit in enumerate(chosen):
        for j, site in enumerate(sites):
            apart += [(i, j, *row[2:]) for row in search([orbit], [site], start_utc, end_utc, 20.0)]
    assert len(together) == len(apart) > 10
    assert np.array(together, dtype=float) == pytest.approx(np.array(apart, dtype=float), abs=1e-9)
    assert together == sorted(together, key=lambda row: (*row[:2], row[3]))


def test_cut_passes_are_kept_and_marked(sso: MeanElements, start_utc: datetime) -> None:
    end_utc = start_utc + timedelta(days=1)
    (_, _, rise_s, culmination_s, set_s, highest_deg), *_ = search([sso], [GRAZ], start_utc, end_utc, 20.0)
    assert rise_s is not None
    assert set_s is not None
    spans = [(culmination_s - 20.0, set_s + 9.0), (0.0, culmination_s - 10.0), (rise_s + 5.0, rise_s + 9.0)]
    for first_s, last_s in spans:
        (row,) = search(
            [sso], [GRAZ], start_utc + timedelta(seconds=first_s), start_utc + timedelta(seconds=last_s), 20.0
        )
        starts_inside, ends_inside = first_s < rise_s, set_s < last_s
        assert (row[2] is not None) == starts_inside
        assert (row[4] is not None) == ends_inside
        if starts_inside:
            assert row[2] == pytest.approx(rise_s - first_s, abs=1e-5)
        if first_s < culmination_s < last_s:
            assert row[3] == pytest.approx(culmination_s - first_s, abs=1e-4)
            assert row[5] == pytest.approx(highest_deg, abs=1e-7)
        else:
            # Still climbing where the span ends: its end is the highest point.
            assert row[3] == pytest.approx(last_s - first_s, abs=2e-6)
            assert row[5] < highest_deg


def test_never_set_and_never_risen(orbits: dict[str, MeanElements], start_utc: datetime) -> None:
    below = {"latitude_deg": 0.0, "longitude_deg": 11.0, "altitude_m": 0.0}
    far = {"latitude_deg": 0.0, "longitude_deg": -169.0, "altitude_m": 0.0}
    rows = search([orbits["GEO"]], [below, far], start_utc, start_utc + timedelta(days=3), 10.0)
    ((satellite, site, rise_s, culmination_s, set_s, highest_deg),) = rows
    assert (satellite, site, rise_s, set_s) == (0, 0, None, None)
    assert 0.0 <= culmination_s <= 3 * 86_400.0
    assert highest_deg > 80.0


def test_spans_shorter_than_a_step(sso: MeanElements, start_utc: datetime) -> None:
    (first, *_) = search([sso], [GRAZ], start_utc, start_utc + timedelta(days=1), 20.0)
    during = start_utc + timedelta(seconds=first[3])
    ((_, _, rise_s, culmination_s, set_s, _),) = search(
        [sso], [GRAZ], during - timedelta(seconds=1), during + timedelta(seconds=2), 20.0
    )
    assert rise_s is None
    assert set_s is None
    assert culmination_s == pytest.approx(1.0, abs=1e-3)


def test_local_clocks_do_not_matter(sso: MeanElements, start_utc: datetime) -> None:
    from zoneinfo import ZoneInfo

    local = start_utc.astimezone(ZoneInfo("Asia/Tokyo"))
    in_utc = search([sso], [GRAZ], start_utc, start_utc + timedelta(days=1))
    assert search([sso], [GRAZ], local, local + timedelta(days=1)) == in_utc


def test_all_that_is_wrong_is_said_at_once(reference: dict[str, Any], start_utc: datetime) -> None:
    line1, line2 = reference["elements"][0]
    broken = (line1[:-1] + "0", line2)
    with pytest.raises(InputError) as caught:
        search([broken, {"OBJECT_NAME": "X"}, broken], [GRAZ], start_utc, start_utc + timedelta(days=1))
    assert {problem.path for problem in caught.value.problems} == {"elements[0]", "elements[1]", "elements[2]"}
    with pytest.raises(InputError) as caught:
        search([], [GRAZ | {"latitude_deg": 520.0}, {"latitude_deg": 1.0}], start_utc, start_utc + timedelta(days=1))
    assert [str(problem) for problem in caught.value.problems] == [
        "sites[0]: latitude_deg: must be from -90 to 90 (got 520.0)",
        "sites[1]: longitude_deg: is required",
        "sites[1]: altitude_m: is required",
    ]
    with pytest.raises(InputError, match="must be after start_utc"):
        search([], [GRAZ], start_utc, start_utc)
    with pytest.raises(InputError, match=r"sites\[0\]: latitude_deg: must be from -90 to 90 \(got 47\.1\)"):
        search([], [GRAZ | {"latitude_deg": "47.1"}], start_utc, start_utc + timedelta(days=1))  # type: ignore[list-item]


def test_slips_that_would_give_a_wrong_answer(sso: MeanElements, start_utc: datetime) -> None:
    end_utc = start_utc + timedelta(days=1)
    for elevation_deg in (float("nan"), 91.0):
        with pytest.raises(InputError, match="min_elevation_deg: must be from -90 to 90"):
            search([sso], [GRAZ], start_utc, end_utc, elevation_deg)
    with pytest.raises(InputError, match="start_utc: must have a time zone"):
        search([sso], [GRAZ], start_utc.replace(tzinfo=None), end_utc.replace(tzinfo=None))
    with pytest.raises(InputError, match=r"elements\[0\]: must be a pair of TLE lines.*not one string"):
        search(["1 42831U"], [GRAZ], start_utc, end_utc)
    assert search([sso], [], start_utc, end_utc) == []


def test_a_decayed_satellite_does_not_take_the_others_down(sso: MeanElements, start_utc: datetime) -> None:
    falling = keplerian_elements(170.0, 51.6, 0.0, start_utc, bstar_per_earth_radius=0.01, origin="falling.tle:1")
    end_utc = start_utc + timedelta(days=20)
    with pytest.raises(InputError, match="decayed"):
        search([sso, falling], [GRAZ], start_utc, end_utc)
    failed, seen = {}, []
    rows = search(
        [sso, falling, sso], [GRAZ], start_utc, end_utc,
        on_failure=lambda index, error: failed.update({index: str(error)}),
        progress=lambda done, total: seen.append((done, total)),
    )  # fmt: skip
    assert list(failed) == [1]
    assert "falling.tle:1" in failed[1]
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert [row[2:] for row in rows if row[0] == 0] == [row[2:] for row in rows if row[0] == 2]
    assert {row[0] for row in rows} == {0, 2}


def test_hot_path_imports_neither_astropy_nor_scipy_nor_skyfield() -> None:
    import subprocess
    import sys

    code = (
        "import sys\nfrom datetime import UTC, datetime, timedelta\n"
        "from eagleplan.orbit import sun_synchronous_elements\nfrom eagleplan.passes import search\n"
        "t = datetime(2026, 6, 1, tzinfo=UTC)\n"
        "e = sun_synchronous_elements(500.0, '22:30', t)\n"
        "assert search([e], [{'latitude_deg': 47.0, 'longitude_deg': 15.0, 'altitude_m': 0.0}], t, t + timedelta(1))\n"
        "print(*(m for m in sys.modules))"
    )
    loaded = set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )
    assert not loaded & {"astropy", "scipy", "skyfield", "erfa", "pydantic", "pandas"}
