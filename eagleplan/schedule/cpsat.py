"""The programme for CP-SAT: the one module that talks to it, and only while solving.

It speaks to the solver through its protocol-buffer messages (`cp_model.proto`, OR-Tools' public format) and
the compiled helper that the `cp_model` module itself stands on. That module would load pandas for nothing:
more than a second against 0.1 s.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from eagleplan.schedule.limits import Limits
from eagleplan.schedule.objective import Objective
from eagleplan.schedule.programme import Programme, Values
from eagleplan.schedule.seam import Answer

_LOWEST, _HIGHEST = -(2**63), 2**63 - 1

TUNED = {"linearization_level": 2, "cut_level": 0}
"""The linear relaxation is nearly integral here (see `programme`), so it must hold every clique and every
row; cuts add little to it and cost much. `benchmarks/schedule_tuning.py` measures both."""

INTERRUPT_POLL_S = 0.2
"""How often the waiting thread looks whether the user wants to stop; a finished search wakes it at once."""


def improve(
    programme: Programme,
    objective: Objective,
    decided: Sequence[tuple[Objective, int]],
    start: Values,
    time_s: float,
    limits: Limits,
) -> Answer:
    """The best values of `objective` from `start`, within `time_s`, none of `decided` made worse.

    `start` must be feasible; where the solver finds nothing better in time it is the answer. Time is
    deterministic unless `limits.workers` is 0.
    """
    from ortools.sat.python import cp_model_helper as cp

    model = _model(cp, programme, objective, decided, start)
    parameters = _parameters(cp, time_s, limits)
    response = _run(cp, model, parameters)
    if response.status in (cp.CpSolverStatus.OPTIMAL, cp.CpSolverStatus.FEASIBLE):
        sign = 1 if objective.sense == "min" else -1
        values, bound = tuple(response.solution), sign * round(response.best_objective_bound)
    elif response.status == cp.CpSolverStatus.UNKNOWN:
        # Nothing was found, not even the start, and the bound in the response is not one.
        values, bound = start, objective.trivial_bound
    else:
        raise ArithmeticError(f"CP-SAT finds a model {response.status.name} that has a plan")
    used_s = response.wall_time if limits.workers == 0 else response.deterministic_time
    return Answer(values=values, bound=bound, time_s=used_s, reproducible=limits.workers > 0)


def _model(
    cp: Any,
    programme: Programme,
    objective: Objective,
    decided: Sequence[tuple[Objective, int]],
    start: Values,
) -> Any:
    model = cp.CpModelProto()
    for upper in programme.upper:
        model.variables.add().domain.extend([0, upper])
    for clique in programme.cliques:
        model.constraints.add().at_most_one.literals.extend(list(clique))
    for row in programme.rows:
        _add_row(model, row.columns, row.coefficients, row.lower, row.upper)
    for earlier, value in decided:
        if earlier.sense == "min":
            _add_row(model, earlier.columns, earlier.coefficients, None, value)
        else:
            _add_row(model, earlier.columns, earlier.coefficients, value, None)
    sign = 1 if objective.sense == "min" else -1
    model.objective.vars.extend(list(objective.columns))
    model.objective.coeffs.extend([sign * coefficient for coefficient in objective.coefficients])
    # A hint for some columns is worse than none: the solver must then guess the rest. This one is complete.
    model.solution_hint.vars.extend(list(range(len(start))))
    model.solution_hint.values.extend(list(start))
    return model


def _add_row(
    model: Any, columns: Sequence[int], coefficients: Sequence[int], lower: int | None, upper: int | None
) -> None:
    linear = model.constraints.add().linear
    linear.vars.extend(list(columns))
    linear.coeffs.extend(list(coefficients))
    linear.domain.extend([_LOWEST if lower is None else lower, _HIGHEST if upper is None else upper])


def _parameters(cp: Any, time_s: float, limits: Limits) -> Any:
    parameters = cp.SatParameters()
    parameters.random_seed = limits.seed
    for name, value in TUNED.items():
        setattr(parameters, name, value)
    # An interrupt must end the program, not hand back half a plan as if the limit had been reached.
    parameters.catch_sigint_signal = False
    if limits.workers == 0:
        parameters.max_time_in_seconds = time_s
    else:
        parameters.max_deterministic_time = time_s
        parameters.num_workers = limits.workers
        # Several workers give the same plan twice only if they take turns.
        parameters.interleave_search = limits.workers > 1
    return parameters


def _run(cp: Any, model: Any, parameters: Any) -> Any:
    """Solve in a thread of its own, so that Ctrl-C is heard at once."""
    wrapper = cp.SolveWrapper()
    wrapper.set_parameters(parameters)
    responses: list[Any] = []
    thread = threading.Thread(target=lambda: responses.append(wrapper.solve(model)), daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(INTERRUPT_POLL_S)
    except BaseException:
        wrapper.stop_search()
        thread.join()
        raise
    return responses[0]
