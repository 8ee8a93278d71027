"""Who wants key with whom, and the network that carries it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Key that two nodes want to share. A node is a site id, a country code, or a terrestrial node of the network.

    `bits` are wanted at delivery instants t with `start_s` < t <= `deadline_s`, seconds since the horizon's start.
    `priority` multiplies every bit delivered. `guarantee_bits` come before everything else; `guarantee_class` 1 comes
    before 2. `pqc_ok` says that the link may run on post-quantum key alone while key from QKD is missing.
    `trusted_nodes` are the sites, countries and terrestrial nodes that its key may pass besides its own two ends;
    None trusts all of them. Satellites are named too where not all may carry it: a satellite that is not named in
    `trusted_satellites` carries nothing for this demand; None trusts all. `max_hops` overrides the network's.
    """

    demand_id: str
    node_a: str
    node_b: str
    bits: int
    priority: int
    guarantee_bits: int
    start_s: int = 0
    deadline_s: int
    guarantee_class: int = 1
    pqc_ok: bool = False
    trusted_nodes: tuple[str, ...] | None = None
    trusted_satellites: tuple[str, ...] | None = None
    max_hops: int | None = None
    origin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InitialStock:
    """Secret bits that two ends of an edge share when the horizon starts, made `age_s` before.

    `end_a` and `end_b` are a satellite and a site, or the ends of a fibre link. One edge may have several, of
    different ages.
    """

    end_a: str
    end_b: str
    bits: int
    age_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FibreLink:
    """A terrestrial QKD link between two nodes: its stock grows by `rate_bps` × `availability_frac`, all the time.

    Between a site and its own country it is the national fibre behind that station: without one, the way between
    them is free.
    """

    link_id: str
    node_a: str
    node_b: str
    rate_bps: float
    availability_frac: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Which stations stand behind each country, what joins nodes, and what key there is at the start.

    `node_sites` maps the code of every country that has stations in use to all of them. Every station is a node too.
    `max_hops` limits the edges of a relay that cost key: through one satellite 2, over one fibre link 1. `max_age_s` is
    how old a bit of a stock may be when it is spent. Caps are the most bits that may be in store: all stocks of a
    satellite together, all stocks of a ground node (a site, or a terrestrial node; key manager) together, or the stock
    of one edge, by its two ends in alphabetical order; what is above is lost. `delivery_interval_s` adds delivery
    instants at its multiples to those of starts and deadlines; it matters only where key ages or stores are capped.
    """

    node_sites: Mapping[str, tuple[str, ...]]
    initial_stocks: tuple[InitialStock, ...] = ()
    fibre_links: tuple[FibreLink, ...] = ()
    max_hops: int = 2
    max_age_s: int | None = None
    satellite_cap_bits: Mapping[str, int] = field(default_factory=dict)
    node_cap_bits: Mapping[str, int] = field(default_factory=dict)
    edge_cap_bits: Mapping[tuple[str, str], int] = field(default_factory=dict)
    delivery_interval_s: int | None = None


def refresh_bits(key_bits: int, refresh_interval_s: int, period_s: int) -> int:
    """Bits that a link uses up in `period_s` when it changes to a fresh key of `key_bits` every `refresh_interval_s`.

    A key is due at 0, at one interval, at two, and so on, as long as the period lasts: a 256-bit key every hour of a
    week is 168 keys, 43,008 bit. Raises ValueError unless all three are positive whole numbers.
    """
    if min(key_bits, refresh_interval_s, period_s) < 1:
        raise ValueError("key_bits, refresh_interval_s and period_s must be at least 1")
    return key_bits * -(-period_s // refresh_interval_s)
