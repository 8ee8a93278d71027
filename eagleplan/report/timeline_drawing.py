"""The timeline as the page draws it: an SVG per row, 1000 units wide and 20 high, stretched to the page's width.

Rows are elements of their own, so that filters can take them out and names keep beside their rows on narrow screens.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from eagleplan.report.bars import Bar
from eagleplan.report.path_data import number_text
from eagleplan.report.timeline import Mark, Panel, Row, Timeline

WIDTH = 1000.0
HEIGHT = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A mark as SVG path data, and how full it is drawn."""

    path: str
    bar: Bar
    title: str
    opacity: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnRow:
    """A row, ready for the template. `outlines` are windows that say nothing: satellite id → path data of all."""

    row: Row
    nights: str
    outlines: Sequence[tuple[str, str]]
    windows: Sequence[Shape]
    closures: Sequence[Shape]
    backups: Sequence[Shape]
    contacts: Sequence[Shape]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnPanel:
    """A panel, ready for the template; `grid` are its ticks' lines."""

    panel: Panel
    grid: str
    rows: Sequence[DrawnRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnTimeline:
    """The timeline, ready for the template. `kinds` are those of its marks, for the legend."""

    overview: DrawnPanel
    nights: Sequence[DrawnPanel]
    kinds: frozenset[str]


def drawing(timeline: Timeline) -> DrawnTimeline:
    """Every mark tells all it knows once, in its station's row of its night; elsewhere it is brief."""
    rows = timeline.overview.rows
    kinds = {kind for kind in ("nights", "windows", "closures", "backups") if any(getattr(row, kind) for row in rows)}
    return DrawnTimeline(
        overview=_panel(timeline.overview, is_overview=True),
        nights=[_panel(night, is_overview=False) for night in timeline.nights],
        kinds=frozenset(kinds),
    )


def _panel(panel: Panel, *, is_overview: bool) -> DrawnPanel:
    return DrawnPanel(
        panel=panel,
        grid="".join(f"M{_units(tick.at_frac)} 0v{HEIGHT}" for tick in panel.ticks),
        rows=[_row(row, is_overview=is_overview) for row in panel.rows if is_overview or _is_lively(row)],
    )


def _is_lively(row: Row) -> bool:
    """A satellite that does nothing in a night needs no row there; a station has its night at least."""
    return row.kind == "site" or bool(row.windows or row.closures or row.backups or row.contacts)


def _row(row: Row, *, is_overview: bool) -> DrawnRow:
    in_full = row.kind == "site" and not is_overview
    return DrawnRow(
        row=row,
        nights="".join(_box(mark, 0, HEIGHT) for mark in row.nights),
        outlines=[] if in_full else list(_outlines(row.windows)),
        windows=[_shape(mark, 4, 12, in_full=True) for mark in row.windows] if in_full else [],
        closures=[_shape(mark, 1, 18, in_full=True) for mark in row.closures],
        backups=[_shape(mark, 6, 8, in_full=in_full) for mark in row.backups],
        contacts=[_shape(mark, 3, 14, in_full=in_full) for mark in row.contacts],
    )


def _outlines(windows: Iterable[Mark]) -> Iterable[tuple[str, str]]:
    """Satellite id ("" where windows of all stations are joined) → one path."""
    paths: dict[str, str] = {}
    for mark in windows:
        paths[mark.bar.satellite_id] = paths.get(mark.bar.satellite_id, "") + _box(mark, 4, 12)
    return paths.items()


def _shape(mark: Mark, top: int, height: int, *, in_full: bool) -> Shape:
    return Shape(
        path=_box(mark, top, height),
        bar=mark.bar,
        title=mark.bar.title if in_full else mark.bar.brief,
        opacity=number_text(0.3 + 0.7 * mark.bar.strength_frac, 2),
    )


def _box(mark: Mark, top: int, height: int) -> str:
    width = _units(mark.width_frac)
    return f"M{_units(mark.left_frac)} {top}h{width}v{height}h-{width}z"


def _units(share_frac: float) -> str:
    return number_text(WIDTH * share_frac, 2)
