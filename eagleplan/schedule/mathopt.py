"""The programme as a network for a mixed-integer solver (HiGHS, through MathOpt): a second opinion on CP-SAT.

It shares the rows of stocks and demands, but says by timelines what CP-SAT is told by cliques, and it
computes in floating point. What it returns is rounded to whole numbers and checked exactly; its bound is good
to `BOUND_SLACK`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta

from eagleplan.schedule.levels import Objective
from eagleplan.schedule.programme import Programme, Row, Values
from eagleplan.schedule.seam import Answer
from eagleplan.schedule.solution import Limits
from eagleplan.schedule.timeline import Timeline, timeline

BOUND_SLACK = 1e-9
"""A bound is believed to this fraction of itself, and to a millionth of a bit."""


def improve(
    programme: Programme,
    objective: Objective,
    decided: Sequence[tuple[Objective, int]],
    start: Values,
    time_s: float,
    limits: Limits,
) -> Answer:
    """As `seam.Improve` says; `time_s` is on the wall's clock, and the solver decides on its own threads."""
    from ortools.math_opt.python import mathopt as mo

    model = mo.Model(name=objective.name)
    columns = [model.add_variable(lb=0.0, ub=float(most), is_integer=True) for most in programme.upper]
    for line in (timeline(resource) for resource in programme.resources):
        idle = [model.add_variable(lb=0.0, ub=1.0) for _ in range(line.n_instants - 1)]
        for coefficients, flow in _balances(line):
            row = model.add_linear_constraint(lb=float(flow), ub=float(flow))
            for (is_idle, number), coefficient in coefficients.items():
                row.set_coefficient(idle[number] if is_idle else columns[number], float(coefficient))
    for this in (*programme.rows, *(_as_row(earlier, value) for earlier, value in decided)):
        row = model.add_linear_constraint(
            lb=-math.inf if this.lower is None else float(this.lower),
            ub=math.inf if this.upper is None else float(this.upper),
        )
        for column, coefficient in zip(this.columns, this.coefficients, strict=True):
            row.set_coefficient(columns[column], float(coefficient))
    model.objective.is_maximize = objective.sense == "max"
    for column, coefficient in zip(objective.columns, objective.coefficients, strict=True):
        model.objective.set_linear_coefficient(columns[column], float(coefficient))
    result = mo.solve(
        model,
        mo.SolverType.HIGHS,
        params=mo.SolveParameters(
            time_limit=timedelta(seconds=time_s),
            random_seed=limits.seed,
            relative_gap_tolerance=0.0,
            absolute_gap_tolerance=0.5,
        ),
        model_params=mo.ModelSolveParameters(
            solution_hints=[
                mo.SolutionHint(variable_values={column: float(v) for column, v in zip(columns, start, strict=True)})
            ]
        ),
    )
    values = start
    if result.has_primal_feasible_solution():
        found = tuple(round(value) for value in result.variable_values(columns))
        if programme.is_feasible(found) and all(e.is_bound(e.value(found), v) for e, v in decided):
            values = found
    if objective.is_bound(objective.value(start), objective.value(values)):
        values = start
    bound = _whole_bound(objective, result.best_objective_bound())
    return Answer(values=values, bound=bound, time_s=result.solve_time().total_seconds())


def _balances(line: Timeline) -> list[tuple[dict[tuple[bool, int], int], int]]:
    """For each instant: (is idle, number) -> +1 out, −1 in; and what flows out more than in."""
    rows: list[dict[tuple[bool, int], int]] = [{} for _ in range(line.n_instants)]
    for number in range(line.n_instants - 1):
        rows[number][True, number] = 1
        rows[number + 1][True, number] = -1
    for leaves, arrives, candidate in line.arcs:
        rows[leaves][False, candidate] = 1
        rows[arrives][False, candidate] = -1
    last = line.n_instants - 1
    return [(row, (number == 0) - (number == last)) for number, row in enumerate(rows)]


def _as_row(objective: Objective, value: int) -> Row:
    is_min = objective.sense == "min"
    return Row(
        columns=objective.columns,
        coefficients=objective.coefficients,
        lower=None if is_min else value,
        upper=value if is_min else None,
    )


def _whole_bound(objective: Objective, bound: float) -> int:
    """The bound as a whole number, rounded to the safe side by `BOUND_SLACK`."""
    if not math.isfinite(bound):
        return objective.trivial_bound
    slack = 1e-6 + BOUND_SLACK * abs(bound)
    if objective.sense == "min":
        return max(objective.trivial_bound, math.ceil(bound - slack))
    return min(objective.trivial_bound, math.floor(bound + slack))
