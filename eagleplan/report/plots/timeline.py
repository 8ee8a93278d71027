"""The figure of the timeline: nights side by side, a row per site."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from eagleplan.report.index import PlanIndex
from eagleplan.report.plots.canvas import (
    BLUE,
    DARK,
    GREY,
    GRID,
    ORANGE,
    QUIET,
    Form,
    bare,
    figure_bytes,
    mixed,
    shortened,
)
from eagleplan.report.terminal import span_text
from eagleplan.report.timeline import Mark, Panel, timeline
from eagleplan.report.words import bits_text

if TYPE_CHECKING:
    from eagleplan.report.plots.canvas import Axes, Figure

WIDTH = 11.0
ROW = 0.2
NIGHTS_ABREAST = 7
_LABELS = 1.6
_RIGHT = 0.2
_GAP = 0.06
_HEAD = 0.85
_FOOT = 0.2
_BELOW = 0.5
"""Inches: the column of names, what is left free around, and the room for hours and titles between rows of nights."""

_LOOKS: Mapping[str, Mapping[str, Any]] = {
    "dark enough": {"facecolor": DARK, "linewidth": 0},
    "window": {"facecolor": "white", "edgecolor": QUIET, "linewidth": 0.5},
    "contact (stronger: more key)": {"facecolor": BLUE, "edgecolor": BLUE, "linewidth": 0.5},
    "backup under cloud": {"facecolor": "white", "edgecolor": ORANGE, "hatch": "/////", "linewidth": 0.7},
    "closed": {"facecolor": "none", "edgecolor": GREY, "hatch": "xxxxx", "linewidth": 0},
}

_NARROWEST = 2.0 / 72.0
_NARROWEST_CONTACT = 3.5 / 72.0
"""No bar is drawn narrower than that, in inches: a contact of four minutes would vanish in a week."""


def draw_timeline(index: PlanIndex, form: Form) -> bytes:
    """The figure as bytes."""
    nights = timeline(index).nights
    tiers = [nights[first : first + NIGHTS_ABREAST] for first in range(0, len(nights), NIGHTS_ABREAST)]
    n_rows = max((len(panel.rows) for panel in nights), default=1)
    tier = ROW * n_rows + _BELOW
    height = _HEAD + max(len(tiers), 1) * tier + _FOOT
    title = f"{index.plan.name}: {span_text(index.plan)}"
    bits = sum(contact.expected_bits for contact in index.contacts)
    n_contacts = len(index.contacts)
    summary = f"{n_contacts} contact{'' if n_contacts == 1 else 's'}, expected key {bits_text(bits)}"

    def draw(figure: Figure) -> None:
        figure.text(0.15 / WIDTH, 1.0 - 0.28 / height, title, fontsize=11, weight="bold", va="center")
        figure.text(0.15 / WIDTH, 1.0 - 0.52 / height, summary, fontsize=8, color=QUIET, va="center")
        if not nights:
            figure.text(0.5, 0.5, "Nothing could be done at any time.", ha="center")
            return
        for number, panels in enumerate(tiers):
            bottom = height - _HEAD - number * tier - ROW * n_rows
            _tier(figure, panels, bottom, height, ROW * n_rows, max(map(len, tiers)))
        _legend(figure, nights)

    return figure_bytes(draw, form, size=(WIDTH, height), title=title)


def _tier(figure: Figure, panels: Sequence[Panel], bottom: float, height: float, tall: float, n_abreast: int) -> None:
    """Nights that stand side by side; all measures in inches."""
    wide = (WIDTH - _LABELS - _RIGHT - _GAP * (n_abreast - 1)) / n_abreast
    for place, panel in enumerate(panels):
        left = _LABELS + place * (wide + _GAP)
        axes = figure.add_axes((left / WIDTH, bottom / height, wide / WIDTH, tall / height))
        _night(axes, panel, wide, with_names=place == 0)


def _night(axes: Axes, panel: Panel, wide: float, *, with_names: bool) -> None:
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(len(panel.rows) - 0.5, -0.5)
    axes.set_title(panel.short_title, fontsize=8, pad=3)
    for number, row in enumerate(panel.rows):
        narrowest = _NARROWEST / wide
        _spans(axes, row.nights, number, 1.0, 0.0, _LOOKS["dark enough"])
        _spans(axes, row.windows, number, 0.5, narrowest, _LOOKS["window"])
        _spans(axes, row.closures, number, 1.0, 0.0, _LOOKS["closed"])
        _spans(axes, row.backups, number, 0.62, narrowest, _LOOKS["backup under cloud"])
        for mark in row.contacts:
            left, width = _widened(mark, _NARROWEST_CONTACT / wide)
            prefix = "contact" if row.kind == "site" else "contact-of-satellite"
            axes.barh(
                [number],
                [width],
                left=left,
                height=0.8,
                color=mixed(BLUE, 0.35 + 0.65 * mark.bar.strength_frac),
                edgecolor=BLUE,
                linewidth=0.5,
                zorder=3.0,
                gid=f"{prefix}-{mark.bar.contact_id}",
            )
    step = max(1, -(-len(panel.ticks) * 24 // round(wide * 100)))
    ticks = [tick for tick in panel.ticks[::step] if tick.at_frac < 0.95]
    axes.set_xticks([tick.at_frac for tick in ticks], [tick.label[:2] for tick in ticks], fontsize=6.5)
    axes.set_yticks([number - 0.5 for number in range(1, len(panel.rows))], minor=True)
    axes.grid(which="minor", axis="y", color="white", linewidth=1.0)
    axes.grid(which="major", axis="x", color=GRID, linewidth=0.5)
    axes.tick_params(which="both", length=0)
    if with_names:
        axes.set_yticks(
            range(len(panel.rows)), [shortened(row.site_id or row.name, 24) for row in panel.rows], fontsize=7.5
        )
    else:
        axes.set_yticks([])
    axes.set_xlabel("UTC" if with_names else "", fontsize=6.5, labelpad=1, color=QUIET)
    for spine in axes.spines.values():
        spine.set_linewidth(0.5)


def _spans(axes: Axes, marks: Iterable[Mark], row: int, tall: float, narrowest: float, look: Mapping[str, Any]) -> None:
    spans = [_widened(mark, narrowest) for mark in marks]
    if spans:
        axes.broken_barh(spans, (row - tall / 2.0, tall), **look)


def _widened(mark: Mark, narrowest: float) -> tuple[float, float]:
    """Left edge and width of a mark, widened about its middle if nobody could see it."""
    width = max(mark.width_frac, narrowest)
    left = mark.left_frac + (mark.width_frac - width) / 2.0
    return min(max(left, 0.0), 1.0 - width), width


def _legend(figure: Figure, nights: Sequence[Panel]) -> None:
    axes = figure.add_axes((0.0, 0.0, 0.01, 0.01))
    bare(axes)
    rows = [row for panel in nights for row in panel.rows]
    used = {
        "dark enough": any(row.nights for row in rows),
        "window": any(row.windows for row in rows),
        "contact (stronger: more key)": any(row.contacts for row in rows),
        "backup under cloud": any(row.backups for row in rows),
        "closed": any(row.closures for row in rows),
    }
    for label, look in _LOOKS.items():
        if used[label]:
            axes.fill([], [], label=label, **look)
    figure.legend(loc="lower left", bbox_to_anchor=(0.01, 0.0), ncols=5, frameon=False, fontsize=7.5)
