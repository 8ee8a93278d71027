"""The figure of the map: stations, tracks of contacts, circles of visibility, key flows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from eagleplan.model import ContactTrace
from eagleplan.report.index import PlanIndex
from eagleplan.report.map import map_view
from eagleplan.report.map_shapes import Frame, Label, Sheet
from eagleplan.report.plots.canvas import BLUE, GREY, INK, ORANGE, QUIET, RED, Form, bare, figure_bytes

if TYPE_CHECKING:
    from eagleplan.report.plots.canvas import Axes, Figure

WIDTH = 8.0
_HEAD = 0.5
_FOOT = 0.5
_SEA, _LAND, _COAST = "#eaf0f7", "#fbfaf6", "#9aa5b8"
_MARKERS = {"operational": "o", "announced": "s", "candidate": "^"}
_BEHIND = {"facecolor": "white", "alpha": 0.6, "pad": 0.4, "linewidth": 0}
_DELIVERED: Mapping[str, Any] = {"color": ORANGE, "alpha": 0.6, "solid_capstyle": "round"}
_WANTED: Mapping[str, Any] = {"color": ORANGE, "linewidth": 0.8, "linestyle": (0, (4, 3))}
_SIDES = {"start": "left", "middle": "center", "end": "right"}


def draw_map(index: PlanIndex, traces: Sequence[ContactTrace], form: Form) -> bytes:
    """The figure as bytes."""
    sheet = map_view(index, traces)
    title = f"{index.plan.name}: stations, contacts and key"
    chart = (WIDTH - 0.3) * sheet.height / sheet.width
    height = _HEAD + chart + _FOOT

    def draw(figure: Figure) -> None:
        figure.text(0.15 / WIDTH, 1.0 - 0.27 / height, title, fontsize=11, weight="bold", va="center")
        axes = figure.add_axes((0.15 / WIDTH, _FOOT / height, 1.0 - 0.3 / WIDTH, chart / height))
        bare(axes)
        axes.set_xlim(0.0, sheet.width)
        axes.set_ylim(sheet.height, 0.0)
        for number, frame in enumerate(sheet.frames):
            _frame(axes, frame, number)
        _flows(axes, sheet)
        for frame in sheet.frames:
            _sites(axes, frame)
        _legend(figure, axes, sheet, height)

    return figure_bytes(draw, form, size=(WIDTH, height), title=title)


def _frame(axes: Axes, frame: Frame, number: int) -> None:
    """Land, its lines, and what satellites see and fly, cut to the frame: what is cut in parts has as many ids."""
    left, top, right, bottom = frame.left, frame.top, frame.left + frame.width, frame.top + frame.height
    corners = ([left, right, right, left], [top, top, bottom, bottom])
    axes.fill(*corners, color=_SEA, linewidth=0)
    for ring in frame.land:
        axes.fill(*zip(*ring, strict=True), color=_LAND, linewidth=0)
    for lines, colour, width in (
        (frame.graticule, "#d3dbe7", 0.4),
        (frame.borders, "#cfd4dd", 0.4),
        (frame.coast, _COAST, 0.6),
    ):
        for line in lines:
            axes.plot(*zip(*line, strict=True), color=colour, linewidth=width)
    for label in frame.degrees:
        _text(axes, label, 5.5, QUIET)
    for circle in frame.circles:
        for part, line in enumerate(circle.lines):
            axes.plot(
                *zip(*line, strict=True), color=BLUE, linewidth=0.6, linestyle=(0, (2, 2)), alpha=0.55,
                gid=f"circle-{number}-{part}-{circle.satellite_id}-{circle.site_id}",
            )  # fmt: skip
    for track in frame.tracks:
        for line in track.lines:
            axes.plot(*zip(*line, strict=True), color=GREY, linewidth=0.6, alpha=0.8)
        for part, line in enumerate(track.contact_lines):
            axes.plot(
                *zip(*line, strict=True), color=BLUE, linewidth=1.6, gid=f"contact-{number}-{part}-{track.contact_id}"
            )
    (x0, y0), (x1, y1) = frame.bar.start, frame.bar.end
    axes.plot([x0, x1], [y0, y1], color=INK, linewidth=1.5, solid_capstyle="butt")
    axes.text((x0 + x1) / 2.0, y0 - 4.0, f"{frame.bar.length_km:g} km", fontsize=6, ha="center", va="bottom")
    axes.plot([*corners[0], left], [*corners[1], top], color=QUIET, linewidth=0.7)


def _flows(axes: Axes, sheet: Sheet) -> None:
    for flow in sheet.flows:
        wide = max(0.8, 7.0 * flow.width_frac)
        look = {**_DELIVERED, "linewidth": wide} if flow.delivered_bits else _WANTED
        axes.plot(*zip(*flow.line, strict=True), **look, gid=f"flow-{flow.node_a}-{flow.node_b}")


def _sites(axes: Axes, frame: Frame) -> None:
    for site in frame.sites:
        axes.plot(
            [site.at[0]],
            [site.at[1]],
            _MARKERS[site.status],
            color=RED if site.n_contacts else "white",
            markeredgecolor=INK,
            markeredgewidth=0.7,
            markersize=5.5,
            gid=f"site-{site.site_id}",
        )
        if site.label is not None:
            _text(axes, site.label, 7.0, INK)


def _text(axes: Axes, label: Label, size: float, colour: str) -> None:
    """A label that can be read over the lines that cross it."""
    x, y = label.at
    axes.text(x, y, label.text, fontsize=size, color=colour, ha=_SIDES[label.anchor], va="baseline", bbox=_BEHIND)


def _legend(figure: Figure, axes: Axes, sheet: Sheet, height: float) -> None:
    sites = [site for frame in sheet.frames for site in frame.sites]
    for status, marker in _MARKERS.items():
        if any(site.status == status for site in sites):
            axes.plot([], [], marker, color=GREY, markeredgecolor=INK, markersize=5, label=f"{status} station")
    if any(site.n_contacts for site in sites):
        axes.plot([], [], "o", color=RED, markeredgecolor=INK, markersize=5, label="with contacts")
    if any(frame.tracks for frame in sheet.frames):
        axes.plot([], [], color=BLUE, linewidth=1.6, label="track in contact")
        axes.plot([], [], color=GREY, linewidth=0.6, label="rest of the pass")
    if any(frame.circles for frame in sheet.frames):
        axes.plot([], [], color=BLUE, linewidth=0.6, linestyle=(0, (2, 2)), label="lowest elevation")
    if any(flow.delivered_bits for flow in sheet.flows):
        axes.plot([], [], **_DELIVERED, linewidth=4, label="key delivered")
    if not all(flow.delivered_bits for flow in sheet.flows):
        axes.plot([], [], **_WANTED, label="wanted, none delivered")
    figure.legend(loc="lower left", bbox_to_anchor=(0.012, 0.0), ncols=5, frameon=False, fontsize=7, handlelength=1.8)
