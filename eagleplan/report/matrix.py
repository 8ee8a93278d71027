"""The matrix of nodes: what every two of them want from each other, and what they get."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from eagleplan.report.index import PlanIndex
from eagleplan.report.pairs import Pair, pairs
from eagleplan.report.words import bits_text, percent_text

N_LEVELS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Demands added up: those of a pair, of a node, or all."""

    wanted_bits: int
    delivered_bits: int
    met_frac: float
    n_demands: int
    n_guarantees: int
    n_kept: int
    demand_ids: tuple[str, ...]
    title: str

    @property
    def level(self) -> int:
        """The shade: 0 where nothing is delivered, 5 where all is met, and four steps between."""
        if self.met_frac >= 1.0:
            return N_LEVELS
        return min(N_LEVELS - 1, math.ceil(self.met_frac * (N_LEVELS - 1)))

    @property
    def guarantee(self) -> str:
        """``kept``, ``broken``, or nothing where none was asked."""
        if not self.n_guarantees:
            return ""
        return "kept" if self.n_kept == self.n_guarantees else "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixRow:
    """A node against every node; None where nobody asked."""

    node: str
    name: str
    cells: tuple[Cell | None, ...]
    total: Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Symmetrical: a pair stands in two cells. `total` counts it once, so it is half the sum of the rows' totals."""

    nodes: tuple[str, ...]
    rows: tuple[MatrixRow, ...]
    total: Cell


def country_matrix(index: PlanIndex) -> Matrix | None:
    """Countries of stations first, then other nodes, each in the order of the alphabet; None without demand."""
    found = pairs(index.plan.demands)
    if not found:
        return None
    countries = {site.country for site in index.plan.sites}
    ends = {node for pair in found for node in (pair.node_a, pair.node_b)}
    nodes = tuple(sorted(ends, key=lambda node: (node not in countries, node)))
    by_ends = {frozenset((pair.node_a, pair.node_b)): pair for pair in found}
    rows = []
    for node in nodes:
        own = [by_ends.get(frozenset((node, other))) for other in nodes]
        rows.append(
            MatrixRow(
                node=node,
                name=index.sites[node].name if node in index.sites else node,
                cells=tuple(
                    _cell(f"{node} – {other}", [pair]) if pair else None for other, pair in zip(nodes, own, strict=True)
                ),
                total=_cell(f"{node} with all", [pair for pair in own if pair]),
            )
        )
    return Matrix(nodes=nodes, rows=tuple(rows), total=_cell("All pairs", found))


def _cell(heading: str, own: Sequence[Pair]) -> Cell:
    wanted = sum(pair.wanted_bits for pair in own)
    delivered = sum(pair.delivered_bits for pair in own)
    useful = sum(pair.met_frac * pair.wanted_bits for pair in own)
    met_frac = 1.0 if all(pair.met_frac >= 1.0 for pair in own) else useful / wanted
    n_guarantees, n_kept = sum(pair.n_guarantees for pair in own), sum(pair.n_kept for pair in own)
    demand_ids = tuple(demand_id for pair in own for demand_id in pair.demand_ids)
    lines = [
        heading,
        f"{bits_text(delivered)} of {bits_text(wanted)} wanted",
        f"{percent_text(met_frac)} met",
        *([f"guarantees kept: {n_kept} of {n_guarantees}"] if n_guarantees else []),
        *([", ".join(demand_ids)] if len(own) == 1 else []),
    ]
    return Cell(
        wanted_bits=wanted,
        delivered_bits=delivered,
        met_frac=met_frac,
        n_demands=len(demand_ids),
        n_guarantees=n_guarantees,
        n_kept=n_kept,
        demand_ids=demand_ids,
        title="\n".join(lines),
    )
