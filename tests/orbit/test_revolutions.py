"""Revolutions are counted from ascending node to ascending node, and keep their numbers with new elements."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from skyfield.api import EarthSatellite, load
from skyfield.framelib import itrs

from eagleplan.inputs.tle import parse_tle
from eagleplan.model import Horizon, MeanElements, TabulatedEphemeris
from eagleplan.orbit import sun_synchronous_elements
from eagleplan.orbit.revolutions import ascending_nodes_s, revolution_numbers
from eagleplan.orbit.sgp4_orbit import satrec, teme_positions
from eagleplan.orbit.trajectory import Track, Turns, trajectories
from eagleplan.units import FloatArray

TLE = Path(__file__).resolve().parents[2] / "data" / "tle" / "quantum-and-optical-2026-06.tle"
LINES = TLE.read_text(encoding="utf-8").splitlines()


def elements(name: str) -> MeanElements:
    return next(one for one in parse_tle(TLE.read_text(encoding="utf-8"), TLE.name) if one.name == name)


def path_of(orbit: MeanElements | TabulatedEphemeris, horizon: Horizon) -> Track:
    return Track(stretches=tuple(trajectories(orbit, horizon, Turns(horizon))))


def numbers(orbit: MeanElements | TabulatedEphemeris, horizon: Horizon, t_s: FloatArray) -> list[int]:
    return revolution_numbers(orbit, path_of(orbit, horizon), horizon, t_s).tolist()


def skyfields_nodes_s(name: str, start_utc: datetime, days: float, step_s: float) -> FloatArray:
    """Where skyfield's latitude turns from south to north."""
    row = LINES.index(name)
    timescale = load.timescale(builtin=True)
    satellite = EarthSatellite(LINES[row + 1], LINES[row + 2], name, timescale)
    t_s = np.arange(0.0, days * 86_400.0, step_s)
    start = timescale.from_datetime(start_utc)
    height_km = satellite.at(timescale.tt_jd(start.whole, start.tt_fraction + t_s / 86_400.0)).frame_xyz(itrs).km[2]
    rising = np.flatnonzero((height_km[:-1] < 0.0) & (height_km[1:] >= 0.0))
    part = -height_km[rising] / (height_km[rising + 1] - height_km[rising])
    return t_s[rising] + step_s * part


@pytest.mark.parametrize("name", ["QUBE", "FLYING LAPTOP", "NORSAT 4"])
def test_nodes_are_skyfields_and_numbers_go_on_from_the_epochs(name: str) -> None:
    """The epochs of these elements lie at an ascending node, of the last two a little before it."""
    orbit = elements(name)
    start_utc = orbit.epoch_utc - timedelta(minutes=10)
    nodes_s = skyfields_nodes_s(name, start_utc, 0.25, 20.0)
    horizon = Horizon(start_utc=start_utc, days=0.5)
    ours_s = ascending_nodes_s(path_of(orbit, horizon))
    assert ours_s[: len(nodes_s)] == pytest.approx(nodes_s, abs=0.1)
    assert nodes_s[0] == pytest.approx(600.0, abs=5.0), "the epoch is at a node"
    middles_s = 0.5 * (nodes_s[:-1] + nodes_s[1:])
    expected = orbit.revolution_number + np.arange(len(middles_s))
    assert numbers(orbit, horizon, middles_s) == expected.tolist()
    assert numbers(orbit, horizon, np.array([10.0])) == [orbit.revolution_number - 1]


@pytest.mark.parametrize("days_after", [-9.3, 3.0, 12.6])
def test_a_horizon_far_from_the_epoch_counts_every_node_between(days_after: float) -> None:
    orbit = elements("QUBE")
    start_utc = orbit.epoch_utc + timedelta(days=days_after)
    horizon = Horizon(start_utc=start_utc, days=0.5)
    first_utc = min(start_utc, orbit.epoch_utc - timedelta(minutes=10))
    nodes_s = skyfields_nodes_s("QUBE", first_utc, abs(days_after) + 1.0, 300.0)
    epoch_s, start_s = ((at - first_utc) / timedelta(seconds=1) for at in (orbit.epoch_utc, start_utc))
    passed = np.searchsorted(nodes_s, start_s + 1000.0) - np.searchsorted(nodes_s, epoch_s + 10.0)
    assert numbers(orbit, horizon, np.array([1000.0])) == [orbit.revolution_number + passed]


@pytest.mark.parametrize("offset_s", [-8.0, -0.5, 0.5, 900.0, 2500.0])
def test_new_elements_of_the_same_object_give_the_same_numbers(offset_s: float) -> None:
    """Elements of three days later, at, shortly before and behind a node, and anywhere."""
    old = elements("QUBE-II")
    horizon = Horizon(start_utc=old.epoch_utc + timedelta(days=4), days=1.0)
    start_utc = old.epoch_utc + timedelta(days=3)
    node_s = float(ascending_nodes_s(path_of(old, Horizon(start_utc=start_utc, days=0.2)))[1])
    record = satrec(old)
    epoch_utc = start_utc + timedelta(seconds=node_s + offset_s)
    record.sgp4_tsince((epoch_utc - old.epoch_utc) / timedelta(minutes=1))
    # A producer of elements counts the node that its epoch means.
    counted = numbers(old, Horizon(start_utc=start_utc, days=0.2), np.array([node_s + max(offset_s, 0.5)]))[0]
    new = replace(
        old, epoch_utc=epoch_utc, mean_anomaly_deg=np.degrees(record.mm) % 360.0, revolution_number=counted,
        arg_perigee_deg=np.degrees(record.om) % 360.0, raan_deg=np.degrees(record.Om) % 360.0,
    )  # fmt: skip
    t_s = np.linspace(0.0, 86_400.0, 500)
    nodes_s = ascending_nodes_s(path_of(old, horizon))
    clear = np.abs(t_s[:, None] - nodes_s).min(axis=1) > 30.0
    assert numbers(new, horizon, t_s[clear]) == numbers(old, horizon, t_s[clear])


def test_without_a_published_number_revolutions_are_counted_through_the_day() -> None:
    orbit = sun_synchronous_elements(500.0, "22:30", datetime(2026, 11, 29, 12, tzinfo=UTC))
    horizon = Horizon(start_utc=datetime(2026, 12, 31, 6, tzinfo=UTC), days=2.0)
    nodes_s = ascending_nodes_s(path_of(orbit, horizon))
    found = numbers(orbit, horizon, nodes_s + 5.0)
    days = [horizon.utc(float(t_s)) for t_s in nodes_s]
    assert [number // 100 for number in found] == [day.year * 1000 + day.timetuple().tm_yday for day in days]
    assert len(set(found)) == len(found)
    whole = [number % 100 for number in found if number // 100 == 2027001]
    assert whole == list(range(1, len(whole) + 1))
    assert len(whole) in (15, 16)


def test_the_number_of_a_day_does_not_depend_on_the_horizon_nor_on_the_kind_of_orbit() -> None:
    orbit = sun_synchronous_elements(500.0, "22:30", datetime(2026, 11, 29, 12, tzinfo=UTC))
    long = Horizon(start_utc=datetime(2026, 11, 30, tzinfo=UTC), days=2.0)
    t_s = np.arange(30_000.0, 150_000.0, 1777.0)
    wanted = numbers(orbit, long, t_s)
    late = Horizon(start_utc=long.start_utc + timedelta(seconds=25_000), days=1.6)
    assert numbers(orbit, late, t_s - 25_000.0) == wanted
    states_s = np.arange(0.0, late.duration_s + 1.0, 30.0)
    position = teme_positions(orbit, late, states_s)
    table = TabulatedEphemeris(
        name="EAGLE", catalog_id=None, international_designator="", epoch_utc=late.start_utc, frame="TEME",
        t_s=states_s, position_km=position.T, velocity_km_s=np.gradient(position, 30.0, axis=1).T,
        segment_starts=(0,), interpolation="lagrange", interpolation_degree=7, origin="eagle.oem",
    )  # fmt: skip
    assert numbers(table, late, t_s - 25_000.0) == wanted
    # A table of less than a revolution, without a single node in it.
    brief = Horizon(
        start_utc=long.start_utc + timedelta(seconds=float(ascending_nodes_s(path_of(orbit, long))[6]) + 600.0),
        days=3600.0 / 86_400.0,
    )
    shift_s = (brief.start_utc - late.start_utc) / timedelta(seconds=1)
    here = np.array([100.0, 3000.0])
    assert len(ascending_nodes_s(path_of(orbit, brief))) == 0
    assert numbers(table, brief, here) == numbers(orbit, late, here + shift_s)
