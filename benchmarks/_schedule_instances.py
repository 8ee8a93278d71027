"""Seeded, realistic scheduling problems: sun-synchronous satellites over real stations, nights only, finite keys.

Geometry is good to a kilometre and yields follow a simple law (inverse square, extinction, a finite-key offset), which
is all that a solver can notice: which contacts clash, how long they are, how unequal their key is.
"""

from __future__ import annotations

import csv
import math
from bisect import bisect_right
from dataclasses import dataclass
from itertools import combinations
from random import Random

import numpy as np
import numpy.typing as npt

from eagleplan.model import Network
from eagleplan.resources import data_path
from eagleplan.schedule.problem import Candidate, Limit, PairDemand, Problem

Array = npt.NDArray[np.float64]

CHANGEOVER_S = 30
MIN_CONTACT_S = 60
STEP_S = 10
ALTITUDE_KM = 600.0
EARTH_KM = 6371.0
MIN_ELEVATION_DEG = 20.0
MAX_SUN_ELEVATION_DEG = -6.0
PEAK_SIFTED_BITS_PER_S = 2500.0
DAY_OF_YEAR = 334


@dataclass(frozen=True)
class Visit:
    """A pass at night: `bits_until[k]` sifted bits have come in during its first k seconds."""

    satellite_id: str
    site_id: str
    start_s: int
    end_s: int
    orbit: int
    sifted_until: Array

    def secret_bits(self, start_s: int, end_s: int) -> int:
        n = self.sifted_until[end_s - self.start_s] - self.sifted_until[start_s - self.start_s]
        return max(0, math.floor(0.30 * n - 40.0 * math.sqrt(n) - 500.0))


def instance(
    seed: int,
    *,
    n_satellites: int = 1,
    n_sites: int = 12,
    days: int = 7,
    n_demands: int = 10,
    load: float = 0.8,
    grid_s: int | None = None,
    deadline_frac: float = 0.3,
    duty_s: int | None = 480,
) -> Problem:
    """A week (or `days`) of `n_satellites` over `n_sites`; `load` is wanted key over key that can be had.

    Whole passes are the candidates; with `grid_s` also their parts between cut points on that grid, wherever passes
    clash. `deadline_frac` of the demands are due at the end of the second to the last but one day. A satellite's
    contacts of one orbit last `duty_s` at most.
    """
    rng = Random(seed)
    with data_path("ogs_sites.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if 34.0 < float(row["latitude_deg"]) < 66.0]
    rows = sorted(rng.sample(rows, n_sites), key=lambda row: row["site_id"])
    p_clear = {row["site_id"]: rng.uniform(0.2, 0.8) for row in rows}
    visits = [
        visit
        for satellite in range(n_satellites)
        for visit in _visits(f"s{satellite:02d}", satellite / n_satellites, rows, days, rng)
    ]
    candidates = []
    orbits: dict[tuple[str, int], dict[str, int]] = {}
    for visit, start_s, end_s, bits in _parts(visits, grid_s):
        contact_id = f"{visit.satellite_id}-{visit.site_id}-{start_s}-{end_s}"
        if expected_bits := math.floor(p_clear[visit.site_id] * bits):
            candidates.append(
                Candidate(
                    contact_id=contact_id,
                    pass_id=f"{visit.satellite_id}-{visit.site_id}-{visit.start_s}",
                    satellite_id=visit.satellite_id,
                    site_id=visit.site_id,
                    start_s=start_s,
                    end_s=end_s,
                    usable_s=end_s,
                    bits=expected_bits,
                )
            )
            orbits.setdefault((visit.satellite_id, visit.orbit), {})[contact_id] = end_s - start_s
    countries: dict[str, list[str]] = {}
    for row in rows:
        countries.setdefault(row["country"], []).append(row["site_id"])
    by_satellite: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        by_satellite.setdefault(candidate.satellite_id, []).append(candidate)
    capacity = sum(_most_bits(members) for members in by_satellite.values())
    pairs = rng.sample(list(combinations(sorted(countries), 2)), n_demands)
    shares = [rng.uniform(0.3, 1.3) for _ in pairs]
    demands = [
        PairDemand(
            demand_id=f"{a}-{b}",
            node_a=a,
            node_b=b,
            bits=max(1, int(load * capacity / 2 * share / sum(shares))),
            weight=rng.choice([1, 1, 2, 3]),
            guarantee_bits=0,
            deadline_s=86_400 * (rng.randint(min(2, days), max(2, days - 1)) if rng.random() < deadline_frac else days),
        )
        for (a, b), share in sorted(zip(pairs, shares, strict=True))
    ]
    return Problem(
        candidates=tuple(candidates),
        demands=tuple(demands),
        network=Network(node_sites={country: tuple(sites) for country, sites in countries.items()}),
        end_s=86_400 * days,
        changeover_s=CHANGEOVER_S,
        limits=tuple(
            Limit(
                limit_id=f"duty-{satellite_id}-{orbit}",
                text=f"{satellite_id}, orbit {orbit}: {duty_s} s",
                amounts=amounts,
                most=duty_s,
            )
            for (satellite_id, orbit), amounts in orbits.items()
            if duty_s is not None
        ),
    )


def _visits(satellite_id: str, plane: float, rows: list[dict[str, str]], days: int, rng: Random) -> list[Visit]:
    t_s = np.arange(0, days * 86_400, STEP_S, dtype=np.float64)
    radius_km = EARTH_KM + ALTITUDE_KM
    rate = math.sqrt(398_600.4418 / radius_km**3)
    inclination = math.radians(97.79)
    # Longitude of the node from the Sun's: 22:30 local time for the first plane, the others spread over the clock.
    sun_longitude = np.radians(0.985_647 * (DAY_OF_YEAR - 80 + t_s / 86_400.0))
    node = sun_longitude + math.radians((22.5 - 12.0) * 15.0 + 360.0 * plane)
    along = rng.uniform(0.0, 2.0 * math.pi) + rate * t_s
    position = radius_km * np.stack(
        [
            np.cos(node) * np.cos(along) - np.sin(node) * np.sin(along) * math.cos(inclination),
            np.sin(node) * np.cos(along) + np.cos(node) * np.sin(along) * math.cos(inclination),
            np.sin(along) * math.sin(inclination),
        ]
    )
    obliquity = math.radians(23.44)
    sun = np.stack(
        [
            np.cos(sun_longitude),
            np.sin(sun_longitude) * math.cos(obliquity),
            np.sin(sun_longitude) * math.sin(obliquity),
        ]
    )
    turn = sun_longitude + math.pi + 2.0 * math.pi * t_s / 86_400.0
    visits = []
    for row in rows:
        latitude, longitude = math.radians(float(row["latitude_deg"])), math.radians(float(row["longitude_deg"]))
        up = np.stack(
            [
                math.cos(latitude) * np.cos(turn + longitude),
                math.cos(latitude) * np.sin(turn + longitude),
                np.full_like(t_s, math.sin(latitude)),
            ]
        )
        line = position - EARTH_KM * up
        range_km = np.sqrt((line**2).sum(axis=0))
        sine = (line * up).sum(axis=0) / range_km
        sees = (sine > math.sin(math.radians(MIN_ELEVATION_DEG))) & (
            (sun * up).sum(axis=0) < math.sin(math.radians(MAX_SUN_ELEVATION_DEG))
        )
        edges = np.flatnonzero(np.diff(np.concatenate([[False], sees, [False]]).astype(int)))
        for first, last in zip(edges[::2], edges[1::2], strict=True):
            seconds = np.arange(t_s[first], t_s[last - 1] + 1.0)
            if len(seconds) <= MIN_CONTACT_S:
                continue
            sines = np.interp(seconds, t_s[first:last], sine[first:last])
            ranges_km = np.interp(seconds, t_s[first:last], range_km[first:last])
            sifted = PEAK_SIFTED_BITS_PER_S * (ALTITUDE_KM / ranges_km) ** 2 * np.exp(-0.25 * (1.0 / sines - 1.0))
            visits.append(
                Visit(
                    satellite_id=satellite_id,
                    site_id=row["site_id"],
                    start_s=int(seconds[0]),
                    end_s=int(seconds[-1]),
                    orbit=int(along[first] / (2.0 * math.pi)),
                    sifted_until=np.concatenate([[0.0], np.cumsum(sifted[:-1])]),
                )
            )
    return visits


def _parts(visits: list[Visit], grid_s: int | None) -> list[tuple[Visit, int, int, int]]:
    """(visit, start, end, secret bits) of every whole visit, and of its parts where others clash with it."""
    found = []
    near: dict[tuple[str, int], list[Visit]] = {}
    for visit in visits:
        # No pass of one orbit clashes with one of another: half an orbit lies between them.
        near.setdefault((visit.satellite_id, visit.orbit), []).append(visit)
    for visit in visits:
        cuts = {visit.start_s, visit.end_s}
        if grid_s is not None:
            for other in near[visit.satellite_id, visit.orbit]:
                if other is visit:
                    continue
                first_s = max(visit.start_s, other.start_s - CHANGEOVER_S)
                last_s = min(visit.end_s, other.end_s + CHANGEOVER_S)
                if first_s < last_s:
                    cuts |= set(range(-(-first_s // grid_s) * grid_s, last_s, grid_s))
        ordered = sorted(cuts)
        for number, start_s in enumerate(ordered):
            for end_s in ordered[number + 1 :]:
                if end_s - start_s >= MIN_CONTACT_S and (bits := visit.secret_bits(start_s, end_s)) > 0:
                    found.append((visit, start_s, end_s, bits))
    return found


def _most_bits(candidates: list[Candidate]) -> int:
    """Most bits of contacts of one terminal that do not clash: weighted interval scheduling."""
    ordered = sorted(candidates, key=lambda candidate: candidate.end_s)
    ends = [candidate.end_s + CHANGEOVER_S for candidate in ordered]
    best = [0]
    for number, candidate in enumerate(ordered):
        before = bisect_right(ends, candidate.start_s, 0, number)
        best.append(max(best[-1], best[before] + candidate.bits))
    return best[-1]
