"""Key handed out by rule for a set of contacts: what a bit more is worth decides who is served first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import accumulate

from eagleplan.schedule.formulation import Formulation
from eagleplan.schedule.key_block import Flow
from eagleplan.schedule.network import KeyNetwork
from eagleplan.schedule.problem import PairDemand
from eagleplan.schedule.programme import Values
from eagleplan.schedule.stocks import Stocks
from eagleplan.schedule.utility import Segment, utility_of

URGENT = 1_000
"""A guaranteed bit is worth this many times as much as another; one of a later class a little less."""


def prices(formulation: Formulation) -> list[tuple[Segment, ...]]:
    """For each demand what its bits are worth in turn, by the first goal that counts bits; guaranteed ones far more."""
    demands = formulation.network.demands
    names = [goal.objective.name for goal in formulation.goals]
    counts = next((name for name in names if name in ("fairness", "max_min", "weighted_met_bits")), "weighted_met_bits")
    worths = (
        [(Segment(bits=demand.bits, worth=demand.weight),) for demand in demands]
        if counts == "weighted_met_bits"
        else utility_of(demands)
    )
    return [_urgent_first(demand, segments) for demand, segments in zip(demands, worths, strict=True)]


def _urgent_first(demand: PairDemand, segments: Sequence[Segment]) -> tuple[Segment, ...]:
    found, guaranteed = [], demand.guarantee_bits
    for segment in segments:
        urgent = min(segment.bits, guaranteed)
        guaranteed -= urgent
        factor = max(2, URGENT // demand.guarantee_class)
        found.append(Segment(bits=urgent, worth=factor * segments[0].worth))
        found.append(Segment(bits=segment.bits - urgent, worth=segment.worth))
    return tuple(segment for segment in found if segment.bits > 0)


def values_for(formulation: Formulation, chosen: Iterable[int]) -> Values:
    """Feasible values of all columns for these contacts, which must go together."""
    values = [0] * len(formulation.programme.upper)
    for index in chosen:
        values[index] = 1
    steps = []
    for demand, segments in enumerate(prices(formulation)):
        upto = list(accumulate(segment.bits for segment in segments))
        steps += [(-segment.worth, demand, bits) for segment, bits in zip(segments, upto, strict=True)]
    order = [(demand, upto) for _, demand, upto in sorted(steps)]
    (_in_time if formulation.network.is_timed else _at_deadlines)(formulation, values, order)
    return formulation.completed(values)


def _at_deadlines(formulation: Formulation, values: list[int], order: Iterable[tuple[int, int]]) -> None:
    """Everybody takes key at the deadline; nobody takes what was given to somebody else later."""
    network = formulation.network
    free = [_on_hand(network, edge, values) for edge in range(len(network.edges))]
    flows_of: list[list[Flow]] = [[] for _ in network.demands]
    for flow in formulation.keys.flows:
        flows_of[network.routes[flow.route].demand].append(flow)
    met = [0] * len(network.demands)
    for demand, upto in order:
        for flow in flows_of[demand]:
            route = network.routes[flow.route]
            ways = [(free[e], network.edges[e].instants_s.index(flow.at_s)) for e in route.edges]
            bits = min(upto - met[demand], *(min(left[instant:]) for left, instant in ways))
            if bits <= 0:
                continue
            for left, instant in ways:
                for later in range(instant, len(left)):
                    left[later] -= bits
            values[flow.column] += bits
            met[demand] += bits


def _on_hand(network: KeyNetwork, edge: int, values: Sequence[int]) -> list[int]:
    """Bits on hand at each instant of an edge if nothing is spent and nothing grows old."""
    arrived = [0] * (len(network.edges[edge].instants_s) + 1)
    for cohort in network.edges[edge].cohorts:
        own = sum(network.candidates[index].bits for index in cohort.candidates if values[index])
        arrived[cohort.first] += cohort.fixed_bits + own
    return list(accumulate(arrived[:-1]))


def _in_time(formulation: Formulation, values: list[int], order: Sequence[tuple[int, int]]) -> None:
    """Key is handed out as time goes by, the best use of each instant first."""
    network = formulation.network
    stocks = Stocks(network, [index for index in range(len(network.candidates)) if values[index]])
    flows_at: dict[int, dict[int, list[Flow]]] = defaultdict(lambda: defaultdict(list))
    for flow in formulation.keys.flows:
        flows_at[flow.at_s][network.routes[flow.route].demand].append(flow)
    met = [0] * len(network.demands)
    for at_s in stocks.instants_s():
        stocks.reach(at_s)
        if at_s in network.instants_s:
            stocks.give_up(None)
        for demand, upto in order:
            for flow in flows_at[at_s][demand]:
                edges = network.routes[flow.route].edges
                bits = min(upto - met[demand], *(stocks.on_hand[edge] for edge in edges))
                if bits > 0:
                    for edge in edges:
                        stocks.take(edge, bits)
                    values[flow.column] += bits
                    met[demand] += bits
