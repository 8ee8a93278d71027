"""What a good plan is: goals in order of importance, each linear, each decided before the next.

A new one is a function and a line in `LEVELS`. The function adds to the draft the columns and rows that it needs, and
says with `tidy` what they must hold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from eagleplan.schedule.changes import ChangeBlock
from eagleplan.schedule.contact_block import ContactBlock
from eagleplan.schedule.covers import Pieces, cover_pieces
from eagleplan.schedule.draft import Draft
from eagleplan.schedule.key_block import KeyBlock
from eagleplan.schedule.network import KeyNetwork
from eagleplan.schedule.objective import Objective, Sense
from eagleplan.schedule.utility import utility_of

Tidy = Callable[[list[int]], None]
"""Sets columns that follow from others to the best that they can be."""

PARTS = 10_000
"""`max_min` counts the smallest met fraction in ten-thousandths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """An objective that is reported `offset` higher."""

    objective: Objective
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """How well a plan does at one level: nothing better than `bound` exists, given the levels before."""

    name: str
    sense: Sense
    objective: int
    bound: int

    @property
    def proven(self) -> bool:
        return self.objective == self.bound

    @property
    def gap_frac(self) -> float:
        """|bound − objective| as a fraction of the larger of the two; 0 when proven."""
        return 0.0 if self.proven else abs(self.bound - self.objective) / max(abs(self.bound), abs(self.objective))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What goals stand on: the draft with contacts, keys and changes in it."""

    draft: Draft
    network: KeyNetwork
    contacts: ContactBlock
    keys: KeyBlock
    changes: ChangeBlock


Maker = Callable[[Ground, bool], tuple[list[Goal], list[Tidy]]]
"""(ground, whether the price of changes is to be taken off) -> goals, and what keeps their columns tidy."""


def guarantees(ground: Ground, priced: bool) -> tuple[list[Goal], list[Tidy]]:
    """For each class, first to last: bits that its guarantees are short of, each times its demand's weight."""
    goals, tidies = [], []
    demands = ground.network.demands
    for number in sorted({demand.guarantee_class for demand in demands if demand.guarantee_bits}):
        columns, weights, least = [], [], 0
        for demand, met in zip(demands, ground.keys.met, strict=True):
            if not demand.guarantee_bits or demand.guarantee_class != number:
                continue
            short = ground.draft.column(demand.guarantee_bits)
            own = (short,) if met is None else (short, met)
            ground.draft.row(own, (1,) * len(own), lower=demand.guarantee_bits)
            columns.append(short)
            weights.append(demand.weight)
            reach = 0 if met is None else ground.draft.upper[met]
            least += demand.weight * max(0, demand.guarantee_bits - reach)
            tidies.append(_short(short, met, demand.guarantee_bits))
        goals.append(_goal(f"guarantees_{number}", "min", columns, weights, least))
    return goals, tidies


def _short(short: int, met: int | None, guarantee_bits: int) -> Tidy:
    def tidy(values: list[int]) -> None:
        values[short] = max(0, guarantee_bits - (0 if met is None else values[met]))

    return tidy


def weighted_met_bits(ground: Ground, priced: bool) -> tuple[list[Goal], list[Tidy]]:
    """Bits delivered, each times its demand's weight."""
    columns, weights, most = [], [], 0
    for demand, met in zip(ground.network.demands, ground.keys.met, strict=True):
        if met is not None:
            columns.append(met)
            weights.append(demand.weight)
            most += demand.weight * ground.draft.upper[met]
    in_full = sum(demand.weight * demand.bits for demand in ground.network.demands)
    return [_less_changes(ground, priced, in_full, "weighted_met_bits", columns, weights, most)], []


def fairness(ground: Ground, priced: bool) -> tuple[list[Goal], list[Tidy]]:
    """Concave utility of the met fraction: the first bits of a demand count most. See `utility`."""
    columns, worths, most, in_full = [], [], 0, 0
    tidies = []
    pieces: list[Pieces | None] = []
    utility = utility_of(ground.network.demands)
    for segments, met in zip(utility, ground.keys.met, strict=True):
        in_full += sum(segment.bits * segment.worth for segment in segments)
        if met is None:
            pieces.append(None)
            continue
        own, reach = [], ground.draft.upper[met]
        for segment in segments:
            bits = min(segment.bits, reach)
            reach -= bits
            if bits > 0:
                own.append(ground.draft.column(bits))
                worths.append(segment.worth)
                most += segment.worth * bits
        ground.draft.row((*own, met), (*(1 for _ in own), -1), upper=0)
        columns += own
        pieces.append(Pieces(columns=tuple(own), upto_bits=tuple(accumulate(ground.draft.upper[c] for c in own))))
        tidies.append(_fill(tuple(own), tuple(ground.draft.upper[c] for c in own), met))
    cover_pieces(ground.draft, ground.network, pieces)
    return [_less_changes(ground, priced, in_full, "fairness", columns, worths, most)], tidies


def _fill(own: tuple[int, ...], upper: tuple[int, ...], met: int) -> Tidy:
    def tidy(values: list[int]) -> None:
        left = values[met]
        for column, most in zip(own, upper, strict=True):
            values[column] = min(left, most)
            left -= values[column]

    return tidy


def max_min(ground: Ground, priced: bool) -> tuple[list[Goal], list[Tidy]]:
    """The smallest met fraction of all demands, in whole ten-thousandths."""
    demands, met = ground.network.demands, ground.keys.met
    if not demands or any(column is None for column in met):
        return [_goal("max_min", "max", [], [], 0)], []
    most = min(PARTS * ground.draft.upper[c] // d.bits for d, c in zip(demands, met, strict=True) if c is not None)
    worst = ground.draft.column(most)
    for demand, column in zip(demands, met, strict=True):
        if column is not None:
            ground.draft.row((worst, column), (demand.bits, -PARTS), upper=0)

    def tidy(values: list[int]) -> None:
        values[worst] = min(PARTS * values[c] // d.bits for d, c in zip(demands, met, strict=True) if c is not None)

    return [_goal("max_min", "max", [worst], [1], most)], [tidy]


def n_contacts(ground: Ground, priced: bool) -> tuple[list[Goal], list[Tidy]]:
    """Contacts flown."""
    n = ground.contacts.n_contacts
    return [_goal("n_contacts", "min", range(n), (1,) * n, 0)], []


def stock_left(ground: Ground, priced: bool) -> tuple[list[Goal], list[Tidy]]:
    """Bits on hand when the horizon ends: neither spent nor given up nor too old."""
    columns, coefficients = ground.keys.left
    most = sum(k * ground.draft.upper[column] for column, k in zip(columns, coefficients, strict=True) if k > 0)
    return [
        Goal(objective=_objective("stock_left", "max", columns, coefficients, most), offset=ground.keys.left_fixed)
    ], []


def changes(ground: Ground, priced: bool) -> tuple[list[Goal], list[Tidy]]:
    """Contacts dropped, re-timed and added against the earlier plan."""
    columns, coefficients, offset = ground.changes.cost(1, 1, 1)
    least = sum(k * ground.draft.upper[column] for column, k in zip(columns, coefficients, strict=True) if k < 0)
    return [Goal(objective=_objective("changes", "min", columns, coefficients, max(least, -offset)), offset=offset)], []


LEVELS: Mapping[str, Maker] = {
    "guarantees": guarantees,
    "fairness": fairness,
    "weighted_met_bits": weighted_met_bits,
    "max_min": max_min,
    "n_contacts": n_contacts,
    "stock_left": stock_left,
    "changes": changes,
}

PRICED = ("fairness", "weighted_met_bits")
"""From the first of these that is asked for the prices of changes are taken off."""


def _less_changes(
    ground: Ground,
    priced: bool,
    in_full: int,
    name: str,
    columns: Sequence[int],
    coefficients: Sequence[int],
    most: int,
) -> Goal:
    if not priced:
        return _goal(name, "max", columns, coefficients, most)
    paid, prices, offset = ground.changes.priced(in_full)
    return Goal(
        objective=_objective(
            name, "max", (*columns, *paid), (*coefficients, *(-price for price in prices)), most + offset
        ),
        offset=-offset,
    )


def _goal(name: str, sense: Sense, columns: Sequence[int], coefficients: Sequence[int], trivial_bound: int) -> Goal:
    return Goal(objective=_objective(name, sense, columns, coefficients, trivial_bound))


def _objective(
    name: str, sense: Sense, columns: Sequence[int], coefficients: Sequence[int], trivial_bound: int
) -> Objective:
    return Objective(
        name=name,
        sense=sense,
        columns=tuple(columns),
        coefficients=tuple(coefficients),
        trivial_bound=trivial_bound,
    )
