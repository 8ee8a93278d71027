"""Key in the programme: what contacts bring into stocks, how it flows out to demands, and what each of them gets.

The block can stand in one programme several times, over the same contacts with other yields: one for each sky.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from eagleplan.schedule.draft import Draft
from eagleplan.schedule.network import Edge, KeyNetwork, Store

Terms = tuple[tuple[int, ...], tuple[int, ...]]
"""Columns and their coefficients."""

Yields = Callable[[int, int], Terms]
"""(edge, cohort) -> the columns that bring key into it, and the bits that each brings when it is 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """The column of the bits that a route delivers at an instant."""

    route: int
    at_s: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyBlock:
    """Which column is what.

    `met` is the column of the bits that a demand gets; None where no route reaches it. `carried[edge]` are those of
    what stays in stock after each of its instants (counted up to `most_carried`), and `brought[edge]` those of what
    each cohort brings, where they have columns. What is on hand when the horizon ends is `left_fixed` + Σ coefficient
    × column of `left`.
    """

    flows: tuple[Flow, ...]
    met: tuple[int | None, ...]
    carried: tuple[tuple[int, ...], ...]
    brought: tuple[tuple[int | None, ...], ...]
    most_carried: tuple[tuple[int, ...], ...]
    left: Terms
    left_fixed: int


def expected_bits(network: KeyNetwork) -> Yields:
    """Contacts as columns 0 … n−1 that bring their expected bits."""

    def yields(edge: int, cohort: int) -> Terms:
        members = network.edges[edge].cohorts[cohort].candidates
        return members, tuple(network.candidates[index].bits for index in members)

    return yields


def key_block(draft: Draft, network: KeyNetwork, yields: Yields) -> KeyBlock:
    """Add stocks, routes and demands; `yields` says what the columns that are there already bring into them."""
    supply = [
        [yields(edge, cohort) for cohort in range(len(network.edges[edge].cohorts))]
        for edge in range(len(network.edges))
    ]
    most = [_most_at_instants(draft, edge, terms) for edge, terms in zip(network.edges, supply, strict=True)]
    flows = []
    for number, route in enumerate(network.routes):
        wanted = network.demands[route.demand].bits
        for at_s in route.instants_s:
            there = min(most[edge][network.edges[edge].instants_s.index(at_s)] for edge in route.edges)
            if there > 0:
                flows.append(Flow(route=number, at_s=at_s, column=draft.column(min(wanted, there))))
    met = _met(draft, network, flows)

    taken: list[dict[int, list[int]]] = [defaultdict(list) for _ in network.edges]
    for flow in flows:
        for number in network.routes[flow.route].edges:
            taken[number][flow.at_s].append(flow.column)
    asked = _asked(draft, network, flows)
    stored = {edge for store in network.stores for edge in store.edges}
    carried: list[tuple[int, ...]] = []
    brought: list[tuple[int | None, ...]] = []
    for number, edge in enumerate(network.edges):
        if network.is_timed:
            own = _stock_in_time(draft, edge, supply[number], taken[number], most[number], number in stored)
        else:
            lasting = _stock(draft, edge, supply[number], taken[number], most[number], asked[number])
            own = lasting, (None,) * len(edge.cohorts)
        carried.append(own[0])
        brought.append(own[1])
    for store in network.stores:
        _cap(draft, network, store, carried, brought)
    left, left_fixed = _left(network, supply, flows, carried)
    return KeyBlock(
        flows=tuple(flows),
        met=met,
        carried=tuple(carried),
        brought=tuple(brought),
        most_carried=tuple(tuple(draft.upper[column] for column in columns) for columns in carried),
        left=left,
        left_fixed=left_fixed,
    )


def _asked(draft: Draft, network: KeyNetwork, flows: Sequence[Flow]) -> list[list[int]]:
    """For each instant of each edge the most that demands can take from it then."""
    by_demand: list[list[dict[int, int]]] = [[defaultdict(int) for _ in edge.instants_s] for edge in network.edges]
    for flow in flows:
        route = network.routes[flow.route]
        for number in route.edges:
            instant = network.edges[number].instants_s.index(flow.at_s)
            by_demand[number][instant][route.demand] += draft.upper[flow.column]
    return [
        [sum(min(bits, network.demands[demand].bits) for demand, bits in of.items()) for of in instants]
        for instants in by_demand
    ]


def _most_at_instants(draft: Draft, edge: Edge, supply: Sequence[Terms]) -> list[int]:
    """All that could be on hand at each instant if nothing were spent and every contact flown."""
    change = [0] * (len(edge.instants_s) + 1)
    for cohort, (columns, coefficients) in zip(edge.cohorts, supply, strict=True):
        if cohort.first < len(edge.instants_s):
            bits = cohort.fixed_bits + _most(draft, (columns, coefficients))
            change[cohort.first] += bits
            change[cohort.last + 1] -= bits
    found, held = [], 0
    for step in change[:-1]:
        held += step
        found.append(held)
    return found


def _most(draft: Draft, terms: Terms) -> int:
    return sum(k * draft.upper[column] for column, k in zip(*terms, strict=True))


def _met(draft: Draft, network: KeyNetwork, flows: Sequence[Flow]) -> tuple[int | None, ...]:
    columns: list[list[int]] = [[] for _ in network.demands]
    for flow in flows:
        columns[network.routes[flow.route].demand].append(flow.column)
    met: list[int | None] = []
    for demand, own in zip(network.demands, columns, strict=True):
        if len(own) < 2:
            met.append(own[0] if own else None)
            continue
        column = draft.column(min(demand.bits, sum(draft.upper[c] for c in own)))
        draft.row((*own, column), (*(1 for _ in own), -1), lower=0, upper=0)
        met.append(column)
    return tuple(met)


def _stock(
    draft: Draft,
    edge: Edge,
    supply: Sequence[Terms],
    taken: Mapping[int, Sequence[int]],
    most: Sequence[int],
    asked: Sequence[int],
) -> tuple[int, ...]:
    """The rows of one edge where key lasts: at every instant no more leaves it than is carried over and brought in.

    A contact is counted with no more bits than can still be `asked` of the edge: more would loosen the relaxation and
    change nothing else.
    """
    n = len(edge.instants_s)
    later = [sum(asked[instant:]) for instant in range(n + 1)]
    fixed = [0] * n
    for cohort in edge.cohorts:
        if cohort.first < n:
            fixed[cohort.first] += cohort.fixed_bits
    carried = tuple(draft.column(min(most[instant], later[instant + 1])) for instant in range(n - 1))
    for instant, at_s in enumerate(edge.instants_s):
        useful = max(1, later[instant] - fixed[instant])
        columns = [*taken[at_s], *carried[instant : instant + 1]]
        coefficients = [1] * len(columns)
        if instant:
            columns.append(carried[instant - 1])
            coefficients.append(-1)
        for cohort, (contacts, bits) in zip(edge.cohorts, supply, strict=True):
            if cohort.first == instant:
                columns += contacts
                own = zip(contacts, bits, strict=True)
                coefficients += [-min(k, useful) if draft.upper[column] == 1 else -k for column, k in own]
        draft.row(columns, coefficients, upper=fixed[instant])
    return carried


def _stock_in_time(
    draft: Draft,
    edge: Edge,
    supply: Sequence[Terms],
    taken: Mapping[int, Sequence[int]],
    most: Sequence[int],
    is_capped: bool,
) -> tuple[tuple[int, ...], tuple[int | None, ...]]:
    """The rows of one edge where key grows old or stores are capped.

    What is carried over may be less than what is there: the rest is given up, or has grown too old. Bits that are gone
    after an instant must not be carried over it; since the oldest are spent first, it suffices to say how many at most
    live on.
    """
    n = len(edge.instants_s)
    brought: list[int | None] = []
    for cohort, terms in zip(edge.cohorts, supply, strict=True):
        if is_capped or len(terms[0]) > 1:
            column = draft.column(cohort.fixed_bits + _most(draft, terms))
            draft.row((column, *terms[0]), (1, *(-k for k in terms[1])), upper=cohort.fixed_bits)
            brought.append(column)
        else:
            brought.append(None)

    def bring(cohorts: Sequence[int]) -> tuple[list[int], list[int], int]:
        columns, coefficients, fixed = [], [], 0
        for number in cohorts:
            if (column := brought[number]) is not None:
                columns.append(column)
                coefficients.append(-1)
            else:
                columns += supply[number][0]
                coefficients += [-k for k in supply[number][1]]
                fixed += edge.cohorts[number].fixed_bits
        return columns, coefficients, fixed

    carried = tuple(draft.column(bits) for bits in most)
    for instant, at_s in enumerate(edge.instants_s):
        columns, coefficients, fixed = bring([c for c, cohort in enumerate(edge.cohorts) if cohort.first == instant])
        out = [*taken[at_s], carried[instant]]
        over = [carried[instant - 1]] if instant else []
        draft.row((*out, *over, *columns), (*(1 for _ in out), *(-1 for _ in over), *coefficients), upper=fixed)
        if instant < n - 1 and any(cohort.last == instant for cohort in edge.cohorts):
            living = [c for c, cohort in enumerate(edge.cohorts) if cohort.first <= instant < cohort.last]
            columns, coefficients, fixed = bring(living)
            draft.row((carried[instant], *columns), (1, *coefficients), upper=fixed)
    return carried, tuple(brought)


def _cap(
    draft: Draft,
    network: KeyNetwork,
    store: Store,
    carried: Sequence[Sequence[int]],
    brought: Sequence[Sequence[int | None]],
) -> None:
    """At every delivery instant no more is in store than the cap, before key is handed over."""
    for at_s in network.instants_s:
        columns: list[int] = []
        for number in store.edges:
            edge = network.edges[number]
            instant = edge.instants_s.index(at_s)
            columns += carried[number][instant - 1 : instant] if instant else ()
            own = zip(brought[number], edge.cohorts, strict=True)
            columns += [column for column, cohort in own if column is not None and cohort.first == instant]
        draft.row(columns, (1,) * len(columns), upper=store.cap_bits)


def _left(
    network: KeyNetwork, supply: Sequence[Sequence[Terms]], flows: Sequence[Flow], carried: Sequence[Sequence[int]]
) -> tuple[Terms, int]:
    if network.is_timed:
        columns = tuple(own[-1] for own in carried)
        return (columns, (1,) * len(columns)), network.idle_bits
    total: dict[int, int] = defaultdict(int)
    fixed = network.idle_bits
    for edge, terms in zip(network.edges, supply, strict=True):
        fixed += sum(cohort.fixed_bits for cohort in edge.cohorts)
        for columns, coefficients in terms:
            for column, k in zip(columns, coefficients, strict=True):
                total[column] += k
    for flow in flows:
        total[flow.column] -= len(network.routes[flow.route].edges)
    return (tuple(sorted(total)), tuple(total[column] for column in sorted(total))), fixed
