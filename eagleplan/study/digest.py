"""The answers of a study in a few lines for a terminal, and in figures for a program."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict

from eagleplan.report.words import bits_text
from eagleplan.study.answers import Answers
from eagleplan.study.charts import interval_text
from eagleplan.study.satellites_needed import ALL
from eagleplan.study.stations_worth import StationWorth


def digest_lines(found: Answers, most: int = 10) -> Iterator[str]:
    """What a planner wants first, in lines of at most 100 characters or so; at most `most` of each kind."""
    record = found.record
    yield f"{record.name}: {found.n_cells_done} of {record.n_cells} plans, {len(found.failures)} failed"
    yield "Met is the mean over the pairs; intervals are of the mean over skies, 95 %."
    for this in found.variants[:most]:
        own = this.variant
        name = " · ".join((*own.point, *((own.station_set,) if own.station_set else ()))) or "all weeks"
        yield f"  {name}: {interval_text(this.met, 1)} % met, {bits_text(this.key_bits.mean)} in {own.n_weeks} weeks"
    yield from _more(len(found.variants), most, "variants")
    for title, candidates in (("A station more brings, in points of met:", True), ("A station less costs:", False)):
        worths = [worth for worth in found.stations if worth.is_candidate is candidates]
        if worths:
            yield title
            yield from _stations(worths[:most])
            yield from _more(len(worths), most, "stations")
    for needed in [one for one in found.satellites if one.pair == ALL][:most]:
        where = " · ".join((*needed.elsewhere, *((needed.station_set,) if needed.station_set else ())))
        number = needed.n_satellites or f"more than {needed.fleets[-1].n_satellites}"
        yield f"Satellites for {100 * needed.target_frac:g} % met{', ' if where else ''}{where}: {number}"


def _stations(worths: Iterable[StationWorth]) -> Iterator[str]:
    for worth in worths:
        point = f" ({' · '.join(worth.point)})" if worth.point else ""
        yield f"  {worth.station_id:22}{interval_text(worth.met):>24}  {bits_text(worth.key_bits.mean):>10}{point}"


def _more(n_all: int, most: int, what: str) -> Iterator[str]:
    if n_all > most:
        yield f"  and {n_all - most} more {what}: see the tables"


def digest_json(found: Answers) -> bytes:
    """The answers without the samples behind them."""
    content = {
        "name": found.record.name,
        "n_cells": found.record.n_cells,
        "n_cells_done": found.n_cells_done,
        "failures": [asdict(failure) for failure in found.failures],
        "axes": list(found.axes),
        "variants": [
            {
                "point": list(this.variant.point),
                "station_set": this.variant.station_set,
                "n_weeks": this.variant.n_weeks,
                "n_failed": this.variant.n_failed,
                "wanted_bits": this.variant.wanted_bits,
                "expected_bits": this.variant.expected_bits,
                "delivered_bits": asdict(this.key_bits),
                "met_frac": asdict(this.met),
            }
            for this in found.variants
        ],
        "stations": [asdict(worth) for worth in found.stations],
        "station_sets": [asdict(worth) for worth in found.sets],
        "satellites": [
            asdict(one) | {"n_satellites": one.n_satellites, "n_surely": one.n_surely} for one in found.satellites
        ],
        "maps": [asdict(one) for one in found.maps],
    }
    return (json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()
