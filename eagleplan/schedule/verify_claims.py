"""The verifier's view of totals: what the plan says of demands, of its objectives and of its own quality."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from eagleplan.model import DemandClaim, PlanClaims, ProofLevel
from eagleplan.schedule.problem import PairDemand, Problem
from eagleplan.schedule.verify_finding import Violation, close, found
from eagleplan.schedule.verify_objectives import delivered_bits, level_names, level_values


def demand_violations(problem: Problem, claims: PlanClaims) -> Iterator[Violation]:
    """Demands left out or changed, and totals that the deliveries do not give."""
    demands = {demand.demand_id: demand for demand in problem.demands}
    delivered = delivered_bits(claims)
    counts = Counter(claim.demand_id for claim in claims.demands)
    for demand_id in demands:
        if counts[demand_id] != 1:
            message = f"the plan must speak of it once (got {counts[demand_id]} times)"
            yield found("V-DEMAND", demand_id, message)
    for claim in claims.demands:
        demand = demands.get(claim.demand_id)
        if demand is None:
            yield found("V-UNKNOWN", claim.demand_id, "the inputs have no such demand")
        else:
            yield from _one_demand(demand, claim, delivered[claim.demand_id])


def _one_demand(demand: PairDemand, claim: DemandClaim, bits: int) -> Iterator[Violation]:
    for what, got, right in (
        ("nodes", f"{claim.node_a} and {claim.node_b}", f"{demand.node_a} and {demand.node_b}"),
        ("bits wanted", claim.wanted_bits, demand.bits),
        ("bits guaranteed", claim.guarantee_bits, demand.guarantee_bits),
        ("guarantee's class", claim.guarantee_class, demand.guarantee_class),
        ("start_s", claim.start_s, demand.start_s),
        ("deadline_s", claim.deadline_s, demand.deadline_s),
        ("bits delivered", claim.delivered_bits, bits),
        ("guarantee kept", claim.guarantee_kept, bits >= demand.guarantee_bits),
    ):
        if got != right:
            yield found("V-DEMAND", demand.demand_id, f"{what} should be {right} (got {got})")
    if bits > demand.bits:
        yield found("V-DEMAND", demand.demand_id, f"{bits} bits are delivered, only {demand.bits} wanted")
    if not close(claim.met_frac, bits / demand.bits):
        message = f"met fraction should be {bits / demand.bits:.6f} (got {claim.met_frac:.6f})"
        yield found("V-DEMAND", demand.demand_id, message)


OVER_SKIES = ("mean_met", "cvar", "kept_guarantees")
"""Levels whose value is a mean of linear programmes, one for each of many skies: taken as stated, but for its bound."""

_SENSES: Mapping[str, str] = {
    **dict.fromkeys(OVER_SKIES, "max"),
    "fairness": "max",
    "weighted_met_bits": "max",
    "max_min": "max",
    "n_contacts": "min",
    "stock_left": "max",
    "changes": "min",
}


def proof_violations(problem: Problem, claims: PlanClaims, objectives: Sequence[str] | None) -> Iterator[Violation]:
    """Levels that nobody asked for, values that the plan does not reach, bounds that it beats, a wrong status."""
    proof = claims.proof
    names = [level.name for level in proof.levels]
    if not names:
        yield found("V-PROOF", claims.name, "the plan states no objective")
    for name, count in Counter(names).items():
        if count > 1:
            yield found("V-PROOF", name, f"the level is stated {count} times")
    if objectives is not None and names != (wanted := level_names(problem, objectives)):
        message = f"levels should be {', '.join(wanted)} (got {', '.join(names)})"
        yield found("V-PROOF", claims.name, message)
    if proof.n_candidates != len(problem.candidates):
        message = f"{len(problem.candidates)} contacts were there to choose from (got {proof.n_candidates})"
        yield found("V-PROOF", claims.name, message)
    values = level_values(problem, claims)
    for number, level in enumerate(proof.levels):
        if level.name in OVER_SKIES and number == 0:
            yield from _one_level(level, max(0, level.objective))
        elif level.name in values:
            yield from _one_level(level, values[level.name])
        else:
            yield found("V-OBJECTIVE", level.name, "no such objective")
    proven = all(level.objective == level.bound for level in proof.levels)
    if (proof.status == "optimal") != proven:
        loose = [level.name for level in proof.levels if level.objective != level.bound]
        message = f"{', '.join(loose)} not proven" if loose else "every level is proven"
        yield found("V-PROOF", claims.name, f"the plan is not {proof.status}: {message}")


def _one_level(level: ProofLevel, value: int) -> Iterator[Violation]:
    sense = "min" if level.name.startswith("guarantees_") else _SENSES[level.name]
    if level.sense != sense:
        yield found("V-PROOF", level.name, f"this level is {sense}imised, not {level.sense}imised")
    if level.objective != value:
        yield found("V-OBJECTIVE", level.name, f"should be {value} (got {level.objective})")
    ahead = level.bound - level.objective if sense == "max" else level.objective - level.bound
    if ahead < 0:
        message = f"the plan's {level.objective} is better than the bound {level.bound} allows"
        yield found("V-BOUND", level.name, message)
    gap_frac = abs(ahead) / max(abs(level.bound), abs(level.objective)) if ahead else 0.0
    if not close(level.gap_frac, gap_frac):
        yield found("V-BOUND", level.name, f"gap should be {gap_frac:.6f} (got {level.gap_frac:.6f})")
