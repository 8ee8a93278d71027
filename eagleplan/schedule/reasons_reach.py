"""Which edges a demand can use at all, and over which it could still get a bit."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from eagleplan.model import Delivery, Discard
from eagleplan.schedule.problem import PairDemand, Problem, delivery_instants_s
from eagleplan.schedule.verify_paths import Edge, edge, paid_edges
from eagleplan.schedule.verify_stocks import Production, productions


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """The nodes and ways of a problem, for questions about single demands.

    `free` joins countries and stations of their own; `country` maps a station to the countries it belongs to.
    """

    free: Mapping[str, tuple[str, ...]]
    country: Mapping[str, frozenset[str]]
    node_sites: Mapping[str, tuple[str, ...]]

    def own_nodes(self, node: str) -> frozenset[str]:
        """The node itself and, for a country, its stations."""
        return frozenset((node, *self.node_sites.get(node, ())))

    def trusts(self, demand: PairDemand, node: str) -> bool:
        """Whether the demand's key may pass the node."""
        if demand.trusted is None or node in (demand.node_a, demand.node_b):
            return True
        countries = self.country.get(node, frozenset())
        return bool(({node} | countries) & demand.trusted) or not countries.isdisjoint((demand.node_a, demand.node_b))

    def hops(self, demand: PairDemand, start: str, edges: Collection[Edge]) -> Mapping[str, int]:
        """Node -> the fewest of `edges` that lie between it and `start`, over nodes that the demand trusts."""
        beside: dict[str, list[str]] = defaultdict(list)
        for one, other in edges:
            beside[one].append(other)
            beside[other].append(one)
        found = {start: 0}
        queue = deque([start])
        while queue:
            node = queue.popleft()
            # Key passes on through trusted nodes only; any node may be where it ends.
            if not self.trusts(demand, node):
                continue
            for cost, others in ((0, self.free.get(node, ())), (1, beside[node])):
                for other in others:
                    if found[node] + cost < found.get(other, demand.max_hops + 1):
                        found[other] = found[node] + cost
                        (queue.append if cost else queue.appendleft)(other)
        return found

    def has_path(self, demand: PairDemand, edges: Collection[Edge]) -> bool:
        """Whether a path of the demand leads over `edges`, no node twice."""
        beside: dict[str, list[str]] = defaultdict(list)
        for one, other in sorted(edges):
            beside[one].append(other)
            beside[other].append(one)
        left = self.hops(demand, demand.node_b, edges)
        waiting: list[tuple[tuple[str, ...], int]] = [((demand.node_a,), 0)]
        while waiting:
            path, paid = waiting.pop()
            if path[-1] == demand.node_b:
                if paid:
                    return True
                continue
            if not self.trusts(demand, path[-1]):
                continue
            for cost, others in ((0, self.free.get(path[-1], ())), (1, beside[path[-1]])):
                for other in others:
                    if other not in path and paid + cost + left.get(other, demand.max_hops + 1) <= demand.max_hops:
                        waiting.append(((*path, other), paid + cost))
        return False

    def useful(self, demand: PairDemand, edges: Collection[Edge]) -> frozenset[Edge]:
        """Those of `edges` that can lie on a path of the demand; it has none where this is empty."""
        edges = self._through(demand, edges)
        from_a = self.hops(demand, demand.node_a, edges)
        from_b = self.hops(demand, demand.node_b, edges)
        far = demand.max_hops + 1
        trusted = {node for node in from_a.keys() | from_b.keys() if self.trusts(demand, node)}
        return frozenset(
            (one, other)
            for one, other in edges
            if one in trusted
            and other in trusted
            and min(
                from_a.get(one, far) + from_b.get(other, far),
                from_a.get(other, far) + from_b.get(one, far),
            )
            < demand.max_hops
        )

    def _through(self, demand: PairDemand, edges: Collection[Edge]) -> frozenset[Edge]:
        """`edges` without dead ends: a path leaves every node between its ends by another way than it came."""
        beside: dict[str, set[str]] = defaultdict(set)
        for one, other in (*edges, *((node, other) for node, others in self.free.items() for other in others)):
            beside[one].add(other)
            beside[other].add(one)
        dead = [n for n, others in beside.items() if len(others) < 2 and n not in (demand.node_a, demand.node_b)]
        while dead:
            node = dead.pop()
            for other in beside.pop(node, ()):
                beside[other].discard(node)
                if len(beside[other]) < 2 and other not in (demand.node_a, demand.node_b):
                    dead.append(other)
        return frozenset((one, other) for one, other in edges if one in beside and other in beside)


def reach_of(problem: Problem) -> Reach:
    """The ways of a problem that cost nothing, and who stands where."""
    paid = {edge(link.node_a, link.node_b) for link in problem.network.fibre_links}
    free: dict[str, list[str]] = defaultdict(list)
    country: dict[str, set[str]] = defaultdict(set)
    for code, sites in problem.network.node_sites.items():
        for site_id in sites:
            country[site_id].add(code)
            if edge(code, site_id) not in paid:
                free[code].append(site_id)
                free[site_id].append(code)
    return Reach(
        free={node: tuple(others) for node, others in free.items()},
        country={site_id: frozenset(codes) for site_id, codes in country.items()},
        node_sites=problem.network.node_sites,
    )


def edges_with_key(made: Mapping[Edge, Production], until_s: int) -> frozenset[Edge]:
    """Edges on which there is key at some time up to `until_s`."""
    return frozenset(key for key, production in made.items() if production.until(until_s) > 0)


def spare_edges(
    problem: Problem, flown: Iterable[str], deliveries: Iterable[Delivery], discards: Iterable[Discard]
) -> Mapping[int, frozenset[Edge]]:
    """Instant -> the edges that could give one bit more then, with everything else going on as it does."""
    instants = delivery_instants_s(problem)
    number = {at_s: index for index, at_s in enumerate(instants)}
    spent: dict[Edge, list[int]] = defaultdict(lambda: [0] * len(instants))
    given_up: dict[Edge, list[int]] = defaultdict(lambda: [0] * len(instants))
    for delivery in deliveries:
        for key in paid_edges(problem, delivery.path):
            spent[key][number[delivery.at_s]] += delivery.bits
    for discard in discards:
        given_up[edge(discard.end_a, discard.end_b)][number[discard.at_s]] += discard.bits
    spare: dict[int, set[Edge]] = {at_s: set() for at_s in instants}
    age_s = problem.network.max_age_s
    for key, production in productions(problem, flown).items():
        made = [production.until(at_s) for at_s in instants]
        old = [0 if age_s is None else production.before(at_s - age_s) for at_s in instants]
        for index in _can_give_more(made, old, given_up[key], spent[key]):
            spare[instants[index]].add(key)
    return {at_s: frozenset(keys) for at_s, keys in spare.items()}


def _can_give_more(made: list[int], old: list[int], given_up: list[int], spent: list[int]) -> Iterable[int]:
    """Instants at which one bit more could be spent, by what is made by then, too old, given up and spent."""
    gone_before = []
    gone = 0
    for index, gone_old in enumerate(old):
        gone_before.append(max(gone, gone_old))
        gone = gone_before[-1] + given_up[index] + spent[index]
    for index in range(len(made)):
        more = gone_before[index] + given_up[index] + spent[index] + 1
        later = index + 1
        fits = more <= made[index]
        # From here on the edge is one bit short, until one would have grown too old or been given up anyway.
        while fits and later < len(made) and old[later] < more and given_up[later] == 0:
            more += spent[later]
            fits = more <= made[later]
            later += 1
        if fits:
            yield index
