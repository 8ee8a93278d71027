"""Fraction met over one axis and the months, or over two axes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from eagleplan.study.intervals import Estimate, mean_over_variants
from eagleplan.study.record import StudyRecord
from eagleplan.study.stations import BASE
from eagleplan.study.study import STATIONS
from eagleplan.study.variants import VariantSkies, month_of
from eagleplan.units import FloatArray

MONTH = "month"
ALL_ROWS = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatMap:
    """Mean over the pairs of what is met, by rows × columns, averaged over all that the study varies besides.

    `cells` [row][column] are None where the study has nothing whole. `column_weeks` says how many weeks a month has, ()
    for other columns. `n_variants` are averaged at most in one cell.
    """

    row_axis: str
    column_axis: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    column_weeks: tuple[int, ...]
    cells: tuple[tuple[Estimate | None, ...], ...]
    n_variants: int


class HeatMaps:
    """Collects variants, of which it keeps the fractions met alone; those of the base where the study has sets.

    Axes that are drawn from a range have as many values as points and no map. In a list the axes go together, and are
    one.
    """

    def __init__(self, record: StudyRecord) -> None:
        self._axes = tuple(column for column in record.columns if column != STATIONS)
        spans = {axis.key for axis in record.axes if axis.span is not None}
        drawn = [place for place, axis in enumerate(self._axes) if axis not in spans]
        together = record.design == "list" and bool(drawn)
        self._groups: list[tuple[int, ...]] = [tuple(drawn)] if together else [(place,) for place in drawn]
        self._weeks = Counter(month_of(week.start_utc, week.days) for week in record.weeks)
        self._labels: dict[tuple[int, ...], dict[str, None]] = {group: {} for group in self._groups}
        self._samples: dict[tuple[object, ...], dict[tuple[str, str], list[FloatArray]]] = {}

    def add(self, found: VariantSkies) -> None:
        """Takes a variant in: months that lack no week, and for maps of two axes a variant that lacks none."""
        if not found.variant.pairs or found.variant.station_set not in ("", BASE):
            return
        label = {group: " · ".join(found.variant.point[place] for place in group) for group in self._groups}
        for group in self._groups:
            self._labels[group][label[group]] = None
        for month in found.months:
            if month.n_weeks == self._weeks[month.month]:
                self._keep((MONTH,), ALL_ROWS, month.month, month.met_frac)
                for group in self._groups:
                    self._keep((group, MONTH), label[group], month.month, month.met_frac)
        if found.variant.is_whole:
            for one, other in combinations(self._groups, 2):
                self._keep((one, other), label[one], label[other], found.met_frac)

    def _keep(self, of: tuple[object, ...], row: str, column: str, met_frac: FloatArray) -> None:
        self._samples.setdefault(of, {}).setdefault((row, column), []).append(met_frac)

    def maps(self) -> list[HeatMap]:
        """Each axis of at least two values × the months, then each pair of such axes; the months alone without axes."""
        varied = [group for group in self._groups if len(self._labels[group]) > 1]
        months = sorted(self._weeks)
        found = []
        if len(months) > 1:
            found += [self._map((group, MONTH), self._name(group), self._labels[group], months) for group in varied]
            if not varied and (MONTH,) in self._samples:
                found.append(self._map((MONTH,), "", (ALL_ROWS,), months))
        found += [
            self._map((one, other), self._name(one), self._labels[one], self._labels[other], self._name(other))
            for one, other in combinations(varied, 2)
        ]
        return found

    def _name(self, group: tuple[int, ...]) -> str:
        return " · ".join(self._axes[place] for place in group)

    def _map(
        self, of: tuple[object, ...], row_axis: str, rows: Iterable[str], columns: Iterable[str], name: str = MONTH
    ) -> HeatMap:
        samples = self._samples.get(of, {})
        columns = tuple(columns)
        return HeatMap(
            row_axis=row_axis,
            column_axis=name,
            rows=tuple(rows),
            columns=columns,
            column_weeks=tuple(self._weeks[month] for month in columns) if name == MONTH else (),
            cells=tuple(
                tuple(
                    mean_over_variants(samples[row, column], least=0.0, most=1.0) if (row, column) in samples else None
                    for column in columns
                )
                for row in rows
            ),
            n_variants=max((len(values) for values in samples.values()), default=0),
        )
