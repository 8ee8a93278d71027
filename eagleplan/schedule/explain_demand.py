"""What bounds a demand, and what it would get if something were otherwise: prices, and plans that were solved."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from eagleplan.schedule.explain_prices import Bound, Prices, prices
from eagleplan.schedule.explain_search import How, solve_near
from eagleplan.schedule.problem import Candidate, PairDemand, Problem
from eagleplan.schedule.reasons import MET_IN_FULL, demand_limits
from eagleplan.schedule.solution import Solution

MAX_EXTRA_PASSES = 2
"""Stocks for which a further pass is tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """What a demand would get more if something were otherwise and no other demand got less than the plan gives it.

    `gain_bits` is what a plan that was found gives it; no plan gives more than `most_bits`.
    """

    text: str
    gain_bits: int
    most_bits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandExplanation:
    """What a demand gets, what bounds it, and what would change that.

    `limited_by` is read off the plan. `prices` are None where the demand is met in full or cannot have any key.
    """

    demand_id: str
    wanted_bits: int
    delivered_bits: int
    limited_by: str
    prices: Prices | None
    what_ifs: tuple[WhatIf, ...]


def explain_demand(problem: Problem, plan: Solution, demand_id: str, how: How) -> DemandExplanation:
    """Explain the demand called `demand_id`; KeyError where there is none."""
    demand = {demand.demand_id: demand for demand in problem.demands}[demand_id]
    limited_by = demand_limits(problem, plan)[demand_id]
    found = None if limited_by == MET_IN_FULL else prices(problem, plan, demand_id)
    return DemandExplanation(
        demand_id=demand_id,
        wanted_bits=demand.bits,
        delivered_bits=plan.delivered_bits(demand_id),
        limited_by=limited_by,
        prices=found,
        what_ifs=() if found is None else tuple(_what_ifs(problem, plan, demand_id, found.bounds, how)),
    )


def what_if(text: str, changed: Problem, plan: Solution, demand_id: str, how: How, free: Collection[str]) -> WhatIf:
    """The most that a demand can get in a changed problem while every other demand keeps what the plan gives it."""
    demands = []
    for demand in changed.demands:
        bits = plan.delivered_bits(demand.demand_id)
        if demand.demand_id == demand_id:
            demands.append(replace(demand, weight=1, guarantee_bits=0))
        elif bits > 0:
            demands.append(replace(demand, bits=bits, weight=1, guarantee_bits=bits, guarantee_class=1))
    kept = replace(changed, demands=tuple(demands), previous=None)
    best = solve_near(kept, plan.chosen_ids, free, ("guarantees", "weighted_met_bits"), how).best
    # The others can get no more than they have, so that all that is met beyond it is this demand's.
    own = plan.delivered_bits(demand_id)
    others = sum(demand.bits for demand in demands if demand.demand_id != demand_id)
    short = sum(level.objective for level in best.levels if level.name.startswith("guarantees"))
    return WhatIf(
        text=text,
        gain_bits=0 if short else best.delivered_bits(demand_id) - own,
        most_bits=best.level("weighted_met_bits").bound - others + short - own,
    )


def _what_ifs(problem: Problem, plan: Solution, demand_id: str, bounds: Sequence[Bound], how: How) -> Iterator[WhatIf]:
    demand = {demand.demand_id: demand for demand in problem.demands}[demand_id]
    yield what_if("as things are", problem, plan, demand_id, how, ())
    alone = replace(problem, demands=(demand,))
    yield what_if("if it were the only demand", alone, plan, demand_id, how, ())
    for candidate in _extra_passes(problem, plan, demand, bounds):
        text = f"with pass {candidate.pass_id} flown by a second terminal ({candidate.bits} bits)"
        extra = with_extra(problem, plan, candidate)
        free = [c.contact_id for c in extra.candidates if c.night == candidate.night or c not in problem.candidates]
        yield what_if(text, extra, plan, demand_id, how, free)
    if demand.start_s > 0 or demand.deadline_s < problem.end_s:
        whole = replace(demand, start_s=0, deadline_s=problem.end_s)
        longer = replace(problem, demands=tuple(whole if d is demand else d for d in problem.demands))
        yield what_if("if it lasted the whole horizon", longer, plan, demand_id, how, ())
    if any(bound.kind == "store" for bound in bounds):
        no_caps = replace(problem.network, satellite_cap_bits={}, node_cap_bits={}, edge_cap_bits={})
        yield what_if("if no store had a cap", replace(problem, network=no_caps), plan, demand_id, how, ())
    if problem.network.max_age_s is not None:
        lasting = replace(problem, network=replace(problem.network, max_age_s=None))
        yield what_if("if key did not age", lasting, plan, demand_id, how, ())


def _extra_passes(problem: Problem, plan: Solution, demand: PairDemand, bounds: Iterable[Bound]) -> Iterator[Candidate]:
    """For each of the demand's own dearest stocks the refused pass with the most key for it."""
    chosen = set(plan.chosen_ids)
    flown = {c.pass_id for c in problem.candidates if c.contact_id in chosen}
    near = {node for end in (demand.node_a, demand.node_b) for node in (end, *problem.network.node_sites.get(end, ()))}
    stocks = [bound for bound in bounds if bound.kind == "stock" and near.intersection(bound.nodes)]
    given = 0
    for bound in stocks:
        own = [c for c in problem.candidates if c.pass_id not in flown and _fills(c, bound.nodes) and c.bits > 0]
        if own and given < MAX_EXTRA_PASSES:
            given += 1
            yield max(own, key=lambda candidate: (candidate.bits, -candidate.start_s))


def _fills(candidate: Candidate, nodes: tuple[str, ...]) -> bool:
    return candidate.satellite_id in nodes and candidate.site_id in nodes


def with_extra(problem: Problem, plan: Solution, candidate: Candidate) -> Problem:
    """The problem with a contact that costs nobody any time: its key is there, and nothing clashes with it."""
    # Before everything else, beside everything else, under no limit, in a night that is staffed anyway.
    before_s = min(*(c.start_s for c in problem.candidates), 0) - 1_000_000
    chosen = set(plan.chosen_ids)
    nights = [c.night for c in problem.candidates if c.contact_id in chosen and c.site_id == candidate.site_id]
    free = replace(
        candidate,
        contact_id=f"{candidate.contact_id} (extra)",
        start_s=before_s,
        end_s=before_s + 1,
        night=nights[0] if nights else candidate.night,
    )
    return replace(problem, candidates=(*problem.candidates, free))
