"""The plan is the best there is: against every set of contacts and every way to hand out their key."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

import pytest

from eagleplan.schedule import GREEDIES, LEVELS, SOLVERS, Candidate, Limits, PairDemand, Problem, Solution, solve

OBJECTIVES = (
    ("guarantees", "fairness", "weighted_met_bits", "n_contacts", "stock_left"),
    ("guarantees", "weighted_met_bits", "stock_left", "n_contacts"),
    ("max_min", "fairness", "n_contacts", "changes"),
    ("changes", "weighted_met_bits", "max_min", "guarantees"),
)

Edge = frozenset[str]


def levels(solution: Solution) -> list[tuple[str, int]]:
    return [(level.name, level.objective) for level in solution.levels]


@pytest.mark.parametrize("block", range(8))
def test_equal_to_looking_at_every_plan(block: int, random_problem: Callable[[int], Problem]) -> None:
    for seed in range(40 * block, 40 * block + 40):
        problem, objectives = random_problem(seed), OBJECTIVES[seed % 4]
        solution = solve(problem, solver="cp-sat", objectives=objectives)
        assert levels(solution) == every_plan(problem, objectives), f"seed {seed}"
        assert solution.status == "optimal", f"seed {seed}"


@pytest.mark.parametrize("solver", [name for name in SOLVERS if name != "cp-sat"])
def test_every_other_solver_too(solver: str, random_problem: Callable[[int], Problem]) -> None:
    for seed in range(20):
        problem, objectives = random_problem(seed), OBJECTIVES[seed % 4]
        solution = solve(problem, solver=solver, objectives=objectives)
        assert levels(solution) == every_plan(problem, objectives), f"seed {seed}"


@pytest.mark.parametrize("rule", GREEDIES)
def test_no_rule_of_thumb_beats_the_plan_and_no_plan_its_bound(
    rule: str,
    random_problem: Callable[[int], Problem],
    timed_problem: Callable[[int], Problem],
    week_problem: Callable[..., Problem],
) -> None:
    small = [make(seed) for make in (random_problem, timed_problem) for seed in range(25)]
    for problem in [*small, *(week_problem(seed) for seed in range(2))]:
        plan, greedy = solve(problem), GREEDIES[rule](problem)
        # Lexicographic: the first level that differs decides.
        signs = [1 if level.sense == "min" else -1 for level in plan.levels]
        ranks = [
            [sign * level.objective for sign, level in zip(signs, solution.levels, strict=True)]
            for solution in (plan, greedy)
        ]
        assert ranks[0] <= ranks[1]
        for solution in (plan, greedy):
            for level, sign in zip(solution.levels, signs, strict=True):
                assert sign * level.bound <= sign * level.objective


def test_the_rules_are_far_from_the_plan_on_a_week(week_problem: Callable[..., Problem]) -> None:
    """Key with one node is worthless until its partner has some: rules that do not look lose much."""
    worst = dict.fromkeys(GREEDIES, 1.0)
    for seed in range(4):
        problem = week_problem(seed)
        best = solve(problem, objectives=("weighted_met_bits",)).levels[0].objective
        for rule, greedy in GREEDIES.items():
            met = greedy(problem, objectives=("weighted_met_bits",)).levels[0].objective
            worst[rule] = min(worst[rule], met / best)
    assert worst["earliest-first"] < 0.6
    assert worst["highest-yield-first"] < 0.8
    assert 0.6 < worst["round-robin"] < 1.0
    assert 0.75 < worst["demand-aware"] < 1.0


@pytest.mark.parametrize("seed", range(4))
def test_a_week_is_proven_within_two_deterministic_seconds(seed: int, week_problem: Callable[..., Problem]) -> None:
    solution = solve(week_problem(seed), Limits(max_time_s=2.0), solver="cp-sat")
    assert solution.status == "optimal"
    assert all(level.gap_frac == 0.0 for level in solution.levels)


def test_every_level_can_be_asked_for_alone(random_problem: Callable[[int], Problem]) -> None:
    for name in LEVELS:
        for seed in range(8):
            problem = random_problem(seed)
            assert levels(solve(problem, objectives=(name,))) == every_plan(problem, (name,)), f"{name}, seed {seed}"


# --- Every plan, looked at one by one -----------------------------------------------------------------------------


def every_plan(problem: Problem, objectives: Sequence[str]) -> list[tuple[str, int]]:
    """The lexicographically best levels over every set of contacts and every way to deliver."""
    best: list[tuple[str, int]] = []
    best_rank: tuple[int, ...] | None = None
    ways = {demand.demand_id: all_paths(problem, demand) for demand in problem.demands}
    fairest = {demand.demand_id: utility(problem, demand) for demand in problem.demands}
    candidates = [contact for contact in problem.candidates if is_wanted(problem, contact, ways)]
    for size in range(len(candidates) + 1):
        for chosen in itertools.combinations(candidates, size):
            if not may_be_flown(problem, chosen):
                continue
            for met, spent in outcomes(problem, chosen, ways):
                found = values(problem, objectives, chosen, met, spent, fairest)
                rank = tuple(value if sense == "min" else -value for _, sense, value in found)
                if best_rank is None or rank < best_rank:
                    best_rank, best = rank, [(name, value) for name, _, value in found]
    return best


def is_wanted(problem: Problem, contact: Candidate, ways: dict[str, list[tuple[Edge, ...]]]) -> bool:
    """A contact whose key no demand can use is flown for a pin or an earlier plan only."""
    edge = frozenset((contact.satellite_id, contact.site_id))
    return (
        any(contact.contact_id in pin.contact_ids for pin in problem.pins)
        or (problem.previous is not None and contact.pass_id in problem.previous.contacts)
        or any(
            edge in path
            and contact.usable_s <= demand.deadline_s
            and contact.bits > 0
            and all(made_until(problem, problem.candidates, other, demand.deadline_s) for other in path)
            for demand in problem.demands
            for path in ways[demand.demand_id]
        )
    )


def may_be_flown(problem: Problem, chosen: Sequence[Candidate]) -> bool:
    ids = {contact.contact_id for contact in chosen}
    nights = defaultdict(set)
    for contact in chosen:
        nights[contact.site_id].add(contact.night)
    return (
        not any(exclude(problem, one, other) for one, other in itertools.combinations(chosen, 2))
        and all(sum(n for k, n in limit.amounts.items() if k in ids) <= limit.most for limit in problem.limits)
        and all(len(nights[site]) <= most for site, most in problem.max_nights.items())
        and all(ids & set(pin.contact_ids) for pin in problem.pins)
    )


def exclude(problem: Problem, one: Candidate, other: Candidate) -> bool:
    first, second = sorted((one, other), key=lambda contact: (contact.start_s, contact.end_s))
    pause_s = second.start_s - first.end_s
    if one.satellite_id == other.satellite_id:
        slew_s = problem.slews.get((first.satellite_id, first.site_id, first.end_s, second.site_id), 0)
        if pause_s < problem.changeover_s or pause_s < slew_s:
            return True
    return one.site_id == other.site_id and pause_s < problem.set_up_s.get(one.site_id, 0)


def all_paths(problem: Problem, demand: PairDemand) -> list[tuple[Edge, ...]]:
    """The paid edges of every path, by the rules as they are written for people."""
    sites_of = problem.network.node_sites
    fibre = {frozenset((link.node_a, link.node_b)) for link in problem.network.fibre_links}
    edges = fibre | {frozenset((c.satellite_id, c.site_id)) for c in problem.candidates}
    edges |= {frozenset((s.end_a, s.end_b)) for s in problem.network.initial_stocks}

    def trusted(node: str) -> bool:
        countries = {country for country, sites in sites_of.items() if node in sites}
        return (
            demand.trusted is None
            or bool(({node} | countries) & demand.trusted)
            or bool(countries & {demand.node_a, demand.node_b})
        )

    def onward(nodes: tuple[str, ...], paid: tuple[Edge, ...]) -> Iterator[tuple[Edge, ...]]:
        here = nodes[-1]
        if here == demand.node_b:
            yield paid
            return
        if here != demand.node_a and not trusted(here):
            return
        for edge in sorted(edges, key=sorted):
            if here in edge:
                (there,) = edge - {here}
                if there not in nodes and len(paid) < demand.max_hops:
                    yield from onward((*nodes, there), (*paid, edge))
        for country, sites in sites_of.items():
            for site in sites:
                if here in (country, site) and frozenset((country, site)) not in fibre:
                    there = site if here == country else country
                    if there not in nodes:
                        yield from onward((*nodes, there), paid)

    return sorted({paid for paid in onward((demand.node_a,), ()) if paid}, key=lambda paid: [sorted(e) for e in paid])


def made_until(problem: Problem, chosen: Sequence[Candidate], edge: Edge, at_s: int) -> int:
    fixed = sum(s.bits for s in problem.network.initial_stocks if edge == {s.end_a, s.end_b})
    fibre = sum(
        int(link.rate_bps * link.availability_frac * at_s)
        for link in problem.network.fibre_links
        if edge == {link.node_a, link.node_b}
    )
    flown = sum(c.bits for c in chosen if edge == {c.satellite_id, c.site_id} and c.usable_s <= at_s)
    return fixed + fibre + flown


def outcomes(
    problem: Problem, chosen: Sequence[Candidate], ways: dict[str, list[tuple[Edge, ...]]]
) -> list[tuple[tuple[int, ...], int]]:
    """(bits of each demand, fewest bits spent for it) for everything that can be delivered."""
    instants_s = sorted({demand.deadline_s for demand in problem.demands})
    edges = sorted({edge for paths in ways.values() for path in paths for edge in path}, key=sorted)
    made = {(edge, at_s): made_until(problem, chosen, edge, at_s) for edge in edges for at_s in instants_s}
    used_keys = sorted(made, key=lambda key: (sorted(key[0]), key[1]))
    place = {key: number for number, key in enumerate(used_keys)}
    states = {((0,) * len(problem.demands), (0,) * len(used_keys)): 0}
    for number, demand in enumerate(problem.demands):
        for path in ways[demand.demand_id]:
            touched = [place[edge, t] for edge in path for t in instants_s if t >= demand.deadline_s]
            room = [made[used_keys[where]] for where in touched]
            more = dict(states)
            for (met, used), spent in states.items():
                most = min(demand.bits - met[number], *(have - used[w] for w, have in zip(touched, room, strict=True)))
                for bits in range(1, most + 1):
                    after = list(used)
                    for where in touched:
                        after[where] += bits
                    key = ((*met[:number], met[number] + bits, *met[number + 1 :]), tuple(after))
                    more[key] = min(more.get(key, 10**9), spent + bits * len(path))
            states = more
    found: dict[tuple[int, ...], int] = {}
    for (met, _), spent in states.items():
        found[met] = min(found.get(met, 10**9), spent)
    return list(found.items())


def utility(problem: Problem, demand: PairDemand) -> list[int]:
    """Worth of each number of bits, counted bit by bit."""
    scale = 1
    while scale < 1000 * max(d.bits for d in problem.demands):
        scale *= 10
    worth, ends = [0], [demand.bits * percent // 100 for percent in (10, 25, 50, 100)]
    for bit in range(1, demand.bits + 1):
        slope = next(slope for end, slope in zip(ends, (160, 60, 25, 10), strict=True) if bit <= end)
        worth.append(worth[-1] + scale * demand.weight * slope // (10 * demand.bits))
    return worth


def values(
    problem: Problem,
    objectives: Sequence[str],
    chosen: Sequence[Candidate],
    met: tuple[int, ...],
    spent: int,
    fairest: dict[str, list[int]],
) -> list[tuple[str, str, int]]:
    """(name, sense, value) of every level."""
    pairs = list(zip(problem.demands, met, strict=True))
    dropped, retimed, added = changes(problem, chosen)
    found = []
    for name in objectives:
        if name == "guarantees":
            for number in sorted({d.guarantee_class for d in problem.demands if d.guarantee_bits}):
                short = [d.weight * max(0, d.guarantee_bits - m) for d, m in pairs if d.guarantee_class == number]
                found.append((f"guarantees_{number}", "min", sum(short)))
        elif name == "n_contacts":
            found.append((name, "min", len(chosen)))
        elif name == "changes":
            found.append((name, "min", dropped + retimed + added))
        elif name == "max_min":
            found.append((name, "max", min(10_000 * m // d.bits for d, m in pairs)))
        elif name == "stock_left":
            edges = {frozenset((s.end_a, s.end_b)) for s in problem.network.initial_stocks}
            edges |= {frozenset((link.node_a, link.node_b)) for link in problem.network.fibre_links}
            edges |= {frozenset((c.satellite_id, c.site_id)) for c in chosen}
            found.append((name, "max", sum(made_until(problem, chosen, e, problem.end_s) for e in edges) - spent))
        else:
            if name == "fairness":
                value = sum(fairest[d.demand_id][m] for d, m in pairs)
                most = sum(fairest[d.demand_id][-1] for d in problem.demands)
            else:
                value, most = sum(d.weight * m for d, m in pairs), sum(d.weight * d.bits for d in problem.demands)
            first = next(n for n in objectives if n in ("fairness", "weighted_met_bits"))
            if name == first and problem.previous is not None:
                earlier = problem.previous
                drop, retime, add = (
                    round(price * most)
                    for price in (earlier.drop_price_frac, earlier.retime_price_frac, earlier.add_price_frac)
                )
                value -= drop * dropped + min(retime, drop + add) * retimed + add * added
            found.append((name, "max", value))
    return found


def changes(problem: Problem, chosen: Sequence[Candidate]) -> tuple[int, int, int]:
    """Contacts dropped, re-timed and added."""
    if problem.previous is None:
        return 0, 0, 0
    dropped = retimed = added = 0
    tolerance_s = problem.previous.tolerance_s
    for pass_id in {c.pass_id for c in chosen} | set(problem.previous.contacts):
        new = [c for c in chosen if c.pass_id == pass_id]
        earlier = problem.previous.contacts.get(pass_id, ())
        kept = sum(
            any(abs(c.start_s - start_s) <= tolerance_s and abs(c.end_s - end_s) <= tolerance_s for c in new)
            for start_s, end_s in earlier
        )
        unkept, other = len(earlier) - kept, len(new) - kept
        pairs = max(0, min(unkept, other))
        dropped, retimed, added = dropped + unkept - pairs, retimed + pairs, added + other - pairs
    return dropped, retimed, added
