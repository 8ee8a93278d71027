"""Contacts for the skies that may come: the choice that is worth most over a sample of them.

The sample average has no structure that a solver could use to the end. So a tree search over all contacts makes a first
choice, from which flights over the stations are decided anew, two at a time in whole numbers with all others fixed, as
long as that helps (fix and optimise). The relaxation with every contact in fractions bounds what any choice can be
worth; where contacts are few, they are settled all at once, and the bound is the integer programme's.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from eagleplan.schedule.levels import Level
from eagleplan.schedule.lexicographic import solve
from eagleplan.schedule.limits import Limits
from eagleplan.schedule.problem import Candidate, Pin, Problem
from eagleplan.schedule.robust_programme import (
    Aim,
    SampleAverage,
    Skies,
    cvar,
    kept_guarantees,
    mean_met,
    sample_average,
)
from eagleplan.schedule.robust_solver import Found, SkyModel
from eagleplan.schedule.solution import Solution

ROBUST_OBJECTIVES = ("mean_met", "cvar", "kept_guarantees")
"""Objectives that decide the contacts over many skies; one of them stands first among a plan's objectives, or none."""

ITERATIONS_PER_S = 4000
"""Simplex iterations that count as a second of the solver's own clock: about what one takes here."""

N_PROGRAMMES = 60
"""Linear programmes after which the tree search ends."""

ITERATIONS_OF_WHOLE = 1000
"""What a search in whole numbers counts besides its iterations: cuts and heuristics."""

FEW = 400
"""Up to so many contacts are settled all at once."""

WHOLE = 1e-6
LEAST_GAIN_FRAC = 1e-5
WIDTH = 2
"""Flights that are decided anew together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RobustChoice:
    """Contacts, their mean worth over the sample, and the most that any choice could be worth there."""

    chosen_ids: tuple[str, ...]
    worth: float
    bound: float
    time_s: float

    @property
    def gap_frac(self) -> float:
        return (self.bound - self.worth) / self.bound if self.bound > 0 else 0.0


def choose_robust(
    problem: Problem,
    skies: Skies,
    start_ids: Collection[str],
    limits: Limits,
    objectives: Sequence[str],
    *,
    tail_frac: float = 0.1,
) -> RobustChoice:
    """The contacts that `objectives[0]` (one of `ROBUST_OBJECTIVES`) makes most of, within `limits`.

    `start_ids` must be a choice that can be flown, and is the answer where nothing better is found.
    """
    aims: Mapping[str, Aim] = {"mean_met": mean_met, "cvar": cvar(tail_frac), "kept_guarantees": kept_guarantees}
    average = sample_average(problem, skies, objectives, aims[objectives[0]])
    search = _Search(average, limits)
    known = frozenset(start_ids)
    search.take(frozenset(n for n, candidate in enumerate(average.candidates) if candidate.contact_id in known))
    search.dive()
    if len(average.candidates) <= FEW and not search.is_over:
        search.settle(range(len(average.candidates)))
    search.flight_by_flight()
    search.drop_idle()
    return RobustChoice(
        chosen_ids=tuple(average.candidates[n].contact_id for n in sorted(search.best)),
        worth=search.worth,
        bound=search.bound,
        time_s=search.used_s,
    )


def solve_robust(
    problem: Problem,
    skies: Skies,
    start: Solution,
    limits: Limits,
    *,
    objectives: Sequence[str],
    tail_frac: float = 0.1,
) -> Solution:
    """The plan of the robust choice: its contacts, and the key that they give in expectation, by the other objectives.

    The first level is that of the robust objective, over the sample, in the units of the quantity goal (millionths of a
    guarantee for "kept_guarantees"); the levels after it hold for these contacts.
    """
    choice = choose_robust(problem, skies, start.chosen_ids, limits, objectives, tail_frac=tail_frac)
    chosen = frozenset(choice.chosen_ids)
    flown = replace(
        problem,
        candidates=tuple(candidate for candidate in problem.candidates if candidate.contact_id in chosen),
        limits=(),
        pins=tuple(Pin(pin_id=contact_id, contact_ids=(contact_id,)) for contact_id in choice.chosen_ids),
    )
    handed_out = solve(flown, limits, objectives=objectives[1:])
    level = Level(
        name=objectives[0], sense="max", objective=math.floor(choice.worth), bound=max(0, math.ceil(choice.bound))
    )
    return replace(
        handed_out,
        solver="robust",
        levels=(level, *handed_out.levels),
        n_candidates=len(problem.candidates),
        deterministic_time_s=round(choice.time_s + handed_out.deterministic_time_s, 9),
    )


class _Search:
    """The best choice so far, and the model whose contacts are fixed, free or fractional from step to step."""

    def __init__(self, average: SampleAverage, limits: Limits) -> None:
        self.average = average
        self.limits = limits
        self.model = SkyModel(average.programme, average.worth)
        self.flights = flights(average.candidates, average.problem.changeover_s)
        self.best: frozenset[int] = frozenset()
        self.worth = -math.inf
        self.n_iterations = 0
        relaxed = self._solved()
        if relaxed is None:
            raise ArithmeticError("no contacts can be flown as the pins want it")
        self.bound = relaxed.worth

    @property
    def used_s(self) -> float:
        return self.n_iterations / ITERATIONS_PER_S

    @property
    def is_over(self) -> bool:
        return self.used_s >= self.limits.max_time_s or self.bound - self.worth <= LEAST_GAIN_FRAC * abs(self.bound)

    def take(self, chosen: frozenset[int]) -> None:
        """Value a choice under every sky; keep it where it is the best so far."""
        self._fix(range(len(self.average.candidates)), chosen)
        found = self._valued(self.worth)
        if found is not None and found.worth > self.worth:
            self.best, self.worth = chosen, found.worth

    def dive(self) -> None:
        """Look for a better choice of all contacts, by a tree search with a linear programme at each node.

        From the node with the best bound it dives: again and again the contact with the largest fraction is flown,
        until nothing is in fractions. What was not done on the way is left for later nodes.
        """
        everyone = range(len(self.average.candidates))
        nodes: list[tuple[float, int, dict[int, int]]] = [(-math.inf, 0, {})]
        solved = 0
        while nodes and solved < N_PROGRAMMES and not self.is_over:
            bound, _, decided = heapq.heappop(nodes)
            if -bound <= self._enough:
                break
            for index in everyone:
                self.model.bound(index, float(decided.get(index, 0)), float(decided.get(index, 1)))
            while True:
                found = self._solved()
                solved += 1
                if found is None or found.worth <= self._enough:
                    break
                value = {n: found.values[n] for n in everyone if WHOLE < found.values[n] < 1.0 - WHOLE}
                if not value:
                    flown_now = frozenset(n for n in everyone if found.values[n] > 0.5)
                    if self.average.worth.whole:
                        self.take(flown_now)
                    else:
                        self.best, self.worth = flown_now, found.worth
                    break
                flown = max(value, key=lambda n: (value[n], -n))
                heapq.heappush(nodes, (-found.worth, solved, {**decided, flown: 0}))
                decided[flown] = 1
                self.model.bound(flown, 1.0, 1.0)

    def settle(self, free: Collection[int]) -> bool:
        """The best choice of the contacts `free`, all others fixed as they are; True where it is a better one."""
        ordered = sorted(free)
        rest = self.best.difference(free)
        self._fix(range(len(self.average.candidates)), rest)
        for index in ordered:
            self.model.bound(index, 0.0, 1.0)
        found = self.model.whole(ordered, {n: int(n in self.best) for n in ordered})
        self.n_iterations += ITERATIONS_OF_WHOLE
        if found is None:
            return False
        self.n_iterations += found.n_iterations
        if len(ordered) == len(self.average.candidates):
            self.bound = min(self.bound, max(found.bound, self.worth))
        if found.worth <= self._enough:
            return False
        before = self.worth
        self.take(rest.union(n for n in ordered if found.values[n] > 0.5))
        return self.worth > before

    @property
    def _enough(self) -> float:
        """A programme worth no more than this cannot bring a gain to speak of."""
        return self.worth + LEAST_GAIN_FRAC * abs(self.worth)

    def flight_by_flight(self) -> None:
        """Neighbouring flights and flights drawn by lot, until a whole round of both has brought nothing."""
        lots = np.random.default_rng(self.limits.seed)
        n_flights = len(self.flights)
        width = min(WIDTH, n_flights)
        stale, step = 0, 0
        while stale < 2 * n_flights and not self.is_over:
            if step % 2 == 0:
                first = (step // 2) * (width // 2 or 1)
                numbers = [(first + k) % n_flights for k in range(width)]
            else:
                numbers = [int(n) for n in lots.choice(n_flights, width, replace=False)]
            better = self.settle([n for number in numbers for n in self.flights[number]])
            stale = 0 if better else stale + 1
            step += 1

    def drop_idle(self) -> None:
        """Leave out, one after the other, contacts without which the worth is the same."""
        pinned = {contact_id for pin in self.average.problem.pins for contact_id in pin.contact_ids}
        for index in sorted(self.best):
            if self.average.candidates[index].contact_id in pinned:
                continue
            less = self.best - {index}
            self._fix(range(len(self.average.candidates)), less)
            enough = self.worth * (1.0 - LEAST_GAIN_FRAC)
            found = self._valued(enough)
            if found is not None and found.worth >= enough:
                self.best, self.worth = less, found.worth

    def _solved(self) -> Found | None:
        found = self.model.relaxed()
        self.n_iterations += 0 if found is None else found.n_iterations
        return found

    def _valued(self, enough: float) -> Found | None:
        """What the fixed contacts are worth; None where they cannot be flown, or are worth less than `enough`."""
        found = self._solved()
        if found is None or found.worth < enough or not self.average.worth.whole:
            return found
        found = self.model.valued()
        self.n_iterations += ITERATIONS_OF_WHOLE // 10 + (0 if found is None else found.n_iterations)
        return found

    def _fix(self, indices: Collection[int], chosen: Collection[int]) -> None:
        for index in indices:
            value = float(index in chosen)
            self.model.bound(index, value, value)


def flights(candidates: Sequence[Candidate], changeover_s: int) -> tuple[tuple[int, ...], ...]:
    """Indices of contacts of one satellite between two times at which it is free whatever is flown; by start."""
    by_satellite: dict[str, list[int]] = defaultdict(list)
    for index, candidate in enumerate(candidates):
        by_satellite[candidate.satellite_id].append(index)
    found: list[list[int]] = []
    for _, own in sorted(by_satellite.items()):
        free_s = -math.inf
        for index in sorted(own, key=lambda n: (candidates[n].start_s, n)):
            if candidates[index].start_s >= free_s:
                found.append([])
            found[-1].append(index)
            free_s = max(free_s, candidates[index].end_s + changeover_s)
    return tuple(tuple(own) for own in sorted(found, key=lambda own: (candidates[own[0]].start_s, own)))
