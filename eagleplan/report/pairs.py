"""Demands by the two nodes that they join, whichever of them is named first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from eagleplan.model import DemandResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """All demands between two nodes; `node_a` comes first in the alphabet. Met counts no demand beyond its own wish."""

    node_a: str
    node_b: str
    demand_ids: tuple[str, ...]
    wanted_bits: int
    delivered_bits: int
    met_frac: float
    n_guarantees: int
    n_kept: int


def pairs(results: Sequence[DemandResult]) -> tuple[Pair, ...]:
    """One for each two nodes that a demand names, by their names."""
    found: dict[tuple[str, str], list[DemandResult]] = defaultdict(list)
    for result in results:
        a, b = sorted((result.demand.node_a, result.demand.node_b))
        found[a, b].append(result)
    return tuple(_pair(ends, own) for ends, own in sorted(found.items()))


def _pair(ends: tuple[str, str], results: Sequence[DemandResult]) -> Pair:
    wanted = sum(result.demand.bits for result in results)
    useful = sum(min(result.delivered_bits, result.demand.bits) for result in results)
    asked = [result for result in results if result.demand.guarantee_bits > 0]
    return Pair(
        node_a=ends[0],
        node_b=ends[1],
        demand_ids=tuple(result.demand.demand_id for result in results),
        wanted_bits=wanted,
        delivered_bits=sum(result.delivered_bits for result in results),
        met_frac=useful / wanted if wanted else 1.0,
        n_guarantees=len(asked),
        n_kept=sum(result.guarantee_kept for result in asked),
    )
