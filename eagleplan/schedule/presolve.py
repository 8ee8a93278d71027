"""A smaller programme with the same best value: what a solver would need long to see.

Coefficients are tightened: of a contact that gives more key than can ever be spent counts what can. Dominated contacts
go: where another takes no more of any resource or row and gives no less, nobody needs the first. Clashes at a station
that are clashes of one terminal anyway are dropped.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from eagleplan.schedule.part import Flags, Part, Shrinker, Whole
from eagleplan.schedule.programme import Resource, Row, Values, programme

_FAR = 2**62


def presolved(task: Part, start: Values) -> Part:
    """A part of `task` that holds a best plan, and `start` (values of `task`'s own columns)."""
    this = task.programme
    this = replace(this, rows=tuple(_tightened(row, this.upper) for row in this.rows))
    this = programme(this.upper, this.rows, _needed(this.resources), this.at_most_one)
    needed = np.array(start, dtype=np.int64) > 0
    now = replace(task, programme=this)
    while True:
        dominated = _dominated(now, needed[now.columns])
        if not dominated.any():
            return now
        now = Shrinker(now.programme, now.objective).part(~dominated).within(now)


def _tightened(row: Row, upper: tuple[int, ...]) -> Row:
    """For Σ a x <= b: a binary column with a < 0 counts no more than makes the row hold whatever the rest does."""
    if row.upper is None or row.lower is not None or min(row.coefficients, default=0) >= 0:
        return row
    most = sum(k * upper[c] for c, k in zip(row.columns, row.coefficients, strict=True) if k > 0) - row.upper
    most = max(most, 0)
    return replace(
        row,
        coefficients=tuple(
            -most if k < -most and upper[c] == 1 else k for c, k in zip(row.columns, row.coefficients, strict=True)
        ),
    )


def _needed(resources: tuple[Resource, ...]) -> list[Resource]:
    """Without the stretches of a resource in which one earlier resource holds all that clash."""
    leading: dict[int, int] = {}
    kept = []
    for number, resource in enumerate(resources):
        uses = []
        stretch: list[tuple[int, int, int]] = []
        last = -_FAR
        for use in (*sorted(resource.uses), (_FAR, _FAR, -1)):
            if use[0] >= last:
                leaders = {leading.get(column, number) for _, _, column in stretch}
                if leaders == {number} or len(leaders) > 1:
                    uses += stretch
                stretch = []
            stretch.append(use)
            last = max(last, use[1])
        for _, _, column in resource.uses:
            leading.setdefault(column, number)
        if uses:
            kept.append(Resource(uses=tuple(uses)))
    return kept


def _dominated(task: Part, needed: Flags) -> Flags:
    """Contacts that another makes superfluous; never one that `needed` names."""
    this = task.programme
    in_rows: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for number, row in enumerate(this.rows):
        for column, coefficient in zip(row.columns, row.coefficients, strict=True):
            in_rows[column].append((number, coefficient))
    sign = 1 if task.objective.sense == "max" else -1
    worth = dict(zip(task.objective.columns, task.objective.coefficients, strict=True))
    spans: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for number, resource in enumerate(this.resources):
        uses = np.array(resource.uses, dtype=np.int64)
        # What clashes with a use does not change while its ends move to the next end and begin of another.
        ends = np.concatenate([[-_FAR], np.unique(uses[:, 1])])
        begins = np.concatenate([np.unique(uses[:, 0]), [_FAR]])
        before = ends[np.searchsorted(ends, uses[:, 0], side="right") - 1].tolist()
        after = begins[np.searchsorted(begins, uses[:, 1], side="left")].tolist()
        for column, begin, end in zip(uses[:, 2].tolist(), before, after, strict=True):
            spans[column].append((number, begin, end))
    in_sets: dict[int, list[int]] = defaultdict(list)
    for number, excluding in enumerate(this.at_most_one):
        for column in excluding:
            in_sets[column].append(number)
    alike: dict[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]], list[int]] = defaultdict(list)
    for column, taken in spans.items():
        key = (tuple(row for row, _ in in_rows[column]), tuple(r for r, _, _ in taken), tuple(in_sets[column]))
        alike[key].append(column)
    dead = np.zeros(len(this.upper), dtype=np.bool_)
    bound_up = np.array([row.upper is not None for row in this.rows], dtype=np.bool_)
    bound_down = np.array([row.lower is not None for row in this.rows], dtype=np.bool_)
    for (rows, _, _), group in alike.items():
        group.sort(key=lambda column: (spans[column][0][1], spans[column][0][2], column))
        for members in _overlapping(group, spans):
            which = np.array(members)
            ends = np.array([[(begin, -end) for _, begin, end in spans[c]] for c in members]).reshape(len(members), -1)
            factors = np.array([[k for _, k in in_rows[c]] for c in members], dtype=np.int64).reshape(len(members), -1)
            gains = np.array([[sign * worth.get(c, 0)] for c in members])
            over, under = bound_up[list(rows)], bound_down[list(rows)]
            better = np.concatenate([ends, gains, -factors[:, over], factors[:, under]], axis=1)
            dead[which] = _beaten(better, needed[which])
    return dead


def _overlapping(group: list[int], spans: dict[int, list[tuple[int, int, int]]]) -> Iterator[list[int]]:
    """A group in order of time, in sets that do not reach one another; a set of one is left out."""
    found: list[int] = []
    last = -_FAR
    for column in group:
        _, begin, end = spans[column][0]
        if begin >= last and found:
            if len(found) > 1:
                yield found
            found = []
        found.append(column)
        last = max(last, end)
    if len(found) > 1:
        yield found


def _beaten(better: Whole, needed: Flags) -> Flags:
    """Which rows of `better` another row equals or exceeds in every column; of equals one stays."""
    over = np.ones((len(better), len(better)), dtype=np.bool_)
    for column in better.T:
        over &= column[None, :] >= column[:, None]
    first = np.tri(len(better), k=-1, dtype=np.bool_)
    found: Flags = (over & (~over.T | first | needed[None, :])).any(axis=1) & ~needed
    return found
