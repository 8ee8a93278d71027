"""Whether a plan keeps its word: everything it claims, against the problem recomputed from its inputs.

Nothing here knows how a plan is made. No solver is imported and none of the code that solves: clashes, paths, stocks
and objectives are worked out anew, the plain way, in the modules named verify_*.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from eagleplan.model import Contact, PlanClaims, ScheduleOptions
from eagleplan.schedule.problem import Problem
from eagleplan.schedule.verify_claims import demand_violations, proof_violations
from eagleplan.schedule.verify_contacts import contact_violations, resource_violations
from eagleplan.schedule.verify_finding import Violation, close, found
from eagleplan.schedule.verify_paths import delivery_violations
from eagleplan.schedule.verify_stocks import stock_violations

__all__ = ["Violation", "violations", "yield_violations"]


def violations(problem: Problem, claims: PlanClaims, options: ScheduleOptions | None = None) -> tuple[Violation, ...]:
    """Every way in which the claims contradict the problem, or themselves; empty if the plan is sound.

    `options` are those of the inputs: with them it is also judged that no veto is flown and that the levels are those
    that were asked for, in their order.
    """
    vetoes = options.vetoes if options else ()
    return (
        *contact_violations(problem, claims, vetoes),
        *resource_violations(problem, claims),
        *delivery_violations(problem, claims),
        *stock_violations(problem, claims),
        *demand_violations(problem, claims),
        *proof_violations(problem, claims, options.objectives if options else None),
    )


def yield_violations(contacts: Iterable[Contact], claims: PlanClaims) -> tuple[Violation, ...]:
    """Claimed secret bits and clear probabilities, and where these come from, against the recomputed contacts."""
    return tuple(_yields(contacts, claims))


def _yields(contacts: Iterable[Contact], claims: PlanClaims) -> Iterator[Violation]:
    recomputed = {contact.contact_id: contact for contact in contacts}
    for claim in claims.contacts:
        contact = recomputed.get(claim.contact_id)
        if contact is None:
            continue  # `violations` has said so
        if claim.secret_bits != contact.key.secret_bits:
            message = f"secret bits should be {contact.key.secret_bits} (got {claim.secret_bits})"
            yield found("V-YIELD", claim.contact_id, message)
        for what, got, right in (
            ("clear probability", claim.p_clear, contact.p_clear),
            ("climatology's clear probability", claim.p_clear_climatology, contact.p_clear_climatology),
        ):
            if (got is None) != (right is None) or (got is not None and right is not None and not close(got, right)):
                yield found("V-YIELD", claim.contact_id, f"{what} should be {_text(right)} (got {_text(got)})")
        if (claim.p_clear_origin, claim.forecast_lead_s) != (contact.p_clear_origin, contact.forecast_lead_s):
            message = f"its clear probability comes from {contact.p_clear_origin!r}, not {claim.p_clear_origin!r}"
            yield found("V-YIELD", claim.contact_id, message)


def _text(p: float | None) -> str:
    return "none" if p is None else f"{p:g}"
