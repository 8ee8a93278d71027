"""The matrix of nodes, against the plan's demands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import pytest

from eagleplan.model import DemandResult, Plan
from eagleplan.report.html import report_html
from eagleplan.report.index import PlanIndex
from eagleplan.report.matrix import Matrix, country_matrix


def _matrix(plan: Plan) -> Matrix:
    found = country_matrix(PlanIndex(plan))
    assert found is not None
    return found


def _with(plan: Plan, wanted: Sequence[tuple[str, str, int, int]]) -> Plan:
    """Demands of (node, node, bits wanted, bits delivered)."""
    model = plan.demands[0]
    results: list[DemandResult] = []
    for number, (a, b, bits, delivered) in enumerate(wanted):
        demand = replace(model.demand, demand_id=f"M{number}", node_a=a, node_b=b, bits=bits, guarantee_bits=0)
        results.append(replace(model, demand=demand, delivered_bits=delivered, met_frac=delivered / bits))
    return replace(plan, demands=tuple(results), deliveries=())


def test_cells_are_the_demands(plan: Plan) -> None:
    matrix = _matrix(plan)
    assert matrix.nodes == ("AT", "DE", "ES", "GR", "fi-metsahovi", "xx-script")
    by_pair = {frozenset((r.demand.node_a, r.demand.node_b)): r for r in plan.demands}
    for row in matrix.rows:
        for other, cell in zip(matrix.nodes, row.cells, strict=True):
            result = by_pair.get(frozenset((row.node, other)))
            assert (cell is None) == (result is None)
            if cell and result:
                assert (cell.wanted_bits, cell.delivered_bits) == (result.demand.bits, result.delivered_bits)
                assert cell.met_frac == pytest.approx(result.met_frac)
                assert cell.demand_ids == (result.demand.demand_id,)
                assert cell.guarantee == ("" if not result.demand.guarantee_bits else
                                          "kept" if result.guarantee_kept else "broken")  # fmt: skip


def test_it_is_symmetrical_and_every_pair_counts_once_in_the_whole(plan: Plan) -> None:
    matrix = _matrix(plan)
    for i, row in enumerate(matrix.rows):
        for j, cell in enumerate(row.cells):
            other = matrix.rows[j].cells[i]
            assert (cell and (cell.wanted_bits, cell.delivered_bits)) == (
                other and (other.wanted_bits, other.delivered_bits)
            )
    assert matrix.total.wanted_bits == sum(r.demand.bits for r in plan.demands)
    assert matrix.total.delivered_bits == sum(d.bits for d in plan.deliveries)
    assert sum(row.total.delivered_bits for row in matrix.rows) == 2 * matrix.total.delivered_bits
    assert (matrix.total.n_guarantees, matrix.total.n_kept) == (2, 1)


def test_both_directions_and_several_demands_of_a_pair_are_one_cell(plan: Plan) -> None:
    matrix = _matrix(_with(plan, [("DE", "AT", 100, 100), ("AT", "DE", 300, 0)]))
    cell = matrix.rows[0].cells[1]
    assert cell is not None
    assert (cell.wanted_bits, cell.delivered_bits, cell.met_frac, cell.n_demands) == (400, 100, 0.25, 2)


@pytest.mark.parametrize(("delivered", "level"), [(0, 0), (1, 1), (250, 1), (251, 2), (999, 4), (1000, 5)])
def test_shades_tell_nothing_and_all_from_what_lies_between(plan: Plan, delivered: int, level: int) -> None:
    assert _matrix(_with(plan, [("DE", "AT", 1000, delivered)])).total.level == level


def test_without_demand_there_is_no_matrix(empty_plan: Plan) -> None:
    assert country_matrix(PlanIndex(empty_plan)) is None
    assert b'class="matrix' not in report_html(empty_plan)


def test_many_nodes_are_drawn_small_and_escaped(plan: Plan) -> None:
    nodes = [f"n{number:02d}" for number in range(34)] + ["<b>&"]
    page = report_html(_with(plan, [(a, b, 1000, 500) for a, b in combinations(nodes, 2)])).decode()
    table = page[page.index('<table class="matrix') :].partition("</table>")[0]
    assert "matrix-small" in table
    assert table.count("<tr>") == 1 + 35 + 1
    assert table.count('class="matrix-2"') == 35 * 34
    assert "<b>&" not in table
    assert "&lt;b&gt;&amp;" in table
