"""Fairness in numbers: what a delivered bit is worth, by how much of its demand is met already.

The utility of a met fraction is concave and made of straight pieces: the first tenth of a demand counts 16 times as
much as its last half. Whole numbers throughout: a bit of a piece is worth floor(scale × weight × slope / demand bits),
in units of 1/scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from eagleplan.schedule.problem import MAX_TOTAL, PairDemand

PIECES = ((10, Fraction(16)), (25, Fraction(6)), (50, Fraction(5, 2)), (100, Fraction(1)))
"""(up to this percentage of a demand, slope)."""

LEAST_WORTH = 1_000
"""The scale makes a bit of the largest demand's last piece worth this at least: slopes are kept to a thousandth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """`bits` of a demand that are worth `worth` each."""

    bits: int
    worth: int


def scale_of(demands: Sequence[PairDemand]) -> int:
    """A power of ten: the least that is not below `LEAST_WORTH` × the largest demand, if the sum stays below 2^53."""
    largest = max((demand.bits for demand in demands), default=1)
    scale = 1
    while scale < LEAST_WORTH * largest:
        scale *= 10
    while scale > 1 and 4 * scale * sum(demand.weight for demand in demands) > MAX_TOTAL:
        scale //= 10
    return scale


def utility_of(demands: Sequence[PairDemand]) -> tuple[tuple[Segment, ...], ...]:
    """For each demand its pieces, best first."""
    scale = scale_of(demands)
    found = []
    for demand in demands:
        segments, below = [], 0
        for percent, slope in PIECES:
            upto = demand.bits * percent // 100
            segments.append(Segment(bits=upto - below, worth=int(scale * demand.weight * slope / demand.bits)))
            below = upto
        found.append(tuple(segments))
    return tuple(found)
