"""Why a contact is, or is not, in the plan; what limits a demand. Read off a solution, without solving again.

Every sentence follows from facts of the solution: clashes with chosen contacts, key left on either side of
the satellite, and whether the plan is proven. Where it is not proven, the sentence says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from eagleplan.model import Demand, DemandResult, Reason
from eagleplan.schedule.problem import Candidate, PairDemand, Problem
from eagleplan.schedule.relays import relay_network
from eagleplan.schedule.solution import Solution

MET_IN_FULL = "met in full"


def contact_reasons(problem: Problem, solution: Solution) -> Mapping[str, Reason]:
    """Contact id -> why it was, or was not, chosen, for every candidate of the problem."""
    chosen = set(solution.chosen_ids)
    chosen_candidates = [c for c in problem.candidates if c.contact_id in chosen]
    useful = {candidate.contact_id for candidate in relay_network(problem).candidates}
    proven = all(solution.level(name).proven for name in ("weighted_shortfall_bits", "weighted_met_bits"))
    limits = demand_limits(problem, solution)
    demands_of = _demands_by_site(problem.demands)
    served: dict[tuple[str, str], set[str]] = defaultdict(set)
    for delivery in solution.deliveries:
        for site_id in (delivery.site_a, delivery.site_b):
            served[delivery.satellite_id, site_id].add(delivery.demand_id)
    reasons = {}
    for candidate in problem.candidates:
        if candidate.contact_id in chosen:
            text = _serves(served[candidate.satellite_id, candidate.site_id])
            reason = Reason(code="chosen", text=text)
        elif candidate.bits == 0:
            reason = Reason(code="no-key", text="no key is expected from it")
        elif candidate.contact_id not in useful:
            text = _useless(candidate, demands_of[candidate.site_id])
            reason = Reason(code="not-needed", text=text)
        elif clashes := _clashes(problem, candidate, chosen_candidates):
            better = "; no plan with it is better" if proven else ""
            reason = Reason(code="conflict", text=f"clashes with {_listed(clashes)}{better}")
        elif proven:
            reason = Reason(code="not-needed", text=_spare(demands_of[candidate.site_id], limits))
        else:
            text = "the search stopped at its limit before it was ruled in or out"
            reason = Reason(code="not-chosen", text=text)
        reasons[candidate.contact_id] = reason
    return reasons


def demand_limits(problem: Problem, solution: Solution) -> Mapping[str, str]:
    """Demand id -> what keeps it from more, in words."""
    possible: dict[tuple[str, str], int] = defaultdict(int)
    held: dict[tuple[str, str], int] = defaultdict(int)
    chosen = set(solution.chosen_ids)
    for stock in problem.initial_stocks:
        possible[stock.satellite_id, stock.site_id] += stock.bits
        held[stock.satellite_id, stock.site_id] += stock.bits
    for candidate in problem.candidates:
        possible[candidate.satellite_id, candidate.site_id] += candidate.bits
        if candidate.contact_id in chosen:
            held[candidate.satellite_id, candidate.site_id] += candidate.bits
    left = defaultdict(int, held)
    for delivery in solution.deliveries:
        for site_id in (delivery.site_a, delivery.site_b):
            left[delivery.satellite_id, site_id] -= delivery.bits
    satellites = sorted({satellite_id for satellite_id, _ in possible})
    return {
        demand.demand_id: (
            MET_IN_FULL
            if solution.delivered_bits(demand.demand_id) == demand.bits
            else _limit(demand, satellites, possible, held, left)
        )
        for demand in problem.demands
    }


def demand_results(demands: Sequence[Demand], problem: Problem, solution: Solution) -> tuple[DemandResult, ...]:
    """What the plan does for each of `demands`, in their order."""
    limits = demand_limits(problem, solution)
    results = []
    for demand in demands:
        delivered_bits = solution.delivered_bits(demand.demand_id)
        results.append(
            DemandResult(
                demand=demand,
                delivered_bits=delivered_bits,
                met_frac=delivered_bits / demand.bits,
                guarantee_kept=delivered_bits >= demand.guarantee_bits,
                limited_by=limits[demand.demand_id],
            )
        )
    return tuple(results)


_Edges = Mapping[tuple[str, str], int]
"""(satellite, station) -> bits."""


def _limit(demand: PairDemand, satellites: Sequence[str], possible: _Edges, held: _Edges, left: _Edges) -> str:
    sides = ((demand.node_a, demand.sites_a), (demand.node_b, demand.sites_b))

    def total(edges: _Edges, sites: Iterable[str], over: Iterable[str]) -> int:
        return sum(edges.get((satellite_id, site_id), 0) for satellite_id in over for site_id in sites)

    barren = [node for node, sites in sides if total(possible, sites, satellites) == 0]
    if barren:
        return f"no contact gives key with {_listed(barren)}"
    shared = [s for s in satellites if all(total(possible, sites, [s]) for _, sites in sides)]
    if not shared:
        return f"no satellite can have key with both {demand.node_a} and {demand.node_b}"
    empty = [node for node, sites in sides if total(held, sites, shared) == 0]
    if empty:
        return f"the plan has no contact with {_listed(empty)}"
    spent = {s: tuple(node for node, sites in sides if total(left, sites, [s]) == 0) for s in shared}
    if not all(spent.values()):
        return "key is left on both sides: the search stopped at its limit"
    everywhere = [node for node, _ in sides if all(node in nodes for nodes in spent.values())]
    if everywhere:
        return f"all key with {_listed(everywhere)} is spent"
    return "; ".join(f"on {s} all key with {_listed(nodes)} is spent" for s, nodes in spent.items())


def _clashes(problem: Problem, candidate: Candidate, chosen: Iterable[Candidate]) -> list[str]:
    """Ids of chosen contacts that exclude the candidate, by terminal or by station."""
    found = []
    for other in chosen:
        gaps = []
        if other.satellite_id == candidate.satellite_id:
            gaps.append(problem.changeover_s)
        if other.site_id == candidate.site_id:
            gaps.append(problem.site_changeover_s)
        if gaps and (other.start_s < candidate.end_s + max(gaps) and candidate.start_s < other.end_s + max(gaps)):
            found.append((other.start_s, other.contact_id))
    return [contact_id for _, contact_id in sorted(found)]


def _serves(demand_ids: Iterable[str]) -> str:
    names = sorted(demand_ids)
    return f"its key goes to {_listed(names)}" if names else "its key is kept in reserve"


def _useless(candidate: Candidate, demands: Sequence[PairDemand]) -> str:
    if not demands:
        return f"no demand asks for key with {candidate.site_id}"
    partners = sorted({_partner(candidate.site_id, demand) for demand in demands})
    return f"{candidate.satellite_id} can have no key with {_listed(partners)}, its only partners"


def _spare(demands: Sequence[PairDemand], limits: Mapping[str, str]) -> str:
    unmet = [demand.demand_id for demand in demands if limits[demand.demand_id] != MET_IN_FULL]
    if not unmet:
        return "every demand that could use its key is met in full"
    return f"more key here would not help {_listed(unmet)}: {_listed(sorted({limits[d] for d in unmet}), '; ')}"


def _partner(site_id: str, demand: PairDemand) -> str:
    return demand.node_b if site_id in demand.sites_a else demand.node_a


def _demands_by_site(demands: Iterable[PairDemand]) -> Mapping[str, list[PairDemand]]:
    found: dict[str, list[PairDemand]] = defaultdict(list)
    for demand in demands:
        for site_id in (*demand.sites_a, *demand.sites_b):
            found[site_id].append(demand)
    return found


def _listed(names: Iterable[str], separator: str = ", ") -> str:
    return separator.join(names)
