"""What solving gives: chosen contacts, deliveries, and how good they are, level by level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from eagleplan.model import Delivery, Discard, Proof, ProofLevel
from eagleplan.schedule.formulation import Formulation
from eagleplan.schedule.levels import Level
from eagleplan.schedule.limits import Limits
from eagleplan.schedule.stocks import settle


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """A plan in the problem's own terms; `chosen_ids` by start time, `levels` most important first.

    `deterministic_time_s` is what the search took of its limit; where the plan is not `reproducible`, by the wall's
    clock. `n_candidates` counts the contacts that the problem offered.
    """

    solver: str
    chosen_ids: tuple[str, ...]
    deliveries: tuple[Delivery, ...]
    discards: tuple[Discard, ...]
    levels: tuple[Level, ...]
    n_candidates: int
    deterministic_time_s: float
    seed: int
    workers: int
    reproducible: bool

    @property
    def status(self) -> Literal["optimal", "feasible"]:
        return "optimal" if all(level.proven for level in self.levels) else "feasible"

    def level(self, name: str) -> Level:
        """The level called `name`; KeyError where there is none."""
        return {level.name: level for level in self.levels}[name]

    def delivered_bits(self, demand_id: str) -> int:
        """Bits that this demand gets."""
        return sum(delivery.bits for delivery in self.deliveries if delivery.demand_id == demand_id)


def proof(solution: Solution) -> Proof:
    """The solver's account of its plan."""
    return Proof(
        solver=solution.solver,
        status=solution.status,
        levels=tuple(
            ProofLevel(
                name=level.name,
                sense=level.sense,
                objective=level.objective,
                bound=level.bound,
                gap_frac=level.gap_frac,
            )
            for level in solution.levels
        ),
        n_candidates=solution.n_candidates,
        deterministic_time_s=solution.deterministic_time_s,
        seed=solution.seed,
        workers=solution.workers,
        reproducible=solution.reproducible,
    )


def solution_of(
    formulation: Formulation,
    values: Sequence[int],
    bounds: Sequence[int],
    *,
    solver: str,
    limits: Limits,
    reproducible: bool,
    deterministic_time_s: float,
) -> Solution:
    """The solution that `values` of the columns mean, with a bound for each level.

    Raises ArithmeticError where the values break the programme or beat a bound: then a solver is wrong.
    """
    if not formulation.programme.is_feasible(values):
        raise ArithmeticError(f"{solver} returned a plan that breaks its own constraints")
    levels = []
    for goal, bound in zip(formulation.goals, bounds, strict=True):
        objective = goal.objective
        if not objective.is_bound(bound, objective.value(values)):
            raise ArithmeticError(f"{solver} returned a plan that beats its own bound of {objective.name}")
        levels.append(
            Level(
                name=objective.name,
                sense=objective.sense,
                objective=objective.value(values) + goal.offset,
                bound=bound + goal.offset,
            )
        )
    account = settle(formulation.network, formulation.keys, list(values))
    return Solution(
        solver=solver,
        chosen_ids=tuple(formulation.network.candidates[i].contact_id for i in formulation.chosen(values)),
        deliveries=account.deliveries,
        discards=account.discards,
        levels=tuple(levels),
        n_candidates=len(formulation.problem.candidates),
        deterministic_time_s=deterministic_time_s,
        seed=limits.seed,
        workers=limits.workers,
        reproducible=reproducible,
    )
