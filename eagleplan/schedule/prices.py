"""A bound on a programme from prices of its rows, valid whatever the prices are.

With a price on every row, what remains is: each other column at its best bound, and for each leading resource (a
satellite's terminal) the schedule whose contacts are worth most, found by going through its time once. The same pass
forwards and backwards gives the bound of every plan that flies a given contact (Lagrangian relaxation; the schedule
is weighted interval scheduling).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from eagleplan.schedule.linear import Reals, Whole
from eagleplan.schedule.part import Part
from eagleplan.schedule.timeline import timeline

ROUNDING = 2.0**-40
"""Sums here have some thousand terms at most, each good to 2^-53: their error is less than this part of all sizes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The contacts that a resource leads, by start: from, to (numbers of instants), column; and its stretches.

    Stretch k is the instants from `stretches[k]` to `stretches[k + 1]`: no contact reaches over its ends.
    `begins_s` are the seconds of the instants but the last.
    """

    leaves: list[int]
    arrives: list[int]
    columns: Whole
    n_instants: int
    begins_s: list[int]
    stretches: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """No plan is worth more than `bound`; none that has column k at 1 more than `through[k]` (infinite if no contact).

    `worth` is what each column gains at these prices. `best` are the contacts of the schedules that are worth most, by
    stretch; `stretch_worths` their worths.
    """

    bound: int
    through: Reals
    worth: Reals
    best: list[list[int]]
    stretch_worths: list[float]


class Prices:
    """Bounds of one task from prices of its rows, counted upwards: a minimum is the most of its negative."""

    def __init__(self, task: Part) -> None:
        this, sign = task.programme, 1 if task.objective.sense == "max" else -1
        n = len(this.upper)
        self.gain = np.zeros(n)
        self.gain[list(task.objective.columns)] = sign * np.array(task.objective.coefficients, dtype=np.float64)
        self.most = np.array(this.upper, dtype=np.float64)
        self.rows = np.repeat(np.arange(len(this.rows)), [len(row.columns) for row in this.rows])
        self.columns = np.array([c for row in this.rows for c in row.columns], dtype=np.int64)
        self.factors = np.array([k for row in this.rows for k in row.coefficients], dtype=np.float64)
        self.lower = np.array([-np.inf if row.lower is None else float(row.lower) for row in this.rows])
        self.upper = np.array([np.inf if row.upper is None else float(row.upper) for row in this.rows])
        self.courses: list[Course] = []
        led = np.zeros(n, dtype=np.bool_)
        for resource in this.resources:
            line = timeline(resource)
            arcs = sorted(arc for arc in line.arcs if not led[arc[2]])
            if arcs:
                begins_s = sorted({begin for begin, _, _ in resource.uses})
                self.courses.append(_course(arcs, begins_s))
                led[[column for _, _, column in arcs]] = True
        self.led = led

    def priced(self, prices: Reals) -> Priced:
        """What `prices` of the rows prove; those of the wrong sign count as nought."""
        y = np.where(np.isfinite(self.upper), np.maximum(prices, 0.0), 0.0)
        y += np.where(np.isfinite(self.lower), np.minimum(prices, 0.0), 0.0)
        worth = self.gain.copy()
        shares = self.factors * y[self.rows]
        np.subtract.at(worth, self.columns, shares)
        sizes = np.abs(self.gain)
        np.add.at(sizes, self.columns, np.abs(shares))
        at = np.where(y > 0.0, self.upper, np.where(y < 0.0, self.lower, 0.0))
        terms = [*(y * at).tolist(), *(np.maximum(worth, 0.0) * self.most)[~self.led].tolist()]
        size = float(np.abs(y * at).sum() + (sizes * self.most)[~self.led].sum())
        through = np.full(len(self.most), np.inf)
        best: list[list[int]] = []
        stretch_worths: list[float] = []
        for course in self.courses:
            gains = worth[course.columns]
            ahead, steps = _forwards(course, gains.tolist())
            behind = _backwards(course, gains.tolist())
            terms.append(ahead[-1])
            size += float(sizes[course.columns].max(initial=0.0)) * len(course.stretches) * 16.0
            through[course.columns] = (
                np.array(ahead)[course.leaves] + gains + np.array(behind)[course.arrives] - ahead[-1]
            )
            for first, last in zip(course.stretches, course.stretches[1:], strict=False):
                best.append(_path(course, steps, first, last))
                stretch_worths.append(ahead[last] - ahead[first])
        slack = ROUNDING * size + 1e-6
        total = math.fsum(terms) + slack
        through += total + slack
        return Priced(bound=math.floor(total), through=through, worth=worth, best=best, stretch_worths=stretch_worths)


def _course(arcs: list[tuple[int, int, int]], begins_s: list[int]) -> Course:
    stretches = [0]
    reach = 0
    for leaves, arrives, _ in arcs:
        if leaves >= reach and leaves > stretches[-1]:
            stretches.append(leaves)
        reach = max(reach, arrives)
    stretches.append(len(begins_s))
    return Course(
        leaves=[arc[0] for arc in arcs],
        arrives=[arc[1] for arc in arcs],
        columns=np.array([arc[2] for arc in arcs], dtype=np.int64),
        n_instants=len(begins_s) + 1,
        begins_s=begins_s,
        stretches=stretches,
    )


def _forwards(course: Course, gains: list[float]) -> tuple[list[float], list[int]]:
    """The most that can be had until each instant, and the contact that ends there in the best way (−1: none)."""
    most = [0.0] * course.n_instants
    steps = [-1] * course.n_instants
    at = 0
    for number, (leaves, arrives, gain) in enumerate(zip(course.leaves, course.arrives, gains, strict=True)):
        while at < leaves:
            at += 1
            if most[at - 1] >= most[at]:
                most[at], steps[at] = most[at - 1], -1
        if most[leaves] + gain > most[arrives]:
            most[arrives], steps[arrives] = most[leaves] + gain, number
    for instant in range(at + 1, course.n_instants):
        if most[instant - 1] >= most[instant]:
            most[instant], steps[instant] = most[instant - 1], -1
    return most, steps


def _backwards(course: Course, gains: list[float]) -> list[float]:
    """The most that can be had from each instant on."""
    most = [0.0] * course.n_instants
    at = course.n_instants - 1
    for number in range(len(gains) - 1, -1, -1):
        leaves = course.leaves[number]
        while at > leaves:
            at -= 1
            most[at] = max(most[at], most[at + 1])
        most[leaves] = max(most[leaves], most[course.arrives[number]] + gains[number])
    for instant in range(at - 1, -1, -1):
        most[instant] = max(most[instant], most[instant + 1])
    return most


def _path(course: Course, steps: list[int], first: int, last: int) -> list[int]:
    found = []
    at = last
    while at > first:
        if steps[at] < 0:
            at -= 1
        else:
            found.append(int(course.columns[steps[at]]))
            at = course.leaves[steps[at]]
    return found
