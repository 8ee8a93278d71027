"""Pass search against its peers in one run: CPU time as a ratio, passes missed, errors of rise and set.

    python benchmarks/passes.py            ratios, scaling, and the large run (100 satellites, 100 sites, 30
    days) python benchmarks/passes.py --dense    beside that, every family of orbits against brute force
    (some minutes)

Peers: skyfield `find_events`; brahe `location_accesses`; sgp4-predict `transits_iter` at its default and at
a step of 60 s with `max_elevation`, which is what it needs to miss nothing at 20° and more. The reference
is brute force: SGP4 at every second and bisection (`tests/passes/dense.py`). CPU time is that of the
process, all threads together; rounds are interleaved and the smallest ratio of medians is what counts.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import ModuleType

import numpy as np
from sgp4.api import WGS72, Satrec
from sgp4.exporter import export_tle

from eagleplan.model import MeanElements
from eagleplan.orbit import keplerian_elements, sun_synchronous_elements
from eagleplan.orbit.sgp4_orbit import satrec
from eagleplan.passes import search

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = json.loads((ROOT / "tests/reference/passes_sso_30sites_7days.json").read_text(encoding="utf-8"))
START_UTC = datetime(2026, 6, 1, tzinfo=UTC)
EPOCH_UTC = START_UTC - timedelta(hours=12)
DAY_S = 86_400.0

Lines = tuple[str, str]
Found = list[tuple[int, float, float]]
"""Whole passes: number of the pair of satellite and site, rise and set in seconds."""


def load_dense() -> ModuleType:
    spec = importlib.util.spec_from_file_location("dense_passes", ROOT / "tests/passes/dense.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def lines_of(number: int, altitude_km: float, raan_deg: float, anomaly_deg: float) -> Lines:
    """A Sun-synchronous-like orbit as two lines that every peer reads alike."""
    record = Satrec()
    axis_km = 6378.137 + altitude_km
    motion = math.sqrt(398_600.8 / axis_km**3) * 60.0
    record.sgp4init(
        WGS72, "i", number, (EPOCH_UTC - datetime(1949, 12, 31, tzinfo=UTC)) / timedelta(days=1),
        2e-5, 0.0, 0.0, 0.001, math.pi / 2.0, math.radians(97.79), math.radians(anomaly_deg), motion,
        math.radians(raan_deg),
    )  # fmt: skip
    record.classification, record.intldesg, record.elnum, record.revnum, record.ephtype = (
        "U",
        "26001A",
        1,
        1,
        0,
    )
    return export_tle(record)


def constellation(count: int) -> list[Lines]:
    return [lines_of(90_000 + i, 600.0, 360.0 * i / count, 137.5 * i % 360.0) for i in range(count)]


def spread_sites(count: int) -> list[dict[str, float]]:
    """Places over Europe on a lattice that repeats nothing."""
    golden = (math.sqrt(5.0) - 1.0) / 2.0
    return [
        {
            "latitude_deg": 35.0 + 30.0 * (i + 0.5) / count,
            "longitude_deg": -15.0 + 45.0 * (i * golden % 1.0),
            "altitude_m": 100.0 + 20.0 * i,
        }
        for i in range(count)
    ]


# the peers


def ours(elements: list[Lines], sites: list[dict[str, float]], days: float, minimum_deg: float) -> Found:
    rows = search(elements, sites, START_UTC, START_UTC + timedelta(days=days), minimum_deg)
    return [(row[0] * len(sites) + row[1], row[2], row[4]) for row in rows if row[2] is not None and row[4] is not None]


def skyfield_events(elements: list[Lines], sites: list[dict[str, float]], days: float, minimum_deg: float) -> Found:
    from skyfield.api import EarthSatellite, load, wgs84

    timescale = load.timescale(builtin=True)
    start, end = (timescale.from_datetime(START_UTC + timedelta(days=d)) for d in (0.0, days))
    found: Found = []
    for index, lines in enumerate(elements):
        satellite = EarthSatellite(*lines, "", timescale)
        for number, site in enumerate(sites):
            place = wgs84.latlon(site["latitude_deg"], site["longitude_deg"], site["altitude_m"])
            times, kinds = satellite.find_events(place, start, end, altitude_degrees=minimum_deg)
            seconds = (times - start) * DAY_S
            rises = [i for i in range(len(kinds) - 2) if list(kinds[i : i + 3]) == [0, 1, 2]]
            found += [(index * len(sites) + number, float(seconds[i]), float(seconds[i + 2])) for i in rises]
    return found


def brahe_accesses(elements: list[Lines], sites: list[dict[str, float]], days: float, minimum_deg: float) -> Found:
    import brahe

    brahe.initialize_eop()
    start = brahe.Epoch.from_datetime(2026, 6, 1, 0, 0, 0.0, 0.0, brahe.TimeSystem.UTC)
    constraint = brahe.ElevationConstraint(minimum_deg)
    found: Found = []
    for index, lines in enumerate(elements):
        propagator = brahe.SGPPropagator.from_tle(*lines, 60.0)
        for number, site in enumerate(sites):
            place = brahe.PointLocation(site["longitude_deg"], site["latitude_deg"], site["altitude_m"])
            for window in brahe.location_accesses(place, propagator, start, start + days * DAY_S, constraint):
                pair = index * len(sites) + number
                found.append((pair, window.window_open - start, window.window_close - start))
    return found


def predict(
    elements: list[Lines], sites: list[dict[str, float]], days: float, minimum_deg: float, safe: bool = False
) -> Found:
    import sgp4_predict

    span = sgp4_predict.Interval(START_UTC, START_UTC + timedelta(days=days))
    options = {"max_step": timedelta(seconds=60.0)} if safe else {}
    found: Found = []
    for index, lines in enumerate(elements):
        predictor = sgp4_predict.Predictor.from_tle(sgp4_predict.Tle("", *lines))
        for number, site in enumerate(sites):
            place = sgp4_predict.GeodeticPoint(site["latitude_deg"], site["longitude_deg"], site["altitude_m"])
            for transit in predictor.transits_iter(place, span, minimum_deg, **options):
                if safe:
                    predictor.max_elevation(place, transit)
                ends = ((t - START_UTC) / timedelta(seconds=1) for t in (transit.start, transit.end))
                found.append((index * len(sites) + number, *ends))
    return found


def predict_safe(elements: list[Lines], sites: list[dict[str, float]], days: float, minimum_deg: float) -> Found:
    return predict(elements, sites, days, minimum_deg, safe=True)


PEERS = {
    "skyfield": skyfield_events,
    "brahe": brahe_accesses,
    "sgp4-predict": predict,
    "sgp4-predict, 60 s": predict_safe,
}
WANTED = {"skyfield": 50.0, "brahe": 50.0, "sgp4-predict": 4.0, "sgp4-predict, 60 s": 25.0}
"""Ratios that must hold: how many times longer each peer takes."""

Search = Callable[[list[Lines], list[dict[str, float]], float, float], Found]


# ratios


@dataclass(frozen=True)
class Workload:
    name: str
    elements: list[Lines]
    sites: list[dict[str, float]]
    days: float
    minimum_deg: float
    rounds: int
    own_runs: int


def cpu_s(run: Callable[[], object]) -> float:
    start = time.process_time()
    run()
    return time.process_time() - start


def ratios(workload: Workload, dense: ModuleType) -> bool:
    arguments = (workload.elements, workload.sites, workload.days, workload.minimum_deg)
    reference = dense_found(dense, workload)
    print(f"\n{workload.name}: {len(reference)} passes above {workload.minimum_deg:g}° by brute force")
    found = ours(*arguments)
    own = [min(cpu_s(lambda: ours(*arguments)) for _ in range(workload.own_runs))]
    print(f"  {'eagleplan':<20} {own[0] * 1e3:9.1f} ms   ×1       {verdict(reference, found)}")
    held = True
    for name, peer in PEERS.items():
        found = peer(*arguments)
        measured = []
        for _ in range(workload.rounds):
            mine = min(cpu_s(lambda: ours(*arguments)) for _ in range(workload.own_runs))
            measured.append((cpu_s(lambda peer=peer: peer(*arguments)), mine))
        ratio = float(np.median([theirs / mine for theirs, mine in measured]))
        held &= ratio >= WANTED[name]
        mark = "" if ratio >= WANTED[name] else f"   SHORT of ×{WANTED[name]:g}"
        print(
            f"  {name:<20} {np.median([theirs for theirs, _ in measured]) * 1e3:9.1f} ms   ×{ratio:<6.1f}"
            f" {verdict(reference, found)}{mark}"
        )
    return held


def dense_found(dense: ModuleType, workload: Workload) -> Found:
    places = [(s["latitude_deg"], s["longitude_deg"], s["altitude_m"]) for s in workload.sites]
    found: Found = []
    for index, lines in enumerate(workload.elements):
        for p in dense.dense_passes(
            Satrec.twoline2rv(*lines), START_UTC, workload.days * DAY_S, places, workload.minimum_deg
        ):
            if not (p.cut_start or p.cut_end):
                found.append((index * len(places) + p.site, p.rise_s, p.set_s))
    return found


def verdict(reference: Found, found: Found) -> str:
    """Passes of more than a second missed, and errors of rise and set (worst, median) of those found."""
    left: dict[int, list[tuple[float, float]]] = {}
    for pair, rise_s, set_s in found:
        left.setdefault(pair, []).append((rise_s, set_s))
    missed, errors = 0, [0.0]
    for pair, rise_s, set_s in reference:
        match = min(
            (m for m in left.get(pair, []) if m[0] < set_s + 1.0 and rise_s < m[1] + 1.0),
            key=lambda m: abs(m[0] - rise_s) + abs(m[1] - set_s),
            default=None,
        )
        if match is None:
            missed += set_s - rise_s > 1.0
            continue
        errors += [abs(match[0] - rise_s), abs(match[1] - set_s)]
    return f"missed {missed:4d}   rise/set error worst {max(errors):.2g} s, median {np.median(errors):.1g} s"


# scaling


def scaling() -> None:
    """Cost in CPU seconds a satellite-day, as the search grows along one axis at a time."""
    print("\ncost of a satellite-day, relative to 1 satellite, 7 days, 30 sites")
    cases = [
        ("1 satellite, 7 days, 30 sites", 1, 7.0, 30),
        ("1 satellite, 365 days, 30 sites", 1, 365.0, 30),
        ("24 satellites, 7 days, 30 sites", 24, 7.0, 30),
        ("1 satellite, 7 days, 1 site", 1, 7.0, 1),
        ("1 satellite, 7 days, 10 sites", 1, 7.0, 10),
        ("1 satellite, 7 days, 100 sites", 1, 7.0, 100),
    ]
    base = 0.0
    for name, n_satellites, days, n_sites in cases:
        elements, sites = constellation(n_satellites), spread_sites(n_sites)
        run = partial(ours, elements, sites, days, 10.0)
        cost = min(cpu_s(run) for _ in range(5)) / (n_satellites * days)
        base = base or cost
        print(f"  {name:<34} {cost * 1e6:8.0f} µs   ×{cost / base:.2f}")


def large() -> None:
    """100 satellites, 100 sites, 30 days, with progress on stderr: run as a process of its own for its memory."""
    elements, sites = constellation(100), spread_sites(100)

    def show(done: int, total: int) -> None:
        print(f"\r  {done} of {total} satellites", end="", file=sys.stderr, flush=True)

    start = time.process_time()
    rows = search(
        elements,
        sites,
        START_UTC,
        START_UTC + timedelta(days=30),
        10.0,
        progress=show,
    )
    print(file=sys.stderr)
    gigabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"  {len(rows):,} passes, {time.process_time() - start:.1f} s CPU, {gigabytes:.2f} GB at most (bound: 2 GB)")


# every family of orbits against brute force


def families() -> Iterator[tuple[str, MeanElements]]:
    def high(
        rev_per_day: float, eccentricity: float, inclination_deg: float, perigee_deg: float, raan_deg: float
    ) -> MeanElements:
        return replace(
            keplerian_elements(20_000.0, inclination_deg, raan_deg, EPOCH_UTC),
            mean_motion_rev_per_day=rev_per_day,
            eccentricity=eccentricity,
            arg_perigee_deg=perigee_deg,
        )

    yield "300 km", keplerian_elements(300.0, 97.0, 40.0, EPOCH_UTC, eccentricity=0.0005)
    yield "500 km SSO", sun_synchronous_elements(500.0, "22:30", EPOCH_UTC)
    yield "1500 km", keplerian_elements(1500.0, 80.0, 40.0, EPOCH_UTC, eccentricity=0.001)
    yield "e 0.02", keplerian_elements(500.0, 51.6, 40.0, EPOCH_UTC, eccentricity=0.02, arg_perigee_deg=30.0)
    yield "e 0.2", keplerian_elements(2200.0, 63.0, 40.0, EPOCH_UTC, eccentricity=0.2)
    yield "equatorial", keplerian_elements(600.0, 0.5, 40.0, EPOCH_UTC)
    yield "MEO 8000 km", keplerian_elements(8000.0, 50.0, 40.0, EPOCH_UTC, eccentricity=0.001)
    yield "Galileo-like", keplerian_elements(23_222.0, 56.0, 40.0, EPOCH_UTC, eccentricity=0.0002)
    yield "Molniya", high(2.00612, 0.74, 63.4, 270.0, 100.0)
    yield "Tundra", high(1.00273, 0.27, 63.4, 270.0, 200.0)
    yield "GTO", high(2.27, 0.73, 7.0, 180.0, 100.0)
    yield "GEO i 5°", high(1.00273, 0.0003, 5.0, 0.0, 80.0)


PLACES = [
    (28.3, -16.5, 2393.0), (48.1, 11.3, 580.0), (67.9, 21.1, 530.0), (90.0, 0.0, 0.0), (-90.0, 0.0, 2800.0),
    (0.0, 180.0, 0.0), (-0.5, 0.0, -50.0), (31.5, 35.4, -430.0), (65.0, -179.999, 100.0),
]  # fmt: skip


def against_brute_force(dense: ModuleType) -> bool:
    print("\nagainst brute force: 9 places with poles, date line and negative heights; 0, 10, 20, 30, 60°")
    held = True
    for offset_days, days in ((0.0, 7.0), (358.0, 7.0)):
        start = START_UTC + timedelta(days=offset_days)
        for name, elements in families():
            record = satrec(elements)
            sky = dense.Sky(record, start, PLACES)
            n_passes = n_missed = n_invented = 0
            worst_time_s = worst_elevation_deg = 0.0
            for minimum_deg in (0.0, 10.0, 20.0, 30.0, 60.0):
                reference = dense.dense_passes(record, start, days * DAY_S, PLACES, minimum_deg)
                sites = [dict(zip(("latitude_deg", "longitude_deg", "altitude_m"), p, strict=True)) for p in PLACES]
                rows = search([elements], sites, start, start + timedelta(days=days), minimum_deg)
                compared = dense.compare(
                    sky,
                    lambda site, azimuth, minimum_deg=minimum_deg: np.full(azimuth.shape, minimum_deg),
                    reference,
                    [(r[1], r[2] or 0.0, r[3], days * DAY_S if r[4] is None else r[4], r[5]) for r in rows],
                )
                n_passes += len(reference)
                n_missed += len(compared.missed)
                n_invented += len(compared.invented)
                worst_time_s = max(worst_time_s, compared.worst_time_s)
                worst_elevation_deg = max(worst_elevation_deg, compared.worst_elevation_deg)
            good = not n_missed and not n_invented and worst_time_s <= 1e-3 and worst_elevation_deg <= 1e-5
            held &= good
            print(
                f"  {name:<14} elements {offset_days + 0.5:5.1f} d old: {n_passes:5d} passes, "
                f"missed {n_missed}, invented {n_invented}, rise/set {worst_time_s:.1e} s, "
                f"elevation {worst_elevation_deg:.1e}°{'' if good else '   SHORT'}",
                flush=True,
            )
    return held


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dense", action="store_true", help="every family of orbits against brute force too")
    parser.add_argument("--large", action="store_true", help="only the large run, in this process")
    options = parser.parse_args()
    if options.large:
        large()
        return 0
    dense = load_dense()
    week = [tuple(REFERENCE["elements"][0])]
    sites = REFERENCE["sites"]
    held = True
    for minimum_deg in (10.0, 30.0):
        held &= ratios(
            Workload(f"1 satellite, 7 days, 30 sites, {minimum_deg:g}°", week, sites, 7.0, minimum_deg, 5, 20),
            dense,
        )
    held &= ratios(Workload("24 satellites, 7 days, 30 sites, 20°", constellation(24), sites, 7.0, 20.0, 1, 3), dense)
    scaling()
    print("\n100 satellites, 100 sites, 30 days, 10°")
    held &= subprocess.run([sys.executable, __file__, "--large"], check=False).returncode == 0
    if options.dense:
        held &= against_brute_force(dense)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
