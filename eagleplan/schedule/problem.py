"""The scheduling problem in whole numbers: seconds since the horizon's start, bits, weights.

A problem checks itself when it is made: whoever holds one can rely on it. A wrong one is a bug of its maker,
hence `ValueError`; what users can get wrong is caught where their files are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from eagleplan.model import Contact, Demand, InitialStock, Network

MAX_TOTAL = 2**53
"""Largest weighted sum of bits: exact in a float64 too, and far inside the solver's 64-bit integers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A contact that may be chosen: takes satellite and site during [`start_s`, `end_s`) and gives `bits`."""

    contact_id: str
    satellite_id: str
    site_id: str
    start_s: int
    end_s: int
    bits: int

    def __post_init__(self) -> None:
        _check_whole(self.contact_id, start_s=self.start_s, end_s=self.end_s, bits=self.bits)
        if not self.contact_id or not self.satellite_id or not self.site_id:
            raise ValueError(f"candidate {self.contact_id!r} needs an id, a satellite and a site")
        if self.end_s <= self.start_s:
            raise ValueError(f"candidate {self.contact_id}: end_s {self.end_s} is not after start_s {self.start_s}")
        if self.bits < 0:
            raise ValueError(f"candidate {self.contact_id}: bits must not be negative (got {self.bits})")


@dataclass(frozen=True, slots=True, kw_only=True)
class PairDemand:
    """`bits` of key between any station of `sites_a` and any of `sites_b`, each through some one satellite.

    Stations of one side are as good as one another. No station stands on both sides.
    """

    demand_id: str
    node_a: str
    node_b: str
    sites_a: tuple[str, ...]
    sites_b: tuple[str, ...]
    bits: int
    weight: int
    guarantee_bits: int

    def __post_init__(self) -> None:
        _check_whole(self.demand_id, bits=self.bits, weight=self.weight, guarantee_bits=self.guarantee_bits)
        if not self.demand_id:
            raise ValueError("a demand needs an id")
        if self.bits < 1 or self.weight < 1:
            raise ValueError(f"demand {self.demand_id}: bits and weight must be at least 1")
        if not 0 <= self.guarantee_bits <= self.bits:
            raise ValueError(f"demand {self.demand_id}: guarantee_bits must lie between 0 and bits")
        for sites in (self.sites_a, self.sites_b):
            if len(set(sites)) != len(sites):
                raise ValueError(f"demand {self.demand_id}: a station is named twice in {sites}")
        if both := set(self.sites_a) & set(self.sites_b):
            raise ValueError(f"demand {self.demand_id}: {sorted(both)} on both sides")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Everything a solver needs to know.

    At least `changeover_s` lies between two contacts of one satellite's terminal (slew and acquisition), and
    at least `site_changeover_s` between two contacts of one station.
    """

    candidates: tuple[Candidate, ...]
    demands: tuple[PairDemand, ...]
    initial_stocks: tuple[InitialStock, ...] = ()
    changeover_s: int
    site_changeover_s: int = 0

    def __post_init__(self) -> None:
        _check_whole("problem", changeover_s=self.changeover_s, site_changeover_s=self.site_changeover_s)
        if self.changeover_s < 0 or self.site_changeover_s < 0:
            raise ValueError("changeover times must not be negative")
        _check_unique("contact_id", (candidate.contact_id for candidate in self.candidates))
        _check_unique("demand_id", (demand.demand_id for demand in self.demands))
        _check_unique("initial stock", (f"{s.satellite_id} / {s.site_id}" for s in self.initial_stocks))
        for stock in self.initial_stocks:
            _check_whole(f"stock {stock.satellite_id} / {stock.site_id}", bits=stock.bits)
            if stock.bits < 0:
                raise ValueError(f"stock {stock.satellite_id} / {stock.site_id}: bits must not be negative")
        weighted = sum(demand.weight * demand.bits for demand in self.demands)
        supply = sum(c.bits for c in self.candidates) + sum(s.bits for s in self.initial_stocks)
        if max(weighted, supply) > MAX_TOTAL:
            raise ValueError(f"weighted demand and supply must stay below 2^53 (got {weighted} and {supply})")


def build_problem(
    contacts: Sequence[Contact],
    demands: Sequence[Demand],
    network: Network,
    *,
    changeover_s: int,
    site_changeover_s: int = 0,
) -> Problem:
    """The problem of choosing among `contacts` for `demands`; a contact counts with its expected bits.

    A country paired with one of its own stations is served by its other stations: a station needs no
    satellite to share key with itself.
    """
    return Problem(
        candidates=tuple(
            Candidate(
                contact_id=contact.contact_id,
                satellite_id=contact.satellite_id,
                site_id=contact.site_id,
                start_s=contact.start_s,
                end_s=contact.end_s,
                bits=contact.expected_bits,
            )
            for contact in contacts
        ),
        demands=tuple(_pair_demand(demand, network) for demand in demands),
        initial_stocks=network.initial_stocks,
        changeover_s=changeover_s,
        site_changeover_s=site_changeover_s,
    )


def _pair_demand(demand: Demand, network: Network) -> PairDemand:
    stations_a, stations_b = network.node_sites[demand.node_a], network.node_sites[demand.node_b]
    shared = set(stations_a) & set(stations_b)
    if shared and min(len(stations_a), len(stations_b)) > 1:
        raise ValueError(f"{demand.demand_id}: {demand.node_a} and {demand.node_b} share {sorted(shared)}")
    # Where one side is a single station, taking it out of the other side removes no path but the one to
    # itself.
    sites_a = stations_a if len(stations_a) == 1 else tuple(s for s in stations_a if s not in shared)
    sites_b = stations_b if len(stations_a) > 1 else tuple(s for s in stations_b if s not in shared)
    return PairDemand(
        demand_id=demand.demand_id,
        node_a=demand.node_a,
        node_b=demand.node_b,
        sites_a=sites_a,
        sites_b=sites_b,
        bits=demand.bits,
        weight=demand.priority,
        guarantee_bits=demand.guarantee_bits,
    )


def _check_whole(subject: str, **values: int) -> None:
    for name, value in values.items():
        if type(value) is not int:
            raise ValueError(f"{subject}: {name} must be a whole number (got {value!r})")


def _check_unique(what: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"{what} {name} is there twice")
        seen.add(name)
