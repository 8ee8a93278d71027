"""Who wants key with whom, and the network that carries it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Key that two nodes want to share within the horizon. A node is a site id or a country code.

    `bits` is for the whole horizon. `priority` multiplies every bit delivered. `guarantee_bits` comes before
    everything else.
    """

    demand_id: str
    node_a: str
    node_b: str
    bits: int
    priority: int
    guarantee_bits: int
    origin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InitialStock:
    """Secret bits that a satellite and a site share before the horizon starts."""

    satellite_id: str
    site_id: str
    bits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Which stations stand behind each node, and what key there is at the start."""

    node_sites: Mapping[str, tuple[str, ...]]
    initial_stocks: tuple[InitialStock, ...] = ()


def refresh_bits(key_bits: int, refresh_interval_s: int, period_s: int) -> int:
    """Bits that a link uses up in `period_s` when it changes to a fresh key of `key_bits` every `refresh_interval_s`.

    A key is due at 0, at one interval, at two, and so on, as long as the period lasts: a 256-bit key every hour of a
    week is 168 keys, 43,008 bit. Raises ValueError unless all three are positive whole numbers.
    """
    if min(key_bits, refresh_interval_s, period_s) < 1:
        raise ValueError("key_bits, refresh_interval_s and period_s must be at least 1")
    return key_bits * -(-period_s // refresh_interval_s)
