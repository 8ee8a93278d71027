"""Passes of the example week against skyfield's `find_events`: another frame, another search, the same passes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import pi, radians
from pathlib import Path

import numpy as np
import pytest
from sgp4.api import WGS72, Satrec
from skyfield.api import EarthSatellite, load, wgs84

from eagleplan.model import Horizon, MeanElements, Pass, Site
from eagleplan.passes import find_passes
from eagleplan.scenario import load_scenario
from eagleplan.scenario.scenario import Scenario
from eagleplan.units import SECONDS_PER_DAY

TIME_TOLERANCE_S = 0.5
ELEVATION_TOLERANCE_DEG = 0.01


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario(Path(__file__).resolve().parent.parent / "examples" / "eagle1-week.toml")


@pytest.fixture(scope="module")
def found(scenario: Scenario) -> tuple[Pass, ...]:
    return find_passes(scenario.satellites, scenario.sites, scenario.horizon).passes


def _skyfield_satellite(elements: MeanElements) -> EarthSatellite:
    # Built from the elements by hand, so that no line of eagleplan's own propagation is on both sides.
    days = (elements.epoch_utc - datetime(1949, 12, 31, tzinfo=UTC)) / timedelta(days=1)
    satrec = Satrec()
    satrec.sgp4init(
        WGS72, "i", 1, days, elements.bstar_per_earth_radius, 0.0, 0.0, elements.eccentricity,
        radians(elements.arg_perigee_deg), radians(elements.inclination_deg),
        radians(elements.mean_anomaly_deg), elements.mean_motion_rev_per_day * 2.0 * pi / 1440.0,
        radians(elements.raan_deg),
    )  # fmt: skip
    return EarthSatellite.from_satrec(satrec, load.timescale(builtin=True))


def _events(satellite: EarthSatellite, site: Site, horizon: Horizon) -> list[tuple[float, float, float, float]]:
    """(rise, culmination, set, maximum elevation) of every pass that lies whole inside the horizon."""
    timescale = load.timescale(builtin=True)
    observer = wgs84.latlon(site.latitude_deg, site.longitude_deg, elevation_m=site.altitude_m)
    times, kinds = satellite.find_events(
        observer,
        timescale.from_datetime(horizon.start_utc),
        timescale.from_datetime(horizon.end_utc),
        altitude_degrees=site.min_elevation_deg,
    )
    seconds = [horizon.seconds(time.utc_datetime()) for time in times]
    passes = []
    for i in range(len(kinds) - 2):
        if list(kinds[i : i + 3]) == [0, 1, 2]:
            # find_events stops within 0.15 s of the top; near the zenith that alone is 0.01° below it.
            near = timescale.tt_jd(times[i + 1].tt + np.arange(-0.5, 0.5, 0.005) / SECONDS_PER_DAY)
            elevation, _, _ = (satellite - observer).at(near).altaz()
            passes.append((seconds[i], seconds[i + 1], seconds[i + 2], float(elevation.degrees.max())))
    return passes


def test_example_passes_are_skyfields(scenario: Scenario, found: tuple[Pass, ...]) -> None:
    elements = scenario.satellites[0].orbit
    assert isinstance(elements, MeanElements)
    satellite = _skyfield_satellite(elements)
    n_compared = 0
    for site in scenario.sites:
        ours = [p for p in found if p.site_id == site.site_id and not (p.cut_start or p.cut_end)]
        theirs = _events(satellite, site, scenario.horizon)
        assert len(ours) == len(theirs), site.site_id
        for this, (rise_s, culmination_s, set_s, max_elevation_deg) in zip(ours, theirs, strict=True):
            assert this.rise_s == pytest.approx(rise_s, abs=TIME_TOLERANCE_S)
            assert this.set_s == pytest.approx(set_s, abs=TIME_TOLERANCE_S)
            assert this.culmination_s == pytest.approx(culmination_s, abs=TIME_TOLERANCE_S)
            assert this.max_elevation_deg == pytest.approx(max_elevation_deg, abs=ELEVATION_TOLERANCE_DEG)
            n_compared += 1
    assert n_compared > 100
