"""Which ways the key of each demand goes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from eagleplan.report.index import PlanIndex


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A path of nodes, and all that it delivers to one demand: how often, and when for the last time."""

    path: tuple[str, ...]
    bits: int
    n_deliveries: int
    last_utc: datetime


def routes(index: PlanIndex) -> Mapping[str, tuple[Route, ...]]:
    """Demand id → its routes, the one that brings most first; a demand that gets nothing has no entry."""
    found: dict[tuple[str, tuple[str, ...]], list[tuple[int, int]]] = defaultdict(list)
    for delivery in index.deliveries:
        found[delivery.demand_id, delivery.path].append((delivery.at_s, delivery.bits))
    by_demand: dict[str, list[Route]] = defaultdict(list)
    for (demand_id, path), parts in found.items():
        by_demand[demand_id].append(
            Route(
                path=path,
                bits=sum(bits for _, bits in parts),
                n_deliveries=len(parts),
                last_utc=index.utc(max(at_s for at_s, _ in parts)),
            )
        )
    return {
        demand_id: tuple(sorted(own, key=lambda route: (-route.bits, route.path)))
        for demand_id, own in by_demand.items()
    }
