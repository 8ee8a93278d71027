"""What bounds a demand: prices of everything that it could have more of, from a linear programme.

The programme is the schedule without whole numbers: contacts may be flown in part. It makes one demand's key as much as
can be while every other demand keeps what the plan gives it. Its value is an upper bound, and its prices say how much
more the demand would get with one unit more of each thing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from eagleplan.schedule.draft import Draft
from eagleplan.schedule.explain_linear import relax
from eagleplan.schedule.network import Edge, KeyNetwork, key_network
from eagleplan.schedule.paths import Ends
from eagleplan.schedule.problem import Candidate, Problem
from eagleplan.schedule.programme import Resource, Row, programme
from eagleplan.schedule.slews import slew_cliques
from eagleplan.schedule.solution import Solution

Kind = Literal["stock", "age", "terminal", "station", "limit", "nights", "store", "rival"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """One thing that a demand could have more of.

    `price_bits` is what one unit more of it would bring the demand at first, and at most if it is whole: one bit of key
    for a "stock" between two `nodes`, or one bit of it that does not grow too old ("age"); a second terminal on a
    satellite or a second telescope at a station for one `night`; one more of what a "limit" counts; one night of staff;
    one bit of room in a "store"; one bit that a "rival" demand goes without.
    """

    kind: Kind
    nodes: tuple[str, ...]
    price_bits: float
    night: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What bounds a demand, dearest first within each kind; no plan gives it more than `most_bits`.

    That is said of plans in which every other demand keeps what it has.
    """

    most_bits: int
    bounds: tuple[Bound, ...]


EPSILON = 1e-6
"""Prices below this are rounding."""


def prices(problem: Problem, plan: Solution, demand_id: str) -> Prices:
    """What bounds the demand called `demand_id`; KeyError where there is none."""
    network = key_network(problem)
    wanted = {demand.demand_id: number for number, demand in enumerate(network.demands)}[demand_id]
    lines = _Lines(problem, network)
    lines.contacts()
    lines.keys()
    lines.rivals(plan, wanted)
    own = lines.met[wanted]
    if not own:
        return Prices(most_bits=0, bounds=())
    found = relax(lines.draft.upper, [row for row, _ in lines.rows], dict.fromkeys(own, 1))
    totals: dict[tuple[Kind, tuple[str, ...], str, str], float] = defaultdict(float)
    for (_, label), price in zip(lines.rows, found.prices_bits, strict=True):
        if label is not None and abs(price) > EPSILON:
            # A bit comes into a stock once; a terminal, a store and all else is there all the time.
            once = label[0] in ("stock", "age")
            totals[label] = max(totals[label], abs(price)) if once else totals[label] + abs(price)
    bounds = [
        Bound(kind=kind, nodes=nodes, night=night, text=text, price_bits=price)
        for (kind, nodes, night, text), price in totals.items()
    ]
    bounds.sort(key=lambda bound: (_ORDER.index(bound.kind), -bound.price_bits, bound.nodes, bound.night))
    return Prices(most_bits=int(found.value_bits + EPSILON), bounds=tuple(bounds))


_ORDER: tuple[Kind, ...] = ("stock", "age", "terminal", "station", "limit", "nights", "store", "rival")

_Label = tuple[Kind, tuple[str, ...], str, str]


class _Lines:
    """Rows that know what they stand for."""

    def __init__(self, problem: Problem, network: KeyNetwork) -> None:
        self.problem, self.network = problem, network
        self.draft = Draft()
        self.rows: list[tuple[Row, _Label | None]] = []
        self.met: list[list[int]] = [[] for _ in network.demands]
        for _ in network.candidates:
            self.draft.column(1)

    def add(
        self,
        terms: Iterable[tuple[int, int]],
        label: _Label | None,
        *,
        lower: int | None = None,
        upper: int | None = None,
    ) -> None:
        columns, coefficients = zip(*terms, strict=True)
        self.rows.append((Row(columns=columns, coefficients=coefficients, lower=lower, upper=upper), label))

    def contacts(self) -> None:
        problem, candidates = self.problem, self.network.candidates
        for kind, node, resource in _resources(problem, candidates):
            for clique in programme(self.draft.upper, (), [resource]).cliques:
                self.add(((i, 1) for i in clique), (kind, (node,), _night(candidates, clique), ""), upper=1)
        for clique in slew_cliques(problem, candidates):
            node = candidates[clique[0]].satellite_id
            self.add(((i, 1) for i in clique), ("terminal", (node,), _night(candidates, clique), ""), upper=1)
        index_of = {candidate.contact_id: index for index, candidate in enumerate(candidates)}
        for limit in problem.limits:
            terms = [(index_of[name], amount) for name, amount in limit.amounts.items() if name in index_of]
            if sum(amount for _, amount in terms) > limit.most:
                self.add(terms, ("limit", (), "", limit.text), upper=limit.most)
        for pin in problem.pins:
            self.add(((index_of[name], 1) for name in pin.contact_ids if name in index_of), None, lower=1)
        for site_id, most in problem.max_nights.items():
            nights: dict[str, list[int]] = defaultdict(list)
            for index, candidate in enumerate(candidates):
                if candidate.site_id == site_id:
                    nights[candidate.night].append(index)
            columns = {night: self.draft.column(1) for night in nights}
            for night, own in nights.items():
                for index in own:
                    self.add(((index, 1), (columns[night], -1)), None, upper=0)
            if len(nights) > most:
                self.add(((column, 1) for column in columns.values()), ("nights", (site_id,), "", ""), upper=most)

    def keys(self) -> None:
        """Flows, and for every edge and instant: no more leaves than is carried over and comes in."""
        network = self.network
        taken: list[dict[int, list[int]]] = [defaultdict(list) for _ in network.edges]
        for route in network.routes:
            for at_s in route.instants_s:
                column = self.draft.column(network.demands[route.demand].bits)
                self.met[route.demand].append(column)
                for number in route.edges:
                    taken[number][at_s].append(column)
        carried = [[self.draft.column(self._most(edge)) for _ in edge.instants_s] for edge in network.edges]
        brought = [self._brought(number) for number in range(len(network.edges))]
        for number, edge in enumerate(network.edges):
            nodes = _ends(edge.members)
            for instant, at_s in enumerate(edge.instants_s):
                out = [*taken[number][at_s], carried[number][instant]]
                over = [carried[number][instant - 1]] if instant else []
                new = [c for c, cohort in zip(brought[number], edge.cohorts, strict=True) if cohort.first == instant]
                self.add([*((c, 1) for c in out), *((c, -1) for c in (*over, *new))], ("stock", nodes, "", ""), upper=0)
                living = [
                    c
                    for c, cohort in zip(brought[number], edge.cohorts, strict=True)
                    if cohort.first <= instant < cohort.last
                ]
                if any(cohort.last == instant for cohort in edge.cohorts):
                    self.add(
                        [(carried[number][instant], 1), *((c, -1) for c in living)], ("age", nodes, "", ""), upper=0
                    )
        for store in network.stores:
            for at_s in network.instants_s:
                columns = []
                for number in store.edges:
                    edge = network.edges[number]
                    instant = edge.instants_s.index(at_s)
                    columns += carried[number][instant - 1 : instant] if instant else []
                    columns += [
                        c for c, cohort in zip(brought[number], edge.cohorts, strict=True) if cohort.first == instant
                    ]
                if columns:
                    self.add(((c, 1) for c in columns), ("store", (store.name,), "", ""), upper=store.cap_bits)

    def _brought(self, number: int) -> list[int]:
        """A column per cohort for what comes into the edge: less than there is where a store is full."""
        edge = self.network.edges[number]
        columns = []
        for cohort in edge.cohorts:
            bits = [(index, -self.network.candidates[index].bits) for index in cohort.candidates]
            column = self.draft.column(self._most(edge))
            self.add([(column, 1), *bits], None, upper=cohort.fixed_bits)
            columns.append(column)
        return columns

    def _most(self, edge: Edge) -> int:
        """All that can ever come into the edge."""
        flown = sum(self.network.candidates[index].bits for cohort in edge.cohorts for index in cohort.candidates)
        return flown + sum(cohort.fixed_bits for cohort in edge.cohorts)

    def rivals(self, plan: Solution, wanted: int) -> None:
        """Nobody gets more than asked; everybody else at least what the plan gives."""
        for number, (demand, own) in enumerate(zip(self.network.demands, self.met, strict=True)):
            if not own:
                continue
            terms = [(column, 1) for column in own]
            self.add(terms, None, upper=demand.bits)
            if number != wanted:
                bits = plan.delivered_bits(demand.demand_id)
                self.add(terms, ("rival", (demand.demand_id,), "", ""), lower=bits)


def _resources(problem: Problem, candidates: Sequence[Candidate]) -> Iterator[tuple[Kind, str, Resource]]:
    by_user: dict[tuple[Kind, str], list[int]] = defaultdict(list)
    for index, candidate in enumerate(candidates):
        by_user["terminal", candidate.satellite_id].append(index)
        by_user["station", candidate.site_id].append(index)
    for (kind, node), members in sorted(by_user.items(), key=lambda item: (item[0][0] != "terminal", item[0][1])):
        several = len({candidates[index].satellite_id for index in members}) > 1
        gap_s = problem.changeover_s if kind == "terminal" else problem.set_up_s.get(node, 0)
        if kind == "terminal" or several or gap_s > problem.changeover_s:
            uses = tuple((candidates[i].start_s, candidates[i].end_s + gap_s, i) for i in members)
            yield kind, node, Resource(uses=uses)


def _night(candidates: Sequence[Candidate], clique: Iterable[int]) -> str:
    return min((candidates[index].night for index in clique), default="")


def _ends(members: Sequence[Ends]) -> tuple[str, ...]:
    """The node that all members share, then the others; of a single edge both ends."""
    if len(members) == 1:
        return members[0]
    shared = set(members[0]).intersection(*members[1:])
    return (*sorted(shared), *sorted({node for pair in members for node in pair} - shared))
