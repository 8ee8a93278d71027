"""Rules of thumb, one contact after the other: what planners do without a solver, and a start for one.

Each rule only orders the contacts; the key they give is then handed out by `values_by_weight`. None knows how
far it is from the best plan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from eagleplan.schedule.formulation import Formulation, formulate
from eagleplan.schedule.levels import LEVELS
from eagleplan.schedule.problem import Problem
from eagleplan.schedule.programme import Values
from eagleplan.schedule.relays import RelayNetwork
from eagleplan.schedule.solution import Limits, Solution, solution_of

Rule = Callable[[Formulation], tuple[int, ...]]
"""Formulation -> indices of chosen candidates, in the order in which they were taken."""


def earliest_first(formulation: Formulation) -> tuple[int, ...]:
    """Every contact in the order of time that does not clash with an earlier one."""
    return _take(formulation, range(len(formulation.network.candidates)))


def highest_yield_first(formulation: Formulation) -> tuple[int, ...]:
    """Every contact in the order of its bits, most first, that does not clash with a better one."""
    candidates = formulation.network.candidates
    return _take(formulation, sorted(range(len(candidates)), key=lambda index: (-candidates[index].bits, index)))


def demand_aware(formulation: Formulation) -> tuple[int, ...]:
    """Again and again the contact whose bits help demands most.

    The bits of a contact are reserved for the demands that can use them, best weight first. A reserved bit
    that meets one reserved on the other side completes a pair and counts its demand's weight in full; one
    that waits for its partner counts half. Guarantees come first by counting every demand's guaranteed part a
    thousandfold.
    """
    network = formulation.network
    cliques_of = _cliques_of(formulation)
    sides = _sides_by_stock(network)
    stock_of = {c: s for s, stock in enumerate(network.stocks) for c in stock.candidates}
    reserved = [[0, 0] for _ in network.relays]
    relays_of = network.relays_of()

    def shares(stock: int, bits: int) -> tuple[list[tuple[int, int, int]], float]:
        """(relay, side, bits) for every part that some demand can use, and what they are worth together."""
        parts, worth = [], 0.0
        for relay, side in sides[stock]:
            if bits == 0:
                break
            index = network.relays[relay].demand
            demand = network.demands[index]
            held = sum(reserved[other][side] for other in relays_of[index])
            usable = min(bits, demand.bits - held)
            if usable > 0:
                bits -= usable
                parts.append((relay, side, usable))
                waiting = max(0, reserved[relay][1 - side] - reserved[relay][side])
                pairs = min(usable, waiting)
                urgent = min(usable, max(0, demand.guarantee_bits - held))
                worth += demand.weight * (0.5 * (usable + pairs) + 1000.0 * 0.5 * urgent)
        return parts, worth

    for stock in range(len(network.stocks)):
        for relay, side, bits in shares(stock, network.stocks[stock].initial_bits)[0]:
            reserved[relay][side] += bits
    free = set(range(len(network.candidates)))
    chosen = []
    while free:
        worths = {index: shares(stock_of[index], network.candidates[index].bits)[1] for index in free}
        best = max(sorted(free), key=lambda index: worths[index])
        if worths[best] == 0.0:
            break
        chosen.append(best)
        for relay, side, bits in shares(stock_of[best], network.candidates[best].bits)[0]:
            reserved[relay][side] += bits
        free.discard(best)
        for clique in cliques_of[best]:
            free.difference_update(formulation.programme.cliques[clique])
    return tuple(chosen)


RULES: Mapping[str, Rule] = {
    "earliest-first": earliest_first,
    "highest-yield-first": highest_yield_first,
    "demand-aware": demand_aware,
}


def values_by_weight(formulation: Formulation, chosen: Iterable[int]) -> Values:
    """Feasible values of all columns for these contacts: guarantees first, then demands in full by weight."""
    network = formulation.network
    values = [0] * len(formulation.programme.upper)
    left = [stock.initial_bits for stock in network.stocks]
    for index in chosen:
        values[index] = 1
    for number, stock in enumerate(network.stocks):
        left[number] += sum(network.candidates[index].bits for index in stock.candidates if values[index])
    relays_of = network.relays_of()
    met = [0] * len(network.demands)
    order = sorted(range(len(met)), key=lambda index: (-network.demands[index].weight, index))
    for guaranteed in (True, False):
        for index in order:
            demand = network.demands[index]
            target = demand.guarantee_bits if guaranteed else demand.bits
            for relay in relays_of[index]:
                met[index] += _deliver(formulation, values, left, relay, target - met[index])
    for index, column in formulation.shortfall_columns.items():
        values[column] = max(0, network.demands[index].guarantee_bits - met[index])
    return tuple(values)


def _deliver(formulation: Formulation, values: list[int], left: list[int], relay: int, wanted: int) -> int:
    """Deliver up to `wanted` bits through a relay; returns how many it were."""
    draws = formulation.draws[relay]
    bits = min(wanted, *(sum(left[stock] for stock in side) for side in draws))
    if bits <= 0:
        return 0
    column = formulation.relay_columns[relay]
    values[column] += bits
    for side in draws:
        rest = bits
        for stock, draw_column in side.items():
            taken = min(rest, left[stock])
            left[stock] -= taken
            rest -= taken
            if draw_column != column:
                values[draw_column] += taken
    return bits


def start_values(formulation: Formulation) -> Values:
    """The best that the rules give, level by level."""
    objectives = [level(formulation) for level in LEVELS.values()]

    def rank(values: Values) -> tuple[int, ...]:
        return tuple(o.value(values) if o.sense == "min" else -o.value(values) for o in objectives)

    return min((values_by_weight(formulation, rule(formulation)) for rule in RULES.values()), key=rank)


def _solver(name: str, rule: Rule) -> Callable[[Problem], Solution]:
    def solve_by_rule(problem: Problem) -> Solution:
        formulation = formulate(problem)
        return solution_of(
            problem,
            formulation,
            values_by_weight(formulation, rule(formulation)),
            [level(formulation).trivial_bound for level in LEVELS.values()],
            solver=name,
            limits=Limits(),
            reproducible=True,
            deterministic_time_s=0.0,
        )

    return solve_by_rule


GREEDIES: Mapping[str, Callable[[Problem], Solution]] = {name: _solver(name, rule) for name, rule in RULES.items()}
"""The rules as solvers of their own, with the bound that follows from the demands alone."""


def _take(formulation: Formulation, order: Iterable[int]) -> tuple[int, ...]:
    cliques_of = _cliques_of(formulation)
    taken_cliques: set[int] = set()
    chosen = []
    for index in order:
        if taken_cliques.isdisjoint(cliques_of[index]):
            chosen.append(index)
            taken_cliques.update(cliques_of[index])
    return tuple(chosen)


def _cliques_of(formulation: Formulation) -> Sequence[Sequence[int]]:
    found: list[list[int]] = [[] for _ in formulation.network.candidates]
    for number, clique in enumerate(formulation.programme.cliques):
        for index in clique:
            found[index].append(number)
    return found


def _sides_by_stock(network: RelayNetwork) -> list[list[tuple[int, int]]]:
    """For each stock the (relay, side) that draw on it, best weight first."""
    found: list[list[tuple[int, int]]] = [[] for _ in network.stocks]
    for relay_index, relay in enumerate(network.relays):
        for side, stocks in enumerate((relay.stocks_a, relay.stocks_b)):
            for stock in stocks:
                found[stock].append((relay_index, side))
    for uses in found:
        uses.sort(key=lambda use: (-network.demands[network.relays[use[0]].demand].weight, use))
    return found
