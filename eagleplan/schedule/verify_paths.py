"""The verifier's view of deliveries: a path of edges that the demand may take, at an instant that it may take."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import pairwise

from eagleplan.model import Delivery, PlanClaims
from eagleplan.schedule.problem import PairDemand, Problem, delivery_instants_s
from eagleplan.schedule.verify_finding import Violation, found

Edge = tuple[str, str]
"""Two nodes that hold key with one another, in alphabetical order."""


def edge(one: str, other: str) -> Edge:
    """The edge between two nodes, whichever is named first."""
    return (one, other) if one < other else (other, one)


def paid_edges(problem: Problem, path: tuple[str, ...]) -> tuple[Edge, ...]:
    """The edges of a path whose key is spent; the way between a country and a station of its own may be free."""
    return tuple(edge(one, other) for one, other in _steps(path) if not _is_free(problem, one, other))


def delivery_violations(problem: Problem, claims: PlanClaims) -> Iterator[Violation]:
    """Deliveries that no path, no trust or no instant allows."""
    demands = {demand.demand_id: demand for demand in problem.demands}
    instants = set(delivery_instants_s(problem))
    edges = _edges(problem)
    for delivery in claims.deliveries:
        subject = f"{delivery.demand_id} at {delivery.at_s} s"
        if delivery.bits <= 0:
            yield found("V-DELIVERY", subject, f"a delivery must have bits (got {delivery.bits})")
        demand = demands.get(delivery.demand_id)
        if demand is None:
            yield found("V-UNKNOWN", subject, "the inputs have no such demand")
            continue
        if delivery.at_s not in instants:
            yield found("V-INSTANT", subject, "no key is handed over at this instant")
        elif not demand.start_s < delivery.at_s <= demand.deadline_s:
            message = f"the demand takes key after {demand.start_s} s and until {demand.deadline_s} s"
            yield found("V-INSTANT", subject, message)
        yield from _path(problem, demand, delivery, subject, edges)
        yield from _trust(problem, demand, delivery, subject)


def _path(
    problem: Problem, demand: PairDemand, delivery: Delivery, subject: str, edges: Collection[Edge]
) -> Iterator[Violation]:
    path = delivery.path
    if len(path) < 2 or (path[0], path[-1]) != (demand.node_a, demand.node_b):
        message = f"a path leads from {demand.node_a} to {demand.node_b} (got {' – '.join(path)})"
        yield found("V-PATH", subject, message)
        return
    for node in sorted({node for node in path if path.count(node) > 1}):
        yield found("V-PATH", subject, f"the path passes {node} twice")
    for one, other in _steps(path):
        if not _is_free(problem, one, other) and edge(one, other) not in edges:
            yield found("V-PATH", subject, f"{one} and {other} hold no key with one another")
    hops = len(paid_edges(problem, path))
    if hops == 0:
        yield found("V-PATH", subject, "the path spends no key at all")
    if hops > demand.max_hops:
        yield found("V-HOPS", subject, f"the path spends key on {hops} edges, at most {demand.max_hops} may be")


def _trust(problem: Problem, demand: PairDemand, delivery: Delivery, subject: str) -> Iterator[Violation]:
    if demand.trusted is None:
        return
    own = {site_id for node in (demand.node_a, demand.node_b) for site_id in problem.network.node_sites.get(node, ())}
    for node in delivery.path[1:-1]:
        names = {node, *(code for code, sites in problem.network.node_sites.items() if node in sites)}
        if node not in own and not names & demand.trusted:
            yield found("V-TRUST", subject, f"{node} may not carry this demand's key")


def _steps(path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    yield from pairwise(path)


def _is_free(problem: Problem, one: str, other: str) -> bool:
    sites = problem.network.node_sites
    joined = other in sites.get(one, ()) or one in sites.get(other, ())
    paid = any({link.node_a, link.node_b} == {one, other} for link in problem.network.fibre_links)
    return joined and not paid


def _edges(problem: Problem) -> set[Edge]:
    """Everything that can hold key: what contacts fill, what fibre fills, what is there at the start."""
    return (
        {edge(candidate.satellite_id, candidate.site_id) for candidate in problem.candidates}
        | {edge(link.node_a, link.node_b) for link in problem.network.fibre_links}
        | {edge(stock.end_a, stock.end_b) for stock in problem.network.initial_stocks}
    )
