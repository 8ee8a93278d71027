"""An integer programme: bounded columns, linear rows, and resources that serve one use at a time.

It knows nothing of contacts and nothing of solvers; both sides of the seam speak it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Values = tuple[int, ...]
"""One whole number per column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`lower` <= Σ coefficient × column <= `upper`; None is no bound."""

    columns: tuple[int, ...]
    coefficients: tuple[int, ...]
    lower: int | None = None
    upper: int | None = None

    def value(self, values: Sequence[int]) -> int:
        return sum(k * values[c] for c, k in zip(self.columns, self.coefficients, strict=True))

    def holds(self, values: Sequence[int]) -> bool:
        value = self.value(values)
        return (self.lower is None or self.lower <= value) and (self.upper is None or value <= self.upper)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """Something that at most one of its users has at any instant.

    `uses` holds (from, until, column): a column of 1 takes the resource during [from, until).
    """

    uses: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """See `programme`.

    `cliques` say all that `resources` and `at_most_one` say: sets of columns of which at most one may be 1.
    """

    upper: tuple[int, ...]
    rows: tuple[Row, ...]
    resources: tuple[Resource, ...]
    at_most_one: tuple[tuple[int, ...], ...]
    cliques: tuple[tuple[int, ...], ...]

    def is_feasible(self, values: Sequence[int]) -> bool:
        """Whether `values` keeps every bound, row and clique."""
        return (
            len(values) == len(self.upper)
            and all(0 <= value <= top for value, top in zip(values, self.upper, strict=True))
            and all(sum(values[c] for c in clique) <= 1 for clique in self.cliques)
            and all(row.holds(values) for row in self.rows)
        )


def programme(
    upper: Iterable[int],
    rows: Iterable[Row],
    resources: Iterable[Resource],
    at_most_one: Iterable[Iterable[int]] = (),
) -> Programme:
    """The programme with the maximal cliques of its resources and of the further sets `at_most_one`.

    Uses of one resource are spans of time, an interval graph: its maximal cliques, at most one per use, say
    everything that the pairs say, and their linear relaxation has whole-numbered corners (consecutive ones).
    The first resource that holds a column leads it: what every satellite does alone is a schedule of the columns that
    its terminal leads, so terminals stand before stations.
    """
    kept = tuple(resource for resource in resources if resource.uses)
    more = tuple(sorted({tuple(sorted(members)) for members in at_most_one}))
    cliques = {clique for resource in kept for clique in _interval_cliques(resource.uses)}
    return Programme(
        upper=tuple(upper),
        rows=tuple(rows),
        resources=kept,
        at_most_one=more,
        cliques=_maximal(cliques.union(more)),
    )


def _interval_cliques(uses: Sequence[tuple[int, int, int]]) -> list[tuple[int, ...]]:
    """Maximal sets, of two and more, of uses that share an instant."""
    # At one instant ends come before starts: spans are half-open.
    events = sorted([(end, 0, column) for _, end, column in uses] + [(start, 1, column) for start, _, column in uses])
    alive: set[int] = set()
    grown = False
    cliques = []
    for _, opens, column in events:
        if opens:
            alive.add(column)
            grown = True
        else:
            if grown and len(alive) > 1:
                cliques.append(tuple(sorted(alive)))
            grown = False
            alive.discard(column)
    return cliques


def _maximal(cliques: Iterable[tuple[int, ...]]) -> tuple[tuple[int, ...], ...]:
    """Those that lie within no other: with one satellite a station's always lies within its terminal's."""
    holding: dict[int, list[frozenset[int]]] = defaultdict(list)
    kept = []
    for clique in sorted(cliques, key=lambda clique: (-len(clique), clique)):
        members = frozenset(clique)
        rarest = min(clique, key=lambda column: len(holding[column]))
        if not any(members <= larger for larger in holding[rarest]):
            kept.append(clique)
            for column in clique:
                holding[column].append(members)
    return tuple(sorted(kept))
