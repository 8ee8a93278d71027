"""Contact sheets in the pixels of the page: path data, places of labels; the template only writes them down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from eagleplan.model import ContactTrace
from eagleplan.report.index import PlanIndex
from eagleplan.report.path_data import line_data, number_text
from eagleplan.report.sheet_axes import Points, Tick
from eagleplan.report.sheet_charts import HEIGHTS, WIDTH, Chart, Charts, Rule
from eagleplan.report.sheet_facts import FactGroup, GroupKind
from eagleplan.report.sheet_labels import Anchor, text_width
from eagleplan.report.sheet_sky_drawing import DrawnSky, drawn_sky
from eagleplan.report.sheets import ContactSheet, contact_sheets

LEFT = 44
"""Boxes of charts lie this far from the left."""

_BELOW_SKY: Sequence[GroupKind] = ("key", "cloud")
_BELOW_CHARTS: Sequence[GroupKind] = ("neighbours", "backups", "given-up")

_TITLE_HEIGHT = 18
_TICKS_HEIGHT = 18
_LEAST_THICKNESS = 7.0
"""A band must be so thick to hold its number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnBand:
    """A loss term: its colour's number, its area, and where its number stands if it is thick enough to hold one."""

    number: int
    area: str
    text_y: str
    is_gain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnTick:
    """A label at a place of an axis."""

    at: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnWait:
    """The time without key: from `x`, so wide, until the instant `until_x`, of which the label tells."""

    x: str
    width: str
    until_x: str
    label: str
    label_x: str
    anchor: Anchor


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnChart:
    """A box, `top` from the top; all else counts from its own upper left corner. `bands` in the order of painting."""

    chart: Chart
    top: int
    height: int
    left_ticks: tuple[DrawnTick, ...]
    right_ticks: tuple[DrawnTick, ...]
    grid: str
    curves: tuple[tuple[str, str], ...]
    bands: tuple[DrawnBand, ...]
    wait: DrawnWait | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnCharts:
    """The boxes from the top, which end at `bottom`; `terms` are (number, name, mean dB), for the legend.

    `outside` are (x, width) of what of a box does not belong to the contact.
    """

    boxes: tuple[DrawnChart, ...]
    top: int
    bottom: int
    height: int
    contact_x: str
    contact_width: str
    outside: tuple[tuple[str, str], ...]
    ticks: tuple[DrawnTick, ...]
    terms: tuple[tuple[int, str, str], ...]
    zone: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnSheet:
    """A sheet ready for the template: the groups of facts stand below the sky, below the charts, and beside both."""

    sheet: ContactSheet
    sky: DrawnSky | None
    charts: DrawnCharts | None
    below_sky: tuple[FactGroup, ...]
    below_charts: tuple[FactGroup, ...]
    beside: tuple[FactGroup, ...]


def drawn_sheets(index: PlanIndex, traces: Sequence[ContactTrace]) -> Mapping[str, DrawnSheet]:
    """Contact id → its sheet, drawn."""
    return {contact_id: drawn_sheet(sheet) for contact_id, sheet in contact_sheets(index, traces).items()}


def drawn_sheet(sheet: ContactSheet) -> DrawnSheet:
    """A sheet, drawn."""
    return DrawnSheet(
        sheet=sheet,
        sky=None if sheet.sky is None else drawn_sky(sheet.sky),
        charts=None if sheet.charts is None else _charts(sheet.charts),
        below_sky=tuple(group for group in sheet.facts if group.kind in _BELOW_SKY),
        below_charts=tuple(group for group in sheet.facts if group.kind in _BELOW_CHARTS),
        beside=tuple(group for group in sheet.facts if group.kind not in (*_BELOW_SKY, *_BELOW_CHARTS)),
    )


def _charts(found: Charts) -> DrawnCharts:
    boxes, top = [], _TITLE_HEIGHT
    for chart in found.charts:
        boxes.append(_chart(chart, top))
        top += HEIGHTS[chart.kind] + _TITLE_HEIGHT
    bottom = top - _TITLE_HEIGHT
    first, last = found.contact_frac
    bands = sorted((band for chart in found.charts for band in chart.bands), key=lambda band: band.number)
    return DrawnCharts(
        boxes=tuple(boxes),
        top=_TITLE_HEIGHT,
        bottom=bottom,
        height=bottom + _TICKS_HEIGHT,
        contact_x=number_text(LEFT + WIDTH * first),
        contact_width=number_text(WIDTH * (last - first)),
        outside=tuple(
            (number_text(WIDTH * begin), number_text(WIDTH * (end - begin)))
            for begin, end in ((0.0, first), (last, 1.0))
            if end > begin
        ),
        ticks=tuple(
            DrawnTick(at=number_text(LEFT + WIDTH * tick.at_frac), label=tick.label) for tick in found.time.ticks
        ),
        terms=tuple((band.number, band.term, f"{band.mean_db + 0.0:.2f}".replace("-", "−")) for band in bands),
        zone=found.zone,
        text=". ".join(chart.text for chart in found.charts) + ".",
    )


def _chart(chart: Chart, top: int) -> DrawnChart:
    height = HEIGHTS[chart.kind]
    left_ticks = _value_ticks(chart.left.ticks, height)
    return DrawnChart(
        chart=chart,
        top=top,
        height=height,
        left_ticks=left_ticks,
        right_ticks=() if chart.right is None else _value_ticks(chart.right.ticks, height),
        grid="".join(f"M0,{tick.at}h{WIDTH}" for tick in left_ticks),
        curves=tuple((curve.kind, line_data(_pixels(curve.points, height))) for curve in chart.curves),
        bands=tuple(_bands(chart, height)),
        wait=None if chart.rule is None else _wait(chart.rule),
    )


def _wait(rule: Rule) -> DrawnWait:
    """The label stands after the instant, or before it where it would not fit."""
    until = WIDTH * rule.at_frac
    fits = until + 4.0 + text_width(rule.label) < WIDTH
    return DrawnWait(
        x=number_text(WIDTH * rule.from_frac),
        width=number_text(WIDTH * (rule.at_frac - rule.from_frac)),
        until_x=number_text(until),
        label=rule.label,
        label_x=number_text(until + 4.0 if fits else until - 4.0),
        anchor="start" if fits else "end",
    )


def _bands(chart: Chart, height: int) -> Iterable[DrawnBand]:
    """From the top of the stack down, each over all below it, so that an area needs no lower edge; gains at last."""
    losses = [band for band in chart.bands if not band.is_gain]
    for band in (*reversed(losses), *(band for band in chart.bands if band.is_gain)):
        if band.points == band.base:
            continue
        upper, lower = _pixels(band.points, height), _pixels(band.base, height)
        thickness = abs(upper[-1][1] - lower[-1][1])
        area = line_data([*upper, *reversed(lower)]) if band.is_gain else f"{line_data(upper)}V{height}H0"
        yield DrawnBand(
            number=band.number,
            area=f"{area}z",
            is_gain=band.is_gain,
            text_y=number_text((upper[-1][1] + lower[-1][1]) / 2.0 + 3.0) if thickness >= _LEAST_THICKNESS else "",
        )


def _value_ticks(ticks: Sequence[Tick], height: int) -> tuple[DrawnTick, ...]:
    return tuple(DrawnTick(at=number_text(height * (1.0 - tick.at_frac)), label=tick.label) for tick in ticks)


def _pixels(points: Points, height: int) -> list[tuple[float, float]]:
    return [(WIDTH * x, height * (1.0 - y)) for x, y in points]
