"""The answers of a study as CSV: one table a question."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence

from eagleplan.study.answers import Answers
from eagleplan.study.intervals import Estimate
from eagleplan.study.stations_worth import Gain

Row = Sequence[object]

TABLES = (
    "pairs.csv",
    "variants.csv",
    "stations.csv",
    "station-sets.csv",
    "satellites.csv",
    "sensitivity.csv",
    "maps.csv",
    "failures.csv",
)
"""Every table that a report may hold."""


def answer_tables(found: Answers) -> dict[str, bytes]:
    """File name → CSV, for those questions that the study answers at all."""
    tables: Mapping[str, tuple[Sequence[str], Iterable[Row]]] = dict(
        zip(
            TABLES,
            (
                ((*found.axes, *_PAIR_COLUMNS), _pairs(found)),
                ((*found.axes, *_VARIANT_COLUMNS), _variants(found)),
                ((*found.axes, *_STATION_COLUMNS), _stations(found)),
                ((*found.axes, *_SET_COLUMNS), _sets(found)),
                (_SATELLITE_COLUMNS, _satellites(found)),
                (_SENSITIVITY_COLUMNS, _sensitivities(found)),
                (_MAP_COLUMNS, _maps(found)),
                (("cell", "error"), ((failure.cell, failure.text) for failure in found.failures)),
            ),
            strict=True,
        )
    )
    return {name: _csv(columns, rows) for name, (columns, given) in tables.items() if (rows := list(given))}


def _interval(name: str, unit: str) -> tuple[str, str, str]:
    return f"{name}_mean_{unit}", f"{name}_low_{unit}", f"{name}_high_{unit}"


def _cells(this: Estimate | None, write: Callable[[float], object]) -> tuple[object, ...]:
    values = (None, None, None) if this is None else (this.mean, this.low, this.high)
    return tuple("" if value is None else write(value) for value in values)


def _bits(value: float) -> int:
    return round(value)


def _frac(value: float) -> str:
    return f"{value:.6f}"


def _nights(value: float) -> str:
    return f"{value:.3f}"


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:.12g}"


def _whole(values: tuple[int, int, int] | None) -> Row:
    return values or ("", "", "")


_NIGHTS = ("n_nights_without_key_mean", "n_nights_without_key_low", "n_nights_without_key_high")

_PAIR_COLUMNS = (
    "stations", "n_weeks", "demand_id", "node_a", "node_b", "wanted_bits", "expected_bits",
    *_interval("delivered", "bits"), "p10_bits", "p50_bits", "p90_bits", *_interval("met", "frac"),
    "week_p10_bits", "week_p50_bits", "week_p90_bits", "n_nights", *_NIGHTS,
    "n_nights_without_key_p10", "n_nights_without_key_p50", "n_nights_without_key_p90",
)  # fmt: skip


def _pairs(found: Answers) -> Iterable[Row]:
    for this in found.variants:
        for pair in this.pairs:
            yield (
                *this.point, this.station_set, this.n_weeks, pair.demand_id, pair.node_a, pair.node_b,
                pair.wanted_bits, pair.expected_bits, *_cells(pair.delivered_bits, _bits), *_whole(pair.year_bits),
                *_cells(pair.met_frac, _frac), *_whole(pair.week_bits), pair.n_nights,
                *_cells(pair.dark_nights, _nights), *_whole(pair.dark_nights_range),
            )  # fmt: skip


_VARIANT_COLUMNS = (
    "stations", "n_satellites", "n_sites", "n_skies", "n_weeks", "n_failed", "wanted_bits", "expected_bits",
    *_interval("delivered", "bits"), *_interval("met", "frac"), *_NIGHTS, "mean_gap_frac", "max_gap_frac",
)  # fmt: skip


def _variants(found: Answers) -> Iterable[Row]:
    for this in found.variants:
        yield (
            *this.point, this.station_set, this.n_satellites, this.n_sites, this.n_skies, this.n_weeks, this.n_failed,
            this.wanted_bits, this.expected_bits, *_cells(this.delivered_bits, _bits), *_cells(this.met_frac, _frac),
            *_cells(this.dark_nights, _nights), _frac(this.mean_gap_frac), _frac(this.max_gap_frac),
        )  # fmt: skip


_STATION_COLUMNS = (
    "station_id", "asked", *_interval("met_gain", "frac"), "met_gain_low_over_weeks_frac",
    "met_gain_high_over_weeks_frac", "told", *_interval("delivered_gain", "bits"),
    "n_nights_without_key_change_mean", "n_nights_without_key_change_low", "n_nights_without_key_change_high",
    "pair", "pair_met_without_frac", "pair_met_with_frac", "told_from_best", "cost", "met_gain_frac_per_cost",
)  # fmt: skip


def _stations(found: Answers) -> Iterable[Row]:
    for this in found.stations:
        gain = this.gain
        yield (
            *this.point, this.station_id, "adding it" if this.is_candidate else "leaving it out",
            *_cells(gain.met_frac, _frac), *_cells(gain.over_weeks, _frac)[1:], _told(gain, gain.is_told),
            *_cells(gain.delivered_bits, _bits), *_cells(gain.dark_nights, _nights), this.pair,
            *map(_frac, this.pair_met_frac), _told(gain, this.told_from_best), _plain(this.cost),
            "" if this.met_frac_per_cost is None else _frac(this.met_frac_per_cost),
        )  # fmt: skip


def _told(gain: Gain, is_told: bool) -> str:
    return "" if not gain.has_interval else "yes" if is_told else "no"


_SET_COLUMNS = (
    "stations", "added", "left_out", "n_stations", "cost", *_interval("met", "frac"), *_interval("delivered", "bits"),
    "efficient", "not_told_from",
)  # fmt: skip


def _sets(found: Answers) -> Iterable[Row]:
    for this in found.sets:
        yield (
            *this.point, this.station_set, " ".join(this.added), this.left_out, this.n_stations, _plain(this.cost),
            *_cells(this.met_frac, _frac), *_cells(this.delivered_bits, _bits),
            "yes" if this.is_efficient else "no", this.rival,
        )  # fmt: skip


_SATELLITE_COLUMNS = (
    "elsewhere", "stations", "pair", "n_satellites", "arrangement", *_interval("met", "frac"), "target_frac",
    "n_satellites_needed", "n_satellites_needed_surely",
)  # fmt: skip


def _satellites(found: Answers) -> Iterable[Row]:
    for this in found.satellites:
        for fleet in this.fleets:
            yield (
                " ".join(f"{axis}={label}" for axis, label in this.elsewhere), this.station_set, this.pair,
                fleet.n_satellites, " · ".join(fleet.arrangement), *_cells(fleet.met_frac, _frac),
                _plain(this.target_frac), this.n_satellites or "", this.n_surely or "",
            )  # fmt: skip


_SENSITIVITY_COLUMNS = (
    "axis", "low", "high", "n_points", "rank_correlation", "rank_correlation_low", "rank_correlation_high",
    *_interval("effect", "frac"), "explained_frac",
)  # fmt: skip


def _sensitivities(found: Answers) -> Iterable[Row]:
    for this in found.sensitivities:
        yield (
            this.axis, _plain(this.low), _plain(this.high), this.n_points, *_cells(this.rank_correlation, _frac),
            *_cells(this.effect_frac, _frac), "" if this.explained_frac is None else _frac(this.explained_frac),
        )  # fmt: skip


_MAP_COLUMNS = (
    "row_axis", "row", "column_axis", "column", "n_weeks", *_interval("met", "frac"), "n_variants",
)  # fmt: skip


def _maps(found: Answers) -> Iterable[Row]:
    for this in found.maps:
        n_weeks = this.column_weeks or ("",) * len(this.columns)
        for row, cells in zip(this.rows, this.cells, strict=True):
            for column, number, cell in zip(this.columns, n_weeks, cells, strict=True):
                if cell is not None:
                    yield (
                        this.row_axis, row, this.column_axis, column, number, *_cells(cell, _frac), this.n_variants,
                    )  # fmt: skip


def _csv(columns: Sequence[str], rows: Iterable[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()
