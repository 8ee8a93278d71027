"""``study.html``: the answers of a study on one page that needs no network and no script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import eagleplan.report
from eagleplan.report import words
from eagleplan.study import charts
from eagleplan.study.answers import Answers
from eagleplan.study.intervals import CONFIDENCE_FRAC, Estimate, estimate
from eagleplan.study.satellites_needed import ALL, SatellitesNeeded
from eagleplan.study.stations_worth import SetWorth, StationWorth
from eagleplan.study.variants import BASE, PERCENTILES, PairKey, Variant

if TYPE_CHECKING:
    from jinja2 import Template

_TEMPLATES = (Path(__file__).parent / "templates", Path(eagleplan.report.__file__).parent / "templates")
_STYLES = ("report.css", "study.css")
PAGE_NAME = "study.html"
N_HEATS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class PairLine:
    """A pair's row: percentiles of the year and of the week in bits, nights without key."""

    pair: PairKey
    met: Estimate
    year_bits: tuple[int, int, int]
    nights_without_key: Estimate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantPart:
    """A variant and its pairs."""

    title: str
    variant: Variant
    met: Estimate
    pairs: tuple[PairLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StationPart:
    """What stations are worth at one point of the axes."""

    title: str
    chart: charts.BarChart
    worths: tuple[StationWorth, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPart:
    """The sets of stations at one point of the axes."""

    title: str
    chart: charts.DotChart
    worths: tuple[SetWorth, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetPart:
    """What fleets meet, for what else the axes say: all pairs drawn, each pair in a row."""

    title: str
    chart: charts.DotChart
    needed: tuple[SatellitesNeeded, ...]


def study_html(found: Answers) -> bytes:
    """UTF-8; every text is escaped; the same answers give the same bytes."""
    from markupsafe import Markup

    style = _style()
    page = _template().render(
        answers=found,
        record=found.record,
        n_skies=max((len(this.variant.year_bits) for this in found.variants), default=0),
        stations=[
            StationPart(title=_title(found.axes, point), chart=charts.station_chart(own), worths=tuple(own))
            for point, own in _by_point(found.stations)
        ],
        sets=[
            SetPart(title=_title(found.axes, point), chart=charts.set_chart(own), worths=tuple(own))
            for point, own in _by_point(found.sets)
            if len({worth.cost for worth in own}) > 1
        ],
        fleets=_fleets(found.satellites),
        parts=[
            VariantPart(
                title=_title(found.axes, this.variant.point) or "All weeks",
                variant=this.variant,
                met=this.met,
                pairs=tuple(map(_pair_line, this.variant.pairs)),
            )
            for this in found.variants
        ],
        charts=charts,
        BASE=BASE,
        style=Markup(style),
        style_sha256=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    )
    return page.encode()


def heat(this: Estimate) -> int:
    """Which of the colours a fraction has, 0 to `N_HEATS`."""
    return round(N_HEATS * min(1.0, max(0.0, this.mean)))


def _pair_line(pair: PairKey) -> PairLine:
    p10, p50, p90 = np.quantile(pair.year_bits, PERCENTILES, method="inverted_cdf").tolist()
    return PairLine(
        pair=pair,
        met=estimate(pair.met_frac),
        year_bits=(p10, p50, p90),
        nights_without_key=estimate(pair.n_nights - pair.key_nights) if len(pair.key_nights) else None,
    )


def _by_point(worths: Sequence[StationWorth] | Sequence[SetWorth]) -> list[tuple[tuple[str, ...], list]]:  # type: ignore[type-arg]
    return [(point, list(own)) for point, own in groupby(worths, key=lambda worth: worth.point)]


def _fleets(needed: Sequence[SatellitesNeeded]) -> list[FleetPart]:
    parts = []
    for (elsewhere, station_set), own in groupby(needed, key=lambda one: (one.elsewhere, one.station_set)):
        group = tuple(own)
        parts.append(
            FleetPart(
                title=" · ".join((*elsewhere, *((station_set,) if station_set else ()))),
                chart=next(charts.fleet_chart(one) for one in group if one.pair == ALL),
                needed=group,
            )
        )
    return parts


def _title(axes: Sequence[str], point: Sequence[str]) -> str:
    return " · ".join(f"{axis} = {label}" for axis, label in zip(axes, point, strict=True))


@cache
def _style() -> str:
    texts = [
        next((folder / name).read_text(encoding="utf-8") for folder in _TEMPLATES if (folder / name).exists())
        for name in _STYLES
    ]
    return "\n" + "".join(texts)


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # late: 0.17 s

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "bits": words.bits_text,
        "percent": words.percent_text,
        "heat": heat,
        "interval": charts.interval_text,
    }
    environment.globals |= {"confidence_frac": CONFIDENCE_FRAC, "n_heats": N_HEATS}
    return environment.get_template("study.html.j2")
