"""Which parts of the world a map shows: Europe, and an inset for every group of stations outside it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from eagleplan.model import Site
from eagleplan.report.map_view import View
from eagleplan.report.projection import EUROPE, LambertAzimuthal, mean_place, unit_vectors
from eagleplan.units import FloatArray

SHEET_WIDTH = 1000
GAP = 8

EUROPE_KM = (2450.0, 1330.0, 6550.0, 5130.0)
"""West, south, east, north in EPSG:3035: Iceland to Cyprus, Crete to the North Cape's latitude."""

WIDER_KM = 350.0
"""So much more is seen at each side where there are no insets beside the frame."""

MAIN_WIDTH, COLUMN_INSETS, ROW_INSETS = 770, 3, 4
INSET_HEIGHT = 190

GROUP_KM, MAIN_GROUP_KM = 1000.0, 3500.0
"""Stations of an inset, and of a main frame elsewhere than in Europe, lie no farther apart than this."""

MIN_INSET_KM, MIN_MAIN_KM = 2600.0, 3200.0
"""An inset is at least so wide, or no pass would fit into it."""

EARTH_RADIUS_KM = 6371.0088


def views(sites: Sequence[Site]) -> tuple[tuple[View, ...], int]:
    """The frames, the main one first, and the height of the sheet. Every site lies in one at least.

    The main frame is Europe if a site lies there or if there is none at all, else the largest group.
    """
    x_km, y_km = EUROPE.plane_km(_of(sites, "latitude_deg"), _of(sites, "longitude_deg"))
    west, south, east, north = EUROPE_KM
    # A kilometre inside, so that no rounding of the sheet puts a site beyond the edge.
    in_europe = (x_km > west + 1.0) & (x_km < east - 1.0) & (y_km > south + 1.0) & (y_km < north - 1.0)
    outside = [site for site, inside in zip(sites, in_europe, strict=True) if not inside]
    others = groups(outside, GROUP_KM)
    if in_europe.any() or not sites:
        height_km = north - south
        wider_km = 0.0 if others else WIDER_KM
        width = MAIN_WIDTH if others else SHEET_WIDTH
        width_km = east - west + 2.0 * wider_km
        main = View(
            name="Europe",
            projection=EUROPE,
            west_km=west - wider_km,
            north_km=north,
            width_km=width_km,
            left=0,
            top=0,
            width=width,
            height=round(width * height_km / width_km),
        )
    else:
        largest = max(groups(outside, MAIN_GROUP_KM), key=len)
        others = groups([site for site in outside if site not in largest], GROUP_KM)
        width = MAIN_WIDTH if others else SHEET_WIDTH
        main = _around(largest, MIN_MAIN_KM, (0, 0, width, 680))
    insets = _insets(others, main.height)
    while (spare := _spare(others, insets)) is not None:
        del others[spare]
        insets = _insets(others, main.height)
    return (main, *insets), _sheet_height(len(others), main.height)


def _spare(others: Sequence[Sequence[Site]], insets: Sequence[View]) -> int | None:
    """The first group that lies in the insets of those before it, as groups not far from one another do."""
    for number, group in enumerate(others):
        held = [
            inset.holds(inset.on_sheet(_of(group, "latitude_deg"), _of(group, "longitude_deg"))) for inset in insets
        ]
        if number and np.any(held[:number], axis=0).all():
            return number
    return None


def groups(sites: Sequence[Site], reach_km: float) -> list[list[Site]]:
    """Groups none of whose members are farther apart than `reach_km`: the two nearest are joined while that holds."""
    found = [[site] for site in sorted(sites, key=lambda site: site.site_id)]
    if not found:
        return []
    vectors = unit_vectors(*(_of([one for (one,) in found], name) for name in ("latitude_deg", "longitude_deg")))
    apart_km = EARTH_RADIUS_KM * np.arccos(np.clip(vectors.T @ vectors, -1.0, 1.0))
    np.fill_diagonal(apart_km, np.inf)
    while len(found) > 1:
        one, other = sorted(divmod(int(np.argmin(apart_km)), len(found)))
        if apart_km[one, other] > reach_km:
            break
        farther_km = np.maximum(apart_km[one], apart_km[other])
        apart_km[one], apart_km[:, one] = farther_km, farther_km
        apart_km[one, one] = np.inf
        apart_km = np.delete(np.delete(apart_km, other, axis=0), other, axis=1)
        found[one] += found.pop(other)
    return sorted(found, key=lambda group: (-len(group), group[0].site_id))


def _sheet_height(n_insets: int, main_height: int) -> int:
    n_rows = -(-max(0, n_insets - COLUMN_INSETS) // ROW_INSETS)
    return main_height + n_rows * (INSET_HEIGHT + GAP)


def _insets(others: Sequence[Sequence[Site]], main_height: int) -> tuple[View, ...]:
    """As many as fit in the column beside the main frame, the rest in rows below it."""
    found = []
    n_column = min(len(others), COLUMN_INSETS)
    column_height = min(260, (main_height - (n_column - 1) * GAP) // n_column) if n_column else 0
    row_width = (SHEET_WIDTH - (ROW_INSETS - 1) * GAP) // ROW_INSETS
    for number, group in enumerate(others):
        if number < COLUMN_INSETS:
            left = MAIN_WIDTH + GAP
            box = (left, number * (column_height + GAP), SHEET_WIDTH - left, column_height)
        else:
            row, place = divmod(number - COLUMN_INSETS, ROW_INSETS)
            top = main_height + GAP + row * (INSET_HEIGHT + GAP)
            box = (place * (row_width + GAP), top, row_width, INSET_HEIGHT)
        found.append(_around(group, MIN_INSET_KM, box))
    return tuple(found)


def _around(group: Sequence[Site], min_width_km: float, box: tuple[int, int, int, int]) -> View:
    """A frame with a group in its middle, and room around it."""
    left, top, width, height = box
    latitude_deg, longitude_deg = mean_place(_of(group, "latitude_deg"), _of(group, "longitude_deg"))
    projection = LambertAzimuthal(centre_latitude_deg=latitude_deg, centre_longitude_deg=longitude_deg)
    x_km, y_km = projection.plane_km(_of(group, "latitude_deg"), _of(group, "longitude_deg"))
    width_km = float(max(min_width_km, 1.5 * np.ptp(x_km), 1.5 * np.ptp(y_km) * width / height))
    middle_km = (float(x_km.min() + x_km.max()) / 2.0, float(y_km.min() + y_km.max()) / 2.0)
    return View(
        name=f"around {group[0].site_id}"
        if len(group) == 1
        else f"around {group[0].site_id} and {len(group) - 1} more",
        projection=projection,
        west_km=middle_km[0] - width_km / 2.0,
        north_km=middle_km[1] + width_km * height / width / 2.0,
        width_km=width_km,
        left=left,
        top=top,
        width=width,
        height=height,
    )


def _of(sites: Sequence[Site], name: str) -> FloatArray:
    return np.array([getattr(site, name) for site in sites], dtype=np.float64)
