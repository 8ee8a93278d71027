"""From the planner's nouns to the scheduling problem: what may be flown, for whom, and within which limits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from eagleplan.inputs.suggest import did_you_mean
from eagleplan.model import Contact, Demand, Network, Pass, Satellite, ScheduleOptions, Site
from eagleplan.schedule.problem import Candidate, Limit, PairDemand, Pin, Previous, Problem
from eagleplan.units import SECONDS_PER_DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class PinFault:
    """Pins and vetoes (`ids`, as the planner wrote them) that make no sense; `hint` is what may be meant."""

    ids: tuple[str, ...]
    message: str
    hint: str | None = None


def build_problem(
    contacts: Iterable[Contact],
    passes: Iterable[Pass],
    *,
    demands: Iterable[Demand],
    network: Network,
    satellites: Sequence[Satellite],
    sites: Sequence[Site],
    options: ScheduleOptions,
    end_s: int,
    slews: Mapping[tuple[str, str, int, str], int] | None = None,
    previous: Previous | None = None,
) -> Problem:
    """The problem of choosing among `contacts` for `demands`; a contact counts with its expected bits.

    Contacts that are vetoed, that the station's receiver cannot take, or that give no key are no candidates; a pinned
    contact may be without key. `passes` says to which orbit and night a contact belongs. Raises ValueError for a pin
    that no candidate can keep: see `pin_faults`.
    """
    pass_of = {this.pass_id: this for this in passes}
    site_of = {site.site_id: site for site in sites}
    vetoed, pinned = set(options.vetoes), set(options.pins)
    flyable = [
        contact
        for contact in contacts
        if vetoed.isdisjoint((contact.contact_id, contact.pass_id))
        and _is_received(contact, site_of)
        and (contact.expected_bits > 0 or not pinned.isdisjoint((contact.contact_id, contact.pass_id)))
    ]
    return Problem(
        candidates=tuple(
            Candidate(
                contact_id=contact.contact_id,
                pass_id=contact.pass_id,
                satellite_id=contact.satellite_id,
                site_id=contact.site_id,
                start_s=contact.start_s,
                end_s=contact.end_s,
                usable_s=contact.usable_s,
                bits=contact.expected_bits,
                night=pass_of[contact.pass_id].night,
            )
            for contact in flyable
        ),
        demands=tuple(_pair_demand(demand, network, satellites, sites) for demand in demands),
        network=network,
        end_s=end_s,
        changeover_s=options.changeover_s,
        slews=slews or {},
        set_up_s={site.site_id: site.limits.set_up_s for site in sites if site.limits.set_up_s > 0},
        limits=tuple(_limits(flyable, pass_of, satellites, sites)),
        max_nights={site.site_id: site.limits.max_nights for site in sites if site.limits.max_nights is not None},
        pins=tuple(_pin(pin_id, flyable) for pin_id in options.pins),
        previous=previous,
    )


def pin_faults(
    contacts: Sequence[Contact], passes: Iterable[Pass], options: ScheduleOptions, sites: Sequence[Site]
) -> tuple[PinFault, ...]:
    """What is wrong with single pins and vetoes; whether all pins go together only a search can tell."""
    known = {this.pass_id for this in passes}
    members: dict[str, list[Contact]] = defaultdict(list)
    for contact in contacts:
        for name in {contact.contact_id, contact.pass_id}:
            members[name].append(contact)
    site_of = {site.site_id: site for site in sites}
    vetoed = set(options.vetoes)
    faults = []
    for name in (*options.pins, *(veto for veto in options.vetoes if veto not in options.pins)):
        # A part of what is vetoed is no contact either.
        by = sorted(veto for veto in vetoed if name in options.pins and name.startswith(f"{veto}-"))
        if name in known or name in members or name in vetoed.intersection(options.pins):
            continue
        if by:
            faults.append(PinFault(ids=(name, *by), message=f"{name} is pinned, but {', '.join(by)} is vetoed"))
        else:
            hint = did_you_mean(name, {*known, *members})
            faults.append(PinFault(ids=(name,), message=f"no pass or contact is called {name}", hint=hint))
    for name in options.pins:
        if name not in known and name not in members and name not in vetoed:
            continue
        own = members.get(name, [])
        free = [c for c in own if vetoed.isdisjoint((c.contact_id, c.pass_id))]
        if name in vetoed:
            faults.append(PinFault(ids=(name,), message=f"{name} is pinned and vetoed"))
        elif not own:
            faults.append(PinFault(ids=(name,), message=f"{name} is pinned, but no contact of it can be flown"))
        elif not free:
            by = sorted({veto for c in own for veto in (c.contact_id, c.pass_id) if veto in vetoed})
            faults.append(PinFault(ids=(name, *by), message=f"{name} is pinned, but {', '.join(by)} is vetoed"))
        elif not any(_is_received(c, site_of) for c in free):
            message = f"{name} is pinned, but the receiver of {free[0].site_id} cannot take {free[0].satellite_id}"
            faults.append(PinFault(ids=(name,), message=message))
    return tuple(faults)


def _is_received(contact: Contact, site_of: Mapping[str, Site]) -> bool:
    taken = site_of[contact.site_id].limits.satellite_ids
    return taken is None or contact.satellite_id in taken


def _pin(pin_id: str, contacts: Iterable[Contact]) -> Pin:
    own = tuple(contact.contact_id for contact in contacts if pin_id in (contact.contact_id, contact.pass_id))
    if not own:
        raise ValueError(f"nothing can be flown for the pin {pin_id}")
    return Pin(pin_id=pin_id, contact_ids=own)


def _pair_demand(
    demand: Demand, network: Network, satellites: Iterable[Satellite], sites: Iterable[Site]
) -> PairDemand:
    trusted = None
    if demand.trusted_nodes is not None or demand.trusted_satellites is not None:
        on_ground = demand.trusted_nodes
        if on_ground is None:
            on_ground = tuple(_all_ground(network, sites))
        in_orbit = demand.trusted_satellites
        if in_orbit is None:
            in_orbit = tuple(satellite.satellite_id for satellite in satellites)
        trusted = frozenset((*on_ground, *in_orbit))
    return PairDemand(
        demand_id=demand.demand_id,
        node_a=demand.node_a,
        node_b=demand.node_b,
        bits=demand.bits,
        weight=demand.priority,
        guarantee_bits=demand.guarantee_bits,
        guarantee_class=demand.guarantee_class,
        start_s=demand.start_s,
        deadline_s=demand.deadline_s,
        trusted=trusted,
        max_hops=network.max_hops if demand.max_hops is None else demand.max_hops,
    )


def _all_ground(network: Network, sites: Iterable[Site]) -> Collection[str]:
    """Every node on the ground: a country's stations are trusted with it."""
    grouped = {site_id for site_ids in network.node_sites.values() for site_id in site_ids}
    joined = {node for link in network.fibre_links for node in (link.node_a, link.node_b)}
    return {*network.node_sites, *(joined - grouped), *({site.site_id for site in sites} - grouped)}


def _limits(
    contacts: Sequence[Contact],
    pass_of: Mapping[str, Pass],
    satellites: Iterable[Satellite],
    sites: Iterable[Site],
) -> Iterable[Limit]:
    """Duty of satellites by orbit and day, contacts of stations by night, where they can bind at all."""
    by_orbit: dict[tuple[str, int], list[Contact]] = defaultdict(list)
    by_day: dict[tuple[str, int], list[Contact]] = defaultdict(list)
    by_night: dict[tuple[str, str], list[Contact]] = defaultdict(list)
    for contact in contacts:
        this = pass_of[contact.pass_id]
        by_orbit[contact.satellite_id, this.orbit_number].append(contact)
        by_day[contact.satellite_id, int(contact.start_s // SECONDS_PER_DAY)].append(contact)
        by_night[contact.site_id, this.night].append(contact)
    duty_of = {satellite.satellite_id: satellite.duty for satellite in satellites}
    nightly = {site.site_id: site.limits.max_contacts_per_night for site in sites}
    for (satellite_id, orbit), members in sorted(by_orbit.items()):
        duty = duty_of[satellite_id]
        where = f"{satellite_id}, orbit {orbit}"
        yield from _seconds(f"orbit-s-{satellite_id}-{orbit}", where, members, duty.max_contact_s_per_orbit)
        yield from _count(f"orbit-n-{satellite_id}-{orbit}", where, members, duty.max_contacts_per_orbit)
    for (satellite_id, day), members in sorted(by_day.items()):
        most_s = duty_of[satellite_id].max_contact_s_per_day
        yield from _seconds(f"day-s-{satellite_id}-{day + 1}", f"{satellite_id}, day {day + 1}", members, most_s)
    for (site_id, night), members in sorted(by_night.items()):
        yield from _count(f"night-n-{site_id}-{night}", f"{site_id}, night of {night}", members, nightly[site_id])


def _seconds(limit_id: str, where: str, members: Sequence[Contact], most_s: int | None) -> Iterable[Limit]:
    amounts = {contact.contact_id: contact.duration_s for contact in members}
    if most_s is not None and sum(amounts.values()) > most_s:
        yield Limit(limit_id=limit_id, text=f"{where}: {most_s} s of contact", amounts=amounts, most=most_s)


def _count(limit_id: str, where: str, members: Sequence[Contact], most: int | None) -> Iterable[Limit]:
    if most is not None and len(members) > most:
        amounts = {contact.contact_id: 1 for contact in members}
        contacts = "1 contact" if most == 1 else f"{most} contacts"
        yield Limit(limit_id=limit_id, text=f"{where}: {contacts}", amounts=amounts, most=most)
