"""Key that grows old, and stores that are full: against a programme that keeps every lot of bits apart.

That programme chooses freely which lot to spend, to give up and when; it shares nothing with the planner's but the
rules. It is solved by scipy's interface to HiGHS, level by level, in floating point on numbers small enough for it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from eagleplan.model import PlanClaims
from eagleplan.schedule import GREEDIES, PairDemand, Problem, Solution, delivery_instants_s, solve, violations

OBJECTIVES = (
    ("guarantees", "weighted_met_bits", "n_contacts", "stock_left"),
    ("guarantees", "fairness", "weighted_met_bits", "n_contacts", "stock_left"),
)

Edge = frozenset[str]
Lot = tuple[Edge, float, int | None, int]
"""Edge, when its bits are made, which candidate brings them (None: they are there anyway), how many."""


@pytest.mark.parametrize("block", range(5))
def test_equal_to_keeping_every_lot_apart(
    block: int, timed_problem: Callable[[int], Problem], claims_for: Callable[[Problem, Solution], PlanClaims]
) -> None:
    for seed in range(25 * block, 25 * block + 25):
        problem, objectives = timed_problem(seed), OBJECTIVES[seed % 2]
        solution = solve(problem, solver="cp-sat", objectives=objectives)
        assert solution.status == "optimal"
        found = {level.name: level.objective for level in solution.levels}
        assert found == lot_by_lot(problem, objectives), f"seed {seed}"
        assert violations(problem, claims_for(problem, solution)) == (), f"seed {seed}"


def test_the_rules_keep_to_time_and_stores_too(
    timed_problem: Callable[[int], Problem], claims_for: Callable[[Problem, Solution], PlanClaims]
) -> None:
    for seed in range(60):
        problem = timed_problem(seed)
        for greedy in GREEDIES.values():
            assert violations(problem, claims_for(problem, greedy(problem))) == (), f"seed {seed}"


def test_the_problems_have_what_they_should(timed_problem: Callable[[int], Problem]) -> None:
    problems = [timed_problem(seed) for seed in range(125)]
    solutions = [solve(problem, solver="cp-sat") for problem in problems]
    assert sum(bool(solution.discards) for solution in solutions) > 20
    deliveries = [(p, d) for p, s in zip(problems, solutions, strict=True) for d in s.deliveries]
    deadline = {(p.demands, d.demand_id): d.deadline_s for p in problems for d in p.demands}
    assert sum(d.at_s < deadline[p.demands, d.demand_id] for p, d in deliveries) > 10
    assert sum(len(d.path) > 5 for _, d in deliveries) >= 1


# --- Lot by lot ---------------------------------------------------------------------------------------------------


class Matrix:
    """Rows and columns of a programme for scipy."""

    def __init__(self) -> None:
        self.upper: list[float] = []
        self.rows: list[tuple[dict[int, float], float, float]] = []

    def column(self, upper: float) -> int:
        self.upper.append(upper)
        return len(self.upper) - 1

    def row(self, terms: dict[int, float], lower: float, upper: float) -> None:
        self.rows.append((terms, lower, upper))

    def maximum(self, terms: dict[int, float]) -> int:
        cost = np.zeros(len(self.upper))
        for column, coefficient in terms.items():
            cost[column] = -coefficient
        matrix = np.zeros((len(self.rows), len(self.upper)))
        for number, (row, _, _) in enumerate(self.rows):
            for column, coefficient in row.items():
                matrix[number, column] += coefficient
        result = milp(
            cost,
            integrality=np.ones(len(self.upper)),
            bounds=Bounds(0, self.upper),
            constraints=LinearConstraint(matrix, [row[1] for row in self.rows], [row[2] for row in self.rows]),
            options={"mip_rel_gap": 0.0},
        )
        assert result.status == 0, result.message
        return round(-result.fun)


def lot_by_lot(problem: Problem, objectives: Sequence[str]) -> dict[str, int]:
    """Level name -> the best it can be, given the levels before."""
    matrix = Matrix()
    flown = [matrix.column(1) for _ in problem.candidates]
    for i, j in itertools.combinations(range(len(flown)), 2):
        if exclude(problem, i, j):
            matrix.row({flown[i]: 1, flown[j]: 1}, 0, 1)
    max_age_s = math.inf if problem.network.max_age_s is None else problem.network.max_age_s
    instants_s = delivery_instants_s(problem)
    lots = list(all_lots(problem))
    spent = {
        (lot, t): matrix.column(lots[lot][3])
        for lot, t in itertools.product(range(len(lots)), instants_s)
        if lots[lot][1] <= t <= lots[lot][1] + max_age_s
    }
    lost = {key: matrix.column(lots[key[0]][3]) for key in spent}
    flows: list[tuple[int, tuple[Edge, ...], int, int]] = []
    for number, demand in enumerate(problem.demands):
        for path in paid_edges(problem, demand):
            for t in instants_s:
                if demand.start_s < t <= demand.deadline_s:
                    flows.append((number, path, t, matrix.column(demand.bits)))
        own = {column: 1.0 for d, _, _, column in flows if d == number}
        matrix.row(own, 0, demand.bits)
    for edge, t in itertools.product({lot[0] for lot in lots} | {e for f in flows for e in f[1]}, instants_s):
        balance = {column: 1.0 for _, path, at_s, column in flows if edge in path and at_s == t}
        balance |= {column: -1.0 for (lot, at_s), column in spent.items() if lots[lot][0] == edge and at_s == t}
        matrix.row(balance, 0, 0)
    for lot, (_, _, candidate, bits) in enumerate(lots):
        gone = {column: 1.0 for use in (spent, lost) for (its, _), column in use.items() if its == lot}
        if candidate is not None:
            gone[flown[candidate]] = -bits
        matrix.row(gone, -math.inf, 0 if candidate is not None else bits)
    for inside, cap_bits in stores(problem):
        for t in instants_s:
            held, fixed = {}, 0
            for lot, (edge, made_s, candidate, bits) in enumerate(lots):
                if inside(edge) and made_s <= t <= made_s + max_age_s:
                    if candidate is None:
                        fixed += bits
                    else:
                        held[flown[candidate]] = held.get(flown[candidate], 0) + bits
                    held |= {column: -1.0 for (its, at_s), column in spent.items() if its == lot and at_s < t}
                    held |= {column: -1.0 for (its, at_s), column in lost.items() if its == lot and at_s <= t}
            matrix.row(held, -math.inf, cap_bits - fixed)
    return levels(problem, objectives, matrix, flown, lots, {**spent}, lost, flows, max_age_s)


def levels(
    problem: Problem,
    objectives: Sequence[str],
    matrix: Matrix,
    flown: list[int],
    lots: list[Lot],
    spent: dict[tuple[int, int], int],
    lost: dict[tuple[int, int], int],
    flows: list[tuple[int, tuple[Edge, ...], int, int]],
    max_age_s: float,
) -> dict[str, int]:
    met = [{c: 1.0 for d, _, _, c in flows if d == number} for number in range(len(problem.demands))]
    found: dict[str, int] = {}

    def decide(name: str, terms: dict[int, float], fixed: int, sign: int) -> None:
        best = matrix.maximum(terms)
        matrix.row(terms, best - 0.25, math.inf)
        found[name] = sign * (best + fixed)

    for name in objectives:
        if name == "guarantees":
            for number in sorted({d.guarantee_class for d in problem.demands if d.guarantee_bits}):
                terms: dict[int, float] = {}
                for d, own in zip(problem.demands, met, strict=True):
                    if d.guarantee_class == number and d.guarantee_bits:
                        short = matrix.column(d.guarantee_bits)
                        matrix.row({**own, short: 1}, d.guarantee_bits, math.inf)
                        terms[short] = -d.weight
                decide(f"guarantees_{number}", terms, 0, -1)
        elif name == "weighted_met_bits":
            weighted = {c: d.weight for d, own in zip(problem.demands, met, strict=True) for c in own}
            decide(name, weighted, 0, 1)
        elif name == "fairness":
            worth = {}
            scale = 10 ** math.ceil(math.log10(1000 * max(d.bits for d in problem.demands)))
            for d, own in zip(problem.demands, met, strict=True):
                ends = [d.bits * percent // 100 for percent in (0, 10, 25, 50, 100)]
                parts = [matrix.column(high - low) for low, high in itertools.pairwise(ends)]
                matrix.row({**dict.fromkeys(parts, 1), **dict.fromkeys(own, -1)}, -math.inf, 0)
                for part, slope in zip(parts, (160, 60, 25, 10), strict=True):
                    worth[part] = scale * d.weight * slope // (10 * d.bits)
            decide(name, worth, 0, 1)
        elif name == "n_contacts":
            useful = {f for f, c in zip(flown, problem.candidates, strict=True) if c.bits}
            decide(name, dict.fromkeys(sorted(useful), -1), 0, -1)
        elif name == "stock_left":
            terms, fixed = {}, 0
            for lot, (_, made_s, candidate, bits) in enumerate(lots):
                if made_s <= problem.end_s <= made_s + max_age_s:
                    if candidate is None:
                        fixed += bits
                    else:
                        terms[flown[candidate]] = terms.get(flown[candidate], 0) + bits
                    for use in (spent, lost):
                        terms |= {column: -1 for (its, _), column in use.items() if its == lot}
            decide(name, terms, fixed, 1)
    return found


def all_lots(problem: Problem) -> Iterator[Lot]:
    for stock in problem.network.initial_stocks:
        yield frozenset((stock.end_a, stock.end_b)), -stock.age_s, None, stock.bits
    for number, contact in enumerate(problem.candidates):
        if contact.usable_s <= problem.end_s:
            yield frozenset((contact.satellite_id, contact.site_id)), contact.usable_s, number, contact.bits
    for link in problem.network.fibre_links:
        rate = link.rate_bps * link.availability_frac
        for bit in range(1, math.floor(rate * problem.end_s) + 1):
            yield frozenset((link.node_a, link.node_b)), bit / rate, None, 1


def stores(problem: Problem) -> Iterator[tuple[Callable[[Edge], bool], int]]:
    network = problem.network
    for caps in (network.satellite_cap_bits, network.node_cap_bits):
        for name, cap_bits in caps.items():
            yield (lambda edge, name=name: name in edge), cap_bits
    for pair, cap_bits in network.edge_cap_bits.items():
        yield (lambda edge, pair=pair: edge == frozenset(pair)), cap_bits


def exclude(problem: Problem, i: int, j: int) -> bool:
    one, other = problem.candidates[i], problem.candidates[j]
    pause_s = max(one.start_s, other.start_s) - min(one.end_s, other.end_s)
    same_terminal = one.satellite_id == other.satellite_id and pause_s < problem.changeover_s
    return same_terminal or (one.site_id == other.site_id and pause_s < 0)


def paid_edges(problem: Problem, demand: PairDemand) -> set[tuple[Edge, ...]]:
    """The paid edges of every path: walks over all nodes, kept if they obey."""
    sites_of = problem.network.node_sites
    fibre = {frozenset((link.node_a, link.node_b)) for link in problem.network.fibre_links}
    edges = fibre | {frozenset((c.satellite_id, c.site_id)) for c in problem.candidates}
    edges |= {frozenset((s.end_a, s.end_b)) for s in problem.network.initial_stocks}
    free = {frozenset((country, site)) for country, sites in sites_of.items() for site in sites} - fibre
    own = {s for end in (demand.node_a, demand.node_b) for s in sites_of.get(end, ())}
    found = set()
    walks = [(demand.node_a,)]
    while walks:
        walk = walks.pop()
        steps = [frozenset(pair) for pair in itertools.pairwise(walk)]
        paid = tuple(step for step in steps if step not in free)
        if walk[-1] == demand.node_b:
            if paid:
                found.add(paid)
            continue
        for step in edges | free:
            if walk[-1] in step and len(paid) + (step not in free) <= demand.max_hops:
                (there,) = step - {walk[-1]}
                names = {there, *(c for c, sites in sites_of.items() if there in sites)}
                trusted = demand.trusted is None or there in own or bool(names & demand.trusted)
                if there not in walk and (trusted or there == demand.node_b):
                    walks.append((*walk, there))
    return found
