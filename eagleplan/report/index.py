"""A plan put in order for its readers: everything sorted, and found by its id."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from operator import attrgetter

from eagleplan.model import (
    Backup,
    Closure,
    Contact,
    Delivery,
    Discard,
    Pass,
    PassDecision,
    Plan,
    Satellite,
    Site,
)
from eagleplan.report.stocks import EdgeStock, stocks_of
from eagleplan.report.times import utc_of


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
    def backups(self) -> Mapping[str, tuple[Backup, ...]]:
        """Contact id → what may stand in for it, the likeliest to be clear first; a contact without has no entry."""
        found: dict[str, list[Backup]] = defaultdict(list)
        for backup in self.plan.backups:
            found[backup.contact_id].append(backup)
        return {
            contact_id: tuple(sorted(backups, key=lambda b: (-b.p_clear_if_clouded, b.backup.contact_id)))
            for contact_id, backups in found.items()
        }

    @cached_property
    def deliveries(self) -> tuple[Delivery, ...]:
        """In the order of the demands, then by time and path."""
        rank = {result.demand.demand_id: number for number, result in enumerate(self.plan.demands)}
        return tuple(sorted(self.plan.deliveries, key=lambda d: (rank[d.demand_id], d.at_s, d.path)))

    @cached_property
    def discards(self) -> tuple[Discard, ...]:
        """By time, then by the ends."""
        return tuple(sorted(self.plan.discards, key=attrgetter("at_s", "end_a", "end_b")))

    @cached_property
    def closures(self) -> tuple[Closure, ...]:
        """By start, then by constraint, satellite and site; those of all before those of one."""
        return tuple(
            sorted(
                self.plan.closures,
                key=lambda c: (c.start_s, c.constraint, c.satellite_id or "", c.site_id or "", c.end_s, c.origin),
            )
        )

    @cached_property
    def stocks(self) -> tuple[EdgeStock, ...]:
        """Every edge that holds, gets or gives key; those of satellites first."""
        return stocks_of(self.plan)

    def utc(self, t_s: float) -> datetime:
        """The instant `t_s` seconds after the horizon's start."""
        return utc_of(self.plan.horizon, t_s)

    def contact_utc(self, contact: Contact) -> tuple[datetime, datetime]:
        """Start and end of a contact."""
        return self.utc(contact.start_s), self.utc(contact.end_s)
