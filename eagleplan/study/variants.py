"""What a study found, one variant at a time: the weeks of one point of its axes and one set of stations, summed up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import numpy.typing as npt

from eagleplan.study.record import StudyRecord
from eagleplan.study.rows import CellResult, DemandRow
from eagleplan.units import FloatArray

IntArray = npt.NDArray[np.int64]

PERCENTILES = (0.1, 0.5, 0.9)

BASE = "base"
"""The name of the station set from which others leave stations out, or to which they add."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairKey:
    """Key of one demand over all weeks of a variant.

    `expected_bits` is what the plans count on. `year_bits` (n_skies,) is delivered over all weeks under each sky: a sky
    of one week has nothing to do with a sky of another, so that the k-th of all weeks are one year's clouds as good as
    any. `week_bits` are the 10th, 50th and 90th percentile of what a single week brings, over all weeks and skies.
    `key_nights` (n_skies,) counts the nights, of `n_nights`, in which a contact brought key to a station of either end.
    """

    demand_id: str
    node_a: str
    node_b: str
    wanted_bits: int
    expected_bits: int
    n_nights: int
    year_bits: IntArray
    week_bits: tuple[int, int, int]
    key_nights: IntArray

    @property
    def met_frac(self) -> FloatArray:
        """Of all that was wanted over all weeks, (n_skies,); 1 where nothing was."""
        return self.year_bits / self.wanted_bits if self.wanted_bits else np.ones(len(self.year_bits))


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthKey:
    """Key of all pairs together in the weeks that begin in one month ("2026-12")."""

    month: str
    n_weeks: int
    wanted_bits: int
    delivered_bits: IntArray

    @property
    def met_frac(self) -> FloatArray:
        """(n_skies,); 1 where nothing was wanted."""
        return self.delivered_bits / self.wanted_bits if self.wanted_bits else np.ones(len(self.delivered_bits))


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One point of the axes with one set of stations.

    `point` are the labels of the axes in their order, `station_set` the name of the set, "" in a study without sets.
    Weeks that failed are in none of the sums.
    """

    point: tuple[str, ...]
    station_set: str
    n_satellites: int
    n_sites: int
    n_weeks: int
    n_failed: int
    pairs: tuple[PairKey, ...]
    months: tuple[MonthKey, ...]

    @property
    def wanted_bits(self) -> int:
        return sum(pair.wanted_bits for pair in self.pairs)

    @property
    def expected_bits(self) -> int:
        return sum(pair.expected_bits for pair in self.pairs)

    @property
    def year_bits(self) -> IntArray:
        """Delivered to all pairs over all weeks, (n_skies,); nothing in a variant without pairs."""
        return np.asarray(np.sum([pair.year_bits for pair in self.pairs], axis=0)) if self.pairs else np.zeros(1, int)

    @property
    def pair_met_frac(self) -> FloatArray:
        """Mean over the pairs of the fraction that each gets of what it wants over all weeks, (n_skies,).

        Every pair counts alike, so that a station that serves one poor pair is not drowned by rich ones.
        """
        return np.asarray(np.mean([pair.met_frac for pair in self.pairs], axis=0)) if self.pairs else np.ones(1)


def variants(record: StudyRecord, results: Iterable[CellResult]) -> Iterator[Variant]:
    """The variants of a study from its results in the order of their cells, one in memory at a time.

    A study that is not complete ends with what there is. Variants of which every week failed have no pairs.
    """
    has_sets = bool(record.station_sets)
    for labels, weeks in groupby(results, key=lambda result: result.row.labels):
        yield _variant(labels[:-1] if has_sets else labels, labels[-1] if has_sets else "", list(weeks))


def _variant(point: tuple[str, ...], station_set: str, weeks: Sequence[CellResult]) -> Variant:
    done = [week for week in weeks if week.row.status == "done"]
    demands = [{demand.demand_id: demand for demand in week.demands} for week in done]
    names = list(demands[0]) if demands else []
    if any(list(week) != names for week in demands):
        raise ValueError("the weeks of a variant do not have the same demands")
    return Variant(
        point=point,
        station_set=station_set,
        n_satellites=max((week.row.n_satellites or 0 for week in done), default=0),
        n_sites=max((week.row.n_sites or 0 for week in done), default=0),
        n_weeks=len(done),
        n_failed=len(weeks) - len(done),
        pairs=tuple(_pair([week[name] for week in demands]) for name in names),
        months=tuple(
            _month(month, [week for week in done if _month_of(week) == month])
            for month in dict.fromkeys(map(_month_of, done))
        ),
    )


def _month_of(week: CellResult) -> str:
    return week.row.start_utc[:7]


def _bits(row: DemandRow) -> IntArray:
    """Delivered under each sky. Without skies there is one that gives what is expected: the sums stay true, and nobody
    can make an interval of it."""
    return row.sky_bits if row.n_skies else np.array([row.delivered_bits], dtype=np.int64)


def _pair(weeks: Sequence[DemandRow]) -> PairKey:
    bits = np.array([_bits(week) for week in weeks], dtype=np.int64)
    p10, p50, p90 = np.quantile(bits, PERCENTILES, method="inverted_cdf").tolist()
    return PairKey(
        demand_id=weeks[0].demand_id,
        node_a=weeks[0].node_a,
        node_b=weeks[0].node_b,
        wanted_bits=sum(week.wanted_bits for week in weeks),
        expected_bits=sum(week.delivered_bits for week in weeks),
        n_nights=sum(week.n_nights for week in weeks),
        year_bits=bits.sum(axis=0),
        week_bits=(p10, p50, p90),
        key_nights=np.array([week.sky_key_nights for week in weeks], dtype=np.int64).sum(axis=0),
    )


def _month(month: str, weeks: Sequence[CellResult]) -> MonthKey:
    rows = [row for week in weeks for row in week.demands]
    return MonthKey(
        month=month,
        n_weeks=len(weeks),
        wanted_bits=sum(row.wanted_bits for row in rows),
        delivered_bits=np.asarray(np.sum([_bits(row) for row in rows], axis=0)) if rows else np.zeros(1, int),
    )


def by_point(found: Iterable[Variant]) -> Mapping[tuple[str, ...], Mapping[str, Variant]]:
    """Point of the axes → name of the station set → variant."""
    points: dict[tuple[str, ...], dict[str, Variant]] = {}
    for variant in found:
        points.setdefault(variant.point, {})[variant.station_set] = variant
    return points
