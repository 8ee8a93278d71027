"""The verifier against a second one that keeps every single bit apart, on thousands of random plans, good and bad."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import combinations, pairwise

import pytest

from eagleplan.model import (
    ContactClaim,
    Delivery,
    DemandClaim,
    Discard,
    FibreLink,
    Horizon,
    InitialStock,
    Network,
    PlanClaims,
    Proof,
)
from eagleplan.schedule.problem import Candidate, Limit, PairDemand, Pin, Problem, delivery_instants_s
from eagleplan.schedule.verify import violations

HORIZON = Horizon(start_utc=datetime(2026, 11, 30, tzinfo=UTC), days=1.0)

SITES = {"a": ("a1", "a2"), "b": ("b1",), "c": ("c1",)}
NODES = ("a", "b", "c", "a1", "b1", "x", "e1", "e2")

ABOUT_STOCKS = {"V-STOCK", "V-CAP", "V-DISCARD"}
ABOUT_PATHS = {"V-PATH", "V-TRUST", "V-HOPS", "V-INSTANT", "V-DELIVERY"}
ABOUT_RESOURCES = {"V-OVERLAP", "V-SLEW", "V-SET-UP", "V-LIMIT", "V-NIGHTS", "V-PIN"}


def random_problem(rng: random.Random) -> Problem:
    candidates = []
    for number in range(rng.randint(1, 5)):
        start_s = rng.randint(0, 20)
        end_s = start_s + rng.randint(1, 6)
        candidates.append(
            Candidate(
                contact_id=f"k{number}",
                pass_id=f"k{number}",
                satellite_id=rng.choice(["e1", "e2"]),
                site_id=rng.choice(["a1", "a2", "b1", "c1"]),
                start_s=start_s,
                end_s=end_s,
                usable_s=end_s + rng.choice([0, 0, 3]),
                bits=rng.randint(0, 4),
                night=rng.choice(["1", "2"]),
            )
        )
    ids = [candidate.contact_id for candidate in candidates]
    demands = []
    for number in range(rng.randint(1, 2)):
        node_a, node_b = rng.sample(["a", "b", "c", "a1", "x"], 2)
        start_s = rng.choice([0, 0, 10])
        demands.append(
            PairDemand(
                demand_id=f"d{number}",
                node_a=node_a,
                node_b=node_b,
                bits=50,
                weight=1,
                guarantee_bits=0,
                start_s=start_s,
                deadline_s=rng.choice([20, 30]),
                trusted=rng.choice([None, None, frozenset({"e1", "b", "a1"})]),
                max_hops=rng.choice([2, 2, 3, 4]),
            )
        )
    links = [
        FibreLink(link_id="f1", node_a="b1", node_b="x", rate_bps=rng.choice([0.2, 0.15, 1 / 3])),
        FibreLink(link_id="f2", node_a="a2", node_b="a", rate_bps=0.4, availability_frac=0.5),
        FibreLink(link_id="f3", node_a="x", node_b="b1", rate_bps=0.1),
    ]
    caps = {"e1": rng.randint(3, 9)} if rng.random() < 0.5 else {}
    return Problem(
        candidates=tuple(candidates),
        demands=tuple(demands),
        network=Network(
            node_sites=SITES,
            initial_stocks=tuple(
                InitialStock(
                    end_a="e1", end_b=rng.choice(["a1", "b1"]), bits=rng.randint(0, 3), age_s=rng.randint(0, 9)
                )
                for _ in range(rng.randint(0, 3))
            ),
            fibre_links=tuple(rng.sample(links, rng.randint(0, 3))),
            max_age_s=rng.choice([None, None, 8, 15]),
            satellite_cap_bits=caps,
            node_cap_bits={"b1": rng.randint(3, 9)} if rng.random() < 0.3 else {},
            edge_cap_bits={("a1", "e1"): rng.randint(2, 5)} if rng.random() < 0.3 else {},
            delivery_interval_s=rng.choice([None, 5, 10]),
        ),
        end_s=30,
        changeover_s=rng.randint(0, 2),
        slews={(c.satellite_id, c.site_id, c.end_s, "b1"): rng.randint(0, 6) for c in candidates},
        set_up_s={"a1": rng.randint(0, 3)},
        limits=(
            Limit(limit_id="l", text="l", amounts={name: rng.randint(1, 3) for name in ids}, most=rng.randint(2, 9)),
        ),
        max_nights={"a1": 1, "b1": 1},
        pins=(Pin(pin_id="p", contact_ids=tuple(rng.sample(ids, 1))),) if rng.random() < 0.3 else (),
    )


def random_claims(rng: random.Random, problem: Problem) -> PlanClaims:
    """Some contacts, some deliveries over paths that are mostly ways, some discards: anything may be wrong."""
    flown = [candidate for candidate in problem.candidates if rng.random() < 0.7]
    instants = delivery_instants_s(problem)
    deliveries = []
    for _ in range(rng.randint(0, 3)):
        demand = rng.choice(problem.demands)
        for _ in range(40):
            inner = tuple(rng.sample(NODES, rng.randint(0, 4)))
            path = (demand.node_a, *inner, demand.node_b)
            if path_is_good(problem, demand, path) or rng.random() < 0.03:
                break
        at_s = rng.choice(instants if rng.random() < 0.9 else range(31))
        deliveries.append(
            Delivery(demand_id=demand.demand_id, at_s=at_s, path=path, bits=rng.choice([1, 1, 2, 2, 3, 4, 0]))
        )
    discards = [
        Discard(end_a=end_a, end_b=end_b, at_s=rng.choice(instants), bits=rng.randint(1, 4))
        for end_a, end_b in rng.sample([("e1", "a1"), ("b1", "e1"), ("x", "b1")], rng.choice([0, 0, 0, 1, 2]))
    ]
    return PlanClaims(
        name="random",
        horizon=HORIZON,
        contacts=tuple(
            ContactClaim(
                contact_id=candidate.contact_id,
                pass_id=candidate.pass_id,
                satellite_id=candidate.satellite_id,
                site_id=candidate.site_id,
                start_utc=HORIZON.utc(candidate.start_s),
                end_utc=HORIZON.utc(candidate.end_s),
                start_s=candidate.start_s,
                end_s=candidate.end_s,
                p_clear=1.0,
                secret_bits=candidate.bits,
                expected_bits=candidate.bits,
                usable_s=candidate.usable_s,
            )
            for candidate in flown
        ),
        deliveries=tuple(deliveries),
        discards=tuple(discards),
        demands=tuple(_demand_claim(demand, deliveries) for demand in problem.demands),
        initial_stocks=problem.network.initial_stocks,
        proof=Proof(
            solver="-",
            status="optimal",
            levels=(),
            n_candidates=len(problem.candidates),
            deterministic_time_s=0.0,
            seed=1,
            workers=1,
            reproducible=True,
        ),
    )


def _demand_claim(demand: PairDemand, deliveries: list[Delivery]) -> DemandClaim:
    bits = sum(delivery.bits for delivery in deliveries if delivery.demand_id == demand.demand_id)
    return DemandClaim(
        demand_id=demand.demand_id,
        node_a=demand.node_a,
        node_b=demand.node_b,
        wanted_bits=demand.bits,
        guarantee_bits=0,
        guarantee_class=1,
        start_s=demand.start_s,
        deadline_s=demand.deadline_s,
        delivered_bits=bits,
        met_frac=bits / demand.bits,
        guarantee_kept=True,
    )


def joined_free(problem: Problem, one: str, other: str) -> bool:
    fibre = {frozenset((link.node_a, link.node_b)) for link in problem.network.fibre_links}
    own = {frozenset((country, site)) for country, sites in SITES.items() for site in sites}
    return frozenset((one, other)) in own - fibre


def holds_key(problem: Problem, one: str, other: str) -> bool:
    pairs = [(c.satellite_id, c.site_id) for c in problem.candidates]
    pairs += [(link.node_a, link.node_b) for link in problem.network.fibre_links]
    pairs += [(stock.end_a, stock.end_b) for stock in problem.network.initial_stocks]
    return frozenset((one, other)) in {frozenset(pair) for pair in pairs}


def path_is_good(problem: Problem, demand: PairDemand, path: tuple[str, ...]) -> bool:
    if path[0] != demand.node_a or path[-1] != demand.node_b or len(set(path)) < len(path):
        return False
    paid = [step for step in pairwise(path) if not joined_free(problem, *step)]
    if not 1 <= len(paid) <= demand.max_hops or not all(holds_key(problem, *step) for step in paid):
        return False
    for node in path[1:-1]:
        country = next((code for code, sites in SITES.items() if node in sites), None)
        is_own = country is not None and country in (demand.node_a, demand.node_b)
        if demand.trusted is not None and not is_own and not {node, country} & demand.trusted:
            return False
    return True


def deliveries_are_good(problem: Problem, claims: PlanClaims) -> bool:
    demands = {demand.demand_id: demand for demand in problem.demands}
    return all(
        d.bits > 0
        and d.at_s in delivery_instants_s(problem)
        and demands[d.demand_id].start_s < d.at_s <= demands[d.demand_id].deadline_s
        and path_is_good(problem, demands[d.demand_id], d.path)
        for d in claims.deliveries
    )


def resources_are_good(problem: Problem, claims: PlanClaims) -> bool:
    flown = [c for c in problem.candidates if c.contact_id in {claim.contact_id for claim in claims.contacts}]
    for one, other in combinations(flown, 2):
        first, later = sorted((one, other), key=lambda c: (c.start_s, c.end_s))
        pause_s = later.start_s - first.end_s
        if first.satellite_id == later.satellite_id and pause_s < max(
            problem.changeover_s,
            problem.slews.get((first.satellite_id, first.site_id, first.end_s, later.site_id), 0),
        ):
            return False
        if first.site_id == later.site_id and pause_s < problem.set_up_s.get(first.site_id, 0):
            return False
    for limit in problem.limits:
        if sum(limit.amounts[c.contact_id] for c in flown) > limit.most:
            return False
    for site, most in problem.max_nights.items():
        if len({c.night for c in flown if c.site_id == site}) > most:
            return False
    return all(any(c.contact_id in pin.contact_ids for c in flown) for pin in problem.pins)


def stocks_are_good(problem: Problem, claims: PlanClaims) -> bool:
    """Every bit by itself: the instant at which it is made, oldest first out, nothing kept beyond its age."""
    store: dict[frozenset[str], list[float]] = {}
    for stock in problem.network.initial_stocks:
        store.setdefault(frozenset((stock.end_a, stock.end_b)), []).extend([-stock.age_s] * stock.bits)
    for claim in claims.contacts:
        store.setdefault(frozenset((claim.satellite_id, claim.site_id)), []).extend(
            [claim.usable_s] * claim.expected_bits
        )
    for link in problem.network.fibre_links:
        rate_bps = link.rate_bps * link.availability_frac
        made = [0.0] * math.floor(rate_bps * 30)
        for number in range(len(made)):
            made[number] = (number + 1) / rate_bps
        store.setdefault(frozenset((link.node_a, link.node_b)), []).extend(made)
    for bits in store.values():
        bits.sort()
    network = problem.network
    for at_s in delivery_instants_s(problem):
        if network.max_age_s is not None:
            for key, bits in store.items():
                store[key] = [made_s for made_s in bits if made_s + network.max_age_s > at_s - 1e-9]

        def here(key: frozenset[str], at_s: int = at_s) -> int:
            return sum(made_s <= at_s + 1e-9 for made_s in store.get(key, ()))

        own = [d for d in claims.discards if d.at_s == at_s]
        for discard in own:
            key = frozenset((discard.end_a, discard.end_b))
            if discard.bits > here(key):
                return False
            store[key] = store[key][discard.bits :]
        full: set[frozenset[str]] = set()
        caps = [({key for key in store if name in key}, most) for name, most in network.satellite_cap_bits.items()]
        caps += [({key for key in store if name in key}, most) for name, most in network.node_cap_bits.items()]
        caps += [({frozenset(pair)}, most) for pair, most in network.edge_cap_bits.items()]
        for keys, most in caps:
            held = sum(here(key) for key in keys)
            if held > most:
                return False
            if held == most:
                full |= keys
        if any(frozenset((d.end_a, d.end_b)) not in full for d in own):
            return False
        for delivery in claims.deliveries:
            if delivery.at_s == at_s:
                for step in pairwise(delivery.path):
                    if not joined_free(problem, *step):
                        key = frozenset(step)
                        if delivery.bits > here(key):
                            return False
                        store[key] = store.get(key, [])[delivery.bits :]
    return True


@pytest.mark.parametrize(
    ("judge", "codes"),
    [
        (stocks_are_good, ABOUT_STOCKS),
        (deliveries_are_good, ABOUT_PATHS),
        (resources_are_good, ABOUT_RESOURCES),
    ],
)
def test_two_verifiers_agree(judge: Callable[[Problem, PlanClaims], bool], codes: set[str]) -> None:
    rng = random.Random(2026)
    verdicts = {True: 0, False: 0}
    for _ in range(1_200):
        problem = random_problem(rng)
        claims = random_claims(rng, problem)
        expected = judge(problem, claims)
        found = [violation for violation in violations(problem, claims) if violation.code in codes]
        assert (not found) == expected, (problem, claims, found)
        verdicts[expected] += 1
    assert min(verdicts.values()) > 150
