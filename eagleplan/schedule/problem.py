"""The scheduling problem in whole numbers: seconds since the horizon's start, bits, weights.

A problem checks itself when it is made: whoever holds one can rely on it. A wrong one is a bug of its maker,
hence `ValueError`; what users can get wrong is caught where their files are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from eagleplan.model import Network

MAX_TOTAL = 2**53
"""Largest weighted sum of bits: exact in a float64 too, and far inside the solver's 64-bit integers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A contact that may be chosen: takes satellite and site during [`start_s`, `end_s`) and gives `bits`.

    The bits are in stock from `usable_s` on. Candidates of one `pass_id` are parts of the same pass.
    """

    contact_id: str
    pass_id: str
    satellite_id: str
    site_id: str
    start_s: int
    end_s: int
    usable_s: int
    bits: int
    night: str = ""

    def __post_init__(self) -> None:
        _check_whole(self.contact_id, start_s=self.start_s, end_s=self.end_s, usable_s=self.usable_s, bits=self.bits)
        if not all((self.contact_id, self.pass_id, self.satellite_id, self.site_id)):
            raise ValueError(f"candidate {self.contact_id!r} needs an id, a pass, a satellite and a site")
        if self.end_s <= self.start_s:
            raise ValueError(f"candidate {self.contact_id}: end_s {self.end_s} is not after start_s {self.start_s}")
        if self.usable_s < self.end_s:
            raise ValueError(f"candidate {self.contact_id}: usable_s {self.usable_s} is before end_s {self.end_s}")
        if self.bits < 0:
            raise ValueError(f"candidate {self.contact_id}: bits must not be negative (got {self.bits})")


@dataclass(frozen=True, slots=True, kw_only=True)
class PairDemand:
    """`bits` of key between `node_a` and `node_b`, at delivery instants t with `start_s` < t <= `deadline_s`.

    `trusted` are the nodes that its key may pass besides the two ends, satellites among them; None trusts all. A relay
    costs key on at most `max_hops` edges.
    """

    demand_id: str
    node_a: str
    node_b: str
    bits: int
    weight: int
    guarantee_bits: int
    guarantee_class: int = 1
    start_s: int = 0
    deadline_s: int
    trusted: frozenset[str] | None = None
    max_hops: int = 2

    def __post_init__(self) -> None:
        _check_whole(
            self.demand_id,
            bits=self.bits,
            weight=self.weight,
            guarantee_bits=self.guarantee_bits,
            guarantee_class=self.guarantee_class,
            start_s=self.start_s,
            deadline_s=self.deadline_s,
            max_hops=self.max_hops,
        )
        if not self.demand_id:
            raise ValueError("a demand needs an id")
        if self.node_a == self.node_b:
            raise ValueError(f"demand {self.demand_id}: {self.node_a} on both sides")
        if min(self.bits, self.weight, self.guarantee_class, self.max_hops) < 1:
            raise ValueError(f"demand {self.demand_id}: bits, weight, class and max_hops must be at least 1")
        if not 0 <= self.guarantee_bits <= self.bits:
            raise ValueError(f"demand {self.demand_id}: guarantee_bits must lie between 0 and bits")
        if not 0 <= self.start_s < self.deadline_s:
            raise ValueError(f"demand {self.demand_id}: deadline_s must be after start_s, and start_s not negative")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """Σ amount over the chosen contacts <= `most`; `text` is for people, as in "eagle1, orbit 5123: 480 s"."""

    limit_id: str
    text: str
    amounts: Mapping[str, int]
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """At least one of `contact_ids` must be flown; `pin_id` is what the planner wrote."""

    pin_id: str
    contact_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Previous:
    """An earlier plan to stay close to: pass id -> the (start_s, end_s) of its contacts, on this horizon's clock.

    A contact of the new plan keeps an earlier one of the same pass where both its ends moved by at most `tolerance_s`;
    it re-times one of the same pass otherwise. Prices are fractions of the most that the objective can reach.
    """

    contacts: Mapping[str, tuple[tuple[int, int], ...]]
    drop_price_frac: float
    retime_price_frac: float
    add_price_frac: float
    tolerance_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Everything a solver needs to know.

    At least `changeover_s` lies between two contacts of one satellite's terminal (slew and acquisition); more where
    `slews` maps (satellite, site of the first, its end_s, site of the next) to the seconds until that site can be
    served. `set_up_s` lies between two contacts of one station. `max_nights` is for how many different
    `Candidate.night` a station may have contacts.
    """

    candidates: tuple[Candidate, ...]
    demands: tuple[PairDemand, ...]
    network: Network
    end_s: int
    changeover_s: int
    slews: Mapping[tuple[str, str, int, str], int] = field(default_factory=dict)
    set_up_s: Mapping[str, int] = field(default_factory=dict)
    limits: tuple[Limit, ...] = ()
    max_nights: Mapping[str, int] = field(default_factory=dict)
    pins: tuple[Pin, ...] = ()
    previous: Previous | None = None

    def __post_init__(self) -> None:
        _check_whole("problem", changeover_s=self.changeover_s, end_s=self.end_s)
        if self.changeover_s < 0 or min([*self.set_up_s.values(), *self.slews.values()], default=0) < 0:
            raise ValueError("changeover and set-up times must not be negative")
        _check_unique("contact_id", (candidate.contact_id for candidate in self.candidates))
        _check_unique("demand_id", (demand.demand_id for demand in self.demands))
        for stock in self.network.initial_stocks:
            _check_whole(f"stock {stock.end_a} / {stock.end_b}", bits=stock.bits, age_s=stock.age_s)
            if stock.bits < 0 or stock.age_s < 0:
                raise ValueError(f"stock {stock.end_a} / {stock.end_b}: bits and age_s must not be negative")
        for demand in self.demands:
            if demand.deadline_s > self.end_s:
                raise ValueError(f"demand {demand.demand_id}: its deadline lies after the horizon's end")
        weighted = sum(demand.weight * demand.bits for demand in self.demands)
        supply = sum(c.bits for c in self.candidates) + sum(s.bits for s in self.network.initial_stocks)
        if max(weighted, supply) > MAX_TOTAL:
            raise ValueError(f"weighted demand and supply must stay below 2^53 (got {weighted} and {supply})")


def delivery_instants_s(problem: Problem) -> tuple[int, ...]:
    """The instants at which key is handed over, in order: starts and deadlines of demands, and the network's interval.

    Between two of them nothing is spent. A bit made at p can be delivered at t if p <= t, and t <= p + `max_age_s`.
    """
    instants = {demand.deadline_s for demand in problem.demands} | {d.start_s for d in problem.demands if d.start_s > 0}
    if step_s := problem.network.delivery_interval_s:
        instants.update(range(step_s, problem.end_s + 1, step_s))
    return tuple(sorted(instants))


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
