"""What a study says to those who decide: key per pair, what a station is worth, how many satellites, which months."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from eagleplan.study.heat_maps import HeatMap, HeatMaps
from eagleplan.study.record import StudyRecord
from eagleplan.study.rows import CellResult
from eagleplan.study.satellites_needed import SatellitesNeeded, satellites_needed
from eagleplan.study.sensitivity import Sensitivity, sensitivities
from eagleplan.study.stations import BASE
from eagleplan.study.stations_worth import (
    BudgetAnswer,
    SetWorth,
    StationWorth,
    best_for,
    set_worths,
    station_worths,
)
from eagleplan.study.study import STATIONS
from eagleplan.study.variants import Variant, variants

TARGET_FRAC = 0.9
"""What of a demand a fleet should meet to be called enough, unless the user says otherwise."""

WIDE_GAP_FRAC = 0.02
"""Where plans may be farther from the best possible in the mean, what variants differ by may be the search's."""

HYPERCUBE = "latin-hypercube"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A cell that failed."""

    cell: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Everything that the page and the tables of a study say. `axes` name the entries of every variant's `point`."""

    record: StudyRecord
    axes: tuple[str, ...]
    n_done: int
    failures: tuple[Failure, ...]
    variants: tuple[Variant, ...]
    stations: tuple[StationWorth, ...]
    sets: tuple[SetWorth, ...]
    budgets: tuple[BudgetAnswer, ...]
    satellites: tuple[SatellitesNeeded, ...]
    sensitivities: tuple[Sensitivity, ...]
    maps: tuple[HeatMap, ...]

    @property
    def n_missing(self) -> int:
        """Cells that are still to be planned."""
        return self.record.n_cells - self.n_done - len(self.failures)

    @property
    def mean_gap_frac(self) -> float:
        """How far plans are at most from the best possible, in the mean."""
        gaps = [this.mean_gap_frac * this.n_weeks for this in self.variants]
        return sum(gaps) / max(1, sum(this.n_weeks for this in self.variants))


def answers(
    record: StudyRecord, results: Iterable[CellResult], target_frac: float = TARGET_FRAC, budget: float | None = None
) -> Answers:
    """Sum a study up; `results` come in the order of the cells, and may end early.

    What was under each sky is kept for the sets of one point at a time; memory grows with variants × pairs.
    """
    failures: list[Failure] = []
    n_done = 0

    def seen() -> Iterator[CellResult]:
        nonlocal n_done
        for result in results:
            if result.row.status == "failed":
                failures.append(Failure(cell=result.row.cell, text=result.row.error))
            else:
                n_done += 1
            yield result

    axes = tuple(column for column in record.columns if column != STATIONS)
    found: list[Variant] = []
    stations: list[StationWorth] = []
    sets: list[SetWorth] = []
    heat_maps = HeatMaps(record)
    for _, of_point in groupby(variants(record, seen()), key=lambda one: one.variant.point_number):
        by_set = {one.variant.station_set: one for one in of_point if one.variant.pairs}
        found += [one.variant for one in by_set.values()]
        stations += station_worths(by_set, record.station_sets, record.cost)
        sets += set_worths(by_set, record.station_sets, record.cost)
        for one in by_set.values():
            heat_maps.add(one)
    is_hypercube = record.design == HYPERCUBE
    whole = [variant for variant in found if variant.is_whole and variant.station_set in ("", BASE)]
    return Answers(
        record=record,
        axes=axes,
        n_done=n_done,
        failures=tuple(failures),
        variants=tuple(found),
        stations=tuple(stations),
        sets=tuple(sets),
        budgets=() if budget is None else tuple(best_for(budget, sets)),
        satellites=() if is_hypercube else tuple(satellites_needed(axes, found, target_frac)),
        sensitivities=tuple(sensitivities(axes, whole)) if is_hypercube else (),
        maps=tuple(heat_maps.maps()),
    )
