"""Linear and mixed-integer programmes for the solvers behind MathOpt: the one module that talks to them.

It speaks in MathOpt's protocol-buffer messages to the compiled solver below `ortools.math_opt.python`, which would load
pandas for nothing. No limit here is on the wall's clock unless `time_s` is given.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Reals = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

POLL_S = 0.2
"""How often the waiting thread looks whether the user wants to stop; a finished search wakes it at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Linear:
    """Most of `gain` · x with `lower` <= A x <= `upper` and 0 <= x <= `most`.

    A holds `factors[k]` in row `rows[k]` and column `columns[k]`; `whole` marks columns that take whole numbers.
    """

    gain: Reals
    most: Reals
    whole: npt.NDArray[np.bool_]
    rows: Whole
    columns: Whole
    factors: Reals
    lower: Reals
    upper: Reals


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """`values` is None where no point was found, `prices` (of the rows) where there are none."""

    values: Reals | None
    prices: Reals | None
    bound: float
    n_nodes: int
    n_pivots: int


def message(this: Linear) -> Any:
    """The programme as a `ModelProto`."""
    from ortools.math_opt import model_pb2

    made = model_pb2.ModelProto()
    n = len(this.most)
    made.variables.ids.extend(range(n))
    made.variables.lower_bounds.extend([0.0] * n)
    made.variables.upper_bounds.extend(this.most.tolist())
    made.variables.integers.extend(this.whole.tolist())
    made.objective.maximize = True
    wanted = np.flatnonzero(this.gain)
    made.objective.linear_coefficients.ids.extend(wanted.tolist())
    made.objective.linear_coefficients.values.extend(this.gain[wanted].tolist())
    made.linear_constraints.ids.extend(range(len(this.lower)))
    made.linear_constraints.lower_bounds.extend(this.lower.tolist())
    made.linear_constraints.upper_bounds.extend(this.upper.tolist())
    order = np.lexsort((this.columns, this.rows))
    made.linear_constraint_matrix.row_ids.extend(this.rows[order].tolist())
    made.linear_constraint_matrix.column_ids.extend(this.columns[order].tolist())
    made.linear_constraint_matrix.coefficients.extend(this.factors[order].tolist())
    return made


def relaxed(this: Linear) -> Found:
    """The linear relaxation, by HiGHS."""
    from ortools.math_opt import parameters_pb2

    return _solved(message(this), parameters_pb2.SOLVER_TYPE_HIGHS, parameters_pb2.SolveParametersProto(), None)


def branched(
    this: Linear,
    start: Sequence[int] | None,
    *,
    solver: Literal["highs", "scip"],
    seed: int,
    time_s: float | None = None,
    n_nodes: int | None = None,
) -> Found:
    """Whole-numbered values by branch and bound, from `start` for the first columns."""
    from ortools.math_opt import model_parameters_pb2, parameters_pb2

    how = parameters_pb2.SolveParametersProto()
    how.random_seed = seed
    how.relative_gap_tolerance = 0.0
    how.absolute_gap_tolerance = 0.5
    if time_s is not None:
        how.time_limit.FromMicroseconds(round(1e6 * time_s))
    if n_nodes is not None:
        how.node_limit = n_nodes
    if solver == "scip":
        how.threads = 1
    hints = model_parameters_pb2.ModelSolveParametersProto()
    if start is not None:
        hint = hints.solution_hints.add()
        hint.variable_values.ids.extend(range(len(start)))
        hint.variable_values.values.extend(float(value) for value in start)
    kind = {"highs": parameters_pb2.SOLVER_TYPE_HIGHS, "scip": parameters_pb2.SOLVER_TYPE_GSCIP}[solver]
    return _solved(message(this), kind, how, hints)


class Master:
    """A linear programme that gets columns between solves, each from where the last ended (GLOP)."""

    def __init__(self, this: Linear) -> None:
        from ortools.math_opt import parameters_pb2
        from ortools.math_opt.core.python import solver

        self._n = len(this.most)
        self._solver = solver.new(
            parameters_pb2.SOLVER_TYPE_GLOP, message(this), parameters_pb2.SolverInitializerProto()
        )

    def add(self, gains: Sequence[float], entries: Sequence[tuple[int, int, float]]) -> None:
        """Columns 0 <= x <= 1; `entries` are (row, number among the new ones, factor)."""
        from ortools.math_opt import model_update_pb2

        change = model_update_pb2.ModelUpdateProto()
        ids = range(self._n, self._n + len(gains))
        change.new_variables.ids.extend(ids)
        change.new_variables.lower_bounds.extend([0.0] * len(gains))
        change.new_variables.upper_bounds.extend([1.0] * len(gains))
        change.new_variables.integers.extend([False] * len(gains))
        wanted = [(self._n + k, gain) for k, gain in enumerate(gains) if gain]
        change.objective_updates.linear_coefficients.ids.extend(k for k, _ in wanted)
        change.objective_updates.linear_coefficients.values.extend(gain for _, gain in wanted)
        matrix = change.linear_constraint_matrix_updates
        ordered = sorted(entries)
        matrix.row_ids.extend(row for row, _, _ in ordered)
        matrix.column_ids.extend(self._n + k for _, k, _ in ordered)
        matrix.coefficients.extend(factor for _, _, factor in ordered)
        if not self._solver.update(change):
            raise ArithmeticError("GLOP does not take new columns")
        self._n += len(gains)

    def solve(self) -> Found:
        from ortools.math_opt import callback_pb2, model_parameters_pb2, parameters_pb2

        how = parameters_pb2.SolveParametersProto()
        nothing = model_parameters_pb2.ModelSolveParametersProto()
        callbacks = callback_pb2.CallbackRegistrationProto()
        return _outcome(lambda: self._solver.solve(how, nothing, None, callbacks, None, None))


def _solved(model: Any, kind: int, how: Any, hints: Any) -> Found:
    from ortools.math_opt import callback_pb2, model_parameters_pb2, parameters_pb2
    from ortools.math_opt.core.python import solver

    given = model_parameters_pb2.ModelSolveParametersProto() if hints is None else hints
    nothing = parameters_pb2.SolverInitializerProto()
    callbacks = callback_pb2.CallbackRegistrationProto()
    return _outcome(lambda: solver.solve(model, kind, nothing, how, given, None, callbacks, None, None))


def _outcome(work: Callable[[], Any]) -> Found:
    """What a solve gives. One that breaks down in its arithmetic gives nothing: every caller can do without."""
    try:
        return _found(_heard(work))
    except Exception as fault:
        if type(fault).__name__ != "StatusNotOk":  # the class is hidden in a compiled module
            raise
        return Found(values=None, prices=None, bound=math.inf, n_nodes=0, n_pivots=0)


def _heard(work: Callable[[], Any]) -> Any:
    """Do `work` in a thread of its own, so that Ctrl-C is heard at once.

    HiGHS cannot be stopped from outside: its thread is left alone and dies with the program.
    """
    answers: list[Any] = []
    faults: list[BaseException] = []

    def run() -> None:
        try:
            answers.append(work())
        except Exception as fault:
            faults.append(fault)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(POLL_S)
    if faults:
        raise faults[0]
    return answers[0]


def _found(result: Any) -> Found:
    values = prices = None
    for solution in result.solutions:
        if values is None and len(solution.primal_solution.variable_values.values):
            values = np.array(solution.primal_solution.variable_values.values)
        if prices is None and len(solution.dual_solution.dual_values.values):
            prices = np.array(solution.dual_solution.dual_values.values)
    return Found(
        values=values,
        prices=prices,
        bound=result.termination.objective_bounds.dual_bound,
        n_nodes=result.solve_stats.node_count,
        n_pivots=result.solve_stats.simplex_iterations,
    )
