"""Studies that nobody ran: records, and results whose answers are known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import product

import numpy as np
import numpy.typing as npt

from eagleplan.study.record import StudyRecord
from eagleplan.study.rows import CellResult, CellRow, DemandRow
from eagleplan.study.study import Axis, StationSet, StudyWeek

FIRST_MONDAY = datetime(2026, 11, 30, tzinfo=UTC)

Draw = Callable[[tuple[str, ...], int, str], npt.ArrayLike]
"""(labels of the cell, number of the week, demand) → bits under each sky."""


def record_of(
    axes: Mapping[str, Sequence[str]] | None = None,
    *,
    sets: Sequence[StationSet] = (),
    cost: Mapping[str, float] | None = None,
    n_weeks: int = 3,
    n_skies: int | None = 4,
    sky_seed: int | None = 1,
    design: str = "factorial",
    n_samples: int | None = None,
    name: str = "study",
) -> StudyRecord:
    axes = axes or {}
    spans = (0.0, 1.0) if design == "latin-hypercube" else None
    n_points = n_samples or (
        len(next(iter(axes.values()))) if design == "list" else int(np.prod([len(values) for values in axes.values()]))
    )
    return StudyRecord(
        name=name,
        scenario="week.toml",
        design=design,
        columns=(*axes, *(("stations",) if sets else ())),
        axes=tuple(Axis(key=k, values=tuple(v), labels=tuple(v), span=spans) for k, v in axes.items()),
        station_sets=tuple(sets),
        base_sites=sets[0].site_ids if sets else (),
        cost=cost or {},
        weeks=tuple(
            StudyWeek(name=f"w{number}", start_utc=FIRST_MONDAY + timedelta(weeks=number), days=7.0)
            for number in range(n_weeks)
        ),
        n_cells=n_points * max(1, len(sets)) * n_weeks,
        n_skies=n_skies,
        sky_seed=sky_seed,
        n_samples=n_samples,
        seed=None,
        inputs={},
        made_with={},
        table="csv",
    )


def base_and(*others: str) -> tuple[StationSet, ...]:
    """Sets over the base a, b, c: ``-a`` leaves a out, ``+x+y`` adds x and y."""
    base = ("a", "b", "c")
    sets = [StationSet(name="base", site_ids=base)]
    for other in others:
        if other.startswith("-"):
            left_out = other[1:]
            kept = tuple(site for site in base if site != left_out)
            sets.append(StationSet(name=f"without {left_out}", site_ids=kept, left_out=left_out))
        else:
            added = tuple(other[1:].split("+"))
            sets.append(StationSet(name=f"with {', '.join(added)}", site_ids=(*base, *added), added=added))
    return tuple(sets)


def results_of(
    record: StudyRecord,
    bits: Draw,
    *,
    wanted: Mapping[str, int] | None = None,
    nights: Draw | None = None,
    failed: Sequence[int] = (),
    n_satellites: Callable[[tuple[str, ...]], int] = lambda labels: 1,
    points: Sequence[tuple[str, ...]] | None = None,
) -> Iterator[CellResult]:
    """A result for every cell in order. Nights with key are none where `nights` says nothing."""
    wanted = {"d1": 1000, "d2": 500} if wanted is None else wanted
    if points is None:
        labels = [axis.labels for axis in record.axes]
        points = list(zip(*labels, strict=True)) if record.design == "list" else list(product(*labels))
    number = 0
    for point in points:
        for station_set in record.station_sets or (None,):
            for week_number, week in enumerate(record.weeks):
                own = (*point, station_set.name) if station_set else point
                yield _result(record, number, own, week_number, week, bits, wanted, nights, failed, n_satellites(own))
                number += 1


def _result(
    record: StudyRecord,
    number: int,
    labels: tuple[str, ...],
    week_number: int,
    week: StudyWeek,
    bits: Draw,
    wanted: Mapping[str, int],
    nights: Draw | None,
    failed: Sequence[int],
    n_satellites: int,
) -> CellResult:
    head = {
        "cell": number,
        "labels": labels,
        "week": week.name,
        "start_utc": f"{week.start_utc:%Y-%m-%dT%H:%M:%SZ}",
        "days": week.days,
    }
    if number in failed:
        return CellResult(row=CellRow(**head, status="failed", error=f"cell {number} broke"))  # type: ignore[arg-type]
    demands = []
    for demand_id, wanted_bits in wanted.items():
        sky_bits = np.asarray(bits(labels, week_number, demand_id), dtype=np.int64)
        n_skies = 0 if record.n_skies == 0 else len(sky_bits)
        with_key = np.zeros(n_skies) if nights is None else nights(labels, week_number, demand_id)
        demands.append(
            DemandRow(
                cell=number,
                demand_id=demand_id,
                node_a=f"{demand_id}-A",
                node_b=f"{demand_id}-B",
                priority=1,
                wanted_bits=wanted_bits,
                guarantee_bits=0,
                delivered_bits=int(sky_bits.max()),
                met_frac=1.0,
                guarantee_kept=True,
                n_skies=n_skies,
                mean_bits=None,
                p10_bits=None,
                p50_bits=None,
                p90_bits=None,
                p_guarantee=None,
                n_nights=7,
                sky_bits=sky_bits[:n_skies],
                sky_key_nights=np.asarray(with_key, dtype=np.int64),
            )
        )
    row = CellRow(**head, status="done", n_satellites=n_satellites, n_sites=3, gap_frac=0.01)  # type: ignore[arg-type]
    return CellResult(row=row, demands=tuple(demands))


def noisy(record: StudyRecord, seed: int = 1, most: int = 500) -> Draw:
    """Random bits, other ones for every labels, week and demand."""

    def draw(labels: tuple[str, ...], week_number: int, demand_id: str) -> npt.ArrayLike:
        key = [seed, week_number, *"|".join((*labels, demand_id)).encode()]
        return np.random.default_rng(key).integers(0, most, max(1, record.n_skies or 0))

    return draw
