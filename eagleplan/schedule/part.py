"""A programme with an objective, and smaller ones inside it: some columns kept, the rest at nought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from eagleplan.schedule.objective import Objective
from eagleplan.schedule.programme import Programme, Resource, Row, Values, programme

Flags = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A programme inside another: its column k is column `columns[k]` of the whole, which has `n_whole`."""

    programme: Programme
    objective: Objective
    columns: Whole
    n_whole: int

    def inside(self, values: Sequence[int]) -> Values:
        return tuple(np.asarray(values, dtype=np.int64)[self.columns].tolist())

    def outside(self, values: Sequence[int]) -> Values:
        """Values of the whole: nought where the part has no column."""
        whole = np.zeros(self.n_whole, dtype=np.int64)
        whole[self.columns] = values
        return tuple(whole.tolist())

    def within(self, outer: Part) -> Part:
        """This part of a part, as a part of the whole."""
        return replace(self, columns=outer.columns[self.columns], n_whole=outer.n_whole)


def posed(this: Programme, objective: Objective, decided: Sequence[tuple[Objective, int]]) -> Part:
    """The task of a level as one programme: what is decided becomes rows."""
    rows = tuple(
        Row(
            columns=earlier.columns,
            coefficients=earlier.coefficients,
            lower=value if earlier.sense == "max" else None,
            upper=value if earlier.sense == "min" else None,
        )
        for earlier, value in decided
        if earlier.columns
    )
    n = len(this.upper)
    return Part(programme=replace(this, rows=(*this.rows, *rows)), objective=objective, columns=np.arange(n), n_whole=n)


def contacts(this: Programme) -> Flags:
    """Which columns take a resource."""
    flags = np.zeros(len(this.upper), dtype=np.bool_)
    for resource in this.resources:
        flags[[column for _, _, column in resource.uses]] = True
    return flags


class Shrinker:
    """Cuts parts out of one programme, again and again: its rows are held as arrays."""

    def __init__(self, this: Programme, objective: Objective) -> None:
        self.programme = this
        self.objective = objective
        self._upper = np.array(this.upper, dtype=np.int64)
        self._rows = [
            (np.array(r.columns, dtype=np.int64), np.array(r.coefficients, dtype=np.int64), r) for r in this.rows
        ]
        self._uses = [np.array(r.uses, dtype=np.int64).reshape(-1, 3) for r in this.resources]
        self._sets = [np.array(members, dtype=np.int64) for members in this.at_most_one]
        self._goal = (
            np.array(objective.columns, dtype=np.int64),
            np.array(objective.coefficients, dtype=np.int64),
        )

    def part(self, keep: Flags) -> Part:
        """The programme of the columns in `keep`."""
        number = np.cumsum(keep) - 1
        columns = np.flatnonzero(keep)

        def some(indices: Whole, coefficients: Whole) -> tuple[tuple[int, ...], tuple[int, ...]]:
            kept = keep[indices]
            return tuple(number[indices[kept]].tolist()), tuple(coefficients[kept].tolist())

        rows = []
        for indices, coefficients, row in self._rows:
            left, factors = some(indices, coefficients)
            if left or not row.holds([0] * len(keep)):
                rows.append(Row(columns=left, coefficients=factors, lower=row.lower, upper=row.upper))
        resources = []
        for uses in self._uses:
            kept = uses[keep[uses[:, 2]]]
            resources.append(
                Resource(
                    uses=tuple(zip(kept[:, 0].tolist(), kept[:, 1].tolist(), number[kept[:, 2]].tolist(), strict=True))
                )
            )
        sets = [number[members[keep[members]]].tolist() for members in self._sets]
        left, factors = some(*self._goal)
        return Part(
            programme=programme(
                self._upper[columns].tolist(), rows, resources, [members for members in sets if len(members) > 1]
            ),
            objective=replace(self.objective, columns=left, coefficients=factors),
            columns=columns,
            n_whole=len(keep),
        )
