"""``study.html``: the answers of a study on one page that needs no network and no script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from eagleplan.report import words
from eagleplan.report.page import TEMPLATES, environment, joined, policy_sha256
from eagleplan.study import charts
from eagleplan.study.answers import WIDE_GAP_FRAC, Answers
from eagleplan.study.heat_maps import HeatMap
from eagleplan.study.intervals import CONFIDENCE_FRAC, LEAST_WEEKS, Estimate
from eagleplan.study.labels import short_label
from eagleplan.study.satellites_needed import ALL, SatellitesNeeded
from eagleplan.study.stations import BASE
from eagleplan.study.stations_worth import BudgetAnswer, SetWorth, StationWorth
from eagleplan.study.variants import Variant

if TYPE_CHECKING:
    from jinja2 import Template

_OWN = Path(__file__).parent / "templates"
PAGE_NAME = "study.html"
N_HEATS = 10

MOST_PARTS = 24
MOST_ROWS = 200
MOST_FAILURES = 50
MOST_PAIR_ROWS = 2000
"""A page of thousands of variants is of use to nobody: it shows the first ones, and the tables have all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StationPart:
    """What stations are worth at one point of the axes; `best` is the first candidate, if there is one."""

    title: str
    chart: charts.BarChart
    worths: tuple[StationWorth, ...]
    best: StationWorth | None
    ties: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPart:
    """The sets of stations at one point of the axes, and what the budget pays for, where one is given."""

    title: str
    chart: charts.DotChart
    worths: tuple[SetWorth, ...]
    budget: BudgetAnswer | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetPart:
    """What fleets meet, for what else the axes say: all pairs drawn, each pair in a row."""

    title: str
    chart: charts.DotChart
    overall: SatellitesNeeded
    needed: tuple[SatellitesNeeded, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MapPart:
    """A heat map, and the value of its darkest cell."""

    map: HeatMap
    most_frac: float


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantPart:
    """A variant by name."""

    title: str
    variant: Variant


def study_html(found: Answers) -> bytes:
    """UTF-8; every text is escaped; the same answers give the same bytes."""
    from markupsafe import Markup

    style = _style()
    variants = [VariantPart(title=_variant_title(found.axes, this), variant=this) for this in found.variants]
    whole = [part for part in variants if part.variant.is_whole]
    n_shown, n_rows = 0, 0
    for this in found.variants:
        n_rows += len(this.pairs)
        n_shown += n_rows <= MOST_PAIR_ROWS or n_shown == 0
    page = _template().render(
        answers=found,
        record=found.record,
        base=next((part for part in variants if part.variant.station_set in ("", BASE)), None),
        best=max(whole, key=_met, default=None),
        worst=min(whole, key=_met, default=None),
        wide_gap_frac=WIDE_GAP_FRAC,
        least_weeks=LEAST_WEEKS,
        max_gap_frac=max((this.max_gap_frac for this in found.variants), default=0.0),
        stations=_stations(found),
        sets=_sets(found),
        fleets=_fleets(found.satellites),
        maps=[_map(this) for this in found.maps],
        variants=variants,
        n_whole=len(whole),
        n_shown=n_shown,
        most_parts=MOST_PARTS,
        most_rows=MOST_ROWS,
        most_failures=MOST_FAILURES,
        n_intervals=len(found.stations),
        confidence_frac=CONFIDENCE_FRAC,
        style=Markup(style),
        style_sha256=policy_sha256(style),
    )
    return page.encode()


def heat(this: Estimate, most_frac: float = 1.0) -> int:
    """Which of the colours a fraction has, 0 to `N_HEATS` at `most_frac`."""
    return round(N_HEATS * min(1.0, max(0.0, this.mean / most_frac))) if most_frac > 0.0 else 0


def _stations(found: Answers) -> list[StationPart]:
    parts = []
    for point, own in groupby(found.stations, key=lambda worth: worth.point):
        worths = tuple(own)
        candidates = [worth for worth in worths if worth.is_candidate]
        parts.append(
            StationPart(
                title=_title(found.axes, point),
                chart=charts.station_chart(worths),
                worths=worths,
                best=candidates[0] if candidates else None,
                ties=tuple(worth.station_id for worth in candidates[1:] if not worth.told_from_best),
            )
        )
    return parts


def _sets(found: Answers) -> list[SetPart]:
    budgets = {answer.point: answer for answer in found.budgets}
    parts = []
    for point, own in groupby(found.sets, key=lambda worth: worth.point):
        worths = tuple(own)
        if len({worth.cost for worth in worths}) > 1 or budgets:
            parts.append(
                SetPart(
                    title=_title(found.axes, point),
                    chart=charts.set_chart(worths, whole_x=not found.record.cost),
                    worths=worths,
                    budget=budgets.get(point),
                )
            )
    return parts


def _fleets(needed: Sequence[SatellitesNeeded]) -> list[FleetPart]:
    parts = []
    for (elsewhere, station_set), own in groupby(needed, key=lambda one: (one.elsewhere, one.station_set)):
        group = tuple(own)
        overall = next(one for one in group if one.pair == ALL)
        axes = [f"{axis} = {short_label(label)}" for axis, label in elsewhere]
        parts.append(
            FleetPart(
                title=" · ".join((*axes, *((station_set,) if station_set else ()))),
                chart=charts.fleet_chart(overall),
                overall=overall,
                needed=group,
            )
        )
    return parts


def _met(part: VariantPart) -> float:
    return part.variant.met_frac.mean


def _map(this: HeatMap) -> MapPart:
    means = [cell.mean for row in this.cells for cell in row if cell is not None]
    return MapPart(map=this, most_frac=max(means, default=0.0))


def _variant_title(axes: Sequence[str], this: Variant) -> str:
    parts = (_title(axes, this.point), this.station_set)
    return ", ".join(part for part in parts if part) or "All weeks"


def _title(axes: Sequence[str], point: Sequence[str]) -> str:
    return " · ".join(f"{axis} = {short_label(label)}" for axis, label in zip(axes, point, strict=True))


@cache
def _style() -> str:
    return joined([TEMPLATES / "report.css", _OWN / "study.css"])


@cache
def _template() -> Template:
    templates = environment(_OWN, TEMPLATES)
    templates.filters |= {
        "bits": words.bits_text,
        "change": charts.bits_change,
        "percent": words.percent_text,
        "percent_up": words.percent_up_text,
        "heat": heat,
        "interval": charts.interval_text,
        "fixed": charts.fixed,
        "short": short_label,
    }
    return templates.get_template("study.html.j2")
