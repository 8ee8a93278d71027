"""Key between nodes as arcs: every pair that asks for key, all its demands together."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from eagleplan.report.index import PlanIndex
from eagleplan.report.map_shapes import Flow, Point
from eagleplan.report.map_view import View
from eagleplan.report.pairs import pairs
from eagleplan.report.projection import mean_place
from eagleplan.report.words import bits_text, percent_text

BEND_FRAC = 0.14
"""How far an arc leaves the straight line, as a share of its length."""

LOOP = 26.0
"""Nodes at one place are joined by a loop of this size."""


def flows(
    index: PlanIndex, views: Sequence[View], site_views: dict[str, View]
) -> tuple[tuple[Flow, ...], tuple[Flow, ...]]:
    """Those with a place at both ends, widest first, and those without.

    A site stands where it is. A country stands in the middle of its stations with contacts, or of all where none has
    one; if they lie in several frames, of those in the frame with the most. Other nodes have no place.
    """
    found = pairs(index.plan.demands)
    most = max((pair.delivered_bits for pair in found), default=0)
    anchor = _anchors(index, views, site_views)
    placed: list[Flow] = []
    unplaced: list[Flow] = []
    for pair in found:
        start, end = anchor(pair.node_a), anchor(pair.node_b)
        has_place = start is not None and end is not None
        flow = Flow(
            node_a=pair.node_a,
            node_b=pair.node_b,
            wanted_bits=pair.wanted_bits,
            delivered_bits=pair.delivered_bits,
            met_frac=pair.met_frac,
            width_frac=round(pair.delivered_bits / most, 4) if most else 0.0,
            start=start if has_place else None,
            bend=_bend(start, end) if start is not None and end is not None else None,
            end=end if has_place else None,
            title=(
                f"{pair.node_a} – {pair.node_b}\n"
                f"{bits_text(pair.delivered_bits)} of {bits_text(pair.wanted_bits)} wanted\n"
                f"{percent_text(pair.met_frac)} met"
            ),
        )
        (placed if has_place else unplaced).append(flow)
    return tuple(sorted(placed, key=_rank)), tuple(sorted(unplaced, key=_rank))


def _rank(flow: Flow) -> tuple[int, str, str]:
    return -flow.delivered_bits, flow.node_a, flow.node_b


def _anchors(index: PlanIndex, views: Sequence[View], site_views: dict[str, View]) -> Callable[[str], Point | None]:
    def anchor(node: str) -> Point | None:
        if node in index.sites:
            own = [index.sites[node]]
        else:
            of_country = [site for site in index.plan.sites if site.country == node]
            own = [site for site in of_country if index.contacts_of_site[site.site_id]] or of_country
        if not own:
            return None
        view = max(views, key=lambda view: sum(site_views[site.site_id] is view for site in own))
        there = [site for site in own if site_views[site.site_id] is view]
        latitude_deg, longitude_deg = mean_place(
            np.array([site.latitude_deg for site in there]), np.array([site.longitude_deg for site in there])
        )
        x, y = view.on_sheet(np.array([latitude_deg]), np.array([longitude_deg]))[0].tolist()
        return round(x, 1), round(y, 1)

    return anchor


def _bend(start: Point, end: Point) -> Point:
    """To the left of the way from the western end to the eastern one, so that arcs bulge northwards."""
    (ax, ay), (bx, by) = sorted((start, end))
    length = math.hypot(bx - ax, by - ay)
    if length < 1.0:
        return round(ax + LOOP, 1), round(ay - LOOP, 1)
    x, y = (ax + bx) / 2.0, (ay + by) / 2.0
    return round(x + 2.0 * BEND_FRAC * (by - ay), 1), round(y - 2.0 * BEND_FRAC * (bx - ax), 1)
