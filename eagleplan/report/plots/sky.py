"""The figure of a contact: its way across the sky on the left, its charts over time on the right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from eagleplan.model import ContactTrace
from eagleplan.report.boxes import Box, box_around
from eagleplan.report.index import PlanIndex
from eagleplan.report.plots.canvas import (
    BLUE,
    DARK,
    GREY,
    GRID,
    INK,
    ORANGE,
    QUIET,
    RED,
    SERIES,
    YELLOW,
    Form,
    bare,
    figure_bytes,
    shortened,
)
from eagleplan.report.sheet_charts import Band, Chart, Charts
from eagleplan.report.sheet_labels import free_place
from eagleplan.report.sheet_sky import RINGS_DEG, SkyPath, SkyPlot, sky_place
from eagleplan.report.sheets import ContactSheet, contact_sheet
from eagleplan.report.words import bits_text, worth_text

if TYPE_CHECKING:
    from eagleplan.report.plots.canvas import Axes, Figure

SIZE = (10.5, 6.6)
_SKY = (0.01, 0.2, 0.415, 0.415 * SIZE[0] / SIZE[1])
_LEFT, _WIDTH, _TOP, _BOTTOM = 0.475, 0.36, 0.9, 0.075
_HEIGHTS = {"geometry": 2.0, "loss": 3.6, "background": 1.3, "key": 2.3}
_GAP = 0.022
_TITLE_LETTERS = 92
"""So many letters of 11 pt fit across the figure; a longer title is set smaller."""

_PIXELS = 500.0
"""The sky's square in the pixels that labels are placed in: so many that 8 pt letters are as wide as those."""

_RIM = 1.16
"""Half of the square in which the sky's unit circle lies."""

HATCHES = ("", "////", "....", "xxxx", "----", "\\\\\\\\", "oooo", "++++")
"""A loss term that repeats a colour has another pattern."""


def draw_sky(index: PlanIndex, traces: Sequence[ContactTrace], contact_id: str, form: Form) -> bytes:
    """The figure as bytes; raises KeyError for a contact that the plan does not have."""
    contact = {contact.contact_id: contact for contact in index.contacts}[contact_id]
    trace = next((trace for trace in traces if trace.contact_id == contact_id), None)
    sheet = contact_sheet(index, contact, trace)
    key = worth_text(contact)
    if contact.outcome is None:
        key = f"{bits_text(contact.key.secret_bits)} under a clear sky; {key}; {contact.p_clear_origin}"

    def draw(figure: Figure) -> None:
        size = min(11.0, 11.0 * _TITLE_LETTERS / len(sheet.title))
        figure.text(0.03, 0.965, " ".join(sheet.title.split()), fontsize=size, weight="bold", va="center")
        figure.text(0.03, 0.928, shortened(key, 150), fontsize=8, color=QUIET, va="center")
        if sheet.sky is None:
            figure.text(0.5, 0.5, "The plan holds no trace of this contact.", ha="center")
            return
        axes = figure.add_axes(_SKY)
        _sky(axes, sheet.sky)
        words = [body.text for body in sheet.sky.bodies] + _remarks(sheet)
        figure.text(0.03, 0.17, "\n".join(shortened(line, 78) for line in words[:5]), fontsize=7.5, va="top")
        if sheet.charts is None:
            figure.text(_LEFT, 0.5, "No window of the pass holds this contact any more: nothing to chart.")
        else:
            _charts(figure, sheet.charts)

    return figure_bytes(draw, form, size=SIZE, title=sheet.title)


def _remarks(sheet: ContactSheet) -> list[str]:
    wanted = ("First key", "Highest elevation", "Loss")
    return [
        f"{fact.label}: {fact.text}" + (f" ({fact.note})" if fact.note else "")
        for group in sheet.facts
        for fact in group.facts
        if fact.label in wanted
    ]


def _places(path: SkyPath) -> tuple[list[float], list[float]]:
    places = [sky_place(*place) for place in zip(path.azimuth_deg, path.elevation_deg, strict=True)]
    return [east for east, _ in places], [north for _, north in places]


def _sky(axes: Axes, sky: SkyPlot) -> None:
    """North at the top, east to the right: the sky as on a map, not as seen from below."""
    bare(axes)
    axes.set_xlim(-_RIM, _RIM)
    axes.set_ylim(-_RIM, _RIM)
    circle = [sky_place(azimuth, 0.0) for azimuth in range(0, 361, 3)]
    axes.fill(*zip(*circle, strict=True), color=DARK, linewidth=0)
    mask = _around(sky.mask)
    axes.fill(*_places(mask), color="white", linewidth=0)
    axes.plot(*_places(mask), color=QUIET, linewidth=0.8, gid="mask")
    taken: list[Box] = []
    for ring in RINGS_DEG:
        line = [sky_place(azimuth, float(ring)) for azimuth in range(0, 361, 3)]
        axes.plot(*zip(*line, strict=True), color=QUIET if ring == 0 else GRID, linewidth=0.9 if ring == 0 else 0.6)
        east, north = sky_place(0.0, float(ring))
        if ring:
            axes.text(east + 0.015, north, f"{ring}°", fontsize=6.5, color=QUIET, va="bottom")
            taken.append(box_around(*_pixels(east, north), 10.0))
    for azimuth, name in zip(range(0, 360, 45), ("N", "NE", "E", "SE", "S", "SW", "W", "NW"), strict=True):
        (east, north), (inner_east, inner_north) = sky_place(azimuth, -7.0), sky_place(azimuth, 90.0)
        rim = sky_place(azimuth, 0.0)
        axes.plot([inner_east, rim[0]], [inner_north, rim[1]], color=GRID, linewidth=0.5)
        axes.text(
            east, north, name, ha="center", va="center", fontsize=8, weight="bold" if len(name) == 1 else "normal"
        )
        taken.append(box_around(*_pixels(east, north), 9.0))
    axes.plot(*_places(sky.whole), color=GREY, linewidth=1.2, linestyle=(0, (3, 2)), gid="pass")
    for number, window in enumerate(sky.windows):
        axes.plot(*_places(window), color=ORANGE, linewidth=3.2, gid=f"window-{number}", solid_capstyle="butt")
    axes.plot(*_places(sky.contact), color=BLUE, linewidth=3.2, gid="contact", solid_capstyle="butt")
    at = sky_place(sky.arrow.azimuth_deg, sky.arrow.elevation_deg)
    axes.plot([at[0]], [at[1]], marker=(3, 0, -sky.arrow.heading_deg), color=BLUE, markersize=10, gid="arrow")
    _marks(axes, sky, taken)
    _bodies(axes, sky)
    axes.plot([], [], color=BLUE, linewidth=3.2, label="contact")
    if sky.windows:
        axes.plot([], [], color=ORANGE, linewidth=3.2, label="rest of the window")
    axes.plot([], [], color=GREY, linewidth=1.2, linestyle=(0, (3, 2)), label="pass")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, 1.04), ncols=3, frameon=False, fontsize=7, handlelength=1.8)


def _around(mask: SkyPath) -> SkyPath:
    """A mask that is the same all around has two points: a circle needs more."""
    if len(mask.azimuth_deg) > 2:
        return mask
    azimuth = tuple(float(step) for step in range(0, 361, 3))
    return SkyPath(azimuth_deg=azimuth, elevation_deg=mask.elevation_deg[:1] * len(azimuth))


def _pixels(east: float, north: float) -> tuple[float, float]:
    """From the plot to the square of labels, whose y goes down."""
    return (east / _RIM + 1.0) * _PIXELS / 2.0, (1.0 - north / _RIM) * _PIXELS / 2.0


def _marks(axes: Axes, sky: SkyPlot, taken: list[Box]) -> None:
    """Instants of the pass; a label that finds no free place is left out, its mark stays."""
    line = [_pixels(*place) for place in zip(*_places(sky.whole), strict=True)]
    for mark in sky.marks:
        east, north = sky_place(mark.azimuth_deg, mark.elevation_deg)
        inner = mark.kind in ("start", "end")
        axes.plot(
            [east],
            [north],
            "o",
            color="white",
            markeredgecolor=BLUE if inner else QUIET,
            markersize=5 if inner else 3.5,
            gid=f"mark-{mark.kind}",
        )
        x, y = _pixels(east, north)
        taken.append(box_around(x, y, 5.0))
        place = free_place(mark.label, x, y, taken, line, _PIXELS)
        if place is not None:
            taken.append(place.box)
            at_x, at_y = float(place.x), float(place.y)
            axes.text(
                (2.0 * at_x / _PIXELS - 1.0) * _RIM,
                (1.0 - 2.0 * at_y / _PIXELS) * _RIM,
                mark.label,
                fontsize=7.5,
                color=INK if inner else QUIET,
                ha={"start": "left", "middle": "center", "end": "right"}[place.anchor],
                va="baseline",
            )


def _bodies(axes: Axes, sky: SkyPlot) -> None:
    """Sun and Moon; one below the horizon is hollow, just outside the rim."""
    for body in sky.bodies:
        is_up = body.elevation_deg >= 0.0
        east, north = sky_place(body.azimuth_deg, body.elevation_deg if is_up else -4.5)
        axes.plot(
            [east],
            [north],
            marker="*" if body.kind == "sun" else "o",
            color=(YELLOW if body.kind == "sun" else "#c9ced8") if is_up else "none",
            markeredgecolor=INK,
            markeredgewidth=0.8,
            markersize=11 if body.kind == "sun" else 8,
            gid=body.kind,
            clip_on=False,
        )
        side = "left" if east < 0.75 else "right"
        axes.annotate(
            body.kind.capitalize(),
            (east, north),
            xytext=(7 if side == "left" else -7, 3),
            textcoords="offset points",
            fontsize=7,
            color=QUIET,
            ha=side,
        )


def _charts(figure: Figure, shown: Charts) -> None:
    weights = [_HEIGHTS[chart.kind] for chart in shown.charts]
    unit = (_TOP - _BOTTOM - _GAP * (len(weights) - 1)) / sum(weights)
    top = _TOP
    for number, (chart, weight) in enumerate(zip(shown.charts, weights, strict=True)):
        height = unit * weight
        axes = figure.add_axes((_LEFT, top - height, _WIDTH, height))
        top -= height + _GAP
        _chart(axes, chart, shown.contact_frac)
        axes.set_xticks([tick.at_frac for tick in shown.time.ticks])
        if number == len(shown.charts) - 1:
            axes.set_xticklabels([tick.label for tick in shown.time.ticks])
            axes.set_xlabel("UTC (white: the contact)", labelpad=1)
        else:
            axes.set_xticklabels([])


def _chart(axes: Axes, chart: Chart, contact_frac: tuple[float, float]) -> None:
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(0.0, 1.0)
    axes.grid(color=GRID, linewidth=0.5)
    axes.axvspan(0.0, contact_frac[0], color=DARK, linewidth=0, zorder=0.5)
    axes.axvspan(contact_frac[1], 1.0, color=DARK, linewidth=0, zorder=0.5)
    axes.set_yticks([tick.at_frac for tick in chart.left.ticks], [tick.label for tick in chart.left.ticks])
    axes.set_ylabel(_title(chart), fontsize=7)
    for band in chart.bands:
        _band(axes, band)
    right = None
    if chart.right is not None:
        right = axes.twinx()
        right.set_ylim(0.0, 1.0)
        right.set_yticks([tick.at_frac for tick in chart.right.ticks], [tick.label for tick in chart.right.ticks])
        right.set_ylabel(chart.right.title.replace(", ", "\n"), fontsize=7)
    for curve in chart.curves:
        where = right if curve.on_right and right is not None else axes
        x, y = zip(*curve.points, strict=True)
        colour = (
            INK if curve.kind == "total" else GREY if curve.on_right else RED if curve.kind == "background" else BLUE
        )
        style = (0, (4, 2)) if curve.kind == "range" else "-"
        where.plot(x, y, color=colour, linewidth=1.0 if curve.on_right else 1.5, linestyle=style, gid=curve.kind)
    if chart.rule is not None:
        axes.axvspan(
            chart.rule.from_frac, chart.rule.at_frac, facecolor="none", edgecolor=GREY, hatch="////", linewidth=0
        )
        axes.axvline(chart.rule.at_frac, color=RED, linewidth=1.0, gid="first-key")
        is_left = chart.rule.at_frac < 0.6
        axes.annotate(
            chart.rule.label,
            (chart.rule.at_frac, 0.86),
            xytext=(4 if is_left else -4, 0),
            textcoords="offset points",
            fontsize=7,
            color=RED,
            ha="left" if is_left else "right",
        )
    if chart.bands:
        axes.legend(
            loc="upper left", bbox_to_anchor=(1.0, 1.02), frameon=False, fontsize=7, reverse=True, handlelength=1.4,
            labelspacing=0.35,
        )  # fmt: skip


def _title(chart: Chart) -> str:
    return chart.left.title.replace(" per detector", "\nper detector").replace(", stacked as the light meets it", "")


def _band(axes: Axes, band: Band) -> None:
    """The band between its edges, which need not have their corners at the same instants."""
    forth, back = list(band.base), list(reversed(band.points))
    x, y = zip(*forth, *back, strict=True)
    place = band.number - 1
    axes.fill(
        x,
        y,
        facecolor="none" if band.is_gain else SERIES[place % len(SERIES)],
        edgecolor=INK if band.is_gain else "white",
        linewidth=0.4,
        hatch="xxxx" if band.is_gain else HATCHES[place // len(SERIES) % len(HATCHES)],
        alpha=0.9,
        label=f"{band.term.replace('_', ' ')} {band.mean_db:.1f}",
        gid=f"term-{band.term}",
    )
