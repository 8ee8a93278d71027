"""The verifier's ledger: what every edge holds at every instant, oldest bits first.

All bits of an edge may grow equally old, so that spending and giving up the oldest first never loses anything that
another order would keep: one number per edge, the bits gone so far, says everything.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate

from eagleplan.model import Discard, FibreLink, PlanClaims
from eagleplan.schedule.problem import Problem, delivery_instants_s
from eagleplan.schedule.verify_finding import Violation, found
from eagleplan.schedule.verify_paths import Edge, edge, paid_edges


class Production:
    """When the bits of one edge are made."""

    def __init__(self, made: Iterable[tuple[int, int]], links: Iterable[FibreLink]) -> None:
        in_time = sorted(made)
        self._instants_s = [instant_s for instant_s, _ in in_time]
        self._totals = [0, *accumulate(bits for _, bits in in_time)]
        self._rates_bps = [link.rate_bps * link.availability_frac for link in links]

    def until(self, at_s: int) -> int:
        """Bits made at `at_s` or before."""
        fibre = sum(math.floor(rate * at_s) for rate in self._rates_bps) if at_s > 0 else 0
        return self._totals[bisect_right(self._instants_s, at_s)] + fibre

    def before(self, at_s: int) -> int:
        """Bits made before `at_s`: one of a fibre link is made at the instant when its rate has filled it."""
        fibre = sum(max(0, math.ceil(rate * at_s) - 1) for rate in self._rates_bps) if at_s > 0 else 0
        return self._totals[bisect_left(self._instants_s, at_s)] + fibre


def productions(problem: Problem, flown: Iterable[str]) -> Mapping[Edge, Production]:
    """What the start, the contacts flown and the fibre give every edge."""
    made: dict[Edge, list[tuple[int, int]]] = defaultdict(list)
    links: dict[Edge, list[FibreLink]] = defaultdict(list)
    for stock in problem.network.initial_stocks:
        made[edge(stock.end_a, stock.end_b)].append((-stock.age_s, stock.bits))
    wanted = set(flown)
    for candidate in problem.candidates:
        if candidate.contact_id in wanted:
            made[edge(candidate.satellite_id, candidate.site_id)].append((candidate.usable_s, candidate.bits))
    for link in problem.network.fibre_links:
        links[edge(link.node_a, link.node_b)].append(link)
    return {key: Production(made[key], links[key]) for key in sorted(made.keys() | links.keys())}


class Ledger:
    """Stocks on their way through time; `gone` counts the bits of an edge that were spent, given up or grew too old."""

    def __init__(self, problem: Problem, flown: Iterable[str]) -> None:
        self.productions = productions(problem, flown)
        self.max_age_s = problem.network.max_age_s
        self.gone: Counter[Edge] = Counter()

    def reach(self, at_s: int) -> None:
        """Let the bits that are too old at `at_s` expire."""
        if self.max_age_s is not None:
            for key, production in self.productions.items():
                self.gone[key] = max(self.gone[key], production.before(at_s - self.max_age_s))

    def on_hand(self, key: Edge, at_s: int) -> int:
        production = self.productions.get(key)
        return production.until(at_s) - self.gone[key] if production else 0

    def take(self, key: Edge, at_s: int, bits: int) -> int:
        """Take the oldest bits; what could not be had is returned."""
        missing = max(0, bits - self.on_hand(key, at_s))
        self.gone[key] += bits - missing
        return missing


def stock_violations(problem: Problem, claims: PlanClaims) -> Iterator[Violation]:
    """Key spent that was not there, stores that overflow, key given up for no reason, start stocks that were not."""
    yield from _initial(problem, claims)
    instants = set(delivery_instants_s(problem))
    for discard in claims.discards:
        if discard.at_s not in instants:
            message = f"nothing is given up at {discard.at_s} s: no instant of delivery"
            yield found("V-DISCARD", _name(discard), message)
    ledger = Ledger(problem, (claim.contact_id for claim in claims.contacts))
    yield from _walk(problem, claims, ledger)


def left_bits(problem: Problem, claims: PlanClaims) -> int:
    """Key that is in store at the horizon's end."""
    ledger = Ledger(problem, (claim.contact_id for claim in claims.contacts))
    for _ in _walk(problem, claims, ledger):
        pass
    ledger.reach(problem.end_s)
    return sum(ledger.on_hand(key, problem.end_s) for key in ledger.productions)


def _walk(problem: Problem, claims: PlanClaims, ledger: Ledger) -> Iterator[Violation]:
    """Take the ledger from instant to instant: what is too old goes, stores are emptied to their caps, key is spent."""
    spent: dict[int, Counter[Edge]] = defaultdict(Counter)
    for delivery in claims.deliveries:
        for key in paid_edges(problem, delivery.path):
            spent[delivery.at_s][key] += max(0, delivery.bits)
    discards: dict[int, list[Discard]] = defaultdict(list)
    for discard in claims.discards:
        discards[discard.at_s].append(discard)
    caps = _caps(problem, ledger.productions)
    for at_s in delivery_instants_s(problem):
        ledger.reach(at_s)
        yield from _give_up(ledger, caps, discards[at_s], at_s)
        for key in sorted(spent[at_s]):
            bits, held = spent[at_s][key], ledger.on_hand(key, at_s)
            if ledger.take(key, at_s, bits):
                yield found("V-STOCK", " / ".join(key), f"{bits} bits are spent at {at_s} s, {held} are there")


def _initial(problem: Problem, claims: PlanClaims) -> Iterator[Violation]:
    right: Counter[tuple[Edge, int]] = Counter()
    claimed: Counter[tuple[Edge, int]] = Counter()
    for count, stocks in ((right, problem.network.initial_stocks), (claimed, claims.initial_stocks)):
        for stock in stocks:
            count[edge(stock.end_a, stock.end_b), stock.age_s] += stock.bits
    for key, age_s in sorted(right.keys() | claimed.keys()):
        if right[key, age_s] != claimed[key, age_s]:
            message = f"{right[key, age_s]} bits of age {age_s} s are there at the start "
            yield found("V-STOCK", " / ".join(key), message + f"(got {claimed[key, age_s]})")


_Cap = tuple[str, int, tuple[Edge, ...]]
"""Whose store, the most bits in it, the edges whose key it holds."""


def _caps(problem: Problem, keys: Iterable[Edge]) -> list[_Cap]:
    network = problem.network
    edges = sorted(keys)
    by_end = [
        (name, most, tuple(key for key in edges if name in key))
        for caps in (network.satellite_cap_bits, network.node_cap_bits)
        for name, most in sorted(caps.items())
    ]
    by_edge = [(" / ".join(key), most, (key,)) for key, most in sorted(network.edge_cap_bits.items()) if key in edges]
    return by_end + by_edge


def _give_up(ledger: Ledger, caps: Iterable[_Cap], discards: Iterable[Discard], at_s: int) -> Iterator[Violation]:
    given_up = []
    for discard in discards:
        key = edge(discard.end_a, discard.end_b)
        held = ledger.on_hand(key, at_s)
        if discard.bits <= 0:
            yield found("V-DISCARD", _name(discard), f"something must be given up (got {discard.bits} bits)")
        elif ledger.take(key, at_s, discard.bits):
            yield found("V-DISCARD", _name(discard), f"{discard.bits} bits are given up at {at_s} s, {held} are there")
        else:
            given_up.append((key, discard))
    full: set[Edge] = set()
    for name, most, edges in caps:
        held = sum(ledger.on_hand(key, at_s) for key in edges)
        if held > most:
            yield found("V-CAP", name, f"{held} bits are in store at {at_s} s, {most} can be")
        if held >= most:
            full.update(edges)
    for key, discard in given_up:
        if key not in full:
            message = f"{discard.bits} bits are given up at {at_s} s, though there is room"
            yield found("V-DISCARD", _name(discard), message)


def _name(discard: Discard) -> str:
    return " / ".join(edge(discard.end_a, discard.end_b))
