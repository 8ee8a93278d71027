"""The map of a plan: where the stations stand, where the satellites fly, who gets key with whom."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from eagleplan.model import ContactTrace
from eagleplan.model.site import Site, SiteStatus
from eagleplan.report import outline
from eagleplan.report.boxes import Box, overlap
from eagleplan.report.index import PlanIndex
from eagleplan.report.map_flows import flows
from eagleplan.report.map_frames import SHEET_WIDTH, views
from eagleplan.report.map_ground import circles, tracks
from eagleplan.report.map_labels import label_box, place_labels
from eagleplan.report.map_shapes import Frame, Label, Line, ScaleBar, Sheet, SiteMark
from eagleplan.report.map_view import View
from eagleplan.report.words import bits_text

GRATICULE_DEG = 10
ROUND_KM = (2000.0, 1000.0, 500.0, 200.0, 100.0, 50.0)
MAX_BAR_FRAC = 0.26
"""The scale bar's longest share of the frame's width."""

IMPORTANCE: dict[SiteStatus, int] = {"operational": 0, "announced": 1, "candidate": 2}


def map_view(index: PlanIndex, traces: Sequence[ContactTrace] = ()) -> Sheet:
    """The whole map; without traces there are neither tracks nor circles.

    Every station is marked in one frame: in the main one if it lies there. The main frame shows the tracks of all
    contacts, an inset those of its own stations.
    """
    shown, height = views(index.plan.sites)
    own: dict[str, View] = {}
    for view in shown:
        for site in index.plan.sites:
            if site.site_id not in own and view.holds(_place(view, site))[0]:
                own[site.site_id] = view
    placed, unplaced = flows(index, shown, own)
    return Sheet(
        width=SHEET_WIDTH,
        height=height,
        frames=tuple(
            _frame(index, traces, view, [site for site in index.plan.sites if own[site.site_id] is view], number == 0)
            for number, view in enumerate(shown)
        ),
        flows=placed,
        unplaced=unplaced,
    )


def _place(view: View, site: Site) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return view.on_sheet(np.array([site.latitude_deg]), np.array([site.longitude_deg]))


def _frame(index: PlanIndex, traces: Sequence[ContactTrace], view: View, sites: Sequence[Site], is_main: bool) -> Frame:
    bar = _bar(view)
    net = _graticule(view)
    bar_box: Box = (bar.start[0] - 4.0, bar.start[1] - 18.0, bar.end[0] + 4.0, bar.end[1] + 12.0)
    degrees = tuple(label for label in _degrees(net, view) if is_main and not overlap(label_box(label), bar_box))
    ids = [site.site_id for site in sites]
    taken = [*(label_box(label) for label in degrees), bar_box]
    return Frame(
        name=view.name,
        left=view.left,
        top=view.top,
        width=view.width,
        height=view.height,
        unit_km=round(view.unit_km, 6),
        land=view.land(outline.land_paths()),
        coast=view.lines(outline.coast_paths()),
        borders=view.lines(outline.border_paths()),
        graticule=tuple(line for _, line in net),
        degrees=degrees,
        bar=bar,
        circles=circles(index, traces, view, ids),
        tracks=tracks(index, traces, view, None if is_main else ids),
        sites=_marks(index, view, sites, taken),
    )


def _marks(index: PlanIndex, view: View, sites: Sequence[Site], taken: Sequence[Box]) -> tuple[SiteMark, ...]:
    """Stations in use come first, and so find room for their names."""

    def importance(site: Site) -> tuple[bool, int, str]:
        return not index.contacts_of_site[site.site_id], IMPORTANCE[site.status], site.site_id

    ordered = sorted(sites, key=importance)
    places = [tuple(round(value, 1) for value in _place(view, site)[0].tolist()) for site in ordered]
    at = [(x, y) for x, y in places]
    left, top, right, bottom = view.rectangle
    labels = place_labels(
        [site.site_id for site in ordered], at, inside=(left + 2.0, top + 2.0, right - 2.0, bottom - 2.0), taken=taken
    )
    return tuple(_mark(index, site, point, label) for site, point, label in zip(ordered, at, labels, strict=True))


def _mark(index: PlanIndex, site: Site, at: tuple[float, float], label: Label | None) -> SiteMark:
    contacts = index.contacts_of_site[site.site_id]
    expected_bits = sum(contact.expected_bits for contact in contacts)
    n = len(contacts)
    use = f"{n} contact{'s' if n != 1 else ''}, expected {bits_text(expected_bits)}" if n else "not used in this plan"
    return SiteMark(
        site_id=site.site_id,
        name=site.name,
        country=site.country,
        status=site.status,
        n_contacts=n,
        expected_bits=expected_bits,
        latitude_deg=site.latitude_deg,
        longitude_deg=site.longitude_deg,
        at=at,
        label=label,
        title=f"{site.name}\n{site.site_id}, {site.country}, {site.status}\n{use}",
    )


def _graticule(view: View) -> list[tuple[str, Line]]:
    """Meridians and parallels every 10°, a point a degree, with their names."""
    found: list[tuple[str, Line]] = []
    along = np.arange(-80.0, 80.5)
    for longitude in range(-180, 180, GRATICULE_DEG):
        side = "E" if longitude > 0 else "W" if -180 < longitude < 0 else ""
        for line in view.line(along, np.full_like(along, longitude)):
            found.append((f"{abs(longitude)}°{side}", line))
    around = np.arange(-180.0, 180.5)
    for latitude in range(-80, 81, GRATICULE_DEG):
        side = "N" if latitude > 0 else "S" if latitude < 0 else ""
        for line in view.line(np.full_like(around, latitude), around):
            found.append((f"{abs(latitude)}°{side}", line))
    return found


def _degrees(net: Sequence[tuple[str, Line]], view: View) -> tuple[Label, ...]:
    """Meridians are named at the lower edge, parallels at the left one, away from the corners."""
    left, _, right, bottom = view.rectangle
    found = []
    for name, line in net:
        for x, y in {line[0], line[-1]}:
            if name[-1] not in "NS" and y > bottom - 0.2 and left + 30.0 < x < right - 30.0:
                found.append(Label(text=name, at=(x, round(bottom - 4.0, 1)), anchor="middle"))
            elif name[-1] in "NS" and x < left + 0.2 and view.top + 20.0 < y < bottom - 30.0:
                found.append(Label(text=name, at=(left + 4.0, round(y - 3.0, 1)), anchor="start"))
    return tuple(sorted(found, key=lambda label: (label.text, label.at)))


def _bar(view: View) -> ScaleBar:
    """In the lower right corner, the longest round length that does not take much room."""
    room_km = MAX_BAR_FRAC * view.width_km
    length_km = next((length for length in ROUND_KM if length <= room_km), ROUND_KM[-1])
    _, _, right, bottom = view.rectangle
    end = (round(right - 12.0, 1), round(bottom - 12.0, 1))
    return ScaleBar(length_km=length_km, start=(round(end[0] - length_km / view.unit_km, 1), end[1]), end=end)
