"""The linear relaxation of a task, in one piece or column by column, and the bound that its prices prove."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eagleplan.schedule.linear import Found, Linear, Master, Reals, relaxed
from eagleplan.schedule.prices import Priced, Prices

PIVOT_S = 2e-7
"""Seconds that a pivot takes per row, by and large: how linear programmes are charged to a deterministic limit."""

ENOUGH_FRAC = 2e-4
"""Column generation ends when the bound is this near to the value of what it has."""

SMOOTHING_FRAC = 0.5
"""How much of the best prices so far stays in those that are tried next (Wentges 1997): without it prices swing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxation:
    """`priced` at the best prices found, and what finding them took."""

    prices: Reals
    priced: Priced
    time_s: float


def timelines(prices: Prices) -> Linear:
    """The rows, and one unit of flow through the time of every leading resource; idle arcs follow the columns."""
    rows, columns, factors = [prices.rows], [prices.columns], [prices.factors]
    n_rows, n_columns = len(prices.lower), len(prices.most)
    flows = []
    for course in prices.courses:
        n_idle = course.n_instants - 1
        idle = np.arange(n_columns, n_columns + n_idle)
        between = np.arange(n_idle)
        ends = [(between, idle, 1.0), (between + 1, idle, -1.0)]
        ends += [(np.array(course.leaves), course.columns, 1.0), (np.array(course.arrives), course.columns, -1.0)]
        for instants, arcs, factor in ends:
            rows.append(n_rows + instants)
            columns.append(arcs)
            factors.append(np.full(len(arcs), factor))
        flow = np.zeros(course.n_instants)
        flow[0] += 1.0
        flow[-1] -= 1.0
        flows.append(flow)
        n_rows += course.n_instants
        n_columns += n_idle
    n_more = n_columns - len(prices.most)
    return Linear(
        gain=np.concatenate([prices.gain, np.zeros(n_more)]),
        most=np.concatenate([prices.most, np.ones(n_more)]),
        whole=np.zeros(n_columns, dtype=np.bool_),
        rows=np.concatenate(rows),
        columns=np.concatenate(columns),
        factors=np.concatenate(factors),
        lower=np.concatenate([prices.lower, *flows]),
        upper=np.concatenate([prices.upper, *flows]),
    )


def at_once(prices: Prices) -> Relaxation:
    """The relaxation solved in one piece: for one satellite."""
    this = timelines(prices)
    found = relaxed(this)
    y = np.zeros(len(prices.lower)) if found.prices is None else found.prices[: len(prices.lower)]
    return Relaxation(prices=y, priced=prices.priced(y), time_s=_charged(found, this))


def by_schedules(prices: Prices, start: Sequence[int], time_s: float) -> Relaxation:
    """The relaxation by column generation: its columns are schedules of one stretch (an orbit) of one satellite.

    The schedules of `start` are the first columns; more are those worth most at the prices of the last solve, mixed
    with the best prices so far. Every round proves a bound, so it may end at any time.
    """
    flown = {c for c in np.flatnonzero(prices.led).tolist() if start[c]}
    others = np.flatnonzero(~prices.led)
    number = {int(column): k for k, column in enumerate(others)}
    entries = defaultdict(list)
    kept_rows, kept_columns, kept_factors = [], [], []
    for row, column, factor in zip(prices.rows.tolist(), prices.columns.tolist(), prices.factors.tolist(), strict=True):
        if prices.led[column]:
            entries[column].append((row, factor))
        else:
            kept_rows.append(row)
            kept_columns.append(number[column])
            kept_factors.append(factor)
    y = np.zeros(len(prices.lower))
    best = prices.priced(y)
    stretch_of = _stretches(prices)
    n_rows, n_stretches = len(prices.lower), len(best.best)
    scale = max(1.0, float(np.abs(prices.gain).max(initial=0.0)))
    this = Linear(
        gain=prices.gain[others] / scale,
        most=prices.most[others],
        whole=np.zeros(len(others), dtype=np.bool_),
        rows=np.array(kept_rows, dtype=np.int64),
        columns=np.array(kept_columns, dtype=np.int64),
        factors=np.array(kept_factors),
        lower=np.concatenate([prices.lower, np.full(n_stretches, -np.inf)]),
        upper=np.concatenate([prices.upper, np.ones(n_stretches)]),
    )
    master = Master(this)
    known: set[tuple[int, ...]] = set()

    def add(schedules: Sequence[Sequence[int]]) -> int:
        gains: list[float] = []
        cells: list[tuple[int, int, float]] = []
        for schedule in schedules:
            key = tuple(sorted(schedule))
            if not key or key in known:
                continue
            known.add(key)
            sums: dict[int, float] = defaultdict(float)
            for column in key:
                for row, factor in entries[column]:
                    sums[row] += factor
            sums[n_rows + stretch_of[key[0]]] = 1.0
            cells += [(row, len(gains), factor) for row, factor in sums.items()]
            gains.append(float(prices.gain[list(key)].sum()) / scale)
        if gains:
            master.add(gains, cells)
        return len(gains)

    first: dict[int, list[int]] = defaultdict(list)
    for column in flown:
        first[stretch_of[column]].append(column)
    add(list(first.values()))
    used_s = 0.0
    best_y = y
    while used_s < time_s:
        found = master.solve()
        used_s += _charged(found, this)
        if found.prices is None or found.values is None:
            break
        y = scale * found.prices[:n_rows]
        tried = SMOOTHING_FRAC * best_y + (1.0 - SMOOTHING_FRAC) * y
        fresh = 0
        for these in (tried, y):
            priced = prices.priced(these)
            used_s += PRICING_S * int(prices.led.sum())
            if priced.bound < best.bound:
                best, best_y = priced, these
            fresh += add(priced.best)
            if fresh:
                break
        if not fresh or best.bound - scale * found.bound < ENOUGH_FRAC * abs(best.bound):
            break
    return Relaxation(prices=best_y, priced=best, time_s=used_s)


PRICING_S = 1.5e-6
"""Seconds that a pricing takes per contact, by and large."""


def _stretches(prices: Prices) -> dict[int, int]:
    """Contact -> number of its stretch, counted over all courses."""
    of: dict[int, int] = {}
    base = 0
    for course in prices.courses:
        at = np.searchsorted(course.stretches[1:], course.leaves, side="right")
        of.update(zip(course.columns.tolist(), (base + at).tolist(), strict=True))
        base += len(course.stretches) - 1
    return of


def _charged(found: Found, this: Linear) -> float:
    return PIVOT_S * found.n_pivots * len(this.lower)
