"""Stocks and caps that key managers tell, in place of those that somebody would type in."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from eagleplan.inputs.kms import KmeAccess, fetch_status, parse_status
from eagleplan.model import InitialStock, Network
from eagleplan.scenario.network import Nodes, known_edge
from eagleplan.scenario.reading import Reading
from eagleplan.scenario.schema import ScenarioFile


def with_key_stores(reading: Reading, file: ScenarioFile, nodes: Nodes, network: Network) -> Network:
    """The network with what its key managers hold now; what they answered is kept among the plan's inputs.

    The most that a store takes becomes the cap of its edge. Certificates and the private key are used and never kept.
    """
    table = file.kms
    if not table.stores:
        return network
    missing = [name for name in ("ca_file", "cert_file", "key_file") if getattr(table, name) is None]
    for name in missing:
        reading.wrong(("kms", "stores"), f"need kms.{name}: the standard asks for mutual TLS")
    edges = {frozenset((link.node_a, link.node_b)) for link in network.fibre_links}
    stocks = list(network.initial_stocks)
    known = {frozenset((stock.end_a, stock.end_b)) for stock in stocks}
    caps = dict(network.edge_cap_bits)
    for index, store in enumerate(table.stores):
        key = ("kms", "stores", index)
        ends = frozenset((store.end_a, store.end_b))
        if not known_edge(reading, key, (store.end_a, store.end_b), nodes, edges):
            continue
        if ends in known:
            message = "the stock of these two is given already"
            reading.wrong(key, message, got=f"{store.end_a} and {store.end_b}", hint="a key manager's word is enough")
            continue
        known.add(ends)
        if missing:
            continue
        access = KmeAccess(
            url=store.url,
            slave_sae_id=store.slave_sae_id,
            ca_file=reading.path(str(table.ca_file)),
            cert_file=reading.path(str(table.cert_file)),
            key_file=reading.path(str(table.key_file)),
            timeout_s=table.timeout_s,
        )
        status = reading.fetch(
            access.status_url, "key manager", (*key, "url"), partial(fetch_status, access), parse_status
        )
        if status is None:
            continue
        end_a, end_b = nodes.in_order(store.end_a, store.end_b)
        stocks.append(InitialStock(end_a=end_a, end_b=end_b, bits=status.stored_bits))
        edge = (min(ends), max(ends))
        caps[edge] = min(status.max_bits, caps.get(edge, status.max_bits))
    return replace(network, initial_stocks=tuple(stocks), edge_cap_bits=caps)
