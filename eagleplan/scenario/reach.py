"""Whether any relay can serve a demand at all, whatever is flown: said before anything is computed."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence

from eagleplan.model import Demand, Network, Notice, Satellite, Site
from eagleplan.scenario.reading import Reading


def warn_of_unreachable(
    reading: Reading,
    demands: Sequence[Demand],
    network: Network,
    satellites: Sequence[Satellite],
    sites: Sequence[Site],
) -> None:
    """A notice for every demand that no path of trusted nodes, or none short enough, can serve."""
    neighbours = _neighbours(network, satellites, sites)
    countries = {site.site_id: site.country for site in sites}
    satellite_ids = frozenset(satellite.satellite_id for satellite in satellites)
    for demand in demands:
        subject = f"demand {demand.demand_id}"
        ends = f"{demand.node_a} to {demand.node_b}"
        allowed = demand.max_hops or network.max_hops
        needed = fewest_hops(demand, network, neighbours, countries, satellite_ids)
        if needed is None:
            message = f"no way over trusted nodes and stations that fit leads from {ends}: it gets no key"
            reading.notices.append(Notice(notice_id="W-DEMAND-PATH", subject=subject, message=message))
        elif needed > allowed:
            message = (
                f"the shortest way from {ends} costs key on {needed} edges, and max_hops is {allowed}: it gets no key"
            )
            reading.notices.append(Notice(notice_id="W-DEMAND-HOPS", subject=subject, message=message))


def _neighbours(network: Network, satellites: Sequence[Satellite], sites: Sequence[Site]) -> dict[str, set[str]]:
    """Node → the nodes with which it may hold key."""
    pairs = [(link.node_a, link.node_b) for link in network.fibre_links]
    for site in sites:
        fitting = site.limits.satellite_ids
        pairs += [
            (one.satellite_id, site.site_id) for one in satellites if fitting is None or one.satellite_id in fitting
        ]
    found: dict[str, set[str]] = {}
    for one, other in pairs:
        found.setdefault(one, set()).add(other)
        found.setdefault(other, set()).add(one)
    return found


def fewest_hops(
    demand: Demand,
    network: Network,
    neighbours: Mapping[str, set[str]],
    countries: Mapping[str, str],
    satellite_ids: frozenset[str],
) -> int | None:
    """The fewest edges that a bit of the demand costs key on, at least one; None if no trusted path joins its ends.

    `neighbours` joins the nodes of every edge that may hold key, `countries` maps sites to their countries. The step
    between a country and a station of its own is free, where no fibre joins the two.
    """
    ends = (demand.node_a, demand.node_b)

    def is_trusted(node: str) -> bool:
        if node in satellite_ids:
            return demand.trusted_satellites is None or node in demand.trusted_satellites
        names = {node, countries.get(node, node)}
        return demand.trusted_nodes is None or bool(names & {*demand.trusted_nodes, *ends})

    def steps(node: str) -> Iterator[tuple[str, int]]:
        """(neighbour, edges that cost key)."""
        paid = neighbours.get(node, set())
        yield from ((near, 1) for near in paid)
        free = (*network.node_sites.get(node, ()), *([countries[node]] if node in countries else []))
        yield from ((near, 0) for near in free if near not in paid)

    # A state is a node, and whether anything has been paid on the way to it.
    queue = deque([(demand.node_a, 0)])
    seen: dict[tuple[str, bool], int] = {(demand.node_a, False): 0, (demand.node_a, True): 0}
    while queue:
        node, hops = queue.popleft()
        if node == demand.node_b and hops:
            return hops
        if node != demand.node_a and not is_trusted(node):
            continue
        for near, cost in steps(node):
            state = (near, hops + cost > 0)
            if hops + cost < seen.get(state, hops + cost + 1):
                seen[state] = hops + cost
                (queue.append if cost else queue.appendleft)((near, hops + cost))
    return None
