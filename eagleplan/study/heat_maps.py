"""Fraction met over one axis and the months, or over two axes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from eagleplan.study.intervals import Estimate, estimate
from eagleplan.study.variants import BASE, Variant
from eagleplan.units import FloatArray

MONTH = "month"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatMap:
    """Fraction of the demand met by rows × columns, averaged over all that the study varies besides.

    `cells` [row][column] are None where the study has nothing. The mean over variants is taken sky by sky, so that the
    interval is that of the mean. `n_variants` are averaged at most in one cell.
    """

    row_axis: str
    column_axis: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[Estimate | None, ...], ...]
    n_variants: int


Samples = dict[tuple[str, str], list[FloatArray]]


def heat_maps(columns: Sequence[str], found: Iterable[Variant]) -> list[HeatMap]:
    """Each axis of at least two values × the months, then each pair of such axes.

    `columns` names the axes in the order of `Variant.point`. Station sets other than the base are left out: they have
    tables of their own. With month by month, the fraction is that of the bits wanted by all pairs together.
    """
    own = [variant for variant in found if variant.pairs and variant.station_set in ("", BASE)]
    axes = [place for place in range(len(columns)) if len({variant.point[place] for variant in own}) > 1]
    months = sorted({month.month for variant in own for month in variant.months})
    maps = []
    for place in axes:
        samples: Samples = {}
        for variant in own:
            for month in variant.months:
                samples.setdefault((variant.point[place], month.month), []).append(month.met_frac)
        if len(months) > 1:
            maps.append(_heat_map(columns[place], MONTH, _labels(own, place), months, samples))
    if not axes and len(months) > 1:
        samples = {}
        for variant in own:
            for month in variant.months:
                samples.setdefault(("all", month.month), []).append(month.met_frac)
        maps.append(_heat_map("", MONTH, ["all"], months, samples))
    for row, column in combinations(axes, 2):
        samples = {}
        for variant in own:
            samples.setdefault((variant.point[row], variant.point[column]), []).append(variant.pair_met_frac)
        maps.append(_heat_map(columns[row], columns[column], _labels(own, row), _labels(own, column), samples))
    return maps


def _labels(found: Iterable[Variant], place: int) -> list[str]:
    return list(dict.fromkeys(variant.point[place] for variant in found))


def _heat_map(
    row_axis: str, column_axis: str, rows: Sequence[str], columns: Sequence[str], samples: Samples
) -> HeatMap:
    return HeatMap(
        row_axis=row_axis,
        column_axis=column_axis,
        rows=tuple(rows),
        columns=tuple(columns),
        cells=tuple(
            tuple(
                estimate(np.mean(samples[row, column], axis=0)) if (row, column) in samples else None
                for column in columns
            )
            for row in rows
        ),
        n_variants=max((len(values) for values in samples.values()), default=0),
    )
