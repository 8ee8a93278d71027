"""Coasts and borders of the world, as `data/outline/world.txt` holds them (Natural Earth, public domain)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from eagleplan.report.projection import unit_vectors
from eagleplan.resources import data_path
from eagleplan.units import FloatArray, read_only

UNITS_PER_DEG = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """Rings of land and lines between countries, each (n, 2): latitudes and longitudes in degrees.

    A ring does not repeat its first point. None crosses the antimeridian: what does on Earth comes in two pieces that
    touch there. A ring round a pole runs along ±90°.
    """

    land: tuple[FloatArray, ...]
    borders: tuple[FloatArray, ...]


@cache
def world() -> Outline:
    """The packaged outline; 0.03 s, once."""
    lines: dict[str, list[FloatArray]] = {"land": [], "border": []}
    for row in data_path("outline", "world.txt").read_text(encoding="ascii").splitlines():
        if not row.startswith("#"):
            kind, _, steps = row.partition(" ")
            points = np.cumsum(np.array(steps.split(), dtype=np.int64).reshape(-1, 2), axis=0)
            lines[kind].append(read_only(points[:, ::-1] / UNITS_PER_DEG))
    return Outline(land=tuple(lines["land"]), borders=tuple(lines["border"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """Many lines in one array, so that a frame can be cut out of all of them at once.

    `points_deg` (n, 2) are latitudes and longitudes, `vectors` (n, 3) their directions; line k has the points from
    `starts[k]` to `starts[k + 1]`.
    """

    points_deg: FloatArray
    vectors: FloatArray
    starts: tuple[int, ...]


def _paths(lines: tuple[FloatArray, ...]) -> Paths:
    points = np.concatenate(lines)
    return Paths(
        points_deg=read_only(points),
        vectors=read_only(unit_vectors(*points.T).T),
        starts=(0, *np.cumsum([len(line) for line in lines]).tolist()),
    )


@cache
def land_paths() -> Paths:
    """Every ring of land."""
    return _paths(world().land)


@cache
def coast_paths() -> Paths:
    """The edges of land without those that only the antimeridian or the pole made."""
    pieces: list[FloatArray] = []
    for ring in world().land:
        closed = np.concatenate((ring, ring[:1]))
        latitude, longitude = np.abs(closed).T
        along_seam = (longitude[:-1] == 180.0) & (longitude[1:] == 180.0)
        made = along_seam | (latitude[:-1] == 90.0) | (latitude[1:] == 90.0)
        pieces += [piece for piece in np.split(closed, np.flatnonzero(made) + 1) if len(piece) > 1]
    return _paths(tuple(pieces))


@cache
def border_paths() -> Paths:
    """Every line between countries."""
    return _paths(world().borders)
