"""From names in a demand to ground stations: a node is a station, or a country with every station it has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from eagleplan.errors import InputError, Problem
from eagleplan.model import Demand, InitialStock, Network, Site


def build_network(
    sites: Sequence[Site], demands: Iterable[Demand] = (), initial_stocks: Iterable[InitialStock] = ()
) -> Network:
    """The nodes that the scenario's `sites` make up: each site by its id, each country by its code.

    Stations of a node are in alphabetical order. Raises InputError with a Problem for every node of a demand
    that has no station, for every demand of a node with itself, and for every stock at an absent station.
    """
    stations: dict[str, list[str]] = defaultdict(list)
    for site in sites:
        stations[site.site_id].append(site.site_id)
        stations[site.country].append(site.site_id)
    node_sites = {node: tuple(sorted(stations[node])) for node in sorted(stations)}
    problems: list[Problem] = []

    def wrong(path: str, field: str, message: str, got: str) -> None:
        problems.append(Problem(path=path, field=field, message=message, got=got))

    for demand in demands:
        where = demand.origin or f"demand {demand.demand_id}"
        for field, node in (("node_a", demand.node_a), ("node_b", demand.node_b)):
            if node not in node_sites:
                wrong(where, field, "neither a site nor a country with a site", node)
        if demand.node_a == demand.node_b:
            wrong(where, "node_b", "a node cannot share key with itself", demand.node_b)
    known = {site.site_id for site in sites}
    stocks = tuple(initial_stocks)
    for stock in stocks:
        if stock.site_id not in known:
            wrong("initial_stocks", "site_id", "no such site in the plan", stock.site_id)
    if problems:
        raise InputError(problems, hint=f"nodes of this plan: {', '.join(node_sites)}")
    return Network(node_sites=node_sites, initial_stocks=stocks)


def node_stations(network: Network, node: str) -> tuple[str, ...]:
    """Ids of the stations at which `node` can take key; KeyError where there is no such node."""
    return network.node_sites[node]
