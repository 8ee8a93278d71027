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
    """A programme in floating point with one worth, ready to be solved again and again.

    It speaks in MathOpt's messages to the compiled solver below: the Python layer between would take four times as long
    to read an answer as GLOP takes to find it.
    """

    def __init__(self, programme: Programme, worth: Worth) -> None:
        self.upper = programme.upper
        self.worth = worth
        self._scale = np.array([UNIT if most > 1 else 1 for most in programme.upper], dtype=np.float64)
        self._lower_bound = np.zeros(len(self.upper))
        self._upper_bound = np.array(self.upper, dtype=np.float64) / self._scale
        self._n_idle = 0
        self._row_bounds: list[tuple[float, float]] = []
        self._entries: dict[tuple[int, int], float] = {}
        for row in programme.rows:
            self._add(row.columns, row.coefficients, row.lower, row.upper)
        for members in programme.at_most_one:
            self._add(members, (1,) * len(members), None, 1)
        for resource in programme.resources:
            self._add_timeline(timeline(resource).n_instants, timeline(resource).arcs)
        self._gains = {
            column: coefficient * self._scale[column] / worth.unit
            for column, coefficient in zip(worth.columns, worth.coefficients, strict=True)
        }
        self._linear: Any = None
        self._changed: set[int] = set()

    def _add(self, columns: Sequence[int], coefficients: Sequence[int], lower: int | None, upper: int | None) -> None:
        scale = max((self._scale[column] for column in columns), default=1.0)
        row = len(self._row_bounds)
        self._row_bounds.append(
            (-math.inf if lower is None else lower / scale, math.inf if upper is None else upper / scale)
        )
        for column, coefficient in zip(columns, coefficients, strict=True):
            self._entries[row, column] = coefficient * self._scale[column] / scale

    def _add_timeline(self, n_instants: int, arcs: Sequence[tuple[int, int, int]]) -> None:
        """One unit of flow through a resource's time: see `timeline`."""
        first_row, first_idle = len(self._row_bounds), len(self.upper) + self._n_idle
        self._row_bounds += [(float(flow), float(flow)) for flow in _flows(n_instants)]
        idle = [(n, n + 1, first_idle + n) for n in range(n_instants - 1)]
        self._n_idle += len(idle)
        for leaves, arrives, column in [*idle, *arcs]:
            self._entries[first_row + leaves, column] = 1.0
            self._entries[first_row + arrives, column] = -1.0

    def bound(self, column: int, lower: float, upper: float) -> None:
        """Change the bounds of a column, in its own units."""
        self._lower_bound[column] = lower / self._scale[column]
        self._upper_bound[column] = upper / self._scale[column]
        self._changed.add(column)

    def relaxed(self) -> Found | None:
        """The best fractions of everything; None where the bounds leave nothing to choose.

        Every solve starts from the one before: changed bounds leave its dual solution feasible. Where rounding has
        spoilt that start, the programme is solved once more from nothing.
        """
        from ortools.math_opt import callback_pb2, model_parameters_pb2, parameters_pb2

        how = parameters_pb2.SolveParametersProto()
        # Presolve would give another programme every time, and nothing to start from.
        how.presolve = parameters_pb2.EMPHASIS_OFF
        how.lp_algorithm = parameters_pb2.LP_ALGORITHM_DUAL_SIMPLEX
        # Prices are not asked for.
        wanted = model_parameters_pb2.ModelSolveParametersProto()
        wanted.dual_values_filter.filter_by_ids = True
        wanted.reduced_costs_filter.filter_by_ids = True
        callbacks = callback_pb2.CallbackRegistrationProto()
        for _ in range(2):
            try:
                with clean_stdout():
                    self._refresh()
                    result = self._linear.solve(how, wanted, None, callbacks, None, None)
            except Exception:
                # MathOpt reports a breakdown of GLOP by exceptions of several kinds.
                self._linear = None
                continue
            if _is_infeasible(result):
                return None
            if _is_feasible(result):
                worth = result.solutions[0].primal_solution.objective_value * self.worth.unit
                return self._found(result, worth=worth, bound=worth)
            self._linear = None
        raise ArithmeticError("GLOP comes to no answer")

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
        from ortools.math_opt import callback_pb2, model_parameters_pb2, parameters_pb2
        from ortools.math_opt.core.python import solver

        how = parameters_pb2.SolveParametersProto()
        how.node_limit = N_NODES
        how.relative_gap_tolerance = WHOLE_GAP_FRAC
        how.random_seed = 0
        given = model_parameters_pb2.ModelSolveParametersProto()
        start = given.solution_hints.add()
        start.variable_values.ids.extend(sorted(hint))
        start.variable_values.values.extend(float(hint[column]) for column in sorted(hint))
        with clean_stdout():
            result = solver.solve(
                self._message({*columns, *self.worth.whole}),
                parameters_pb2.SOLVER_TYPE_HIGHS,
                parameters_pb2.SolverInitializerProto(),
                how,
                given,
                None,
                callback_pb2.CallbackRegistrationProto(),
                None,
                None,
            )
        if not _is_feasible(result):
            return None
        return self._found(
            result,
            worth=result.solutions[0].primal_solution.objective_value * self.worth.unit,
            bound=result.termination.objective_bounds.dual_bound * self.worth.unit,
        )

    def _refresh(self) -> None:
        """Have a linear solver with the present bounds."""
        from ortools.math_opt import model_update_pb2, parameters_pb2
        from ortools.math_opt.core.python import solver

        if self._linear is not None and self._changed:
            change = model_update_pb2.ModelUpdateProto()
            columns = sorted(self._changed)
            for update, bounds in (
                (change.variable_updates.lower_bounds, self._lower_bound),
                (change.variable_updates.upper_bounds, self._upper_bound),
            ):
                update.ids.extend(columns)
                update.values.extend(bounds[columns].tolist())
            if not self._linear.update(change):
                self._linear = None
        if self._linear is None:
            nothing = parameters_pb2.SolverInitializerProto()
            self._linear = solver.new(parameters_pb2.SOLVER_TYPE_GLOP, self._message(()), nothing)
        self._changed.clear()

    def _message(self, whole: Collection[int]) -> Any:
        """The programme as a `ModelProto`, with the columns `whole` in whole numbers."""
        from ortools.math_opt import model_pb2

        made = model_pb2.ModelProto()
        n_columns = len(self.upper) + self._n_idle
        made.variables.ids.extend(range(n_columns))
        made.variables.lower_bounds.extend([*self._lower_bound.tolist(), *[0.0] * self._n_idle])
        made.variables.upper_bounds.extend([*self._upper_bound.tolist(), *[1.0] * self._n_idle])
        made.variables.integers.extend(column in whole for column in range(n_columns))
        made.objective.maximize = True
        gains = sorted(self._gains.items())
        made.objective.linear_coefficients.ids.extend(column for column, _ in gains)
        made.objective.linear_coefficients.values.extend(gain for _, gain in gains)
        made.linear_constraints.ids.extend(range(len(self._row_bounds)))
        made.linear_constraints.lower_bounds.extend(lower for lower, _ in self._row_bounds)
        made.linear_constraints.upper_bounds.extend(upper for _, upper in self._row_bounds)
        entries = sorted(self._entries.items())
        made.linear_constraint_matrix.row_ids.extend(row for (row, _), _ in entries)
        made.linear_constraint_matrix.column_ids.extend(column for (_, column), _ in entries)
        made.linear_constraint_matrix.coefficients.extend(factor for _, factor in entries)
        return made

    def _found(self, result: Any, *, worth: float, bound: float) -> Found:
        values = np.array(result.solutions[0].primal_solution.variable_values.values, dtype=np.float64)
        return Found(
            values=values[: len(self.upper)] * self._scale,
            worth=worth,
            bound=bound,
            n_iterations=result.solve_stats.simplex_iterations,
        )


def _flows(n_instants: int) -> list[int]:
    """What flows into the network of a timeline at each instant: one unit at the first, out again at the last."""
    return [(n == 0) - (n == n_instants - 1) for n in range(n_instants)]


def _is_infeasible(result: Any) -> bool:
    from ortools.math_opt import result_pb2

    return result.termination.reason in (
        result_pb2.TERMINATION_REASON_INFEASIBLE,
        result_pb2.TERMINATION_REASON_INFEASIBLE_OR_UNBOUNDED,
    )


def _is_feasible(result: Any) -> bool:
    from ortools.math_opt import solution_pb2

    return (
        len(result.solutions) > 0
        and result.solutions[0].primal_solution.feasibility_status == solution_pb2.SOLUTION_STATUS_FEASIBLE
    )
