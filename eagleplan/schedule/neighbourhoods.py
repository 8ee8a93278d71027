"""Better plans from a relaxation: CP-SAT on the contacts that its prices like best, then a few orbits at a time.

Whatever a search leaves out, `Priced.bound` holds. Where it leaves out nothing that could be better than the plan at
hand, its own bound holds for everything.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import numpy as np

from eagleplan.schedule import cpsat
from eagleplan.schedule.clock import Clock
from eagleplan.schedule.limits import Limits
from eagleplan.schedule.part import Flags, Part, Shrinker
from eagleplan.schedule.prices import Priced, Prices
from eagleplan.schedule.programme import Values
from eagleplan.schedule.seam import Answer

SHORTLISTS = ((5, 0.02), (12, 0.05), (25, 0.1))
"""(contacts per orbit on average, part of the time left) of the first searches."""

MOST_CONTACTS = 600
"""A neighbourhood's contacts: those that the prices like best."""

SEARCH_S = 0.4
"""Deterministic seconds of one neighbourhood's search."""


class Neighbourhoods:
    """A search for better values of one task; `values` are the best so far."""

    def __init__(self, task: Part, prices: Prices, priced: Priced, start: Values, limits: Limits, clock: Clock) -> None:
        self.values = start
        self.value = task.objective.value(start)
        self.bound = priced.bound if task.objective.sense == "max" else -priced.bound
        self._sign = 1 if task.objective.sense == "max" else -1
        self._task = task
        self._shrinker = Shrinker(task.programme, task.objective)
        self._priced = priced
        self._led = prices.led
        self._clock = clock
        self._limits = Limits(workers=1, seed=limits.seed, max_time_s=limits.max_time_s)
        self._random = Random(limits.seed)
        self._rank = np.argsort(-np.where(self._led, priced.through, -np.inf), kind="stable")
        self._orbits = _orbits(prices)

    @property
    def done(self) -> bool:
        """Nothing is left to gain or to spend."""
        return self._clock.left_s <= 0.0 or self._task.objective.is_bound(self.value, self.bound)

    def shortlists(self) -> None:
        """Search among the contacts that stand in the best schedules, few first."""
        for per_orbit, part in SHORTLISTS:
            if self.done:
                return
            keep = self._kept()
            keep[self._rank[: per_orbit * len(self._orbits)]] = True
            self._search(keep, max(SEARCH_S, part * self._clock.left_s))

    def orbits(self, until: Callable[[], bool]) -> None:
        """Free a few orbits, keep the rest, search; until nothing is left, or `until` says so."""
        size = 4
        quiet = 0
        while not self.done and not until() and quiet < 40 + 4 * len(self._orbits):
            size = min(size, len(self._orbits))
            if self._random.random() < 0.5:
                first = self._random.randrange(len(self._orbits) - size + 1)
                free = self._orbits[first : first + size]
            else:
                free = self._random.sample(self._orbits, size)
            inside = np.concatenate(free)
            hopeful = inside[self._priced.through[inside] > self._sign * self.value]
            keep = self._kept()
            keep[hopeful[np.argsort(-self._priced.through[hopeful], kind="stable")[:MOST_CONTACTS]]] = True
            before = self.value
            full = self._search(keep, min(SEARCH_S, max(self._clock.left_s, 0.01)))
            quiet = 0 if self.value != before else quiet + 1
            size = size + 1 if full else max(2, size - 1)

    def offer(self, values: Values | None) -> None:
        """Take values from elsewhere if they are better."""
        if values is None or not self._task.programme.is_feasible(values):
            return
        value = self._task.objective.value(values)
        if value == self._task.objective.better(value, self.value):
            self.values, self.value = values, value

    def tighten(self, bound: int) -> None:
        """Note a bound on the objective."""
        self.bound = self._task.objective.worse(self.bound, bound)

    def answer(self, whole: Part, task: Part) -> Answer:
        """The best values as an answer for the whole."""
        return Answer(
            values=task.outside(self.values),
            bound=whole.objective.worse(self.bound, whole.objective.trivial_bound),
            time_s=self._clock.used_s,
            reproducible=self._clock.reproducible,
        )

    def _kept(self) -> Flags:
        """The contacts of the best plan, and all other columns."""
        keep = ~self._led
        keep[np.array(self.values) > 0] = True
        return keep

    def _search(self, keep: Flags, time_s: float) -> bool:
        """Whether the search went to its end."""
        objective = self._task.objective
        is_all = not (self._led & ~keep & (self._priced.through > self._sign * self.value)).any()
        part = self._shrinker.part(keep)
        start = part.inside(self.values)
        answer = cpsat.improve(part.programme, part.objective, [], start, time_s, self._limits)
        self._clock.spend(answer.time_s)
        value = part.objective.value(answer.values)
        if is_all:
            self.tighten(objective.better(answer.bound, self.value))
        if value != self.value and objective.is_bound(value, self.value):
            self.values, self.value = part.outside(answer.values), value
        return answer.bound == value


def _orbits(prices: Prices) -> list[np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """The contacts of each stretch of each leading resource, by time."""
    found = []
    for course in prices.courses:
        at = np.searchsorted(course.stretches[1:], course.leaves, side="right")
        for stretch in range(len(course.stretches) - 1):
            members = course.columns[at == stretch]
            if len(members):
                found.append((course.begins_s[course.stretches[stretch]], members))
    found.sort(key=lambda pair: pair[0])
    return [members for _, members in found]
