"""The verifier's view of contacts: each one of the inputs, all of them together within what they share."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from eagleplan.model import ContactClaim, PlanClaims
from eagleplan.schedule.problem import Candidate, Problem
from eagleplan.schedule.verify_finding import Violation, found

KNOWN = "outcome"
"""Where a clear probability "comes from" when the contact is over and what it gave is known."""


def contact_violations(problem: Problem, claims: PlanClaims, vetoes: Collection[str]) -> Iterator[Violation]:
    """Contacts that the inputs do not give as claimed, that nobody may fly, or that are in the plan twice."""
    candidates = {candidate.contact_id: candidate for candidate in problem.candidates}
    for contact_id, count in Counter(claim.contact_id for claim in claims.contacts).items():
        if count > 1:
            yield found("V-DUPLICATE", contact_id, f"the contact is in the plan {count} times")
    for claim in claims.contacts:
        for veto in sorted({claim.contact_id, claim.pass_id} & set(vetoes)):
            yield found("V-VETO", claim.contact_id, f"the inputs forbid {veto}")
        yield from _instants(claim, claims)
        yield from _expectation(claim)
        candidate = candidates.get(claim.contact_id)
        if candidate is None:
            yield found("V-UNKNOWN", claim.contact_id, "the inputs give no such contact")
        else:
            yield from _against(candidate, claim)


def _instants(claim: ContactClaim, claims: PlanClaims) -> Iterator[Violation]:
    for name, instant, seconds in (
        ("start", claim.start_utc, claim.start_s),
        ("end", claim.end_utc, claim.end_s),
    ):
        if instant != claims.horizon.utc(seconds):
            message = f"{name}_utc {instant.isoformat()} is not {name}_s {seconds} of the horizon"
            yield found("V-WINDOW", claim.contact_id, message)


def _expectation(claim: ContactClaim) -> Iterator[Violation]:
    if not 0.0 <= claim.p_clear <= 1.0:
        yield found("V-BITS", claim.contact_id, f"a probability lies between 0 and 1 (got {claim.p_clear:g})")
    elif claim.p_clear_origin == KNOWN:
        if claim.expected_bits != claim.secret_bits:
            message = f"its outcome is {claim.secret_bits} bits (got {claim.expected_bits} expected)"
            yield found("V-BITS", claim.contact_id, message)
    elif claim.expected_bits != math.floor(claim.p_clear * claim.secret_bits):
        message = f"{claim.expected_bits} expected bits are not {claim.p_clear:g} × {claim.secret_bits}"
        yield found("V-BITS", claim.contact_id, message)


def _against(candidate: Candidate, claim: ContactClaim) -> Iterator[Violation]:
    subject = claim.contact_id
    if claim.pass_id != candidate.pass_id:
        yield found("V-PLACE", subject, f"it is part of pass {candidate.pass_id}, not of {claim.pass_id}")
    if (claim.satellite_id, claim.site_id) != (candidate.satellite_id, candidate.site_id):
        message = f"it joins {candidate.satellite_id} and {candidate.site_id}, "
        yield found("V-PLACE", subject, message + f"not {claim.satellite_id} and {claim.site_id}")
    if (claim.start_s, claim.end_s) != (candidate.start_s, candidate.end_s):
        message = f"it can be had from {candidate.start_s} to {candidate.end_s} s, "
        yield found("V-WINDOW", subject, message + f"not from {claim.start_s} to {claim.end_s} s")
    if claim.usable_s != candidate.usable_s:
        message = f"its key is usable from {candidate.usable_s} s on, not from {claim.usable_s} s"
        yield found("V-WINDOW", subject, message)
    if claim.expected_bits != candidate.bits:
        message = f"it gives {candidate.bits} expected bits (got {claim.expected_bits})"
        yield found("V-BITS", subject, message)


def resource_violations(problem: Problem, claims: PlanClaims) -> Iterator[Violation]:
    """Terminals and stations used by two at once or with too little time between, limits, nights and pins."""
    yield from _terminals(problem, claims.contacts)
    yield from _stations(problem, claims.contacts)
    flown = {claim.contact_id for claim in claims.contacts}
    for limit in problem.limits:
        used = sum(amount for contact_id, amount in limit.amounts.items() if contact_id in flown)
        if used > limit.most:
            yield found("V-LIMIT", limit.limit_id, f"{limit.text}: the plan uses {used} of {limit.most}")
    yield from _nights(problem, flown)
    for pin in problem.pins:
        if not flown & set(pin.contact_ids):
            yield found("V-PIN", pin.pin_id, "the inputs want it flown, and the plan does not")


def _terminals(problem: Problem, contacts: Sequence[ContactClaim]) -> Iterator[Violation]:
    longest_s: dict[str, int] = defaultdict(lambda: problem.changeover_s)
    for (satellite_id, *_), slew_s in problem.slews.items():
        longest_s[satellite_id] = max(longest_s[satellite_id], slew_s)
    for satellite_id, one, later in _neighbours(contacts, lambda claim: claim.satellite_id, longest_s):
        pause_s = later.start_s - one.end_s
        if pause_s < problem.changeover_s:
            message = f"the terminal of {satellite_id} has {pause_s} s before {later.contact_id}, "
            yield found("V-OVERLAP", one.contact_id, message + f"needs {problem.changeover_s} s")
            continue
        slew_s = problem.slews.get((satellite_id, one.site_id, one.end_s, later.site_id), 0)
        if pause_s < slew_s:
            message = f"{satellite_id} needs {slew_s} s to turn from {one.site_id} to {later.site_id}, "
            yield found("V-SLEW", one.contact_id, message + f"has {pause_s} s before {later.contact_id}")


def _stations(problem: Problem, contacts: Sequence[ContactClaim]) -> Iterator[Violation]:
    set_up_s = defaultdict(int, problem.set_up_s)
    for site_id, one, later in _neighbours(contacts, lambda claim: claim.site_id, set_up_s):
        pause_s = later.start_s - one.end_s
        code, needs_s = ("V-OVERLAP", 0) if pause_s < 0 else ("V-SET-UP", set_up_s[site_id])
        message = f"the station {site_id} has {pause_s} s before {later.contact_id}, needs {needs_s} s"
        yield found(code, one.contact_id, message)


def _neighbours(
    contacts: Sequence[ContactClaim], user: Callable[[ContactClaim], str], reach_s: Mapping[str, int]
) -> Iterator[tuple[str, ContactClaim, ContactClaim]]:
    """User, contact and each later one of the same user that starts less than the user's reach after its end."""
    by_user: dict[str, list[ContactClaim]] = defaultdict(list)
    for contact in contacts:
        by_user[user(contact)].append(contact)
    for name in sorted(by_user):
        in_time = sorted(by_user[name], key=lambda contact: (contact.start_s, contact.end_s))
        for number, contact in enumerate(in_time):
            for later in in_time[number + 1 :]:
                if later.start_s >= contact.end_s + reach_s[name]:
                    break
                yield name, contact, later


def _nights(problem: Problem, flown: Collection[str]) -> Iterator[Violation]:
    nights: dict[str, set[str]] = defaultdict(set)
    for candidate in problem.candidates:
        if candidate.contact_id in flown:
            nights[candidate.site_id].add(candidate.night)
    for site_id, most in problem.max_nights.items():
        if len(nights[site_id]) > most:
            message = f"contacts in {len(nights[site_id])} nights, the station is staffed for {most}"
            yield found("V-NIGHTS", site_id, message)
