"""From outcomes to the ledger: what was made, what was handed over, what was lost, instant by instant."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from eagleplan.model import ContactClaim, Delivery, PlanClaims
from eagleplan.operations.handing_over import best_deliveries
from eagleplan.operations.ledger import Book, Edge, edge
from eagleplan.scenario import Scenario

EXPECTED = "expected"
"""Status of a contact that is booked as the plan expects it, since nobody knows better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """Secret bits that a contact of the plan gave: what it was done, and in what words."""

    contact_id: str
    status: str
    bits: int
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """How far a demand has come: `delivered_bits` are booked, `ready_bits` could be handed over at once."""

    demand_id: str
    wanted_bits: int
    planned_bits: int
    delivered_bits: int
    ready_bits: int

    @property
    def met_frac(self) -> float:
        return (self.delivered_bits + self.ready_bits) / self.wanted_bits


def settle(book: Book, scenario: Scenario, plan: PlanClaims, made: Iterable[Made], until_s: int) -> None:
    """Add to `book` what happened up to `until_s`, seconds since the horizon's start.

    Settling twice adds nothing. What is learnt late is booked when it is learnt; a contact whose outcome was corrected
    gives more, or has bits withdrawn. Raises ValueError where more would be withdrawn than is there.
    """
    _Settling(book, scenario, plan).run(tuple(made), until_s)


def met_so_far(book: Book, scenario: Scenario, plan: PlanClaims, until_s: int) -> tuple[Met, ...]:
    """For each demand what it has had, and what could be handed over now from the stock that no other one has."""
    delivered = delivered_bits(book)
    planned: dict[str, int] = defaultdict(int)
    for delivery in plan.deliveries:
        planned[delivery.demand_id] += delivery.bits
    open_bits = {
        demand.demand_id: demand.bits - delivered.get(demand.demand_id, 0)
        for demand in scenario.demands
        if demand.start_s <= until_s <= demand.deadline_s
    }
    stock = {ends: book.stock_bits(ends) for ends in book.edges()}
    ready: dict[str, int] = defaultdict(int)
    for delivery in best_deliveries(scenario, open_bits, delivered, stock):
        ready[delivery.demand_id] += delivery.bits
    return tuple(
        Met(
            demand_id=demand.demand_id,
            wanted_bits=demand.bits,
            planned_bits=planned[demand.demand_id],
            delivered_bits=delivered.get(demand.demand_id, 0),
            ready_bits=ready[demand.demand_id],
        )
        for demand in scenario.demands
    )


def delivered_bits(book: Book) -> Mapping[str, int]:
    """Bits that each demand has had: those that left the edge at its own end, whichever way they went."""
    found: dict[str, int] = defaultdict(int)
    for entry in book.entries:
        if entry.kind == "handed-over":
            found[entry.demand_id] += entry.bits
    return found


class _Settling:
    """One run over the instants that are due."""

    def __init__(self, book: Book, scenario: Scenario, plan: PlanClaims) -> None:
        self._book = book
        self._scenario = scenario
        self._plan = plan
        self._network = scenario.network
        self._start_s = 0

    def run(self, made: Sequence[Made], until_s: int) -> None:
        start_s = self._settled_s()
        if start_s is None:
            self._open()
            start_s = 0
        self._start_s = start_s
        news = self._news(made)
        for at_s in self._instants(start_s, until_s):
            self._produce(news, at_s, late=False)
            self._grow(at_s)
            self._hand_over(at_s)
        self._produce(news, until_s, late=True)
        self._grow(until_s)
        self._expire(until_s)
        if until_s > start_s:
            self._book.settled(at_utc=self._utc(until_s))

    def _utc(self, at_s: float) -> datetime:
        return self._plan.horizon.utc(at_s)

    def _settled_s(self) -> int | None:
        at = self._book.settled_until_utc()
        return None if at is None else round((at - self._plan.horizon.start_utc).total_seconds())

    def _open(self) -> None:
        start = self._utc(0)
        for stock in self._network.initial_stocks:
            made = start - timedelta(seconds=stock.age_s)
            self._book.add("opening", edge(stock.end_a, stock.end_b), stock.bits, at_utc=start, made_utc=made)
        self._book.settled(at_utc=start)

    def _news(self, told: Sequence[Made]) -> dict[str, tuple[ContactClaim, Made, int]]:
        """Contacts whose outcome the book does not have: what it says, and the bits that it has.

        A re-plan knows the outcomes of contacts before it; what is `told` goes before them.
        """
        known = [
            Made(contact_id=contact.contact_id, status=contact.outcome, bits=contact.expected_bits)
            for contact in self._plan.contacts
            if contact.outcome is not None
        ]
        made = {one.contact_id: one for one in (*known, *told)}.values()
        contacts = {contact.contact_id: contact for contact in self._plan.contacts}
        booked: dict[str, int] = defaultdict(int)
        status: dict[str, str] = {}
        for entry in self._book.entries:
            if entry.contact_id:
                booked[entry.contact_id] += -entry.bits if entry.kind == "withdrawn" else entry.bits
                status[entry.contact_id] = entry.status
        return {
            this.contact_id: (contacts[this.contact_id], this, booked[this.contact_id])
            for this in made
            if status.get(this.contact_id) != this.status or booked[this.contact_id] != this.bits
        }

    def _instants(self, after_s: int, until_s: int) -> list[int]:
        """Instants at which key is handed over: those of the plan, and every deadline."""
        instants = {delivery.at_s for delivery in self._plan.deliveries} | {d.at_s for d in self._plan.discards}
        instants |= {demand.deadline_s for demand in self._scenario.demands}
        return sorted(at_s for at_s in instants if after_s < at_s <= until_s)

    def _produce(self, news: dict[str, tuple[ContactClaim, Made, int]], at_s: int, *, late: bool) -> None:
        """Book what is usable by `at_s`; what is `late` is booked then, whenever it was made."""
        due = [this for this in news.values() if this[0].usable_s <= at_s or (late and not this[1].bits)]
        for contact, made, booked in sorted(due, key=lambda this: (this[0].usable_s, this[0].contact_id)):
            del news[contact.contact_id]
            # Nothing is booked into a time that is settled, nor of a contact that will not be before it is known.
            at = self._utc(max(min(contact.usable_s, at_s), self._start_s))
            usable = min(self._utc(contact.usable_s), at)
            self._book.add(
                "produced" if made.bits >= booked else "withdrawn",
                edge(contact.satellite_id, contact.site_id),
                abs(made.bits - booked),
                at_utc=at,
                made_utc=usable,
                contact_id=contact.contact_id,
                status=made.status,
                comment=made.comment,
            )

    def _grow(self, at_s: int) -> None:
        """Key that fibre links made since they were last looked at: as old as the beginning of that time."""
        for link in self._network.fibre_links:
            of = edge(link.node_a, link.node_b)
            grown = [e for e in self._book.entries if e.edge == of and e.kind == "produced" and not e.contact_id]
            total = math.floor(link.rate_bps * link.availability_frac * at_s) - sum(e.bits for e in grown)
            since = max((e.at_utc for e in grown), default=self._utc(0))
            if total > 0:
                self._book.add("produced", of, total, at_utc=self._utc(at_s), made_utc=since, comment=link.link_id)

    def _expire(self, at_s: int) -> None:
        if self._network.max_age_s is not None:
            self._book.expire(timedelta(seconds=self._network.max_age_s), at_utc=self._utc(at_s))

    def _hand_over(self, at_s: int) -> None:
        self._expire(at_s)
        self._discard(at_s)
        delivered = delivered_bits(self._book)
        deliveries = best_deliveries(self._scenario, self._open_bits(at_s, delivered), delivered, self._available(at_s))
        for delivery in deliveries:
            self._deliver(delivery, at_s)

    def _open_bits(self, at_s: int, delivered: Mapping[str, int]) -> dict[str, int]:
        """The most that each demand may have: all it lacks if it is due, else as much as was planned by now."""
        planned: dict[str, int] = defaultdict(int)
        for delivery in self._plan.deliveries:
            if delivery.at_s <= at_s:
                planned[delivery.demand_id] += delivery.bits
        return {
            demand.demand_id: (demand.bits if demand.deadline_s == at_s else planned[demand.demand_id])
            - delivered.get(demand.demand_id, 0)
            for demand in self._scenario.demands
            if demand.start_s < at_s <= demand.deadline_s
        }

    def _available(self, at_s: int) -> dict[Edge, int]:
        """Bits of each edge that may be spent: not those that later deliveries count on and no contact will replace."""
        now: dict[Edge, int] = defaultdict(int)
        later: dict[Edge, int] = defaultdict(int)
        for delivery in self._plan.deliveries:
            for ends in self._paid(delivery):
                if delivery.at_s == at_s:
                    now[ends] += delivery.bits
                elif delivery.at_s > at_s:
                    later[ends] += delivery.bits
        coming: dict[Edge, int] = defaultdict(int)
        for contact in self._plan.contacts:
            if contact.usable_s > at_s:
                coming[edge(contact.satellite_id, contact.site_id)] += contact.expected_bits
        found = {}
        for ends in self._book.edges():
            there = self._book.stock_bits(ends)
            kept = max(0, later[ends] - coming[ends])
            found[ends] = min(there, max(now[ends], there - kept))
        return found

    def _discard(self, at_s: int) -> None:
        """Bring every store down to its cap: the oldest bits of its fullest edge go first."""
        network = self._network
        stores: list[tuple[int, list[Edge]]] = [(cap, [ends]) for ends, cap in sorted(network.edge_cap_bits.items())]
        for node, cap in sorted({**network.satellite_cap_bits, **network.node_cap_bits}.items()):
            stores.append((cap, [ends for ends in self._book.edges() if node in ends]))
        for cap, edges in stores:
            while (over := sum(self._book.stock_bits(ends) for ends in edges) - cap) > 0:
                fullest = max(edges, key=lambda ends: (self._book.stock_bits(ends), ends))
                bits = min(over, self._book.stock_bits(fullest))
                self._book.take("discarded", fullest, bits, at_utc=self._utc(at_s))

    def _deliver(self, delivery: Delivery, at_s: int) -> None:
        for ends in self._paid(delivery):
            self._book.take("delivered", ends, delivery.bits, at_utc=self._utc(at_s), demand_id=delivery.demand_id)
        self._book.handed_over(delivery.demand_id, delivery.path, delivery.bits, at_utc=self._utc(at_s))

    def _paid(self, delivery: Delivery) -> list[Edge]:
        """The edges of a path that cost key: all but free steps between a country and its own site."""
        links = {edge(link.node_a, link.node_b) for link in self._network.fibre_links}
        satellites = {satellite.satellite_id for satellite in self._scenario.satellites}
        steps = [edge(a, b) for a, b in zip(delivery.path, delivery.path[1:], strict=False)]
        return [ends for ends in steps if ends in links or satellites.intersection(ends)]
