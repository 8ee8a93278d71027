"""The answers of a study in a few lines for a terminal, and in figures for a program."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict

from eagleplan.report.words import bits_text, percent_up_text
from eagleplan.study.answers import WIDE_GAP_FRAC, Answers
from eagleplan.study.charts import bits_change, fixed, interval_text
from eagleplan.study.labels import short_label
from eagleplan.study.satellites_needed import ALL
from eagleplan.study.stations import BASE
from eagleplan.study.stations_worth import StationWorth
from eagleplan.study.variants import Variant


def digest_lines(found: Answers, most: int = 10) -> Iterator[str]:
    """What a planner wants first, in lines of 100 characters or so; at most `most` of each kind."""
    record = found.record
    missing = f", {found.n_missing:,} still to be made" if found.n_missing else ""
    yield f"{record.name}: {found.n_done:,} of {record.n_cells:,} plans, {len(found.failures):,} failed{missing}"
    yield "Met is the mean over the pairs. In brackets: 95 % interval of the mean over skies."
    if found.mean_gap_frac > WIDE_GAP_FRAC:
        gap = percent_up_text(found.mean_gap_frac)
        yield f"Plans are up to {gap} from the best possible in the mean: differences may be the search's."
    shown = [this for this in found.variants if not found.stations or this.station_set == BASE]
    for this in shown[:most]:
        weeks = f"{this.n_weeks} week{'s' if this.n_weeks != 1 else ''}" if record.weeks[0].name else "the horizon"
        met = f"{interval_text(this.met_frac, 1)} % met, {bits_text(this.delivered_bits.mean)} in {weeks}"
        yield f"  {_name(this.point, this.station_set) or 'all'}: {met}{_dark(this)}"
    yield from _more(len(shown), most, "variants")
    for title, candidates in (("One station more brings, in points of met:", True), ("One less costs:", False)):
        worths = [worth for worth in found.stations if worth.is_candidate is candidates]
        if worths:
            yield title
            yield from _stations(worths[:most])
            yield from _more(len(worths), most, "stations")
    for answer in found.budgets[:most]:
        where = f" ({_name(answer.point)})" if answer.point else ""
        if answer.best is None:
            yield f"For {answer.cost:g}{where}: no set of the study"
        else:
            met = f"{interval_text(answer.best.met_frac, 1)} % met, costs {answer.best.cost:g}"
            rival = f", not told from {answer.best.rival}" if answer.best.rival else ""
            yield f"For {answer.cost:g}{where}: {answer.best.station_set}, {met}{rival}"
    overall = [one for one in found.satellites if one.pair == ALL]
    for needed in overall[:most]:
        where = _name([f"{axis} = {label}" for axis, label in needed.elsewhere], needed.station_set)
        number = needed.n_satellites or f"more than {needed.fleets[-1].n_satellites}"
        yield f"Satellites for {100 * needed.target_frac:g} % met{', ' if where else ''}{where}: {number}"
    yield from _more(len(overall), most, "cases of satellites")
    if found.sensitivities:
        yield "From the low end of a range to the high one, in points of met; rank correlation:"
    for one in found.sensitivities[:most]:
        effect = interval_text(one.effect_frac) if one.effect_frac else "–"
        rank = interval_text(one.rank_correlation, 2, 1.0) if one.rank_correlation else "none"
        yield f"  {one.axis} {one.low:.4g} to {one.high:.4g}: {effect}; {rank}"


def _name(point: Sequence[str], station_set: str = "") -> str:
    return " · ".join((*map(short_label, point), *((station_set,) if station_set else ())))


def _dark(this: Variant) -> str:
    if this.dark_nights is None or not this.pairs:
        return ""
    return f", {fixed(this.dark_nights.mean, 1)} of {max(p.n_nights for p in this.pairs)} nights without key"


def _stations(worths: Iterable[StationWorth]) -> Iterator[str]:
    for worth in worths:
        point = f" ({_name(worth.point)})" if worth.point else ""
        told = "" if worth.gain.is_told or not worth.gain.has_interval else "  not told from 0"
        met = interval_text(worth.gain.met_frac)
        yield f"  {worth.station_id:22}{met:>24}  {bits_change(worth.gain.delivered_bits.mean):>10}{point}{told}"


def _more(n_all: int, most: int, what: str) -> Iterator[str]:
    if n_all > most:
        yield f"  and {n_all - most:,} more {what}: see the tables"


def digest_json(found: Answers) -> bytes:
    """The answers without the samples behind them, and without the pairs, which pairs.csv has."""
    content = {
        "name": found.record.name,
        "n_cells": found.record.n_cells,
        "n_cells_done": found.n_done,
        "failures": [asdict(failure) for failure in found.failures],
        "axes": list(found.axes),
        "variants": [
            {
                "point": list(this.point),
                "station_set": this.station_set,
                "n_satellites": this.n_satellites,
                "n_sites": this.n_sites,
                "n_skies": this.n_skies,
                "n_weeks": this.n_weeks,
                "n_failed": this.n_failed,
                "wanted_bits": this.wanted_bits,
                "expected_bits": this.expected_bits,
                "delivered_bits": asdict(this.delivered_bits),
                "met_frac": asdict(this.met_frac),
                "dark_nights": asdict(this.dark_nights) if this.dark_nights else None,
                "mean_gap_frac": this.mean_gap_frac,
                "max_gap_frac": this.max_gap_frac,
            }
            for this in found.variants
        ],
        "stations": [asdict(worth) | {"is_told": worth.gain.is_told} for worth in found.stations],
        "station_sets": [asdict(worth) for worth in found.sets],
        "budgets": [asdict(one) for one in found.budgets],
        "satellites": [
            asdict(one) | {"n_satellites": one.n_satellites, "n_surely": one.n_surely} for one in found.satellites
        ],
        "sensitivities": [asdict(one) for one in found.sensitivities],
        "maps": [asdict(one) for one in found.maps],
    }
    return (json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()
