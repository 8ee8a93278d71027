"""What a study found, one variant at a time: the weeks of one point of its axes and one set of stations, summed up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

import numpy as np

from eagleplan.study.intervals import Estimate, estimate
from eagleplan.study.record import StudyRecord
from eagleplan.study.rows import CellResult, DemandRow, IntArray
from eagleplan.study.stations import BASE
from eagleplan.units import FloatArray

PERCENTILES = (0.1, 0.5, 0.9)

Percentiles = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairKey:
    """Key of one demand over all weeks of a variant.

    `expected_bits` is what the plans count on, `delivered_bits` the mean over skies of what comes over all weeks. A sky
    of one week has nothing to do with those of another, so that the k-th skies of all weeks are clouds of one year:
    `year_bits` are the 10th, 50th and 90th percentile of such years, `week_bits` of single weeks, by the rule of the
    outlook (order statistics). `dark_nights` counts the nights, of `n_nights`, in which no contact brought key to a
    station of either end. None where no skies were drawn.
    """

    demand_id: str
    node_a: str
    node_b: str
    wanted_bits: int
    expected_bits: int
    n_nights: int
    delivered_bits: Estimate
    met_frac: Estimate
    year_bits: Percentiles | None
    week_bits: Percentiles | None
    dark_nights: Estimate | None
    dark_nights_range: Percentiles | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One point of the axes with one set of stations.

    `point` are the labels of the axes in their order, `station_set` the name of the set, "" in a study without sets.
    Weeks that failed are in none of the sums. `met_frac` is the mean over the pairs that want key of the fraction that
    each gets over all weeks: every pair counts alike, so that one poor pair is not drowned by rich ones.
    `delivered_bits` is what all pairs get, `dark_nights` the mean over the pairs of nights without key. `mean_gap_frac`
    and `max_gap_frac` are of the gaps of the plans' proofs.
    """

    point_number: int
    point: tuple[str, ...]
    station_set: str
    n_satellites: int
    n_sites: int
    n_skies: int
    n_weeks: int
    n_failed: int
    is_whole: bool
    mean_gap_frac: float
    max_gap_frac: float
    wanted_bits: int
    expected_bits: int
    delivered_bits: Estimate
    met_frac: Estimate
    dark_nights: Estimate | None
    pairs: tuple[PairKey, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthKey:
    """Mean over the pairs of what is met in the weeks of one month ("2026-12"), under each sky (n_skies,)."""

    month: str
    n_weeks: int
    met_frac: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantSkies:
    """A variant with what it was under each sky (n_skies,), for comparing it sky by sky.

    `week_met_frac` (n_weeks,) are the shares of the weeks in the mean of `met_frac`. Without skies there is one, which
    gives what the plans expect, and nothing is known of nights.
    """

    variant: Variant
    met_frac: FloatArray
    delivered_bits: IntArray
    dark_nights: FloatArray | None
    week_met_frac: FloatArray
    months: tuple[MonthKey, ...]


def variants(record: StudyRecord, results: Iterable[CellResult]) -> Iterator[VariantSkies]:
    """The variants of a study from its results in the order of their cells, one in memory at a time.

    A study that is not complete ends with what there is. A variant of which no week was planned has no pairs.
    """
    n_weeks, n_sets = len(record.weeks), max(1, len(record.station_sets))
    for number, cells in groupby(results, key=lambda result: result.row.cell // n_weeks):
        yield _variant(number // n_sets, bool(record.station_sets), n_weeks, list(cells))


def month_of(start_utc: datetime, days: float) -> str:
    """The month in which the middle of a horizon lies: the one that has most of it."""
    return f"{start_utc + timedelta(days=days / 2.0):%Y-%m}"


def _variant(point_number: int, has_sets: bool, n_weeks: int, cells: Sequence[CellResult]) -> VariantSkies:
    labels = cells[0].row.labels
    done = [cell for cell in cells if cell.row.status == "done"]
    weeks = [{demand.demand_id: demand for demand in cell.demands} for cell in done]
    rows = {name: [week[name] for week in weeks if name in week] for name in dict.fromkeys(_names(weeks))}
    wanting = {name: own for name, own in rows.items() if sum(row.wanted_bits for row in own)}
    met_frac = _pair_mean(wanting.values())
    year_bits = np.asarray(sum((_year(own) for own in rows.values()), np.zeros_like(met_frac, dtype=np.int64)))
    dark = [_dark(own) for own in rows.values()]
    has_skies = bool(dark) and all(len(nights) for nights in dark)
    dark_nights = np.mean(dark, axis=0) if has_skies else None
    gaps = [cell.row.gap_frac or 0.0 for cell in done]
    summary = Variant(
        point_number=point_number,
        point=labels[:-1] if has_sets else labels,
        station_set=labels[-1] if has_sets else "",
        n_satellites=max((cell.row.n_satellites or 0 for cell in done), default=0),
        n_sites=max((cell.row.n_sites or 0 for cell in done), default=0),
        n_skies=len(met_frac) if has_skies else 0,
        n_weeks=len(done),
        n_failed=len(cells) - len(done),
        is_whole=len(done) == n_weeks,
        mean_gap_frac=sum(gaps) / max(1, len(gaps)),
        max_gap_frac=max(gaps, default=0.0),
        wanted_bits=sum(row.wanted_bits for own in rows.values() for row in own),
        expected_bits=sum(row.delivered_bits for own in rows.values() for row in own),
        delivered_bits=estimate(year_bits, least=0.0),
        met_frac=estimate(met_frac, least=0.0, most=1.0),
        dark_nights=None if dark_nights is None else estimate(dark_nights, least=0.0),
        pairs=tuple(map(_pair, rows.values())),
    )
    return VariantSkies(
        variant=summary,
        met_frac=met_frac,
        delivered_bits=year_bits,
        dark_nights=dark_nights,
        week_met_frac=_week_shares(weeks, wanting),
        months=tuple(_months(done)) if summary.station_set in ("", BASE) else (),
    )


def _names(weeks: Iterable[Mapping[str, DemandRow]]) -> Iterator[str]:
    for week in weeks:
        yield from week


def _bits(row: DemandRow) -> IntArray:
    """Delivered under each sky. Without skies there is one that gives what is expected: the sums stay true, and nobody
    can make an interval of it."""
    return row.sky_bits if row.n_skies else np.array([row.delivered_bits], dtype=np.int64)


def _year(rows: Iterable[DemandRow]) -> IntArray:
    return np.asarray(np.sum([_bits(row) for row in rows], axis=0), dtype=np.int64)


def _dark(rows: Sequence[DemandRow]) -> IntArray:
    return np.asarray(np.sum([row.n_nights - row.sky_key_nights for row in rows], axis=0), dtype=np.int64)


def _pair_mean(pairs: Iterable[Sequence[DemandRow]]) -> FloatArray:
    """Mean over pairs of what each gets of what it wants, (n_skies,); 1 where nobody wants anything."""
    met = [_year(own) / sum(row.wanted_bits for row in own) for own in pairs]
    return np.asarray(np.mean(met, axis=0)) if met else np.ones(1)


def _week_shares(weeks: Sequence[Mapping[str, DemandRow]], wanting: Mapping[str, Sequence[DemandRow]]) -> FloatArray:
    wanted = {name: sum(row.wanted_bits for row in own) * len(wanting) for name, own in wanting.items()}
    return np.array(
        [sum(float(_bits(row).mean()) / wanted[name] for name, row in week.items() if name in wanted) for week in weeks]
    )


def _pair(rows: Sequence[DemandRow]) -> PairKey:
    bits = np.array([_bits(row) for row in rows], dtype=np.int64)
    year_bits = bits.sum(axis=0)
    dark = _dark(rows)
    wanted_bits = sum(row.wanted_bits for row in rows)
    has_skies = bool(len(dark))
    return PairKey(
        demand_id=rows[0].demand_id,
        node_a=rows[0].node_a,
        node_b=rows[0].node_b,
        wanted_bits=wanted_bits,
        expected_bits=sum(row.delivered_bits for row in rows),
        n_nights=sum(row.n_nights for row in rows),
        delivered_bits=estimate(year_bits, least=0.0),
        met_frac=estimate(year_bits / wanted_bits if wanted_bits else np.ones(len(year_bits)), least=0.0, most=1.0),
        year_bits=_percentiles(year_bits) if has_skies else None,
        week_bits=_percentiles(bits) if has_skies else None,
        dark_nights=estimate(dark, least=0.0) if has_skies else None,
        dark_nights_range=_percentiles(dark) if has_skies else None,
    )


def _percentiles(values: IntArray) -> Percentiles:
    p10, p50, p90 = np.quantile(values, PERCENTILES, method="inverted_cdf").tolist()
    return p10, p50, p90


def _months(done: Sequence[CellResult]) -> Iterator[MonthKey]:
    of_month: dict[str, list[CellResult]] = {}
    for cell in done:
        of_month.setdefault(month_of(datetime.fromisoformat(cell.row.start_utc), cell.row.days), []).append(cell)
    for month, cells in of_month.items():
        rows: dict[str, list[DemandRow]] = {}
        for cell in cells:
            for row in cell.demands:
                rows.setdefault(row.demand_id, []).append(row)
        wanting = [own for own in rows.values() if sum(row.wanted_bits for row in own)]
        if wanting:
            yield MonthKey(month=month, n_weeks=len(cells), met_frac=_pair_mean(wanting))
