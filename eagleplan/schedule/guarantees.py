"""Guarantees that cannot be kept: which of them stand in one another's way, and by how many bits they fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from eagleplan.model import GuaranteeConflict
from eagleplan.schedule.lexicographic import solve
from eagleplan.schedule.limits import Limits
from eagleplan.schedule.problem import PairDemand, Problem
from eagleplan.schedule.solution import Solution

SHARE = 0.05
"""Part of the time limit that one search may use up: whether a set can be kept is found out long before by how much
it fails."""


def guarantee_conflicts(
    problem: Problem, solution: Solution, limits: Limits | None = None
) -> tuple[GuaranteeConflict, ...]:
    """Minimal sets of guarantees that cannot all be kept, each found by solving again; () where the plan keeps all.

    One after the other is left out, and stays out if the rest still cannot be kept. Of the guarantees outside a set
    found the search starts anew, until the rest can be kept: the sets share no demand. All searches together take no
    longer than the limit. Where it leaves open whether a smaller set can be kept, or how many bits are lacking, the
    text says so; a set of which nothing is known is left out.
    """
    limits = limits or Limits()
    asked = [demand for demand in problem.demands if demand.guarantee_bits > 0]
    if all(solution.delivered_bits(demand.demand_id) >= demand.guarantee_bits for demand in asked):
        return ()
    inquiry = _Inquiry(problem, limits)
    # Later classes first: what remains are the guarantees that matter most.
    left = sorted(asked, key=lambda demand: (-demand.guarantee_class, demand.weight, demand.demand_id))
    found = []
    while left:
        lack = inquiry.lack_of(left)
        if lack.bits == 0:
            break
        kept, is_least = left, True
        for demand in left:
            rest = [other for other in kept if other is not demand]
            if not rest:
                continue
            without = inquiry.lack_of(rest)
            if without.bits > 0:
                kept, lack = rest, without
            elif not without.is_exact:
                is_least = False
        names = tuple(sorted(demand.demand_id for demand in kept))
        text = _text(names, lack, is_least=is_least)
        found.append(GuaranteeConflict(demand_ids=names, short_bits=lack.bits, text=text))
        left = [demand for demand in left if demand not in kept]
    return tuple(sorted(found, key=lambda conflict: conflict.demand_ids))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lack:
    """Fewest bits that guarantees must lack together: just `bits`, or where that is not exact, no fewer."""

    bits: int
    is_exact: bool


class _Inquiry:
    """Asks for one set of guarantees after the other, within one time limit for all."""

    def __init__(self, problem: Problem, limits: Limits) -> None:
        self.problem, self.limits = problem, limits
        self.left_s = limits.max_time_s

    def lack_of(self, demands: Sequence[PairDemand]) -> _Lack:
        time_s = min(self.left_s, SHARE * self.limits.max_time_s)
        if time_s <= 0.0:
            return _Lack(bits=0, is_exact=False)
        alone = tuple(replace(demand, bits=demand.guarantee_bits, weight=1, guarantee_class=1) for demand in demands)
        solved = solve(
            replace(self.problem, demands=alone, previous=None),
            replace(self.limits, max_time_s=time_s),
            objectives=("guarantees",),
        )
        self.left_s -= solved.deterministic_time_s
        level = solved.levels[0]
        return _Lack(bits=level.bound, is_exact=level.proven)


def _text(names: tuple[str, ...], lack: _Lack, *, is_least: bool) -> str:
    bits = f"{lack.bits} bits" if lack.is_exact else f"at least {lack.bits} bits"
    if len(names) == 1:
        return f"the guarantee of {names[0]} cannot be kept even alone: it lacks {bits}"
    listed = f"{', '.join(names[:-1])} and {names[-1]}"
    perhaps = "" if is_least else "; perhaps not all of them are needed for that"
    return f"the guarantees of {listed} cannot all be kept: they lack {bits} together{perhaps}"
