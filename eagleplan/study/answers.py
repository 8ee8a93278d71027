"""What a study says to those who decide: key per pair, what a station is worth, how many satellites, which months."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from eagleplan.study.heat_maps import HeatMap, heat_maps
from eagleplan.study.intervals import Estimate, estimate
from eagleplan.study.record import StudyRecord
from eagleplan.study.rows import CellResult
from eagleplan.study.satellites_needed import SatellitesNeeded, satellites_needed
from eagleplan.study.stations_worth import SetWorth, StationWorth, set_worths, station_worths
from eagleplan.study.study import STATIONS
from eagleplan.study.variants import Variant, by_point, variants

TARGET_FRAC = 0.9
"""What of a demand a fleet should meet to be called enough, unless the user says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A cell that failed."""

    cell: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantAnswer:
    """What one variant brings: its key over all weeks, and the mean over the pairs of what is met."""

    variant: Variant
    key_bits: Estimate
    met: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Everything that the page and the tables of a study say. `axes` name the entries of every variant's `point`."""

    record: StudyRecord
    axes: tuple[str, ...]
    n_cells_done: int
    failures: tuple[Failure, ...]
    variants: tuple[VariantAnswer, ...]
    stations: tuple[StationWorth, ...]
    sets: tuple[SetWorth, ...]
    satellites: tuple[SatellitesNeeded, ...]
    maps: tuple[HeatMap, ...]


def answers(record: StudyRecord, results: Iterable[CellResult], target_frac: float = TARGET_FRAC) -> Answers:
    """Sum a study up; `results` come in the order of the cells, and may end early.

    Memory grows with variants × pairs × skies, not with weeks.
    """
    failures: list[Failure] = []
    n_done = 0

    def seen() -> Iterable[CellResult]:
        nonlocal n_done
        for result in results:
            if result.row.status == "failed":
                failures.append(Failure(cell=result.row.cell, text=result.row.error))
            else:
                n_done += 1
            yield result

    found = list(variants(record, seen()))
    points = by_point(found)
    return Answers(
        record=record,
        axes=tuple(column for column in record.columns if column != STATIONS),
        n_cells_done=n_done,
        failures=tuple(failures),
        variants=tuple(
            VariantAnswer(variant=this, key_bits=estimate(this.year_bits), met=estimate(this.pair_met_frac))
            for this in found
            if this.pairs
        ),
        stations=tuple(
            worth
            for point, sets in points.items()
            for worth in station_worths(point, sets, record.station_sets, record.cost)
        ),
        sets=tuple(
            worth
            for point, sets in points.items()
            for worth in set_worths(point, sets, record.station_sets, record.cost)
        ),
        satellites=tuple(satellites_needed(found, target_frac)),
        maps=tuple(heat_maps(tuple(column for column in record.columns if column != STATIONS), found)),
    )
