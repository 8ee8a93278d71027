"""Ways that key can take: paths of trusted nodes from one end of a demand to the other.

A step between a country and a station of its own is free, unless fibre joins the two; every other step costs key of an
edge. Stations that nothing tells apart form a pool and count as one node, named by its first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from eagleplan.model import Network
from eagleplan.schedule.problem import PairDemand, Problem

Ends = tuple[str, str]
"""Two nodes that hold key with one another, in alphabetical order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """Nodes (or pools) from one end of a demand to the other, and the edges whose key it costs."""

    nodes: tuple[str, ...]
    edges: tuple[Ends, ...]


def ends(one: str, other: str) -> Ends:
    """The edge between two nodes, whichever is named first."""
    return (one, other) if one < other else (other, one)


def pools(problem: Problem) -> Mapping[str, tuple[str, ...]]:
    """Station -> the stations (itself included) that are interchangeable with it.

    All stations of a country are, but for those that a demand, a list of trusted nodes, a fibre link or a cap names:
    who may pass one of the others may pass their country too, and so all of them.
    """
    network = problem.network
    countries_of = _countries_of(network)
    named = {node for demand in problem.demands for node in (demand.node_a, demand.node_b)}
    named |= {node for link in network.fibre_links for node in (link.node_a, link.node_b)}
    named |= set(network.node_cap_bits) | {node for pair in network.edge_cap_bits for node in pair}
    for trusted in {demand.trusted for demand in problem.demands if demand.trusted is not None}:
        named |= {node for node in trusted if trusted.isdisjoint(countries_of.get(node, ()))}
    found: dict[str, tuple[str, ...]] = {}
    for country, site_ids in sorted(network.node_sites.items()):
        alike = tuple(sorted(s for s in site_ids if s not in named and countries_of[s] == [country]))
        for site_id in site_ids:
            found[site_id] = alike if site_id in alike else (site_id,)
    return found


def free_steps(network: Network, pool_of: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    """Country -> its own stations (or pools) and the other way round, where no fibre has to be paid between them."""
    fibre = {ends(link.node_a, link.node_b) for link in network.fibre_links}
    found: dict[str, set[str]] = defaultdict(set)
    for country, site_ids in network.node_sites.items():
        for site_id in site_ids:
            if ends(country, site_id) not in fibre:
                found[country].add(pool_of[site_id][0])
                found[pool_of[site_id][0]].add(country)
    return {node: tuple(sorted(others)) for node, others in found.items()}


def paths(
    network: Network,
    free: Mapping[str, Collection[str]],
    neighbours: Mapping[str, Collection[str]],
    demand: PairDemand,
) -> list[Path]:
    """Every path of a demand that no other one undercuts; `neighbours` says between which nodes there can be key.

    A path that pays all the edges of another one, and more, is left out.
    """
    search = _Search(free, neighbours, demand, _Trust(network, demand))
    found = sorted(search.paths(), key=lambda path: (len(path.edges), len(path.nodes), path.nodes))
    kept: list[Path] = []
    holding: dict[Ends, list[frozenset[Ends]]] = defaultdict(list)
    for path in found:
        paid = frozenset(path.edges)
        if not any(cheaper <= paid for edge in path.edges for cheaper in holding[edge]):
            kept.append(path)
            holding[path.edges[0]].append(paid)
    return kept


class _Search:
    """Depth first from one end; `steps_left` cuts off what cannot reach the other in time."""

    def __init__(
        self,
        free: Mapping[str, Collection[str]],
        neighbours: Mapping[str, Collection[str]],
        demand: PairDemand,
        may_pass: _Trust,
    ) -> None:
        self.free, self.neighbours, self.demand, self.may_pass = free, neighbours, demand, may_pass
        self.steps_left = self._paid_steps(demand.node_b)
        at_once = {node for node, steps in self._paid_steps(demand.node_a).items() if steps == 0}
        # Whoever comes to such a node later could have begun there; unless the far end is one of them, since a way
        # there without any key is no relay.
        self.detours: set[str] = set() if demand.node_b in at_once else at_once

    def paths(self) -> Iterator[Path]:
        return self._on((self.demand.node_a,), ())

    def _on(self, nodes: tuple[str, ...], paid: tuple[Ends, ...]) -> Iterator[Path]:
        here, node_b = nodes[-1], self.demand.node_b
        if here == node_b:
            if paid:
                yield Path(nodes=nodes, edges=paid)
            return
        budget = self.demand.max_hops - len(paid)
        for there in self.free.get(here, ()):
            if self.steps_left.get(there, budget + 1) <= budget and there not in nodes:
                yield from self._on((*nodes, there), paid)
        for there in self.neighbours.get(here, ()):
            is_detour = there in nodes or there in self.detours
            if self.steps_left.get(there, budget) < budget and not is_detour:
                yield from self._on((*nodes, there), (*paid, ends(here, there)))

    def _paid_steps(self, node: str) -> dict[str, int]:
        """Fewest paid steps between a node and every other, over nodes that may be passed."""
        found = {node: 0}
        front = [node]
        for steps in range(self.demand.max_hops + 1):
            for here in front:
                for there in self.free.get(here, ()):
                    if there not in found and self._may_be(there):
                        found[there] = steps
                        front.append(there)
            onward = []
            for here in front:
                for there in self.neighbours.get(here, ()):
                    if there not in found and self._may_be(there):
                        found[there] = steps + 1
                        onward.append(there)
            front = onward
        return found

    def _may_be(self, node: str) -> bool:
        return node in (self.demand.node_a, self.demand.node_b) or self.may_pass(node)


class _Trust:
    """Which nodes a demand's key may pass between its ends."""

    def __init__(self, network: Network, demand: PairDemand) -> None:
        self.trusted = demand.trusted
        self.countries_of = _countries_of(network)
        self.own = {s for node in (demand.node_a, demand.node_b) for s in network.node_sites.get(node, ())}

    def __call__(self, node: str) -> bool:
        return (
            self.trusted is None
            or node in self.own
            or node in self.trusted
            or not self.trusted.isdisjoint(self.countries_of.get(node, ()))
        )


def _countries_of(network: Network) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for country in sorted(network.node_sites):
        for site_id in network.node_sites[country]:
            found[site_id].append(country)
    return found
