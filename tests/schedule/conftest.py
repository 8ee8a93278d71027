"""Random small problems, their best plans by looking at every plan, and what a solution claims."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache

import pytest

from eagleplan.model import ContactClaim, DemandClaim, Horizon, InitialStock, PlanClaims
from eagleplan.schedule import Candidate, PairDemand, Problem, Solution, proof

HORIZON = Horizon(start_utc=datetime(2026, 11, 30, tzinfo=UTC), days=7.0)

Levels = tuple[int, int, int, int]
"""Weighted shortfall, weighted met bits, contacts, produced bits."""


@pytest.fixture
def random_problem() -> Callable[[int], Problem]:
    return _random_problem


@pytest.fixture
def week_problem() -> Callable[..., Problem]:
    return _week_problem


@pytest.fixture
def brute_force() -> Callable[[Problem], Levels]:
    return _brute_force


@pytest.fixture
def claims_for() -> Callable[[Problem, Solution], PlanClaims]:
    return _claims_for


def _random_problem(seed: int) -> Problem:
    """Up to nine candidates of a few bits, one or two satellites, countries with one to three stations."""
    rng = random.Random(seed)
    countries = [f"c{n}" for n in range(rng.randint(2, 4))]
    stations = {country: tuple(f"{country}-{n}" for n in range(rng.choice([1, 1, 2, 3]))) for country in countries}
    sites = [site for group in stations.values() for site in group]
    satellites = [f"s{n}" for n in range(rng.choice([1, 1, 2]))]
    nodes: dict[str, tuple[str, ...]] = {**stations, **{site: (site,) for site in sites}}
    candidates = []
    for number in range(rng.randint(1, 9)):
        start_s = rng.randint(0, 30)
        candidates.append(
            Candidate(
                contact_id=f"k{number}",
                satellite_id=rng.choice(satellites),
                site_id=rng.choice(sites),
                start_s=start_s,
                end_s=start_s + rng.randint(1, 10),
                bits=rng.choice([0, 1, 2, 2, 3, 3, 4]),
            )
        )
    demands = []
    for number in range(rng.randint(1, 3)):
        node_a, node_b = rng.sample(sorted(countries if rng.random() < 0.7 else nodes), 2)
        shared = set(nodes[node_a]) & set(nodes[node_b])
        bits = rng.randint(1, 5)
        demands.append(
            PairDemand(
                demand_id=f"d{number}",
                node_a=node_a,
                node_b=node_b,
                sites_a=tuple(s for s in nodes[node_a] if len(nodes[node_a]) == 1 or s not in shared),
                sites_b=tuple(s for s in nodes[node_b] if len(nodes[node_a]) > 1 or s not in shared),
                bits=bits,
                weight=rng.randint(1, 3),
                guarantee_bits=rng.choice([0, 0, rng.randint(0, bits)]),
            )
        )
    edges = [(satellite, site) for satellite in satellites for site in sites]
    stocks = tuple(
        InitialStock(satellite_id=satellite, site_id=site, bits=rng.randint(0, 2))
        for satellite, site in rng.sample(edges, rng.randint(0, min(2, len(edges))))
    )
    return Problem(
        candidates=tuple(candidates),
        demands=tuple(demands),
        initial_stocks=stocks,
        changeover_s=rng.randint(0, 3),
        site_changeover_s=rng.choice([0, 0, 2]),
    )


def _week_problem(seed: int, *, n_satellites: int = 1, n_sites: int = 12, n_demands: int = 10) -> Problem:
    """A week of three passes a night over a cluster of stations; more is wanted than can be had."""
    rng = random.Random(seed)
    sites = [f"g{n:02d}" for n in range(n_sites)]
    candidates = []
    for satellite, night, orbit in itertools.product(range(n_satellites), range(7), range(3)):
        rise_s = night * 86_400 + orbit * 5_700 + rng.randrange(600) + 777 * satellite
        for site in sites:
            if rng.random() < 0.42:
                start_s, duration_s = rise_s + rng.randrange(420), rng.randrange(120, 420)
                candidates.append(
                    Candidate(
                        contact_id=f"e{satellite}-{night}-{orbit}-{site}",
                        satellite_id=f"e{satellite}",
                        site_id=site,
                        start_s=start_s,
                        end_s=start_s + duration_s,
                        bits=500 + int(rng.random() ** 1.5 * 120_000 * duration_s / 420),
                    )
                )
    pairs = sorted(rng.sample(list(itertools.combinations(sites, 2)), n_demands))
    share = sum(candidate.bits for candidate in candidates) * 0.14 / n_demands
    demands = []
    for number, (site_a, site_b) in enumerate(pairs):
        bits = int(share * rng.uniform(0.5, 1.5))
        demands.append(
            PairDemand(
                demand_id=f"d{number}",
                node_a=site_a,
                node_b=site_b,
                sites_a=(site_a,),
                sites_b=(site_b,),
                bits=bits,
                weight=rng.choice([1, 1, 2, 3]),
                guarantee_bits=rng.choice([0, 0, bits // 4]),
            )
        )
    return Problem(candidates=tuple(candidates), demands=tuple(demands), changeover_s=60)


def _brute_force(problem: Problem) -> Levels:
    """The lexicographically best levels over every set of contacts and every way to deliver."""
    plans = []
    for size in range(len(problem.candidates) + 1):
        for chosen in itertools.combinations(problem.candidates, size):
            if not any(_exclude(problem, one, other) for one, other in itertools.combinations(chosen, 2)):
                shortfall, met = _best_deliveries(problem, chosen)
                plans.append((shortfall, -met, size, -sum(contact.bits for contact in chosen)))
    shortfall, met, size, produced = min(plans)
    return shortfall, -met, size, -produced


def _exclude(problem: Problem, one: Candidate, other: Candidate) -> bool:
    first, second = sorted((one, other), key=lambda contact: (contact.start_s, contact.end_s))
    pause_s = second.start_s - first.end_s
    return (one.satellite_id == other.satellite_id and pause_s < problem.changeover_s) or (
        one.site_id == other.site_id and pause_s < problem.site_changeover_s
    )


def _best_deliveries(problem: Problem, chosen: tuple[Candidate, ...]) -> tuple[int, int]:
    """Least weighted shortfall, then most weighted bits, over every whole number of bits on every path."""
    stock: dict[tuple[str, str], int] = {}
    for initial in problem.initial_stocks:
        edge = (initial.satellite_id, initial.site_id)
        stock[edge] = stock.get(edge, 0) + initial.bits
    for contact in chosen:
        edge = (contact.satellite_id, contact.site_id)
        stock[edge] = stock.get(edge, 0) + contact.bits
    edges = sorted(stock)
    paths = [
        (number, edges.index((satellite, site_a)), edges.index((satellite, site_b)))
        for number, demand in enumerate(problem.demands)
        for satellite in sorted({satellite for satellite, _ in edges})
        for site_a in demand.sites_a
        for site_b in demand.sites_b
        if (satellite, site_a) in stock and (satellite, site_b) in stock
    ]

    @cache
    def best(path: int, left: tuple[int, ...], met: tuple[int, ...]) -> tuple[int, int]:
        if path == len(paths):
            pairs = list(zip(problem.demands, met, strict=True))
            return (
                sum(demand.weight * max(0, demand.guarantee_bits - bits) for demand, bits in pairs),
                -sum(demand.weight * bits for demand, bits in pairs),
            )
        number, edge_a, edge_b = paths[path]
        most = min(left[edge_a], left[edge_b], problem.demands[number].bits - met[number])
        results = []
        for bits in range(most + 1):
            rest, more = list(left), list(met)
            rest[edge_a] -= bits
            rest[edge_b] -= bits
            more[number] += bits
            results.append(best(path + 1, tuple(rest), tuple(more)))
        return min(results)

    shortfall, met = best(0, tuple(stock[edge] for edge in edges), (0,) * len(problem.demands))
    return shortfall, -met


def _claims_for(problem: Problem, solution: Solution) -> PlanClaims:
    """What a plan made of this solution says of itself: skies are clear half the time."""
    by_id = {candidate.contact_id: candidate for candidate in problem.candidates}
    contacts = [by_id[contact_id] for contact_id in solution.chosen_ids]
    return PlanClaims(
        name="test",
        horizon=HORIZON,
        contacts=tuple(
            ContactClaim(
                contact_id=contact.contact_id,
                pass_id=f"pass-{contact.contact_id}",
                satellite_id=contact.satellite_id,
                site_id=contact.site_id,
                start_utc=HORIZON.utc(contact.start_s),
                end_utc=HORIZON.utc(contact.end_s),
                start_s=contact.start_s,
                end_s=contact.end_s,
                p_clear=0.5,
                secret_bits=2 * contact.bits,
                expected_bits=contact.bits,
            )
            for contact in contacts
        ),
        deliveries=solution.deliveries,
        demands=tuple(
            DemandClaim(
                demand_id=demand.demand_id,
                node_a=demand.node_a,
                node_b=demand.node_b,
                wanted_bits=demand.bits,
                guarantee_bits=demand.guarantee_bits,
                delivered_bits=solution.delivered_bits(demand.demand_id),
                met_frac=solution.delivered_bits(demand.demand_id) / demand.bits,
                guarantee_kept=solution.delivered_bits(demand.demand_id) >= demand.guarantee_bits,
            )
            for demand in problem.demands
        ),
        initial_stocks=problem.initial_stocks,
        proof=proof(solution),
    )
