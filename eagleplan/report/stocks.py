"""What became of the key of every edge: at the start, made, spent, discarded, expired, left at the end."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

from eagleplan.model import FibreLink, Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeStock:
    """Secret key that the two ends of an edge share: initial + produced − spent − discarded − expired = left.

    `end_a` is the satellite where the edge has one. What a contact gives after the horizon's end counts as produced
    and left; expired is what no longer could be used at the horizon's end.
    """

    end_a: str
    end_b: str
    initial_bits: int
    produced_bits: int
    spent_bits: int
    discarded_bits: int
    expired_bits: int

    @property
    def left_bits(self) -> int:
        return self.initial_bits + self.produced_bits - self.spent_bits - self.discarded_bits - self.expired_bits


@dataclass(slots=True)
class _Edge:
    """Bits that come in one by one (made at, bits), that fibre makes all the time, and that go (at, bits)."""

    batches: list[tuple[int, int]] = field(default_factory=list)
    fibres: list[FibreLink] = field(default_factory=list)
    initial_bits: int = 0
    produced_bits: int = 0
    spent: list[tuple[int, int]] = field(default_factory=list)
    discarded: list[tuple[int, int]] = field(default_factory=list)


def stocks_of(plan: Plan) -> tuple[EdgeStock, ...]:
    """Every edge that has, gets or gives key: those of satellites first, then fibre; by their ends."""
    satellites = {satellite.satellite_id for satellite in plan.satellites}
    fibre = {_ends(link.node_a, link.node_b) for link in plan.fibre_links}
    end_s = plan.horizon.end_s
    edges: dict[tuple[str, str], _Edge] = defaultdict(_Edge)
    for stock in plan.initial_stocks:
        edge = edges[_ends(stock.end_a, stock.end_b)]
        edge.batches.append((-stock.age_s, stock.bits))
        edge.initial_bits += stock.bits
    for contact in plan.contacts:
        edge = edges[_ends(contact.satellite_id, contact.site_id)]
        edge.batches.append((contact.usable_s, contact.expected_bits))
        edge.produced_bits += contact.expected_bits
    for link in plan.fibre_links:
        edge = edges[_ends(link.node_a, link.node_b)]
        edge.fibres.append(link)
        edge.produced_bits += _made_by(link, end_s)
    for delivery in plan.deliveries:
        for step in pairwise(delivery.path):
            if _ends(*step) in fibre or satellites.intersection(step):
                edges[_ends(*step)].spent.append((delivery.at_s, delivery.bits))
    for discard in plan.discards:
        edges[_ends(discard.end_a, discard.end_b)].discarded.append((discard.at_s, discard.bits))
    stocks = [
        EdgeStock(
            end_a=ends[1] if ends[1] in satellites else ends[0],
            end_b=ends[0] if ends[1] in satellites else ends[1],
            initial_bits=edge.initial_bits,
            produced_bits=edge.produced_bits,
            spent_bits=sum(bits for _, bits in edge.spent),
            discarded_bits=sum(bits for _, bits in edge.discarded),
            expired_bits=0 if plan.max_key_age_s is None else _expired_bits(edge, plan.max_key_age_s, end_s),
        )
        for ends, edge in edges.items()
    ]
    return tuple(sorted(stocks, key=lambda stock: (stock.end_a not in satellites, stock.end_a, stock.end_b)))


def _ends(end_a: str, end_b: str) -> tuple[str, str]:
    return (end_a, end_b) if end_a < end_b else (end_b, end_a)


def _expired_bits(edge: _Edge, max_age_s: int, end_s: int) -> int:
    """Bits that were too old at some instant before anything took them. The oldest go first, whatever takes them."""
    made_before = _made_before(edge)
    gone = expired = 0
    for at_s, bits in [*sorted([*edge.spent, *edge.discarded]), (end_s, 0)]:
        too_old = max(0, made_before(at_s - max_age_s) - gone)
        expired += too_old
        gone += too_old + bits
    return expired


def _made_before(edge: _Edge) -> Callable[[int], int]:
    """Instant → bits made earlier than it. Bits count in the order in which they were made."""
    batches = sorted(edge.batches)
    instants = [made_s for made_s, _ in batches]
    totals = [0, *accumulate(bits for _, bits in batches)]
    return lambda t_s: totals[bisect_left(instants, t_s)] + sum(_made_earlier(link, t_s) for link in edge.fibres)


def _made_by(link: FibreLink, t_s: int) -> int:
    return math.floor(link.rate_bps * link.availability_frac * t_s)


def _made_earlier(link: FibreLink, t_s: int) -> int:
    """Bits of a fibre link made before `t_s`, not at it."""
    return max(0, math.ceil(link.rate_bps * link.availability_frac * t_s) - 1)
