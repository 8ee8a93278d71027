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
        self._links = {edge(link.node_a, link.node_b) for link in scenario.network.fibre_links}
        self._satellites = {satellite.satellite_id for satellite in scenario.satellites}
        self._rates_bps = {
            of: tuple(
                link.rate_bps * link.availability_frac
                for link in scenario.network.fibre_links
                if edge(link.node_a, link.node_b) == of
            )
            for of in sorted(self._links)
        }
        ages_s = (0,) if scenario.network.max_age_s is None else (0, scenario.network.max_age_s)
        self._age_lines_s = {
            instant_s - age_s for instant_s in self._instants(0, plan.horizon.end_s) for age_s in ages_s
        }
        self._needs: dict[Edge, list[tuple[int, int]]] = defaultdict(list)
        for delivery in sorted(plan.deliveries, key=lambda delivery: delivery.at_s):
            for ends in self._paid(delivery):
                self._needs[ends].append((delivery.at_s, delivery.bits))
        self._coming: dict[Edge, list[tuple[int, int]]] = defaultdict(list)

    def run(self, made: Sequence[Made], until_s: int) -> None:
        start_s = self._settled_s()
        if start_s is None:
            self._open()
            start_s = 0
        self._start_s = start_s
        news = self._news(made)
        known = {contact_id: has.bits for contact_id, has in self._book.contacts().items()}
        known |= {contact_id: this.bits for contact_id, (_, this, _) in news.items()}
        for contact in self._plan.contacts:
            bits = known.get(contact.contact_id, contact.expected_bits)
            self._coming[edge(contact.satellite_id, contact.site_id)].append((contact.usable_s, bits))
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
        """Contacts of which the book lacks something: what came of them, and the bits that it has.

        A re-plan knows the outcomes of contacts before it; the book goes before it, and what is `told` before both.
        """
        contacts = {contact.contact_id: contact for contact in self._plan.contacts}
        reported = self._book.contacts()
        made = {
            contact.contact_id: Made(contact_id=contact.contact_id, status=contact.outcome, bits=contact.expected_bits)
            for contact in self._plan.contacts
            if contact.outcome is not None
        }
        for contact_id, has in reported.items():
            made[contact_id] = Made(contact_id=contact_id, status=has.status, bits=has.bits, comment=has.comment)
        made |= {one.contact_id: one for one in told}
        news = {}
        for contact_id, this in made.items():
            booked = reported.get(contact_id)
            as_it_is = booked is not None and (booked.status, booked.booked_bits) == (this.status, this.bits)
            if contact_id in contacts and not as_it_is:
                news[contact_id] = (contacts[contact_id], this, booked.booked_bits if booked else 0)
        return news

    def _instants(self, after_s: int, until_s: int) -> list[int]:
        """Instants at which key is handed over: those of the plan, and every deadline."""
        instants = {delivery.at_s for delivery in self._plan.deliveries} | {d.at_s for d in self._plan.discards}
        instants |= {demand.deadline_s for demand in self._scenario.demands}
        return sorted(at_s for at_s in instants if after_s < at_s <= until_s)

    def _produce(self, news: dict[str, tuple[ContactClaim, Made, int]], at_s: int, *, late: bool) -> None:
        """Book what is usable by `at_s`.

        What is `late` is booked then, whenever it was made; at the horizon's end that is all there is, for what becomes
        usable after it belongs to nobody else. Of the rest a note is kept.
        """
        all_of_it = late and at_s >= self._plan.horizon.end_s
        reported = self._book.contacts()
        for contact, made, booked in sorted(news.values(), key=lambda this: (this[0].usable_s, this[0].contact_id)):
            of = edge(contact.satellite_id, contact.site_id)
            # Nothing is booked into a time that is settled, nor of a contact that will not be before it is known.
            at = self._utc(max(min(contact.usable_s, at_s), self._start_s))
            if contact.usable_s <= at_s or all_of_it or (late and made.bits == booked):
                del news[contact.contact_id]
                self._book.add(
                    "produced" if made.bits >= booked else "withdrawn",
                    of,
                    abs(made.bits - booked),
                    at_utc=at,
                    made_utc=min(self._utc(contact.usable_s), at),
                    contact_id=contact.contact_id,
                    status=made.status,
                    comment=made.comment,
                )
            elif late:
                known = reported.get(contact.contact_id)
                if known is None or (known.status, known.bits) != (made.status, made.bits):
                    self._book.reported(contact.contact_id, of, made.bits, made.status, made.comment, at_utc=at)

    def _grow(self, at_s: int) -> None:
        """Key that fibre links made since they were last looked at.

        It is booked in lots as old as their oldest bit. A new lot begins wherever some later instant of the plan draws
        its line between key that is too old and key that is not, so that no bit is taken for older than it matters.
        """
        for of, rates_bps in self._rates_bps.items():
            grown = [e for e in self._book.entries if e.edge == of and e.kind == "produced" and not e.contact_id]
            booked = sum(entry.bits for entry in grown)
            since = max((entry.at_utc for entry in grown), default=self._utc(0))
            for line_s in sorted(line_s for line_s in self._age_lines_s if line_s < at_s):
                if self._utc(line_s) > since:
                    booked += self._grown(of, _made_before(rates_bps, line_s) - booked, since, at_s)
                    since = self._utc(line_s)
            booked += self._grown(of, _made_before(rates_bps, at_s) - booked, since, at_s)
            self._grown(of, _made_by(rates_bps, at_s) - booked, self._utc(at_s), at_s)

    def _grown(self, of: Edge, bits: int, since: datetime, at_s: int) -> int:
        if bits <= 0:
            return 0
        self._book.add("produced", of, bits, at_utc=self._utc(at_s), made_utc=since, comment="fibre")
        return bits

    def _expire(self, at_s: int) -> None:
        if self._network.max_age_s is not None:
            self._book.expire(timedelta(seconds=self._network.max_age_s), at_utc=self._utc(at_s))

    def _hand_over(self, at_s: int) -> None:
        """First what the plan promises by now, as far as it is there; then demands that are due take what is over."""
        self._expire(at_s)
        self._discard(at_s)
        for promised in (True, False):
            delivered = delivered_bits(self._book)
            open_bits = self._open_bits(at_s, delivered, promised=promised)
            available = self._available(at_s, promised=promised)
            for delivery in best_deliveries(self._scenario, open_bits, delivered, available):
                self._deliver(delivery, at_s)

    def _open_bits(self, at_s: int, delivered: Mapping[str, int], *, promised: bool) -> dict[str, int]:
        """The most that each demand may have: what was planned by now, or all that a due one lacks."""
        planned: dict[str, int] = defaultdict(int)
        for delivery in self._plan.deliveries:
            if delivery.at_s <= at_s:
                planned[delivery.demand_id] += delivery.bits
        return {
            demand.demand_id: (planned[demand.demand_id] if promised else demand.bits)
            - delivered.get(demand.demand_id, 0)
            for demand in self._scenario.demands
            if demand.start_s < at_s <= demand.deadline_s and (promised or demand.deadline_s == at_s)
        }

    def _available(self, at_s: int, *, promised: bool) -> dict[Edge, int]:
        """Bits of each edge that may be spent: those planned for now, and those that nothing later counts on."""
        found = {}
        for ends in self._book.edges():
            there = self._book.stock_bits(ends)
            now = self._needed(ends, at_s) if promised else 0
            found[ends] = min(there, max(now, there - self._kept(ends, at_s)))
        return found

    def _needed(self, ends: Edge, at_s: int) -> int:
        return sum(bits for needed_s, bits in self._needs[ends] if needed_s == at_s)

    def _kept(self, ends: Edge, at_s: int) -> int:
        """Bits that must be left for later deliveries: the most by which these run ahead of what comes in."""
        coming = [(usable_s, bits) for usable_s, bits in self._coming[ends] if usable_s > at_s]
        rates_bps = self._rates_bps.get(ends, ())
        kept = needed = 0
        for needed_s, bits in self._needs[ends]:
            if needed_s > at_s:
                needed += bits
                come = sum(more for usable_s, more in coming if usable_s <= needed_s)
                come += _made_by(rates_bps, needed_s) - _made_by(rates_bps, at_s)
                kept = max(kept, needed - come)
        return kept

    def _discard(self, at_s: int) -> None:
        """Bring every store down to its cap: as planned, then where it can best be spared; the oldest bits go."""
        network = self._network
        planned = {edge(d.end_a, d.end_b): d.bits for d in self._plan.discards if d.at_s == at_s}
        stores: list[tuple[int, list[Edge]]] = [(cap, [ends]) for ends, cap in sorted(network.edge_cap_bits.items())]
        for node, cap in sorted({**network.satellite_cap_bits, **network.node_cap_bits}.items()):
            stores.append((cap, [ends for ends in self._book.edges() if node in ends]))
        for cap, edges in stores:
            over = sum(self._book.stock_bits(ends) for ends in edges) - cap
            for ends in edges:
                gone = max(0, min(over, planned.get(ends, 0), self._book.stock_bits(ends)))
                planned[ends] = planned.get(ends, 0) - gone
                over -= gone
                self._book.take("discarded", ends, gone, at_utc=self._utc(at_s))
            while over > 0:
                spare = {e: self._book.stock_bits(e) - self._needed(e, at_s) - self._kept(e, at_s) for e in edges}
                spare = {e: bits for e, bits in spare.items() if self._book.stock_bits(e)}
                most = max(spare, key=lambda e: (spare[e], e))
                gone = min(over, spare[most] if spare[most] > 0 else self._book.stock_bits(most))
                over -= gone
                self._book.take("discarded", most, gone, at_utc=self._utc(at_s))

    def _deliver(self, delivery: Delivery, at_s: int) -> None:
        for ends in self._paid(delivery):
            self._book.take("delivered", ends, delivery.bits, at_utc=self._utc(at_s), demand_id=delivery.demand_id)
        self._book.handed_over(delivery.demand_id, delivery.path, delivery.bits, at_utc=self._utc(at_s))

    def _paid(self, delivery: Delivery) -> list[Edge]:
        """The edges of a path that cost key: all but free steps between a country and its own site."""
        steps = [edge(a, b) for a, b in zip(delivery.path, delivery.path[1:], strict=False)]
        return [ends for ends in steps if ends in self._links or self._satellites.intersection(ends)]


def _made_by(rates_bps: Sequence[float], at_s: int) -> int:
    """Bits that fibre links have made when `at_s` is over: whole ones, link by link."""
    return sum(math.floor(rate * at_s) for rate in rates_bps) if at_s > 0 else 0


def _made_before(rates_bps: Sequence[float], at_s: int) -> int:
    """As `_made_by`, without a bit that is made at that very instant."""
    return sum(max(0, math.ceil(rate * at_s) - 1) for rate in rates_bps) if at_s > 0 else 0
