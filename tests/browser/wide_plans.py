"""Plans of many stations, satellites and contacts, of one contact, and of none, all made from a plan with its traces.

They are for the page alone: the copies of a pass are moved in time and to other stations, so that nothing in them is
what an orbit would give.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from eagleplan.model import ContactTrace, Pass, PassDecision, Plan, Reason, Satellite, Site

HOSTILE_NAME = '<script>alert(1)</script> & Söhne, "A"'
HOSTILE_ID = "\"' onclick=x ><b>%41&lt; #é "

_SHIFT_S = 617
_WIDEST_SHIFT_S = 5400


def wide_plan(
    plan: Plan, traces: Sequence[ContactTrace], *, n_sites: int, n_satellites: int, n_copies: int, n_contacts: int
) -> tuple[Plan, tuple[ContactTrace, ...]]:
    """`n_copies` of every pass, one after the other to the next satellite and the next stations, and their traces.

    The contacts are shared out over the copies, as many from each; the others of a copy are needed by nobody.
    """
    sites = tuple(_site(plan, number) for number in range(n_sites))
    satellites = tuple(_satellite(plan, number) for number in range(n_satellites))
    place = {site.site_id: number for number, site in enumerate(plan.sites)}
    decision_of = {decision.planned_pass.pass_id: decision for decision in plan.decisions}
    decisions: list[PassDecision] = []
    contacts, new_traces = [], []
    for copy in range(n_copies):
        shift_s = copy * _SHIFT_S % _WIDEST_SHIFT_S
        satellite_id = satellites[copy % n_satellites].satellite_id
        n_here = n_contacts * (copy + 1) // n_copies - n_contacts * copy // n_copies
        fits = [c for c in plan.contacts if decision_of[c.pass_id].planned_pass.set_s + shift_s <= plan.horizon.end_s]
        chosen = fits[:n_here]
        assert len(chosen) == n_here, "one plan has not so many contacts: make more copies"
        flown = {contact.pass_id for contact in chosen}
        for decision in plan.decisions:
            planned = decision.planned_pass
            if planned.set_s + shift_s > plan.horizon.end_s:
                continue
            moved = replace(
                _later(planned, shift_s),
                pass_id=f"{planned.pass_id}-{copy}",
                satellite_id=satellite_id,
                site_id=sites[(place[planned.site_id] + copy * len(place)) % n_sites].site_id,
            )
            reason = decision.reason
            if reason.code == "chosen" and planned.pass_id not in flown:
                reason = Reason(code="not-needed", text="nobody needs the key")
            ids = {"pass_id": moved.pass_id, "satellite_id": satellite_id, "site_id": moved.site_id}
            own = [
                replace(
                    contact,
                    **ids,
                    contact_id=f"{contact.contact_id}-{copy}",
                    start_s=contact.start_s + shift_s,
                    end_s=contact.end_s + shift_s,
                    usable_s=contact.usable_s + shift_s,
                )
                for contact in chosen
                if contact.pass_id == planned.pass_id
            ]
            contacts += own
            decisions.append(PassDecision(planned_pass=moved, reason=reason, contact=own[0] if own else None))
        ids_here = {contact.contact_id for contact in chosen}
        new_traces += [
            _later_trace(trace, f"{trace.contact_id}-{copy}", shift_s)
            for trace in traces
            if trace.contact_id in ids_here
        ]
    nights = {site.site_id: [night for night in plan.nights if night.site_id == site.site_id] for site in plan.sites}
    order = {contact.contact_id: number for number, contact in enumerate(contacts)}
    wide = replace(
        plan,
        name=f"{n_sites} stations, {n_satellites} satellites, {n_contacts} contacts",
        sites=sites,
        satellites=satellites,
        contacts=tuple(contacts),
        decisions=tuple(decisions),
        backups=(),
        closures=(),
        nights=tuple(
            replace(night, site_id=site.site_id)
            for number, site in enumerate(sites)
            for night in nights[plan.sites[number % len(plan.sites)].site_id]
        ),
    )
    return wide, tuple(sorted(new_traces, key=lambda trace: order[trace.contact_id]))


def empty_plan(plan: Plan) -> Plan:
    """Without a pass, a contact, a demand and whatever comes of them."""
    return replace(
        plan,
        name="nothing at all",
        demands=(),
        decisions=(),
        contacts=(),
        deliveries=(),
        initial_stocks=(),
        discards=(),
        nights=(),
        closures=(),
        backups=(),
        rivals=(),
        notices=(),
        sky_met=None,
    )


def one_contact(plan: Plan, traces: Sequence[ContactTrace]) -> tuple[Plan, tuple[ContactTrace, ...]]:
    """The first contact and its station, with the passes of that."""
    contact = plan.contacts[0]
    mine = tuple(decision for decision in plan.decisions if decision.planned_pass.site_id == contact.site_id)
    alone = replace(
        plan,
        name="one contact",
        sites=tuple(site for site in plan.sites if site.site_id == contact.site_id),
        demands=(),
        decisions=tuple(d for d in mine if d.reason.code != "chosen" or d.planned_pass.pass_id == contact.pass_id),
        contacts=(contact,),
        deliveries=(),
        initial_stocks=(),
        discards=(),
        nights=tuple(night for night in plan.nights if night.site_id == contact.site_id),
        closures=(),
        backups=(),
        rivals=(),
        sky_met=None,
    )
    return alone, tuple(trace for trace in traces if trace.contact_id == contact.contact_id)


def hostile_plan(plan: Plan, traces: Sequence[ContactTrace]) -> tuple[Plan, tuple[ContactTrace, ...]]:
    """The first station's name is a script, and all ids of stations, passes and contacts hold what HTML lives of."""
    bad = HOSTILE_ID

    def renamed(contact: object) -> dict[str, str]:
        return {name: bad + getattr(contact, name) for name in ("contact_id", "pass_id", "site_id")}

    hostile = replace(
        plan,
        name=HOSTILE_NAME,
        sites=tuple(
            replace(site, site_id=bad + site.site_id, name=HOSTILE_NAME if number == 0 else site.name)
            for number, site in enumerate(plan.sites)
        ),
        contacts=tuple(replace(contact, **renamed(contact)) for contact in plan.contacts),
        decisions=tuple(
            replace(
                decision,
                planned_pass=replace(
                    decision.planned_pass,
                    pass_id=bad + decision.planned_pass.pass_id,
                    site_id=bad + decision.planned_pass.site_id,
                ),
                contact=decision.contact and replace(decision.contact, **renamed(decision.contact)),
            )
            for decision in plan.decisions
        ),
        nights=tuple(replace(night, site_id=bad + night.site_id) for night in plan.nights),
        demands=(),
        deliveries=(),
        initial_stocks=(),
        discards=(),
        closures=(),
        backups=(),
    )
    return hostile, tuple(replace(trace, contact_id=bad + trace.contact_id) for trace in traces)


def _site(plan: Plan, number: int) -> Site:
    """The plan's own first; then others of like names, a degree and a half away from them."""
    base = plan.sites[number % len(plan.sites)]
    round_ = number // len(plan.sites)
    if not round_:
        return base
    return replace(
        base,
        site_id=f"{base.site_id}-{round_ + 1}",
        name=f"{base.name}, extension {round_ + 1}",
        latitude_deg=base.latitude_deg + 1.1 * round_,
        longitude_deg=base.longitude_deg + 1.5 * round_,
    )


def _satellite(plan: Plan, number: int) -> Satellite:
    base = plan.satellites[0]
    return replace(base, satellite_id=f"{base.satellite_id}-{number + 1:02d}", name=f"{base.name} {number + 1}")


def _later(planned: Pass, shift_s: float) -> Pass:
    return replace(
        planned,
        rise_s=planned.rise_s + shift_s,
        culmination_s=planned.culmination_s + shift_s,
        set_s=planned.set_s + shift_s,
        windows=tuple(
            replace(window, start_s=window.start_s + shift_s, end_s=window.end_s + shift_s)
            for window in planned.windows
        ),
    )


def _later_trace(trace: ContactTrace, contact_id: str, shift_s: int) -> ContactTrace:
    link, growth = trace.link, trace.growth
    return replace(
        trace,
        contact_id=contact_id,
        track=replace(trace.track, t_s=trace.track.t_s + shift_s),
        link=link and replace(link, t_s=link.t_s + shift_s),
        growth=growth
        and replace(
            growth,
            t_s=growth.t_s + shift_s,
            first_key_s=None if growth.first_key_s is None else growth.first_key_s + shift_s,
        ),
    )
