"""The network that carries key: stations behind countries, fibre, caps, and the key that exists already."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from eagleplan.inputs.countries import COUNTRY_CODES
from eagleplan.inputs.suggest import did_you_mean
from eagleplan.inputs.toml import KeyPath
from eagleplan.model import FibreLink, InitialStock, Network, Notice
from eagleplan.scenario.fleet import SatelliteIds, satellite_names, satellites_behind
from eagleplan.scenario.network_tables import NetworkTable
from eagleplan.scenario.reading import Reading
from eagleplan.scenario.schema import ScenarioFile
from eagleplan.scenario.sites import Selection


@dataclass(frozen=True, slots=True, kw_only=True)
class Nodes:
    """Every name that may hold key: sites in use, countries by their sites in use, terrestrial nodes, satellites.

    `terrestrial` are those of `network.nodes` and countries that fibre reaches, with or without stations.
    """

    sites: tuple[str, ...]
    countries: dict[str, tuple[str, ...]]
    terrestrial: tuple[str, ...]
    satellites: SatelliteIds

    @property
    def ground(self) -> list[str]:
        """Every node that is no satellite."""
        return list(dict.fromkeys([*self.sites, *self.countries, *self.terrestrial]))

    def in_order(self, end_a: str, end_b: str) -> tuple[str, str]:
        """The ends of an edge: the satellite first, two nodes of a fibre in the order of their names."""
        first, second = sorted((end_a, end_b), key=lambda end: (end in self.ground, end))
        return first, second


def nodes_of(reading: Reading, file: ScenarioFile, selection: Selection, satellite_ids: SatelliteIds) -> Nodes:
    """The nodes of a scenario; what is wrong with `network.nodes` is recorded."""
    sites = tuple(row.site_id for row in selection.rows)
    countries: dict[str, tuple[str, ...]] = {}
    for row in selection.rows:
        countries[row.country] = (*countries.get(row.country, ()), row.site_id)
    table = file.network
    linked = {node for link in table.fibre for node in (link.node_a, link.node_b)}
    for index, name in enumerate(table.nodes):
        key = ("network", "nodes", index)
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name):
            reading.wrong(key, "must be lower-case letters, digits and hyphens", got=f'"{name}"')
        elif name in sites or name in satellite_names(satellite_ids):
            reading.wrong(key, "is the id of a site or a satellite already", got=f'"{name}"')
        elif name in table.nodes[:index]:
            reading.wrong(key, "is named twice", got=f'"{name}"')
        elif name not in linked:
            reading.wrong(key, "no fibre link reaches it", got=f'"{name}"', hint="add a [[network.fibre]] link")
    abroad = sorted(linked & COUNTRY_CODES)
    return Nodes(sites=sites, countries=countries, terrestrial=(*table.nodes, *abroad), satellites=satellite_ids)


def network_of(reading: Reading, file: ScenarioFile, nodes: Nodes) -> Network:
    """The network of a scenario; what is wrong with it is recorded."""
    table = file.network
    links = _fibre(reading, table, nodes)
    edges = {frozenset((link.node_a, link.node_b)) for link in links}
    if (table.max_age_s or table.satellite_cap_bits or table.node_cap_bits or table.edge_caps) and (
        table.delivery_interval_s is None
    ):
        message = (
            "key ages or stores are full between deliveries, and those are at deadlines only: "
            "set network.delivery_interval_s to how often key is really handed over"
        )
        reading.notices.append(Notice(notice_id="W-DELIVERY-INTERVAL", subject="network", message=message))
    return Network(
        node_sites=nodes.countries,
        initial_stocks=_initial_stocks(reading, table, nodes, edges),
        fibre_links=links,
        max_hops=table.max_hops,
        max_age_s=table.max_age_s,
        satellite_cap_bits=_satellite_caps(reading, table, nodes),
        node_cap_bits=_node_caps(reading, table, nodes),
        edge_cap_bits=_edge_caps(reading, table, nodes, edges),
        delivery_interval_s=table.delivery_interval_s,
    )


def _fibre(reading: Reading, table: NetworkTable, nodes: Nodes) -> tuple[FibreLink, ...]:
    links: list[FibreLink] = []
    for index, one in enumerate(table.fibre):
        key = ("network", "fibre", index)
        for field, name in (("node_a", one.node_a), ("node_b", one.node_b)):
            _known_ground(reading, (*key, field), name, nodes)
        if one.node_a == one.node_b:
            reading.wrong((*key, "node_b"), "must differ from node_a", got=f'"{one.node_b}"')
        for other in links:
            if other.link_id == one.link_id:
                reading.wrong((*key, "link_id"), "is the id of another link too", got=f'"{one.link_id}"')
            if {other.node_a, other.node_b} == {one.node_a, one.node_b}:
                message = f"joins the same nodes as {other.link_id}: add their rates up in one link"
                reading.wrong(key, message, got=f"{one.node_a} and {one.node_b}")
        links.append(
            FibreLink(
                link_id=one.link_id,
                node_a=one.node_a,
                node_b=one.node_b,
                rate_bps=one.rate_bps,
                availability_frac=one.availability_frac,
            )
        )
    return tuple(links)


def _known_ground(reading: Reading, key: KeyPath, name: str, nodes: Nodes) -> None:
    if name in nodes.ground:
        return
    if satellites_behind(name, nodes.satellites):
        reading.wrong(key, "is a satellite: only nodes on the ground have fibre", got=f'"{name}"')
        return
    hint = did_you_mean(name, nodes.ground) or f'if it is a node of its own, add it to network.nodes = ["{name}"]'
    reading.wrong(key, "is neither a site in use, nor a country code, nor in network.nodes", got=f'"{name}"', hint=hint)


def _satellite_caps(reading: Reading, table: NetworkTable, nodes: Nodes) -> dict[str, int]:
    caps = {}
    for name, bits in table.satellite_cap_bits.items():
        behind = satellites_behind(name, nodes.satellites)
        if not behind:
            key = ("network", "satellite_cap_bits", name)
            reading.unknown(key, "no such satellite", name, satellite_names(nodes.satellites))
        caps.update(dict.fromkeys(behind, bits))
    return caps


def _node_caps(reading: Reading, table: NetworkTable, nodes: Nodes) -> dict[str, int]:
    for name in table.node_cap_bits:
        key = ("network", "node_cap_bits", name)
        if name in nodes.countries and name not in nodes.terrestrial:
            message = "a country without fibre stores no key: its stations do"
            reading.wrong(key, message, got=f'"{name}"', hint=f"its stations are {', '.join(nodes.countries[name])}")
        elif name not in nodes.sites and name not in nodes.terrestrial:
            reading.unknown(key, "no such site in use or terrestrial node", name, [*nodes.sites, *nodes.terrestrial])
    return dict(table.node_cap_bits)


def _edge_caps(
    reading: Reading, table: NetworkTable, nodes: Nodes, edges: Collection[frozenset[str]]
) -> dict[tuple[str, str], int]:
    caps: dict[tuple[str, str], int] = {}
    for index, one in enumerate(table.edge_caps):
        key = ("network", "edge_caps", index)
        known_edge(reading, key, (one.end_a, one.end_b), nodes, edges)
        first, second = sorted((one.end_a, one.end_b))
        if (first, second) in caps:
            reading.wrong(key, "the cap of this edge is given twice", got=f"{first} and {second}")
        caps[first, second] = one.cap_bits
    return caps


def _initial_stocks(
    reading: Reading, table: NetworkTable, nodes: Nodes, edges: Collection[frozenset[str]]
) -> tuple[InitialStock, ...]:
    stocks: dict[tuple[str, str, int], InitialStock] = {}
    for index, one in enumerate(table.initial_stocks):
        key = ("network", "initial_stocks", index)
        known_edge(reading, key, (one.end_a, one.end_b), nodes, edges)
        ends = nodes.in_order(one.end_a, one.end_b)
        place = (ends[0], ends[1], one.age_s)
        if place in stocks:
            reading.wrong(key, "the stock of this edge and age is given twice", got=f"{ends[0]} and {ends[1]}")
        if table.max_age_s is not None and one.age_s > table.max_age_s:
            message = f"key of {one.age_s} s is older than max_age_s = {table.max_age_s}: it is never used"
            reading.notices.append(
                Notice(notice_id="W-STOCK-AGE", subject=f"network.initial_stocks[{index}]", message=message)
            )
        stocks[place] = InitialStock(end_a=ends[0], end_b=ends[1], bits=one.bits, age_s=one.age_s)
    return tuple(stocks[place] for place in sorted(stocks))


def known_edge(
    reading: Reading, key: KeyPath, ends: tuple[str, str], nodes: Nodes, edges: Collection[frozenset[str]]
) -> bool:
    """Whether two ends are those of an edge that holds key; records why where they are not."""
    single = [name for table, ids in nodes.satellites.items() for name in ids or (table,)]
    wrong = False
    for field, name in zip(("end_a", "end_b"), ends, strict=True):
        if name not in single and name not in nodes.ground:
            wrong = True
            known = [*single, *nodes.sites, *nodes.terrestrial]
            reading.unknown((*key, field), "no such satellite, site in use or terrestrial node", name, known)
    satellites, sites = set(ends) & set(single), set(ends) & set(nodes.sites)
    if not wrong and not (len(satellites) == len(sites) == 1 or frozenset(ends) in edges):
        wrong = True
        message = "holds no key: must be a satellite and a site, or the two ends of a fibre link"
        reading.wrong(key, message, got=f"{ends[0]} and {ends[1]}")
    return not wrong
