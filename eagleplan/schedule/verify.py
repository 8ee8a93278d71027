"""Whether a plan keeps its word: everything it claims, against the problem recomputed from its inputs.

Nothing here knows how a plan is made. No solver is imported and none of the code that solves: clashes, stocks
and objectives are worked out anew, the plain way.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from eagleplan.model import Contact, ContactClaim, DemandClaim, PlanClaims
from eagleplan.schedule.problem import Candidate, PairDemand, Problem

FRACTION_TOLERANCE = 1e-6
"""Fractions in a plan may be rounded to six decimals; everything else is compared exactly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One claim that does not hold: a stable code such as ``V-OVERLAP``, what it is about, and a sentence."""

    code: str
    subject: str
    message: str

    def __str__(self) -> str:
        return f"{self.code} {self.subject}: {self.message}"


def violations(problem: Problem, claims: PlanClaims) -> tuple[Violation, ...]:
    """Every way in which the claims contradict the problem, or themselves; empty if the plan is sound."""
    candidates = {candidate.contact_id: candidate for candidate in problem.candidates}
    demands = {demand.demand_id: demand for demand in problem.demands}
    return (
        *_contacts(candidates, claims),
        *_overlaps(problem, claims.contacts),
        *_deliveries(demands, claims),
        *_stocks(problem, candidates, claims),
        *_demands(demands, claims),
        *_objectives(candidates, demands, claims),
        *_proof(claims),
    )


def yield_violations(contacts: Iterable[Contact], claims: PlanClaims) -> tuple[Violation, ...]:
    """Claimed passes, clear probabilities and secret bits against those of the recomputed contacts."""
    recomputed = {contact.contact_id: contact for contact in contacts}
    found = []
    for claim in claims.contacts:
        contact = recomputed.get(claim.contact_id)
        if contact is None:
            continue  # `violations` has said so
        for what, got, right in (
            ("pass", claim.pass_id, contact.pass_id),
            ("secret bits", claim.secret_bits, contact.key.secret_bits),
        ):
            if got != right:
                found.append(_violation("V-YIELD", claim.contact_id, f"{what} should be {right} (got {got})"))
        if not _close(claim.p_clear, contact.p_clear):
            message = f"clear probability should be {contact.p_clear:g} (got {claim.p_clear:g})"
            found.append(_violation("V-YIELD", claim.contact_id, message))
    return tuple(found)


def _contacts(candidates: Mapping[str, Candidate], claims: PlanClaims) -> Iterator[Violation]:
    for contact_id, count in Counter(claim.contact_id for claim in claims.contacts).items():
        if count > 1:
            yield _violation("V-DUPLICATE", contact_id, f"the contact is in the plan {count} times")
    for claim in claims.contacts:
        subject = claim.contact_id
        for name, instant, seconds in (
            ("start", claim.start_utc, claim.start_s),
            ("end", claim.end_utc, claim.end_s),
        ):
            if instant != claims.horizon.utc(seconds):
                message = f"{name}_utc {instant.isoformat()} is not {name}_s {seconds} of the horizon"
                yield _violation("V-WINDOW", subject, message)
        if not 0.0 <= claim.p_clear <= 1.0:
            message = f"a probability lies between 0 and 1 (got {claim.p_clear:g})"
            yield _violation("V-BITS", subject, message)
        elif claim.expected_bits != math.floor(claim.p_clear * claim.secret_bits):
            message = f"{claim.expected_bits} expected bits are not {claim.p_clear:g} × {claim.secret_bits}"
            yield _violation("V-BITS", subject, message)
        candidate = candidates.get(claim.contact_id)
        if candidate is None:
            yield _violation("V-UNKNOWN", subject, "the inputs give no such contact")
            continue
        if (claim.satellite_id, claim.site_id) != (candidate.satellite_id, candidate.site_id):
            message = f"it joins {candidate.satellite_id} and {candidate.site_id}, "
            yield _violation("V-PLACE", subject, message + f"not {claim.satellite_id} and {claim.site_id}")
        if (claim.start_s, claim.end_s) != (candidate.start_s, candidate.end_s):
            message = f"it can be had from {candidate.start_s} to {candidate.end_s} s, "
            yield _violation("V-WINDOW", subject, message + f"not from {claim.start_s} to {claim.end_s} s")
        if claim.expected_bits != candidate.bits:
            message = f"it gives {candidate.bits} expected bits (got {claim.expected_bits})"
            yield _violation("V-BITS", subject, message)


def _overlaps(problem: Problem, contacts: Sequence[ContactClaim]) -> Iterator[Violation]:
    by_terminal: dict[str, list[ContactClaim]] = defaultdict(list)
    by_site: dict[str, list[ContactClaim]] = defaultdict(list)
    for contact in contacts:
        by_terminal[contact.satellite_id].append(contact)
        by_site[contact.site_id].append(contact)
    for kind, users, gap_s in (
        ("the terminal of", by_terminal, problem.changeover_s),
        ("the station", by_site, problem.site_changeover_s),
    ):
        for name in sorted(users):
            in_time = sorted(users[name], key=lambda contact: (contact.start_s, contact.end_s))
            for number, contact in enumerate(in_time):
                for later in in_time[number + 1 :]:
                    if later.start_s >= contact.end_s + gap_s:
                        break
                    pause_s = later.start_s - contact.end_s
                    message = f"{kind} {name} has {pause_s} s before {later.contact_id}, needs {gap_s} s"
                    yield _violation("V-OVERLAP", contact.contact_id, message)


def _deliveries(demands: Mapping[str, PairDemand], claims: PlanClaims) -> Iterator[Violation]:
    for delivery in claims.deliveries:
        subject = f"{delivery.demand_id} via {delivery.satellite_id}"
        if delivery.bits <= 0:
            message = f"a delivery must have bits (got {delivery.bits})"
            yield _violation("V-DELIVERY", subject, message)
        if delivery.site_a == delivery.site_b:
            message = f"{delivery.site_a} cannot share key with itself"
            yield _violation("V-DELIVERY", subject, message)
        demand = demands.get(delivery.demand_id)
        if demand is None:
            yield _violation("V-UNKNOWN", subject, "the inputs have no such demand")
            continue
        for node, sites, site_id in (
            (demand.node_a, demand.sites_a, delivery.site_a),
            (demand.node_b, demand.sites_b, delivery.site_b),
        ):
            if site_id not in sites:
                message = f"{site_id} is no station of {node} for this demand"
                yield _violation("V-DELIVERY", subject, message)


def _stocks(problem: Problem, candidates: Mapping[str, Candidate], claims: PlanClaims) -> Iterator[Violation]:
    right = Counter({(s.satellite_id, s.site_id): s.bits for s in problem.initial_stocks})
    claimed: Counter[tuple[str, str]] = Counter()
    for stock in claims.initial_stocks:
        claimed[stock.satellite_id, stock.site_id] += stock.bits
    for satellite_id, site_id in sorted(right.keys() | claimed.keys()):
        if right[satellite_id, site_id] != claimed[satellite_id, site_id]:
            message = f"{right[satellite_id, site_id]} bits are there at the start "
            message += f"(got {claimed[satellite_id, site_id]})"
            yield _violation("V-STOCK", f"{satellite_id} / {site_id}", message)
    held = Counter(right)
    for contact_id in {claim.contact_id for claim in claims.contacts} & candidates.keys():
        candidate = candidates[contact_id]
        held[candidate.satellite_id, candidate.site_id] += candidate.bits
    spent: Counter[tuple[str, str]] = Counter()
    for delivery in claims.deliveries:
        spent[delivery.satellite_id, delivery.site_a] += delivery.bits
        spent[delivery.satellite_id, delivery.site_b] += delivery.bits
    for edge in sorted(spent):
        if spent[edge] > held[edge]:
            message = f"{spent[edge]} bits are spent, but start and contacts give {held[edge]}"
            yield _violation("V-STOCK", f"{edge[0]} / {edge[1]}", message)


def _demands(demands: Mapping[str, PairDemand], claims: PlanClaims) -> Iterator[Violation]:
    delivered: Counter[str] = Counter()
    for delivery in claims.deliveries:
        delivered[delivery.demand_id] += delivery.bits
    counts = Counter(claim.demand_id for claim in claims.demands)
    for demand_id in demands:
        if counts[demand_id] != 1:
            message = f"the plan must speak of it once (got {counts[demand_id]} times)"
            yield _violation("V-DEMAND", demand_id, message)
    for claim in claims.demands:
        demand = demands.get(claim.demand_id)
        if demand is None:
            yield _violation("V-UNKNOWN", claim.demand_id, "the inputs have no such demand")
        else:
            yield from _one_demand(demand, claim, delivered[claim.demand_id])


def _one_demand(demand: PairDemand, claim: DemandClaim, delivered_bits: int) -> Iterator[Violation]:
    for what, got, right in (
        ("nodes", f"{claim.node_a} and {claim.node_b}", f"{demand.node_a} and {demand.node_b}"),
        ("bits wanted", claim.wanted_bits, demand.bits),
        ("bits guaranteed", claim.guarantee_bits, demand.guarantee_bits),
        ("bits delivered", claim.delivered_bits, delivered_bits),
        ("guarantee kept", claim.guarantee_kept, delivered_bits >= demand.guarantee_bits),
    ):
        if got != right:
            yield _violation("V-DEMAND", demand.demand_id, f"{what} should be {right} (got {got})")
    if delivered_bits > demand.bits:
        message = f"{delivered_bits} bits are delivered, only {demand.bits} wanted"
        yield _violation("V-DEMAND", demand.demand_id, message)
    if not _close(claim.met_frac, delivered_bits / demand.bits):
        message = f"met fraction should be {delivered_bits / demand.bits:.6f} (got {claim.met_frac:.6f})"
        yield _violation("V-DEMAND", demand.demand_id, message)


def _objectives(
    candidates: Mapping[str, Candidate], demands: Mapping[str, PairDemand], claims: PlanClaims
) -> Iterator[Violation]:
    delivered: Counter[str] = Counter()
    for delivery in claims.deliveries:
        delivered[delivery.demand_id] += delivery.bits
    contact_ids = [claim.contact_id for claim in claims.contacts]
    right = {
        "weighted_shortfall_bits": sum(
            demand.weight * max(0, demand.guarantee_bits - delivered[demand_id])
            for demand_id, demand in demands.items()
        ),
        "weighted_met_bits": sum(demand.weight * delivered[demand_id] for demand_id, demand in demands.items()),
        "n_contacts": len(contact_ids),
        "produced_bits": sum(candidates[c].bits for c in contact_ids if c in candidates),
    }
    for name in sorted(right.keys() | claims.proof.levels.keys()):
        if name not in right:
            yield _violation("V-OBJECTIVE", name, "no such objective")
        elif name not in claims.proof.levels:
            yield _violation("V-OBJECTIVE", name, "the plan does not state it")
        elif claims.proof.levels[name] != right[name]:
            message = f"should be {right[name]} (got {claims.proof.levels[name]:g})"
            yield _violation("V-OBJECTIVE", name, message)


_SMALL_IS_GOOD = {"weighted_shortfall_bits", "n_contacts"}


def _proof(claims: PlanClaims) -> Iterator[Violation]:
    proof = claims.proof
    if not (math.isfinite(proof.objective) and math.isfinite(proof.bound)):
        message = f"objective and bound must be finite (got {proof.objective} and {proof.bound})"
        yield _violation("V-BOUND", proof.level, message)
        return
    if proof.level in proof.levels and proof.objective != proof.levels[proof.level]:
        message = f"objective should be {proof.levels[proof.level]:g} (got {proof.objective:g})"
        yield _violation("V-OBJECTIVE", proof.level, message)
    ahead = proof.bound - proof.objective
    if proof.level in _SMALL_IS_GOOD:
        ahead = -ahead
    if ahead < 0.0:
        message = f"the plan's {proof.objective:g} is better than the bound {proof.bound:g} allows"
        yield _violation("V-BOUND", proof.level, message)
    gap_frac = abs(ahead) / max(proof.bound, proof.objective) if ahead else 0.0
    if not _close(proof.gap_frac, gap_frac):
        message = f"gap should be {gap_frac:.6f} (got {proof.gap_frac:.6f})"
        yield _violation("V-BOUND", proof.level, message)
    if (proof.status == "optimal") != (ahead == 0.0):
        message = f"a plan with objective {proof.objective:g} and bound {proof.bound:g} is not {proof.status}"
        yield _violation("V-BOUND", proof.level, message)


def _violation(code: str, subject: str, message: str) -> Violation:
    return Violation(code=code, subject=subject, message=message)


def _close(one: float, other: float) -> bool:
    return abs(one - other) <= FRACTION_TOLERANCE
