"""Operators' ephemerides: their own interpolation, and no state beyond the table."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Literal

import numpy as np
import pytest

from eagleplan.errors import InputError
from eagleplan.model import Horizon, MeanElements, TabulatedEphemeris
from eagleplan.orbit import orbit_summary, sun_synchronous_elements
from eagleplan.orbit.frame import itrf_from_teme
from eagleplan.orbit.sgp4_orbit import teme_positions
from eagleplan.orbit.tabulated import hermite, lagrange
from eagleplan.orbit.trajectory import Track, Turns, trajectories
from eagleplan.orbit.turn import earth_turn

START_UTC = datetime(2026, 6, 1, tzinfo=UTC)
HORIZON = Horizon(start_utc=START_UTC, days=1.0)


@pytest.fixture(scope="module")
def elements() -> MeanElements:
    return sun_synchronous_elements(500.0, "22:30", START_UTC - timedelta(hours=12))


def table(
    elements: MeanElements,
    frame: Literal["TEME", "ITRF"] = "TEME",
    interpolation: Literal["lagrange", "hermite"] = "lagrange",
    degree: int = 9,
    step_s: float = 60.0,
    from_s: float = -600.0,
    to_s: float = 87_000.0,
) -> TabulatedEphemeris:
    epoch = START_UTC + timedelta(seconds=from_s)
    span = Horizon(start_utc=epoch, days=(to_s - from_s) / 86_400.0)
    t_s = np.arange(0.0, to_s - from_s + 0.5, step_s)

    def position(t: np.ndarray) -> np.ndarray:
        teme = teme_positions(elements, span, t)
        return teme if frame == "TEME" else itrf_from_teme(earth_turn(span, t), teme)

    return TabulatedEphemeris(
        name="EAGLE", catalog_id=None, international_designator="", epoch_utc=epoch, frame=frame, t_s=t_s,
        position_km=position(t_s).T, velocity_km_s=((position(t_s + 0.5) - position(t_s - 0.5)).T),
        segment_starts=(0,), interpolation=interpolation, interpolation_degree=degree, origin="eagle.oem",
    )  # fmt: skip


@pytest.mark.parametrize("degree", [1, 2, 5, 7, 8])
def test_lagrange_and_hermite_give_back_polynomials(degree: int) -> None:
    random = np.random.default_rng(degree)
    series = random.normal(size=(3, degree + 1))
    t_s = np.cumsum(random.uniform(0.5, 1.5, 30)) / 10.0
    position = np.stack([np.polynomial.polynomial.polyval(t_s, s) for s in series], axis=1)
    velocity = np.stack(
        [np.polynomial.polynomial.polyval(t_s, np.polynomial.polynomial.polyder(s)) for s in series], axis=1
    )
    at = np.concatenate((t_s, random.uniform(t_s[0], t_s[-1], 50)))
    wanted = np.stack([np.polynomial.polynomial.polyval(at, s) for s in series])
    assert lagrange(t_s, position, velocity, degree, at) == pytest.approx(wanted, rel=1e-6, abs=1e-7)
    assert hermite(t_s, position, velocity, degree, at) == pytest.approx(wanted, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("frame", ["TEME", "ITRF"])
@pytest.mark.parametrize(("interpolation", "degree"), [("lagrange", 9), ("hermite", 9)])
def test_a_table_of_sgp4_moves_like_sgp4(
    elements: MeanElements, frame: Literal["TEME", "ITRF"], interpolation: Literal["lagrange", "hermite"], degree: int
) -> None:
    ephemeris = table(elements, frame, interpolation, degree)
    t_s = np.sort(np.random.default_rng(4).uniform(0.0, HORIZON.duration_s, 2000))
    path = Track(stretches=tuple(trajectories(ephemeris, HORIZON, Turns(HORIZON))))
    wanted = itrf_from_teme(earth_turn(HORIZON, t_s), teme_positions(elements, HORIZON, t_s))
    assert np.linalg.norm(path.position(t_s) - wanted, axis=0).max() < 2e-5


@pytest.mark.parametrize(("from_s", "to_s"), [(60.0, 87_000.0), (-60.0, 80_000.0), (600.0, 50_000.0)])
def test_nothing_is_extrapolated(elements: MeanElements, from_s: float, to_s: float) -> None:
    path = Track(stretches=tuple(trajectories(table(elements, from_s=from_s, to_s=to_s), HORIZON, Turns(HORIZON))))
    (covered,) = path.runs_s
    last_s = from_s + (to_s - from_s) // 60.0 * 60.0
    assert covered == pytest.approx((max(from_s, 0.0), min(last_s, HORIZON.duration_s)), abs=1e-6)


def test_a_table_that_misses_the_horizon_is_refused(elements: MeanElements) -> None:
    with pytest.raises(InputError, match="covers no part of the horizon, and states are never extrapolated") as caught:
        list(trajectories(table(elements, from_s=-9000.0, to_s=-600.0), HORIZON, Turns(HORIZON)))
    assert caught.value.problems[0].path == "eagle.oem"


def test_a_gap_between_segments_is_left_open_and_a_seam_is_not(elements: MeanElements) -> None:
    whole = table(elements)
    middle = len(whole.t_s) // 2
    t_s = np.concatenate((whole.t_s[: middle + 1], whole.t_s[middle:]))
    parts = {
        "t_s": t_s,
        "position_km": np.concatenate((whole.position_km[: middle + 1], whole.position_km[middle:])),
        "velocity_km_s": np.concatenate((whole.velocity_km_s[: middle + 1], whole.velocity_km_s[middle:])),
        "segment_starts": (0, middle + 1),
    }
    seamed = replace(whole, **parts)
    stretches = list(trajectories(seamed, HORIZON, Turns(HORIZON)))
    assert len(stretches) == 2
    assert stretches[0].end_s == stretches[1].start_s[0] == whole.t_s[middle] - 600.0
    useable = ((0.0, float(t_s[middle])), (float(t_s[middle]) + 120.0, float(t_s[-1])))
    gapped = Track(stretches=tuple(trajectories(replace(seamed, useable_s=useable), HORIZON, Turns(HORIZON))))
    seam_s = float(t_s[middle]) - 600.0
    assert gapped.runs_s == ((0.0, seam_s), (seam_s + 120.0, HORIZON.duration_s))


def test_interpolation_does_not_reach_across_a_manoeuvre(elements: MeanElements) -> None:
    """The second segment is another orbit: states before the seam must not feel it."""
    raised = replace(elements, mean_motion_rev_per_day=elements.mean_motion_rev_per_day * 0.98)
    one, other = table(elements), table(raised)
    middle = len(one.t_s) // 2
    seamed = replace(
        one,
        t_s=np.concatenate((one.t_s[: middle + 1], other.t_s[middle:])),
        position_km=np.concatenate((one.position_km[: middle + 1], other.position_km[middle:])),
        velocity_km_s=np.concatenate((one.velocity_km_s[: middle + 1], other.velocity_km_s[middle:])),
        segment_starts=(0, middle + 1),
    )
    seam_s = float(one.t_s[middle]) - 600.0
    path = Track(stretches=tuple(trajectories(seamed, HORIZON, Turns(HORIZON))))
    for offset_s, orbit in ((-0.5, elements), (0.5, raised)):
        t_s = np.array([seam_s + offset_s])
        wanted = itrf_from_teme(earth_turn(HORIZON, t_s), teme_positions(orbit, HORIZON, t_s))
        assert path.position(t_s) == pytest.approx(wanted, abs=1e-3)


def test_summary_of_a_table_is_that_of_its_elements(elements: MeanElements) -> None:
    at_utc = START_UTC + timedelta(hours=2)
    ours, wanted = orbit_summary(table(elements), at_utc), orbit_summary(elements, at_utc)
    assert ours.altitude_km == pytest.approx(wanted.altitude_km, abs=0.5)
    assert ours.period_s == pytest.approx(wanted.period_s, abs=0.5)
    assert ours.inclination_deg == pytest.approx(wanted.inclination_deg, abs=0.02)
    assert ours.ltan_hours == pytest.approx(wanted.ltan_hours, abs=0.01)
    assert ours.along_track_median_km is None
