"""The answers of a study as CSV: one table a question."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from eagleplan.study.answers import Answers
from eagleplan.study.intervals import Estimate, estimate
from eagleplan.study.variants import PERCENTILES

Row = Sequence[object]


def answer_tables(found: Answers) -> dict[str, bytes]:
    """File name → CSV, for those questions that the study answers at all."""
    tables: Mapping[str, tuple[Sequence[str], Iterable[Row]]] = {
        "pairs.csv": (_PAIR_COLUMNS, _pairs(found)),
        "variants.csv": (_VARIANT_COLUMNS, _variants(found)),
        "stations.csv": (_STATION_COLUMNS, _stations(found)),
        "station-sets.csv": (_SET_COLUMNS, _sets(found)),
        "satellites.csv": (_SATELLITE_COLUMNS, _satellites(found)),
        "maps.csv": (_MAP_COLUMNS, _maps(found)),
    }
    return {
        name: _csv((*(found.axes if name not in _WITHOUT_POINT else ()), *columns), rows)
        for name, (columns, given) in tables.items()
        if (rows := list(given))
    }


_WITHOUT_POINT = ("satellites.csv", "maps.csv")


def _interval(name: str, unit: str) -> tuple[str, str, str]:
    return f"{name}_mean_{unit}", f"{name}_low_{unit}", f"{name}_high_{unit}"


def _cells(this: Estimate, write: Callable[[float], object]) -> tuple[object, ...]:
    return tuple("" if value is None else write(value) for value in (this.mean, this.low, this.high))


def _bits(value: float) -> int:
    return round(value)


def _frac(value: float) -> str:
    return f"{value:.6f}"


_PAIR_COLUMNS = (
    "stations", "n_weeks", "demand_id", "node_a", "node_b", "wanted_bits", "expected_bits",
    *_interval("delivered", "bits"), "p10_bits", "p50_bits", "p90_bits", *_interval("met", "frac"),
    "week_p10_bits", "week_p50_bits", "week_p90_bits", "n_nights", "n_nights_without_key_mean",
    "n_nights_without_key_p10", "n_nights_without_key_p90",
)  # fmt: skip


def _pairs(found: Answers) -> Iterable[Row]:
    for this in found.variants:
        for pair in this.variant.pairs:
            year = np.quantile(pair.year_bits, PERCENTILES, method="inverted_cdf").tolist()
            dark = pair.n_nights - pair.key_nights
            nights = (
                (f"{dark.mean():.3f}", *np.quantile(dark, (0.1, 0.9), method="inverted_cdf").tolist())
                if len(dark)
                else ("", "", "")
            )
            yield (
                *this.variant.point, this.variant.station_set, this.variant.n_weeks, pair.demand_id, pair.node_a,
                pair.node_b, pair.wanted_bits, pair.expected_bits, *_cells(estimate(pair.year_bits), _bits), *year,
                *_cells(estimate(pair.met_frac), _frac), *pair.week_bits, pair.n_nights, *nights,
            )  # fmt: skip


_VARIANT_COLUMNS = (
    "stations", "n_satellites", "n_sites", "n_weeks", "n_failed", "wanted_bits", "expected_bits",
    *_interval("delivered", "bits"), *_interval("met", "frac"),
)  # fmt: skip


def _variants(found: Answers) -> Iterable[Row]:
    for this in found.variants:
        own = this.variant
        yield (
            *own.point, own.station_set, own.n_satellites, own.n_sites, own.n_weeks, own.n_failed, own.wanted_bits,
            own.expected_bits, *_cells(this.key_bits, _bits), *_cells(this.met, _frac),
        )  # fmt: skip


_STATION_COLUMNS = (
    "station_id", "asked", *_interval("met_gain", "frac"), *_interval("delivered_gain", "bits"), "cost",
    "met_gain_frac_per_cost",
)  # fmt: skip


def _stations(found: Answers) -> Iterable[Row]:
    for this in found.stations:
        yield (
            *this.point, this.station_id, "adding it" if this.is_candidate else "leaving it out",
            *_cells(this.met, _frac), *_cells(this.key_bits, _bits), "" if this.cost is None else f"{this.cost:g}",
            "" if this.met_frac_per_cost is None else _frac(this.met_frac_per_cost),
        )  # fmt: skip


_SET_COLUMNS = (
    "stations", "added", "left_out", "cost", *_interval("met", "frac"), *_interval("delivered", "bits"), "efficient",
    "not_told_from",
)  # fmt: skip


def _sets(found: Answers) -> Iterable[Row]:
    for this in found.sets:
        yield (
            *this.point, this.station_set, " ".join(this.added), this.left_out, f"{this.cost:g}",
            *_cells(this.met, _frac), *_cells(this.key_bits, _bits), "yes" if this.is_efficient else "no", this.rival,
        )  # fmt: skip


_SATELLITE_COLUMNS = (
    "elsewhere", "stations", "pair", "n_satellites", *_interval("met", "frac"), "target_frac", "needed",
    "needed_surely",
)  # fmt: skip


def _satellites(found: Answers) -> Iterable[Row]:
    for this in found.satellites:
        for fleet in this.fleets:
            yield (
                " ".join(this.elsewhere), this.station_set, this.pair, fleet.n_satellites,
                *_cells(fleet.met, _frac), f"{this.target_frac:g}", this.n_satellites or "", this.n_surely or "",
            )  # fmt: skip


_MAP_COLUMNS = ("row_axis", "row", "column_axis", "column", *_interval("met", "frac"), "n_variants")


def _maps(found: Answers) -> Iterable[Row]:
    for this in found.maps:
        for row, cells in zip(this.rows, this.cells, strict=True):
            for column, cell in zip(this.columns, cells, strict=True):
                if cell is not None:
                    yield (this.row_axis, row, this.column_axis, column, *_cells(cell, _frac), this.n_variants)


def _csv(columns: Sequence[str], rows: Iterable[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()
