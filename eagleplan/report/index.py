"""A plan put in order for its readers: everything sorted, and found by its id."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from operator import attrgetter

from eagleplan.model import (
    Contact,
    Delivery,
    Pass,
    PassDecision,
    Plan,
    Satellite,
    Site,
)
from eagleplan.report.times import utc_of


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeStock:
    """Secret key that a satellite and a site share: initial + produced − spent = left."""

    satellite_id: str
    site_id: str
    initial_bits: int
    produced_bits: int
    spent_bits: int

    @property
    def left_bits(self) -> int:
        return self.initial_bits + self.produced_bits - self.spent_bits


@dataclass(frozen=True)
class PlanIndex:
    """The one order in which every output lists a plan: by time, then by satellite, site and id."""

    plan: Plan

    @cached_property
    def satellites(self) -> Mapping[str, Satellite]:
        return {satellite.satellite_id: satellite for satellite in self.plan.satellites}

    @cached_property
    def sites(self) -> Mapping[str, Site]:
        return {site.site_id: site for site in self.plan.sites}

    @cached_property
    def passes(self) -> Mapping[str, Pass]:
        return {decision.planned_pass.pass_id: decision.planned_pass for decision in self.plan.decisions}

    @cached_property
    def contacts(self) -> tuple[Contact, ...]:
        """The chosen contacts."""
        key = attrgetter("start_s", "satellite_id", "site_id", "contact_id")
        return tuple(sorted(self.plan.contacts, key=key))

    @cached_property
    def decisions(self) -> tuple[PassDecision, ...]:
        """Every pass, chosen or not."""
        key = attrgetter("rise_s", "satellite_id", "site_id", "pass_id")
        return tuple(sorted(self.plan.decisions, key=lambda decision: key(decision.planned_pass)))

    @cached_property
    def contacts_of_pass(self) -> Mapping[str, tuple[Contact, ...]]:
        """Pass id → its chosen contacts; a pass without one has no entry."""
        found: dict[str, list[Contact]] = defaultdict(list)
        for contact in self.contacts:
            found[contact.pass_id].append(contact)
        return {pass_id: tuple(contacts) for pass_id, contacts in found.items()}

    @cached_property
    def decisions_of_site(self) -> Mapping[str, tuple[PassDecision, ...]]:
        """Site id → its passes; every site of the plan has an entry."""
        found: dict[str, list[PassDecision]] = {site_id: [] for site_id in self.sites}
        for decision in self.decisions:
            found[decision.planned_pass.site_id].append(decision)
        return {site_id: tuple(decisions) for site_id, decisions in found.items()}

    @cached_property
    def contacts_of_site(self) -> Mapping[str, tuple[Contact, ...]]:
        """Site id → its chosen contacts; every site of the plan has an entry."""
        found: dict[str, list[Contact]] = {site_id: [] for site_id in self.sites}
        for contact in self.contacts:
            found[contact.site_id].append(contact)
        return {site_id: tuple(contacts) for site_id, contacts in found.items()}

    @cached_property
    def not_chosen(self) -> tuple[PassDecision, ...]:
        return tuple(d for d in self.decisions if d.planned_pass.pass_id not in self.contacts_of_pass)

    @cached_property
    def deliveries(self) -> tuple[Delivery, ...]:
        """In the order of the demands, then by satellite and sites."""
        rank = {result.demand.demand_id: number for number, result in enumerate(self.plan.demands)}
        return tuple(
            sorted(
                self.plan.deliveries,
                key=lambda d: (rank[d.demand_id], d.satellite_id, d.site_a, d.site_b),
            )
        )

    @cached_property
    def stocks(self) -> tuple[EdgeStock, ...]:
        """Every edge that holds, gets or gives key; by satellite and site."""
        initial: dict[tuple[str, str], int] = defaultdict(int)
        produced: dict[tuple[str, str], int] = defaultdict(int)
        spent: dict[tuple[str, str], int] = defaultdict(int)
        for stock in self.plan.initial_stocks:
            initial[stock.satellite_id, stock.site_id] += stock.bits
        for contact in self.plan.contacts:
            produced[contact.satellite_id, contact.site_id] += contact.expected_bits
        for delivery in self.plan.deliveries:
            spent[delivery.satellite_id, delivery.site_a] += delivery.bits
            spent[delivery.satellite_id, delivery.site_b] += delivery.bits
        return tuple(
            EdgeStock(
                satellite_id=satellite_id,
                site_id=site_id,
                initial_bits=initial[satellite_id, site_id],
                produced_bits=produced[satellite_id, site_id],
                spent_bits=spent[satellite_id, site_id],
            )
            for satellite_id, site_id in sorted({*initial, *produced, *spent})
        )

    def utc(self, t_s: float) -> datetime:
        """The instant `t_s` seconds after the horizon's start."""
        return utc_of(self.plan.horizon, t_s)

    def contact_utc(self, contact: Contact) -> tuple[datetime, datetime]:
        """Start and end of a contact."""
        return self.utc(contact.start_s), self.utc(contact.end_s)
