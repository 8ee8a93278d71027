"""Paths of trusted nodes: what a bit of key must pass, and spend, to reach a pair.

A satellite that holds K_A with station A and K_B with station B publishes K_A xor K_B; either end then knows
both. One bit for the pair takes one bit of each key, and both must lie on the same satellite.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eagleplan.model import Demand, Network
from eagleplan.network.nodes import node_stations


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayPath:
    """Station A, satellite, station B: a delivered bit spends a bit of the satellite's key with either."""

    satellite_id: str
    site_a: str
    site_b: str

    @property
    def edges(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """The two stocks, as (satellite, station), that the path draws on."""
        return (self.satellite_id, self.site_a), (self.satellite_id, self.site_b)


def relay_paths(demand: Demand, network: Network, satellite_ids: Sequence[str]) -> tuple[RelayPath, ...]:
    """Every path over which `demand` may be delivered, in order of satellite, station A, station B.

    A station needs no path to itself: where a country is paired with one of its own stations, the other
    stations serve the country.
    """
    return tuple(
        RelayPath(satellite_id=satellite_id, site_a=site_a, site_b=site_b)
        for satellite_id in sorted(satellite_ids)
        for site_a in node_stations(network, demand.node_a)
        for site_b in node_stations(network, demand.node_b)
        if site_a != site_b
    )
