"""Make `data/outline/world.txt` from Natural Earth's countries as the npm package world-atlas carries them.

    python tools/make_outline.py countries-50m.json data/outline/world.txt

The source is TopoJSON: arcs that countries share. Land is what lies in any country; a border is an arc of two. Lines
are thinned (Douglas and Peucker 1973) to a tolerance that is finer around Europe than elsewhere, cut at the
antimeridian, and closed over the pole. The table has one ring or line a row: its kind, then longitude and latitude of
its first point and the steps to every further one, all in hundredths of a degree.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]

EARTH_RADIUS_KM = 6371.0088
NEAR = (-32.0, 24.0, 46.0, 72.0)
"""West, south, east, north of where the tolerance is the fine one."""
NEAR_TOLERANCE_KM, FAR_TOLERANCE_KM = 3.0, 7.0
MIN_NEAR_AREA_KM2, MIN_FAR_AREA_KM2 = 30.0, 60.0
UNITS_PER_DEG = 100

HEADER = """\
# Coasts and borders of the world. Made by tools/make_outline.py; do not edit.
# Source: Natural Earth 4.1.0, 1:50m countries (public domain), from {file} of the npm package world-atlas 2.0.2.
# Borders are those that Natural Earth draws (in effect, not by right); they are no statement of this project.
# A row is a ring of land ("land", closed: the last point joins the first) or a line between countries ("border"):
# longitude and latitude of the first point, then steps, in 1/{units} degree.
"""


def arcs_of(topology: dict[str, Any]) -> list[Points]:
    """Every arc as (n, 2) longitudes and latitudes in degrees."""
    scale, shift = (np.array(topology["transform"][key]) for key in ("scale", "translate"))
    return [np.cumsum(np.array(arc, dtype=np.float64), axis=0) * scale + shift for arc in topology["arcs"]]


def rings_of(geometry: dict[str, Any]) -> Iterator[list[int]]:
    """Arc numbers of every ring; ~n is arc n backwards."""
    if geometry["type"] == "Polygon":
        yield from geometry["arcs"]
    elif geometry["type"] == "MultiPolygon":
        for polygon in geometry["arcs"]:
            yield from polygon


def vectors(points: Points) -> Points:
    longitude, latitude = np.radians(points).T
    return np.stack((np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude)), 1)


def thinned(points: Points) -> Points:
    """The points that a line needs to stay within tolerance; both ends stay, a closed line keeps its farthest point."""
    places = vectors(points) * EARTH_RADIUS_KM
    west, south, east, north = NEAR
    is_near = np.any((points >= (west, south)).all(1) & (points <= (east, north)).all(1))
    size_km = float(np.linalg.norm(np.ptp(places, axis=0)))
    tolerance_km = min(NEAR_TOLERANCE_KM if is_near else FAR_TOLERANCE_KM, size_km / 12.0)
    keep = np.zeros(len(points), dtype=bool)
    keep[[0, -1]] = True
    farthest = int(np.argmax(np.linalg.norm(places - places[0], axis=1)))
    closed = np.array_equal(points[0], points[-1])
    todo = [(0, farthest), (farthest, len(points) - 1)] if closed else [(0, len(points) - 1)]
    keep[farthest] |= closed
    while todo:
        first, last = todo.pop()
        if last - first < 2:
            continue
        chord, offsets = places[last] - places[first], places[first + 1 : last] - places[first]
        length = float(chord @ chord)
        along = np.clip(offsets @ chord / length, 0.0, 1.0) if length else np.zeros(len(offsets))
        off_km = np.linalg.norm(offsets - along[:, None] * chord, axis=1)
        if off_km.max() > tolerance_km:
            middle = first + 1 + int(np.argmax(off_km))
            keep[middle] = True
            todo += [(first, middle), (middle, last)]
    return points[keep]


def area_km2(ring: Points) -> float:
    longitude, latitude = np.radians(ring).T
    x = longitude * np.cos(latitude.mean())
    return float(abs(np.sum(x * np.roll(latitude, -1) - np.roll(x, -1) * latitude)) / 2.0 * EARTH_RADIUS_KM**2)


def unrolled(line: Points) -> Points:
    """Longitudes made continuous: no step is longer than half a turn."""
    steps = np.diff(line[:, 0])
    turns = np.concatenate(([0.0], np.cumsum(-360.0 * np.round(steps / 360.0))))
    return np.stack((line[:, 0] + turns, line[:, 1]), axis=1)


def beside(ring: Points, meridian_deg: float, side: int) -> Points:
    """The part of a ring (n, 2) east (`side` = 1) or west (-1) of a meridian; Sutherland and Hodgman 1974."""
    kept: list[Points] = []
    for before, point in zip(np.roll(ring, 1, axis=0), ring, strict=True):
        a, b = side * (before[0] - meridian_deg), side * (point[0] - meridian_deg)
        if a * b < 0.0:
            kept.append(before + (point - before) * a / (a - b))
        if b >= 0.0:
            kept.append(point)
    return np.array(kept).reshape(-1, 2)


def cut_ring(ring: Points) -> Iterator[Points]:
    """A closed ring (first point not repeated) in pieces within ±180°; one round a pole is closed over that pole."""
    closed = unrolled(np.concatenate((ring, ring[:1])))
    turn_deg = closed[-1, 0] - closed[0, 0]
    if abs(turn_deg) > 180.0:
        pole_deg = 90.0 if closed[:, 1].mean() > 0.0 else -90.0
        corners = np.linspace((closed[-1, 0], pole_deg), (closed[0, 0], pole_deg), 5)
        closed = np.concatenate((closed, corners, closed[:1]))
    ring = closed[:-1]
    for turn in (-1, 0, 1):
        low, high = 360.0 * turn - 180.0, 360.0 * turn + 180.0
        piece = beside(beside(ring, low, 1), high, -1)
        if len(piece) > 2:
            yield piece - (360.0 * turn, 0.0)


def cut_line(line: Points) -> Iterator[Points]:
    """A line in pieces that do not cross the antimeridian; the short way across it is left out."""
    breaks = np.flatnonzero(np.abs(np.diff(line[:, 0])) > 180.0) + 1
    yield from (piece for piece in np.split(line, breaks) if len(piece) > 1)


def row(kind: str, line: Points, *, closed: bool) -> str | None:
    """A row of the table; None where nothing is left of the line."""
    units = np.round(line * UNITS_PER_DEG).astype(int)
    steps = np.diff(units, axis=0)
    steps = steps[(steps != 0).any(axis=1)]
    if closed and len(steps) and not steps.sum(axis=0).any():
        steps = steps[:-1]
    if len(steps) < (2 if closed else 1):
        return None
    return " ".join([kind, *map(str, units[0].tolist()), *map(str, steps.ravel().tolist())])


def rows(topology: dict[str, Any]) -> Iterator[str]:
    whole = arcs_of(topology)
    arcs = [thinned(arc) for arc in whole]

    def joined(source: Sequence[Points], numbers: Sequence[int]) -> Points:
        parts = [source[number] if number >= 0 else source[~number][::-1] for number in numbers]
        return np.concatenate([part[:-1] for part in parts])

    west, south, east, north = NEAR
    for land in topology["objects"]["land"]["geometries"]:
        for numbers in rings_of(land):
            ring = joined(whole, numbers)
            longitude, latitude = ring.mean(axis=0)
            is_near = west <= longitude <= east and south <= latitude <= north
            if np.abs(ring[:, 1]).min() > 89.9:
                continue  # what is left of the map's lower edge
            if np.ptp(ring[:, 0]) < 180.0 and area_km2(ring) < (MIN_NEAR_AREA_KM2 if is_near else MIN_FAR_AREA_KM2):
                continue
            for piece in cut_ring(joined(arcs, numbers)):
                text = row("land", piece, closed=True)
                if text:
                    yield text
    users: Counter[int] = Counter()
    for country in topology["objects"]["countries"]["geometries"]:
        users.update({number if number >= 0 else ~number for ring in rings_of(country) for number in ring})
    for number, n_users in sorted(users.items()):
        if n_users > 1:
            for piece in cut_line(arcs[number]):
                text = row("border", piece, closed=False)
                if text:
                    yield text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("topology", type=Path, help="countries-50m.json of world-atlas")
    parser.add_argument("table", type=Path)
    options = parser.parse_args()
    topology = json.loads(options.topology.read_text(encoding="utf-8"))
    header = HEADER.format(file=options.topology.name, units=UNITS_PER_DEG)
    options.table.write_text(header + "\n".join(rows(topology)) + "\n", encoding="ascii", newline="\n")


if __name__ == "__main__":
    main()
