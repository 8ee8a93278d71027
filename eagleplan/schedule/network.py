"""Supply and demand as the solvers see them: edges that hold key, and routes over them from one end to the other.

Time matters only where it must. Without a greatest age and without caps a demand takes its key at its deadline: earlier
is never better. Then an edge has an instant per deadline of the demands that can use it, mostly one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eagleplan.schedule.paths import Ends, Path, free_steps, paths, pools
from eagleplan.schedule.problem import Candidate, PairDemand, Problem, delivery_instants_s
from eagleplan.schedule.supply import Cohort, Supply, cohorts_of, supplies


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A stock: the key that two nodes share, or a satellite and the stations of a pool (`members`) together.

    `instants_s` are those at which something may be taken from it; in a network where key ages or stores are
    capped, all delivery instants and the horizon's end.
    """

    ends: Ends
    members: tuple[Ends, ...]
    instants_s: tuple[int, ...]
    cohorts: tuple[Cohort, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One demand over one path: a bit delivered at any of `instants_s` spends a bit of each of `edges`, in turn.

    Two stations of one pool that the path comes from and goes on to are joined by their country.
    """

    demand: int
    nodes: tuple[str, ...]
    edges: tuple[int, ...]
    instants_s: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """Edges whose stocks together hold `cap_bits` at most."""

    name: str
    edges: tuple[int, ...]
    cap_bits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyNetwork:
    """The problem without what cannot matter, in an order that does not depend on that of its parts.

    `candidates` have bits that a demand can use, or are pinned, or belong to a pass of the earlier plan; by start time.
    `instants_s` are the delivery instants, `country_of` is the country of a station; `is_timed` says that key ages or
    stores are capped.
    """

    candidates: tuple[Candidate, ...]
    demands: tuple[PairDemand, ...]
    edges: tuple[Edge, ...]
    routes: tuple[Route, ...]
    stores: tuple[Store, ...]
    instants_s: tuple[int, ...]
    country_of: Mapping[str, str]
    is_timed: bool
    idle_bits: int
    """Bits on hand at the horizon's end of edges that are not here: nothing flown or delivered changes them."""

    def routes_of(self) -> tuple[tuple[int, ...], ...]:
        """Indices of the routes of each demand."""
        found: list[list[int]] = [[] for _ in self.demands]
        for index, route in enumerate(self.routes):
            found[route.demand].append(index)
        return tuple(tuple(indices) for indices in found)


def key_network(problem: Problem) -> KeyNetwork:
    """Pools, edges and routes of a problem."""
    demands = tuple(sorted(problem.demands, key=lambda demand: demand.demand_id))
    pool_of = pools(problem)
    wanted = _wanted(problem)
    supply_of = supplies(problem, pool_of, wanted)
    max_age_s = _max_age_s(problem)
    stores = _stores(problem, supply_of)
    is_timed = max_age_s is not None or bool(stores)
    instants_s = delivery_instants_s(problem)
    routes = _routes(problem, demands, pool_of, supply_of, instants_s if is_timed else None, max_age_s)

    taken_at: dict[Ends, set[int]] = defaultdict(set)
    for _, path, at_s in routes:
        for key in path.edges:
            taken_at[key].update(at_s)
    stored = {key for keys, _ in stores.values() for key in keys if supply_of[key].has_fixed}
    here = sorted(
        key
        for key, supply in supply_of.items()
        if key in taken_at or key in stored or any(c.contact_id in wanted for c in supply.candidates)
    )
    number = {key: index for index, key in enumerate(here)}
    kept = sorted(
        (
            candidate
            for key in here
            for candidate in supply_of[key].candidates
            if candidate.contact_id in wanted or supply_of[key].is_useful(candidate, taken_at[key], max_age_s)
        ),
        key=lambda candidate: (candidate.start_s, candidate.end_s, candidate.contact_id),
    )
    index_of = {candidate.contact_id: index for index, candidate in enumerate(kept)}
    everything_s = tuple(sorted({*instants_s, problem.end_s}))
    edges = []
    for key in here:
        own_s = everything_s if is_timed else tuple(sorted(taken_at[key]))
        edges.append(
            Edge(
                ends=key,
                members=supply_of[key].members,
                instants_s=own_s,
                cohorts=cohorts_of(supply_of[key], index_of, own_s, problem.end_s, max_age_s),
            )
        )
    return KeyNetwork(
        candidates=tuple(kept),
        demands=demands,
        edges=tuple(edges),
        routes=tuple(
            Route(demand=demand, nodes=path.nodes, edges=tuple(number[key] for key in path.edges), instants_s=at_s)
            for demand, path, at_s in routes
        ),
        stores=tuple(
            Store(name=name, edges=tuple(number[key] for key in keys if key in number), cap_bits=cap_bits)
            for name, (keys, cap_bits) in sorted(stores.items())
        ),
        instants_s=instants_s,
        country_of={site_id: c for c, site_ids in problem.network.node_sites.items() for site_id in site_ids},
        is_timed=is_timed,
        idle_bits=sum(
            supply.fixed_at(problem.end_s, max_age_s) for key, supply in supply_of.items() if key not in number
        ),
    )


def _wanted(problem: Problem) -> set[str]:
    """Contacts that matter even where no demand can use their key."""
    earlier = problem.previous.contacts if problem.previous else {}
    pinned = {contact_id for pin in problem.pins for contact_id in pin.contact_ids}
    return pinned | {candidate.contact_id for candidate in problem.candidates if candidate.pass_id in earlier}


def _max_age_s(problem: Problem) -> int | None:
    """The greatest age, unless nothing can grow that old."""
    max_age_s = problem.network.max_age_s
    oldest_s = max((stock.age_s for stock in problem.network.initial_stocks), default=0)
    return None if max_age_s is None or max_age_s >= problem.end_s + oldest_s else max_age_s


def _stores(problem: Problem, supply_of: Mapping[Ends, Supply]) -> dict[str, tuple[tuple[Ends, ...], int]]:
    """Name -> edges and cap, where the edges can hold more than the cap."""
    network = problem.network
    caps: list[tuple[str, tuple[Ends, ...], int]] = [
        (node, tuple(key for key in sorted(supply_of) if node in key), cap_bits)
        for cap_of in (network.satellite_cap_bits, network.node_cap_bits)
        for node, cap_bits in cap_of.items()
    ]
    caps += [(" / ".join(key), (key,), cap) for key, cap in network.edge_cap_bits.items() if key in supply_of]
    return {
        name: (keys, cap_bits)
        for name, keys, cap_bits in caps
        if sum(supply_of[key].most_bits(problem.end_s) for key in keys) > cap_bits
    }


def _routes(
    problem: Problem,
    demands: Sequence[PairDemand],
    pool_of: Mapping[str, tuple[str, ...]],
    supply_of: Mapping[Ends, Supply],
    instants_s: Sequence[int] | None,
    max_age_s: int | None,
) -> list[tuple[int, Path, tuple[int, ...]]]:
    """Demand, path and instants, where every edge of the path can hold something then."""
    neighbours: dict[str, list[str]] = defaultdict(list)
    for one, other in sorted(supply_of):
        neighbours[one].append(other)
        neighbours[other].append(one)
    free = free_steps(problem.network, pool_of)
    found = []
    for index, demand in enumerate(demands):
        if instants_s is None:
            own_s: tuple[int, ...] = (demand.deadline_s,)
        else:
            own_s = tuple(t for t in instants_s if demand.start_s < t <= demand.deadline_s)
        for path in paths(problem.network, free, neighbours, demand):
            at_s = tuple(t for t in own_s if all(supply_of[key].can_hold(t, max_age_s) for key in path.edges))
            if at_s:
                found.append((index, path, at_s))
    return found
