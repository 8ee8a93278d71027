"""The verifier's view of objectives: each level's value from contacts and deliveries alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from eagleplan.model import PlanClaims
from eagleplan.schedule.problem import MAX_TOTAL, PairDemand, Problem
from eagleplan.schedule.verify_stocks import left_bits

QUANTITY_LEVELS = ("fairness", "weighted_met_bits")
"""The first of these that is asked for pays for changes to an earlier plan."""

_ENDS_PERCENT = (10, 25, 50, 100)
_SLOPES = (160, 60, 25, 10)


def delivered_bits(claims: PlanClaims) -> Counter[str]:
    """Demand id -> bits of all its deliveries."""
    delivered: Counter[str] = Counter()
    for delivery in claims.deliveries:
        delivered[delivery.demand_id] += delivery.bits
    return delivered


def level_names(problem: Problem, objectives: Sequence[str]) -> list[str]:
    """The levels that `objectives` stand for: one for each class of guarantees."""
    classes = sorted({demand.guarantee_class for demand in problem.demands if demand.guarantee_bits > 0})
    names = []
    for name in objectives:
        names.extend([f"guarantees_{number}" for number in classes] if name == "guarantees" else [name])
    return names


def level_values(problem: Problem, claims: PlanClaims) -> Mapping[str, int]:
    """Level name -> what the plan reaches; the levels that the plan speaks of decide which of them pays for changes."""
    delivered = delivered_bits(claims)
    changes = _changes(problem, claims)
    values = {
        f"guarantees_{number}": sum(
            demand.weight * max(0, demand.guarantee_bits - delivered[demand.demand_id])
            for demand in problem.demands
            if demand.guarantee_class == number
        )
        for number in {demand.guarantee_class for demand in problem.demands if demand.guarantee_bits > 0}
    }
    values |= {
        "fairness": _fairness(problem.demands, delivered),
        "weighted_met_bits": sum(demand.weight * delivered[demand.demand_id] for demand in problem.demands),
        "max_min": min((10_000 * delivered[d.demand_id] // d.bits for d in problem.demands), default=0),
        "n_contacts": len(claims.contacts),
        "stock_left": left_bits(problem, claims),
        "changes": sum(changes),
    }
    payer = next((level.name for level in claims.proof.levels if level.name in QUANTITY_LEVELS), None)
    if payer is not None:
        values[payer] -= _price(problem, payer, changes)
    return values


def _fairness(demands: Sequence[PairDemand], delivered: Mapping[str, int]) -> int:
    """Concave in the met fraction: a bit counts 16 up to a tenth, then 6, 2.5 and 1, over the demand's bits."""
    scale = 1
    while scale < 1_000 * max((demand.bits for demand in demands), default=0):
        scale *= 10
    while 4 * scale * sum(demand.weight for demand in demands) > MAX_TOTAL:
        scale //= 10
    total = 0
    for demand in demands:
        reached = 0
        for percent, slope in zip(_ENDS_PERCENT, _SLOPES, strict=True):
            until = min(delivered[demand.demand_id], demand.bits * percent // 100)
            total += max(0, until - reached) * (scale * demand.weight * slope // (10 * demand.bits))
            reached = max(reached, until)
    return total


def _changes(problem: Problem, claims: PlanClaims) -> tuple[int, int, int]:
    """Contacts of the earlier plan dropped, re-timed, and contacts added."""
    if problem.previous is None:
        return 0, 0, 0
    earlier = problem.previous.contacts
    now: dict[str, list[tuple[int, int]]] = {}
    for claim in claims.contacts:
        now.setdefault(claim.pass_id, []).append((claim.start_s, claim.end_s))
    dropped = retimed = added = 0
    for pass_id in sorted(earlier.keys() | now.keys()):
        before, after = earlier.get(pass_id, ()), now.get(pass_id, [])
        kept = sum(
            any(
                abs(start_s - was_start_s) <= problem.previous.tolerance_s
                and abs(end_s - was_end_s) <= problem.previous.tolerance_s
                for start_s, end_s in after
            )
            for was_start_s, was_end_s in before
        )
        moved = max(0, min(len(before), len(after)) - kept)
        retimed += moved
        dropped += len(before) - kept - moved
        added += len(after) - kept - moved
    return dropped, retimed, added


def _price(problem: Problem, payer: str, changes: tuple[int, int, int]) -> int:
    if problem.previous is None:
        return 0
    full = Counter({demand.demand_id: demand.bits for demand in problem.demands})
    if payer == "fairness":
        most = _fairness(problem.demands, full)
    else:
        most = sum(demand.weight * demand.bits for demand in problem.demands)
    drop, retime, add = (
        round(frac * most)
        for frac in (
            problem.previous.drop_price_frac,
            problem.previous.retime_price_frac,
            problem.previous.add_price_frac,
        )
    )
    dropped, retimed, added = changes
    return drop * dropped + min(retime, drop + add) * retimed + add * added
