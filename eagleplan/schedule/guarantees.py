"""Guarantees that cannot be kept: which of them stand in one another's way, and by how many bits they fail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from eagleplan.model import GuaranteeConflict
from eagleplan.schedule.lexicographic import solve
from eagleplan.schedule.limits import Limits
from eagleplan.schedule.problem import PairDemand, Problem
from eagleplan.schedule.solution import Solution


def guarantee_conflicts(
    problem: Problem, solution: Solution, limits: Limits | None = None
) -> tuple[GuaranteeConflict, ...]:
    """Minimal sets of guarantees that cannot all be kept, each found by solving again; () where the plan keeps all.

    One after the other is left out, and stays out if the rest still cannot be kept. Of the guarantees outside a set
    found the search starts anew, until the rest can be kept: the sets share no demand. Where a limit ends one of the
    searches nothing is known of that set, and it is left out.
    """
    limits = limits or Limits()
    asked = [demand for demand in problem.demands if demand.guarantee_bits > 0]
    if all(solution.delivered_bits(demand.demand_id) >= demand.guarantee_bits for demand in asked):
        return ()
    # Later classes first: what remains are the guarantees that matter most.
    left = sorted(asked, key=lambda demand: (-demand.guarantee_class, demand.weight, demand.demand_id))
    found = []
    while left:
        short = _short_bits(problem, left, limits)
        if not short:
            break
        kept = left
        for demand in left:
            rest = [other for other in kept if other is not demand]
            if rest and (lacking := _short_bits(problem, rest, limits)):
                kept, short = rest, lacking
        names = tuple(sorted(demand.demand_id for demand in kept))
        found.append(GuaranteeConflict(demand_ids=names, short_bits=short, text=_text(names, short)))
        left = [demand for demand in left if demand not in kept]
    return tuple(sorted(found, key=lambda conflict: conflict.demand_ids))


def _short_bits(problem: Problem, demands: Iterable[PairDemand], limits: Limits) -> int:
    """Fewest bits that these guarantees alone must lack together; 0 where they can be kept or nothing is proven."""
    alone = tuple(replace(demand, bits=demand.guarantee_bits, weight=1, guarantee_class=1) for demand in demands)
    solved = solve(replace(problem, demands=alone, previous=None), limits, objectives=("guarantees",))
    return solved.levels[0].bound


def _text(names: tuple[str, ...], short_bits: int) -> str:
    if len(names) == 1:
        return f"the guarantee of {names[0]} cannot be kept even alone: it lacks {short_bits} bits"
    listed = f"{', '.join(names[:-1])} and {names[-1]}"
    return f"the guarantees of {listed} cannot all be kept: they lack {short_bits} bits together"
