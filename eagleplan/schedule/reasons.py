"""Why a contact is, or is not, in the plan; what limits a demand. Read off a solution, without solving again.

Every sentence follows from facts of the solution: clashes with chosen contacts, limits that are used up, key left along
the way, and whether the plan is proven. Where it is not proven, the sentence says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from eagleplan.model import Demand, DemandResult, Reason
from eagleplan.schedule.problem import Candidate, PairDemand, Problem
from eagleplan.schedule.reasons_clash import Clashes
from eagleplan.schedule.reasons_reach import Reach, edges_with_key, reach_of, spare_edges
from eagleplan.schedule.solution import Solution
from eagleplan.schedule.verify_paths import Edge, edge, paid_edges
from eagleplan.schedule.verify_stocks import productions

MET_IN_FULL = "met in full"

NO_KEY = "no key is expected from it"

_SAYS_NOTHING_OF_KEY = {"n_contacts", "stock_left", "changes"}


def contact_reasons(problem: Problem, solution: Solution) -> Mapping[str, Reason]:
    """Contact id -> why it was, or was not, chosen, for every candidate of the problem."""
    chosen = set(solution.chosen_ids)
    proven = all(level.proven for level in solution.levels if level.name not in _SAYS_NOTHING_OF_KEY)
    limits = demand_limits(problem, solution)
    users = _users(problem)
    served: dict[Edge, list[tuple[int, str]]] = defaultdict(list)
    for delivery in solution.deliveries:
        for key in paid_edges(problem, delivery.path):
            served[key].append((delivery.at_s, delivery.demand_id))
    pinned = {contact_id for pin in problem.pins for contact_id in pin.contact_ids}
    clashes = Clashes(problem, [c for c in problem.candidates if c.contact_id in chosen])
    spare: dict[Edge, str] = {}
    reasons = {}
    for candidate in problem.candidates:
        key = edge(candidate.satellite_id, candidate.site_id)
        demands = [d for d in users[key] if d.deadline_s >= candidate.usable_s]
        if candidate.contact_id in chosen:
            text = NO_KEY
            if candidate.bits > 0:
                text = _serves(candidate, served[key], problem.network.max_age_s)
            pin = "pinned; " if candidate.contact_id in pinned else ""
            reason = Reason(code="chosen", text=pin + text)
        elif candidate.bits == 0:
            reason = Reason(code="no-key", text=NO_KEY)
        elif not demands:
            reason = Reason(code="not-needed", text=_useless(problem, candidate, users[key]))
        elif obstacles := clashes.of(candidate):
            better = "; no plan with it is better" if proven else ""
            reason = Reason(code="conflict", text=obstacles + better)
        elif proven and problem.previous is not None:
            text = "no plan with it is better, the price of a change included"
            reason = Reason(code="not-needed", text=text)
        elif proven:
            if key not in spare:
                spare[key] = _spare(demands, limits)
            reason = Reason(code="not-needed", text=spare[key] if demands == users[key] else _spare(demands, limits))
        else:
            text = "the search stopped at its limit before it was ruled in or out"
            reason = Reason(code="not-chosen", text=text)
        reasons[candidate.contact_id] = reason
    return reasons


def demand_limits(problem: Problem, solution: Solution) -> Mapping[str, str]:
    """Demand id -> what keeps it from more, in words."""
    reach = reach_of(problem)
    could_be = productions(problem, [candidate.contact_id for candidate in problem.candidates])
    is_made = productions(problem, solution.chosen_ids)
    spare = spare_edges(problem, solution.chosen_ids, solution.deliveries, solution.discards)
    by_then: dict[int, tuple[frozenset[Edge], frozenset[Edge]]] = {}
    limits = {}
    for demand in problem.demands:
        if solution.delivered_bits(demand.demand_id) == demand.bits:
            limits[demand.demand_id] = MET_IN_FULL
            continue
        if demand.deadline_s not in by_then:
            by_then[demand.deadline_s] = (
                edges_with_key(could_be, demand.deadline_s),
                edges_with_key(is_made, demand.deadline_s),
            )
        possible, held = by_then[demand.deadline_s]
        left = {edges for at_s, edges in spare.items() if demand.start_s < at_s <= demand.deadline_s}
        limits[demand.demand_id] = _limit(reach, demand, possible, held, left) + _lost(reach, demand, solution)
    return limits


def _lost(reach: Reach, demand: PairDemand, solution: Solution) -> str:
    """That key with an end of the demand was given up, where stores were full in its time."""
    own = reach.own_nodes(demand.node_a) | reach.own_nodes(demand.node_b)
    ends = {
        end
        for discard in solution.discards
        if discard.at_s <= demand.deadline_s
        for end in (discard.end_a, discard.end_b)
        if end in own
    }
    return f"; some with {_listed(sorted(ends))} was lost, since a store was full" if ends else ""


def demand_results(demands: Sequence[Demand], problem: Problem, solution: Solution) -> tuple[DemandResult, ...]:
    """What the plan does for each of `demands`, in their order."""
    limits = demand_limits(problem, solution)
    results = []
    for demand in demands:
        delivered_bits = solution.delivered_bits(demand.demand_id)
        met_frac = delivered_bits / demand.bits
        results.append(
            DemandResult(
                demand=demand,
                delivered_bits=delivered_bits,
                met_frac=met_frac,
                guarantee_kept=delivered_bits >= demand.guarantee_bits,
                limited_by=limits[demand.demand_id],
                pqc_only_s=round((1.0 - met_frac) * (demand.deadline_s - demand.start_s)) if demand.pqc_ok else None,
            )
        )
    return tuple(results)


def _limit(
    reach: Reach, demand: PairDemand, possible: frozenset[Edge], held: frozenset[Edge], left: set[frozenset[Edge]]
) -> str:
    ends = (demand.node_a, demand.node_b)
    barren = [node for node in ends if not _beside(reach, node, possible)]
    if barren:
        return f"no contact gives key with {_listed(barren)}"
    useful = reach.useful(demand, possible)
    if not reach.has_path(demand, useful):
        if demand.max_hops == 2:
            return f"no satellite can have key with both {demand.node_a} and {demand.node_b}"
        return f"no path of trusted nodes joins {demand.node_a} and {demand.node_b} over {demand.max_hops} edges"
    empty = [node for node in ends if not _beside(reach, node, useful & held)]
    if empty:
        return f"the plan has no contact with {_listed(empty)}"
    if any(reach.has_path(demand, useful & edges) for edges in left):
        return "key is left all along a path: the search stopped at its limit"
    anywhen = frozenset().union(*left) & useful
    spent = [node for node in ends if not _beside(reach, node, anywhen)]
    if spent:
        return f"all key with {_listed(spent)} is spent"
    return _cut(reach, demand, useful, held, anywhen)


def _cut(
    reach: Reach, demand: PairDemand, useful: frozenset[Edge], held: frozenset[Edge], left: frozenset[Edge]
) -> str:
    """Which ends' key is spent on each satellite; for longer paths, the spent edges that cut the ends apart."""
    ends = (demand.node_a, demand.node_b)
    middles = [node for node, own in _by_node(useful).items() if all(_beside(reach, end, own) for end in ends)]
    if demand.max_hops == 2 and middles:
        parts, left_by = [], _by_node(left)
        for node in sorted(middles):
            spent = [end for end in ends if not _beside(reach, end, left_by.get(node, ()))]
            parts.append(f"on {node} all key with {_listed(spent)} is spent")
        return "; ".join(parts)
    near = set(reach.hops(demand, demand.node_a, left))
    cut = sorted(key for key in useful if len(near & set(key)) == 1)
    named = _listed(f"{one} – {other}" for one, other in cut[:3]) + (" and others" if len(cut) > 3 else "")
    return f"all key is spent on {named}" if cut else "its key runs out at different times along its paths"


def _by_node(edges: Iterable[Edge]) -> Mapping[str, list[Edge]]:
    found: dict[str, list[Edge]] = defaultdict(list)
    for key in edges:
        for node in key:
            found[node].append(key)
    return found


def _beside(reach: Reach, node: str, edges: Iterable[Edge]) -> list[Edge]:
    own = reach.own_nodes(node)
    return [key for key in edges if not own.isdisjoint(key)]


def _users(problem: Problem) -> Mapping[Edge, list[PairDemand]]:
    """Edge -> the demands that a path over it could serve, whatever is flown."""
    reach = reach_of(problem)
    could_be = productions(problem, [candidate.contact_id for candidate in problem.candidates])
    possible: dict[int, frozenset[Edge]] = {}
    users: dict[Edge, list[PairDemand]] = defaultdict(list)
    for demand in problem.demands:
        if demand.deadline_s not in possible:
            possible[demand.deadline_s] = edges_with_key(could_be, demand.deadline_s)
        for key in reach.useful(demand, possible[demand.deadline_s]):
            users[key].append(demand)
    return users


def _serves(candidate: Candidate, served: Iterable[tuple[int, str]], max_age_s: int | None) -> str:
    names = sorted(
        {
            demand_id
            for at_s, demand_id in served
            if candidate.usable_s <= at_s and (max_age_s is None or at_s <= candidate.usable_s + max_age_s)
        }
    )
    return f"its key goes to {_listed(names)}" if names else "its key is kept in reserve"


def _useless(problem: Problem, candidate: Candidate, late: Sequence[PairDemand]) -> str:
    if late:
        return f"its key comes after the deadline of {_listed(demand.demand_id for demand in late)}"
    nodes = {candidate.site_id}
    nodes |= {code for code, sites in problem.network.node_sites.items() if candidate.site_id in sites}
    demands = [demand for demand in problem.demands if nodes & {demand.node_a, demand.node_b}]
    if not demands:
        return f"no demand asks for key with {candidate.site_id}"
    if all(demand.deadline_s < candidate.usable_s for demand in demands):
        return f"its key comes after the deadline of {_listed(demand.demand_id for demand in demands)}"
    partners = sorted({d.node_b if d.node_a in nodes else d.node_a for d in demands})
    return f"{candidate.satellite_id} can have no key with {_listed(partners)}, its only partners"


def _spare(demands: Sequence[PairDemand], limits: Mapping[str, str]) -> str:
    unmet = [demand.demand_id for demand in demands if limits[demand.demand_id] != MET_IN_FULL]
    if not unmet:
        return "every demand that could use its key is met in full"
    return f"more key here would not help {_listed(unmet)}: {_listed(sorted({limits[d] for d in unmet}), '; ')}"


def _listed(names: Iterable[str], separator: str = ", ") -> str:
    return separator.join(names)
