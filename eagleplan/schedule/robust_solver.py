"""The programme of many skies for a linear and an integer solver (GLOP and HiGHS, through MathOpt).

It is built once. From one solve to the next only the bounds of columns change. The flows of key under each sky may be
fractions of bits: they are no part of the plan.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from eagleplan.schedule.programme import Programme
from eagleplan.schedule.shield import clean_stdout
from eagleplan.schedule.timeline import timeline
from eagleplan.units import FloatArray

UNIT = 1000
"""The solvers count bits in thousands: their tolerances are absolute."""

N_NODES = 50
WHOLE_GAP_FRAC = 1e-4
"""Where HiGHS ends a search in whole numbers: after this many nodes, or this close to its bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """Σ coefficient × column, to be made large. The solvers see it in thousandths of `in_full`, a large value of it.

    The columns `whole` take whole numbers where a choice of contacts is valued.
    """

    columns: tuple[int, ...]
    coefficients: tuple[float, ...]
    in_full: float
    whole: tuple[int, ...] = ()

    @property
    def unit(self) -> float:
        return self.in_full / UNIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Values of all columns (in their own units), what they and what any others are worth, and what it took."""

    values: FloatArray
    worth: float
    bound: float
    n_iterations: int


class SkyModel:
    """A programme in floating point with one worth, ready to be solved again and again."""

    def __init__(self, programme: Programme, worth: Worth) -> None:
        from ortools.math_opt.python import mathopt as mo

        self._mo = mo
        self.upper = programme.upper
        self.worth = worth
        self.model = mo.Model()
        self._scale = np.array([UNIT if most > 1 else 1 for most in programme.upper], dtype=np.float64)
        self._columns: list[Any] = [
            self.model.add_variable(lb=0.0, ub=most / scale)
            for most, scale in zip(programme.upper, self._scale, strict=True)
        ]
        for row in programme.rows:
            self._add(row.columns, row.coefficients, row.lower, row.upper)
        for members in programme.at_most_one:
            self._add(members, (1,) * len(members), None, 1)
        for resource in programme.resources:
            self._add_timeline(timeline(resource).n_instants, timeline(resource).arcs)
        self.model.objective.is_maximize = True
        for column, coefficient in zip(worth.columns, worth.coefficients, strict=True):
            self.model.objective.set_linear_coefficient(
                self._columns[column], coefficient * self._scale[column] / worth.unit
            )
        self._linear: Any = None
        self._none = (mo.TerminationReason.INFEASIBLE, mo.TerminationReason.INFEASIBLE_OR_UNBOUNDED)

    def _add(self, columns: Sequence[int], coefficients: Sequence[int], lower: int | None, upper: int | None) -> None:
        scale = max((self._scale[column] for column in columns), default=1.0)
        row = self.model.add_linear_constraint(
            lb=-math.inf if lower is None else lower / scale, ub=math.inf if upper is None else upper / scale
        )
        for column, coefficient in zip(columns, coefficients, strict=True):
            row.set_coefficient(self._columns[column], coefficient * self._scale[column] / scale)

    def _add_timeline(self, n_instants: int, arcs: Sequence[tuple[int, int, int]]) -> None:
        """One unit of flow through a resource's time: see `timeline`."""
        rows = [
            self.model.add_linear_constraint(lb=float(flow), ub=float(flow))
            for flow in [(n == 0) - (n == n_instants - 1) for n in range(n_instants)]
        ]
        idle = [(n, n + 1, self.model.add_variable(lb=0.0, ub=1.0)) for n in range(n_instants - 1)]
        for leaves, arrives, variable in [*idle, *((a, b, self._columns[column]) for a, b, column in arcs)]:
            rows[leaves].set_coefficient(variable, 1.0)
            rows[arrives].set_coefficient(variable, -1.0)

    def bound(self, column: int, lower: float, upper: float) -> None:
        """Change the bounds of a column, in its own units."""
        self._columns[column].lower_bound = lower / self._scale[column]
        self._columns[column].upper_bound = upper / self._scale[column]

    def relaxed(self) -> Found | None:
        """The best fractions of everything; None where the bounds leave nothing to choose.

        Every solve starts from the one before: changed bounds leave its dual solution feasible. Where rounding has
        spoilt that start, the programme is solved once more from nothing.
        """
        for _ in range(2):
            if self._linear is None:
                self._linear = self._mo.IncrementalSolver(self.model, self._mo.SolverType.GLOP)
            try:
                with clean_stdout():
                    result = self._linear.solve(
                        # Presolve would give another programme every time, and nothing to start from.
                        params=self._mo.SolveParameters(
                            lp_algorithm=self._mo.LPAlgorithm.DUAL_SIMPLEX, presolve=self._mo.Emphasis.OFF
                        )
                    )
            except Exception:
                # MathOpt reports a breakdown of GLOP by exceptions of several kinds.
                self._linear = None
                continue
            if result.termination.reason in self._none:
                return None
            if result.has_primal_feasible_solution():
                break
            self._linear = None
        if self._linear is None:
            raise ArithmeticError("GLOP comes to no answer")
        worth = result.objective_value() * self.worth.unit
        return Found(
            values=self._values(result), worth=worth, bound=worth, n_iterations=result.solve_stats.simplex_iterations
        )

    def valued(self) -> Found | None:
        """The best where the bounds fix all contacts; None where they cannot be flown.

        What must be whole is: what is then found is reached, though perhaps not the most that could be.
        """
        return self.whole((), {}) if self.worth.whole else self.relaxed()

    def whole(self, columns: Collection[int], hint: Mapping[int, int]) -> Found | None:
        """The best with `columns` (and the worth's) in whole numbers, as far as HiGHS comes in `N_NODES` nodes.

        None where it finds nothing. `hint` are values of columns from which it may start. The limit is no clock, so
        that the answer repeats.
        """
        variables = {column: self._columns[column] for column in (*columns, *self.worth.whole)}
        for variable in variables.values():
            variable.integer = True
        with clean_stdout():
            result = self._mo.solve(
                self.model,
                self._mo.SolverType.HIGHS,
                params=self._mo.SolveParameters(
                    node_limit=N_NODES, relative_gap_tolerance=WHOLE_GAP_FRAC, random_seed=0
                ),
                model_params=self._mo.ModelSolveParameters(
                    solution_hints=[
                        self._mo.SolutionHint(
                            variable_values={variables[column]: float(v) for column, v in hint.items()}
                        )
                    ]
                ),
            )
        for variable in variables.values():
            variable.integer = False
        if not result.has_primal_feasible_solution():
            return None
        return Found(
            values=self._values(result),
            worth=result.objective_value() * self.worth.unit,
            bound=result.best_objective_bound() * self.worth.unit,
            n_iterations=result.solve_stats.simplex_iterations,
        )

    def _values(self, result: Any) -> FloatArray:
        return np.asarray(result.variable_values(self._columns), dtype=np.float64) * self._scale
