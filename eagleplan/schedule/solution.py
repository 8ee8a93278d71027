"""What solving gives: chosen contacts, deliveries, and how good they are, level by level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from eagleplan.model import Delivery, Proof
from eagleplan.schedule.formulation import Formulation
from eagleplan.schedule.levels import LEVELS, Level
from eagleplan.schedule.problem import Problem
from eagleplan.schedule.relays import split_spending


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long the solver may search, and how.

    With `workers` of 1 and more, `max_time_s` is the solver's own deterministic clock: the same problem,
    limits and version of the solver give the same plan on every machine. With 0 it uses all cores for
    `max_time_s` on the wall's clock, and two runs may differ.
    """

    max_time_s: float = 30.0
    workers: int = 1
    seed: int = 1

    def __post_init__(self) -> None:
        if not 0.0 < self.max_time_s < float("inf"):
            raise ValueError(f"max_time_s must be positive and finite (got {self.max_time_s})")
        if self.workers < 0 or self.seed < 0:
            raise ValueError(f"workers and seed must not be negative (got {self.workers} and {self.seed})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """A plan in the problem's own terms; `chosen_ids` by start time, `levels` most important first.

    `deterministic_time_s` is what the search took of its limit; where the plan is not `reproducible`, by the
    wall's clock.
    """

    solver: str
    chosen_ids: tuple[str, ...]
    deliveries: tuple[Delivery, ...]
    levels: tuple[Level, ...]
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


HEADLINE_LEVEL = "weighted_met_bits"
"""The level that a proof speaks of when every level is proven."""


def proof(solution: Solution) -> Proof:
    """The solver's account of its plan: the first level that is not proven, or what is met where all are."""
    undecided = [level for level in solution.levels if not level.proven]
    level = undecided[0] if undecided else solution.level(HEADLINE_LEVEL)
    return Proof(
        solver=solution.solver,
        status=solution.status,
        level=level.name,
        objective=float(level.objective),
        bound=float(level.bound),
        gap_frac=level.gap_frac,
        deterministic_time_s=solution.deterministic_time_s,
        seed=solution.seed,
        workers=solution.workers,
        reproducible=solution.reproducible,
        levels={level.name: float(level.objective) for level in solution.levels},
    )


def solution_of(
    problem: Problem,
    formulation: Formulation,
    values: Sequence[int],
    bounds: Sequence[int],
    *,
    solver: str,
    limits: Limits,
    reproducible: bool,
    deterministic_time_s: float,
) -> Solution:
    """The solution that `values` of the columns mean, with a bound for each level."""
    if not formulation.programme.is_feasible(values):
        raise ArithmeticError(f"{solver} returned a plan that breaks its own constraints")
    chosen = formulation.chosen(values)
    objectives = [level(formulation) for level in LEVELS.values()]
    for objective, bound in zip(objectives, bounds, strict=True):
        if not objective.is_bound(bound, objective.value(values)):
            raise ArithmeticError(f"{solver} returned a plan that beats its own bound of {objective.name}")
    return Solution(
        solver=solver,
        chosen_ids=tuple(formulation.network.candidates[index].contact_id for index in chosen),
        deliveries=split_spending(problem, formulation.network, chosen, formulation.spending(values)),
        levels=tuple(
            Level(name=o.name, sense=o.sense, objective=o.value(values), bound=bound)
            for o, bound in zip(objectives, bounds, strict=True)
        ),
        deterministic_time_s=deterministic_time_s,
        seed=limits.seed,
        workers=limits.workers,
        reproducible=reproducible,
    )
