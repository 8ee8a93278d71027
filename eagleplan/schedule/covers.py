"""Rows that say nothing new of whole contacts, and much of parts of them: what a fraction of a contact can start.

One contact often brings far more than the first piece of a demand, the piece that fairness values most. Half a contact
must then not be worth the whole piece to the relaxation. If every route of a demand draws on one of some edges, what
the demand gets of its first `n` bits is at most Σ min(bits of contact, n) over the contacts of these edges, since
min(Σ, n) <= Σ min. The same holds for several demands together, with the sum of their first bits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from eagleplan.schedule.draft import Draft
from eagleplan.schedule.network import KeyNetwork


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """The columns of a demand's pieces, best first, and how many bits they hold together up to each."""

    columns: tuple[int, ...]
    upto_bits: tuple[int, ...]


def cover_pieces(draft: Draft, network: KeyNetwork, pieces: Sequence[Pieces | None]) -> None:
    """Add the rows for single demands, by the edges at either end of their routes, and for all demands of such edges.

    `pieces` are those of each demand, None where no route reaches it.
    """
    together: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for demand, routes in enumerate(network.routes_of()):
        if pieces[demand] is None:
            continue
        # Once where both ends draw on the same edges: one fibre link that joins them.
        for edges in {tuple(sorted({network.routes[route].edges[end] for route in routes})) for end in (0, -1)}:
            together[edges].append(demand)
    for edges, demands in sorted(together.items()):
        depth = max(len(own.columns) for demand in demands if (own := pieces[demand]) is not None)
        groups = [[demand] for demand in demands]
        if len(demands) > 1:
            groups.append(demands)
        for group in groups:
            for k in range(depth):
                _cover(draft, network, edges, [own for demand in group if (own := pieces[demand]) is not None], k)


def _cover(draft: Draft, network: KeyNetwork, edges: Sequence[int], group: Sequence[Pieces], k: int) -> None:
    """The first pieces up to `k` of each of `group` together, against the contacts of `edges`."""
    columns: list[int] = []
    coefficients: list[int] = []
    most = 0
    for own in group:
        columns += own.columns[: k + 1]
        most += own.upto_bits[min(k, len(own.upto_bits) - 1)]
    coefficients += [1] * len(columns)
    fixed = 0
    for number in edges:
        for cohort in network.edges[number].cohorts:
            fixed += cohort.fixed_bits
            for index in cohort.candidates:
                columns.append(index)
                coefficients.append(-min(network.candidates[index].bits, most))
    if fixed < most:
        draft.row(columns, coefficients, upper=fixed)
