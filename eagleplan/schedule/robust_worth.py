"""What key is worth under one sky: guarantees first, then the plan's own quantity goal, in one concave sum.

Deciding lexicographic goals one by one would take a linear programme for each of them under each sky. Here a bit of a
guarantee is worth `STEP` times the best bit of any demand, and `STEP` times that for each class above the last. A bit
displaces at most one bit per edge of its path, so a guarantee goes first as long as paths have fewer edges than `STEP`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eagleplan.schedule.draft import Draft
from eagleplan.schedule.key_block import KeyBlock, Terms
from eagleplan.schedule.problem import PairDemand
from eagleplan.schedule.utility import Segment, utility_of

STEP = 10

PUTS_GUARANTEES_FIRST = frozenset({"guarantees", "kept_guarantees"})

QUANTITIES = ("fairness", "weighted_met_bits")
"""What counts under each sky is the first of these among the plan's objectives, or the first of all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandWorth:
    """What bits of one demand are worth: `segments`, best first; its first `guarantee_bits` are worth `extra` more."""

    segments: tuple[Segment, ...]
    guarantee_bits: int
    extra: int

    @property
    def quantity(self) -> int:
        """The worth of the whole demand without its guarantee."""
        return sum(segment.bits * segment.worth for segment in self.segments)

    @property
    def most(self) -> int:
        return self.quantity + self.guarantee_bits * self.extra


def worths_of(demands: Sequence[PairDemand], objectives: Sequence[str]) -> tuple[DemandWorth, ...]:
    """The worth of each demand under a plan's objectives; guarantees count where one of them is about them."""
    quantity = next((name for name in objectives if name in QUANTITIES), QUANTITIES[0])
    if quantity == "fairness":
        segments = utility_of(demands)
    else:
        segments = tuple((Segment(bits=demand.bits, worth=demand.weight),) for demand in demands)
    best = max((segment.worth for own in segments for segment in own), default=1)
    guaranteed = [
        demand for demand in demands if demand.guarantee_bits and not PUTS_GUARANTEES_FIRST.isdisjoint(objectives)
    ]
    classes = sorted({demand.guarantee_class for demand in guaranteed}, reverse=True)
    extra = {demand.demand_id: best * STEP ** (classes.index(demand.guarantee_class) + 1) for demand in guaranteed}
    return tuple(
        DemandWorth(
            segments=own,
            guarantee_bits=demand.guarantee_bits if demand.demand_id in extra else 0,
            extra=extra.get(demand.demand_id, 0),
        )
        for demand, own in zip(demands, segments, strict=True)
    )


def worth_terms(draft: Draft, keys: KeyBlock, worths: Sequence[DemandWorth]) -> Terms:
    """Add columns for the pieces of what demands get; returns them with what a bit of each is worth."""
    columns: list[int] = []
    coefficients: list[int] = []
    for met, worth in zip(keys.met, worths, strict=True):
        if met is None:
            continue
        if worth.extra:
            kept = draft.column(min(worth.guarantee_bits, draft.upper[met]))
            draft.row((kept, met), (1, -1), upper=0)
            columns.append(kept)
            coefficients.append(worth.extra)
        if len(worth.segments) == 1:
            columns.append(met)
            coefficients.append(worth.segments[0].worth)
            continue
        parts = [draft.column(segment.bits) for segment in worth.segments]
        draft.row((*parts, met), (*(1 for _ in parts), -1), upper=0)
        columns += parts
        coefficients += [segment.worth for segment in worth.segments]
    return tuple(columns), tuple(coefficients)
