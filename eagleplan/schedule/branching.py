"""Branch and bound on what a relaxation leaves: for one satellite its cuts prove the better bound."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, replace

import numpy as np

from eagleplan.schedule import cpsat
from eagleplan.schedule.limits import Limits
from eagleplan.schedule.linear import Found, Linear, branched
from eagleplan.schedule.part import Flags, Part, Shrinker
from eagleplan.schedule.prices import Priced, Prices
from eagleplan.schedule.programme import Values
from eagleplan.schedule.relaxation import timelines

BOUND_SLACK = 1e-9
"""These solvers compute in floating point: a bound is believed to this fraction of itself, and to a thousandth."""

NODES_PER_S = 12
MOST_CONTACTS = 4000
"""Nodes that a second is counted for, and the contacts up to which that holds, roughly; HiGHS takes more than SCIP."""

COMPLETION_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Branched:
    """What came of it, in the task's own columns; `bound` counts upwards as `Priced.bound` does."""

    values: Values | None
    bound: int
    n_nodes: int


def hopeful(task: Part, prices: Prices, priced: Priced, values: Values) -> Part:
    """The task without the contacts that no better plan can have."""
    sign = 1 if task.objective.sense == "max" else -1
    keep = ~prices.led | (priced.through > sign * task.objective.value(values)) | (np.array(values) > 0)
    return Shrinker(task.programme, task.objective).part(keep)


def by_nodes(task: Part, part: Part, values: Values, time_s: float, limits: Limits) -> Branched:
    """SCIP, with a limit of nodes: the same answer every time."""
    return _answer(
        task, part, _search(part, part.inside(values), limits.seed, n_nodes=max(1, int(NODES_PER_S * time_s)))
    )


class Beside:
    """SCIP, or HiGHS for many contacts, in a thread of its own for `time_s` on the wall."""

    def __init__(self, task: Part, part: Part, values: Values, time_s: float, limits: Limits) -> None:
        self._task, self._part = task, part
        self._found: list[Found] = []
        start = part.inside(values)

        def run() -> None:
            self._found.append(_search(part, start, limits.seed, time_s=time_s))

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()

    @property
    def done(self) -> bool:
        return not self._thread.is_alive()

    def answer(self) -> Branched | None:
        """What it found; waits for it. None where it failed."""
        while not self.done:
            self._thread.join(0.1)
        return _answer(self._task, self._part, self._found[0]) if self._found else None


def _search(part: Part, start: Values, seed: int, *, time_s: float | None = None, n_nodes: int | None = None) -> Found:
    prices = Prices(part)
    return branched(
        network(part, prices, prices.led),
        start,
        solver="scip" if int(prices.led.sum()) <= MOST_CONTACTS else "highs",
        seed=seed,
        time_s=time_s,
        n_nodes=n_nodes,
    )


def _answer(task: Part, part: Part, found: Found) -> Branched:
    bound = math.floor(found.bound + BOUND_SLACK * abs(found.bound) + 1e-3) if math.isfinite(found.bound) else 2**62
    if found.values is None:
        return Branched(values=None, bound=bound, n_nodes=found.n_nodes)
    led = Prices(part).led
    keep = ~led | (found.values[: len(led)] > 0.5)
    flown = Shrinker(part.programme, part.objective).part(keep)
    # Contacts are settled; the bits follow exactly. Nothing at all is a feasible start only without pins.
    nothing = (0,) * len(flown.columns)
    if not flown.programme.is_feasible(nothing):
        nothing = flown.inside(np.rint(found.values[: len(led)]).astype(np.int64).tolist())
        if not flown.programme.is_feasible(nothing):
            return Branched(values=None, bound=bound, n_nodes=found.n_nodes)
    answer = cpsat.improve(flown.programme, flown.objective, [], nothing, COMPLETION_S, Limits())
    return Branched(values=part.outside(flown.outside(answer.values)), bound=bound, n_nodes=found.n_nodes)


def network(task: Part, prices: Prices, whole: Flags) -> Linear:
    """Terminals as timelines, everything else that excludes as rows; the columns in `whole` take whole numbers."""
    this = timelines(prices)
    led_once = {frozenset(clique) for clique in _between_courses(task, prices)}
    cliques = sorted(tuple(sorted(clique)) for clique in led_once)
    n = len(this.lower)
    return replace(
        this,
        whole=np.concatenate([whole, np.zeros(len(this.most) - len(whole), dtype=np.bool_)]),
        rows=np.concatenate([this.rows, np.repeat(np.arange(n, n + len(cliques)), [len(c) for c in cliques])]),
        columns=np.concatenate([this.columns, np.array([k for c in cliques for k in c], dtype=np.int64)]),
        factors=np.concatenate([this.factors, np.ones(sum(len(c) for c in cliques))]),
        lower=np.concatenate([this.lower, np.full(len(cliques), -np.inf)]),
        upper=np.concatenate([this.upper, np.ones(len(cliques))]),
    )


def _between_courses(task: Part, prices: Prices) -> list[tuple[int, ...]]:
    """The cliques that the timelines do not say by themselves."""
    leader = np.full(len(prices.most), -1)
    for number, course in enumerate(prices.courses):
        leader[course.columns] = number
    extra = {frozenset(members) for members in task.programme.at_most_one}
    return [
        clique
        for clique in task.programme.cliques
        if len({int(leader[column]) for column in clique}) > 1
        or -1 in leader[list(clique)]
        or frozenset(clique) in extra
    ]
