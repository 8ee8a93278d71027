"""What a demand would get if a station saw lower, or if there were another one: passes found and plans solved anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from eagleplan import schedule
from eagleplan.inputs.files import StoredFiles
from eagleplan.inputs.sites import parse_sites
from eagleplan.inputs.text import decode
from eagleplan.pipeline.assess import assess
from eagleplan.pipeline.plan import problem_of
from eagleplan.pipeline.stored import StoredPlan
from eagleplan.scenario import Scenario, load_scenario
from eagleplan.schedule import explain

LOWER_BY_DEG = 5.0
LOWEST_DEG = 10.0
"""Down to here a lower elevation is tried."""

MAX_SITES = 2
"""Stations that are made to see lower; as many more countries are given another one."""


def other_sites(
    directory: Path,
    stored: StoredPlan,
    plan: schedule.Solution,
    found: explain.DemandExplanation,
    how: explain.How,
) -> tuple[explain.WhatIf, ...]:
    """What-ifs of the stations whose key a demand is short of, dearest first; none where it is met."""
    if found.prices is None:
        return ()
    demand = {demand.demand_id: demand for demand in stored.problem.demands}[found.demand_id]
    ends = {demand.node_a, demand.node_b}
    near = ends.union(*(stored.problem.network.node_sites.get(node, ()) for node in ends))
    sites = {site.site_id: site for site in stored.scenario.sites}
    scarce = [
        node
        for bound in found.prices.bounds
        if bound.kind == "stock"
        for node in bound.nodes
        if node in sites and node in near
    ]
    what_ifs = []
    for text, scenario in (*_lower(stored.scenario, scarce), *_more(directory, stored.scenario, scarce)):
        problem, same = _again(stored, plan, scenario)
        moved = replace(plan, chosen_ids=same)
        what_ifs.append(explain.what_if(text, problem, moved, found.demand_id, how, ()))
    return tuple(what_ifs)


def _lower(scenario: Scenario, scarce: list[str]) -> Iterator[tuple[str, Scenario]]:
    sites = {site.site_id: site for site in scenario.sites}
    for site_id in scarce[:MAX_SITES]:
        site = sites[site_id]
        elevation_deg = max(LOWEST_DEG, site.min_elevation_deg - LOWER_BY_DEG)
        if elevation_deg < site.min_elevation_deg:
            low = replace(site, min_elevation_deg=elevation_deg)
            text = f"with {site_id} down to {elevation_deg:g}° instead of {site.min_elevation_deg:g}°"
            yield text, replace(scenario, sites=tuple(low if one is site else one for one in scenario.sites))


def _more(directory: Path, scenario: Scenario, scarce: list[str]) -> Iterator[tuple[str, Scenario]]:
    """Each country whose stations are scarce with the first station of the catalogue that it does not use."""
    used = {site.site_id: site for site in scenario.sites}
    catalogue = next((file.path for file in scenario.inputs if file.role == "sites"), None)
    if catalogue is None:
        return
    entries = parse_sites(decode(scenario.files[catalogue], catalogue), catalogue)
    countries = list(dict.fromkeys(used[site_id].country for site_id in scarce))
    for country in countries[:MAX_SITES]:
        unused = [entry for entry in entries if entry.country == country and entry.site_id not in used]
        if unused:
            best = min(unused, key=lambda entry: entry.status == "candidate")
            overrides = {"sites.use": [*used, best.site_id]}
            more = load_scenario(StoredFiles(directory / "inputs"), overrides=overrides)
            yield f"with {best.site_id} ({best.status}) as a further station of {country}", more


def _again(stored: StoredPlan, plan: schedule.Solution, scenario: Scenario) -> tuple[schedule.Problem, tuple[str, ...]]:
    """The problem of a changed scenario, and what the plan's contacts are called in it.

    They are all in it: a contact stays possible when its station sees lower, though the cuts of its pass move.
    """
    chosen = set(plan.chosen_ids)
    flown = [candidate for candidate in stored.problem.candidates if candidate.contact_id in chosen]
    problem = problem_of(scenario, assess(scenario))
    here = {_place(candidate): candidate.contact_id for candidate in problem.candidates}
    names = {c.contact_id: here.get(_place(c), f"{c.contact_id} as planned") for c in flown}
    gone = [c for c in flown if _place(c) not in here]
    old = {limit.limit_id: limit.amounts for limit in stored.problem.limits}
    limits = tuple(
        replace(limit, amounts={**limit.amounts, **_renamed(old.get(limit.limit_id, {}), gone, names)})
        for limit in problem.limits
    )
    again = tuple(replace(candidate, contact_id=names[candidate.contact_id]) for candidate in gone)
    changed = replace(problem, candidates=(*problem.candidates, *again), limits=limits)
    return changed, tuple(names[contact_id] for contact_id in plan.chosen_ids)


def _place(candidate: schedule.Candidate) -> tuple[str, str, int, int]:
    return candidate.satellite_id, candidate.site_id, candidate.start_s, candidate.end_s


def _renamed(
    amounts: Mapping[str, int], gone: Iterable[schedule.Candidate], names: Mapping[str, str]
) -> dict[str, int]:
    return {names[c.contact_id]: amounts[c.contact_id] for c in gone if c.contact_id in amounts}
