"""Nodes, the stations behind them, and the paths of trusted nodes over which key is delivered."""

from eagleplan.model import refresh_bits
from eagleplan.network.nodes import build_network, node_stations
from eagleplan.network.relay import RelayPath, relay_paths

__all__ = ["RelayPath", "build_network", "node_stations", "refresh_bits", "relay_paths"]
