"""Random small problems with everything in them, busy weeks, and what a plan says of itself."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from eagleplan.model import ContactClaim, DemandClaim, FibreLink, Horizon, InitialStock, Network, PlanClaims
from eagleplan.schedule import Candidate, Limit, PairDemand, Pin, Previous, Problem, Solution, pin_conflict, proof

HORIZON = Horizon(start_utc=datetime(2026, 11, 30, tzinfo=UTC), days=7.0)
END_S = 48


@pytest.fixture
def random_problem() -> Callable[[int], Problem]:
    return _random_problem


@pytest.fixture
def timed_problem() -> Callable[[int], Problem]:
    return _timed_problem


@pytest.fixture
def week_problem() -> Callable[..., Problem]:
    return _week_problem


@pytest.fixture
def claims_for() -> Callable[[Problem, Solution], PlanClaims]:
    return _claims_for


def _random_problem(seed: int) -> Problem:
    """A few candidates of a few bits, and some of: fibre, limits, nights, slews, pins, an earlier plan, deadlines."""
    rng = random.Random(seed)
    some = _chooser(rng)
    countries = [f"c{n}" for n in range(rng.randint(2, 3))]
    stations = {country: tuple(f"{country}-{n}" for n in range(rng.choice([1, 1, 2, 3]))) for country in countries}
    sites = [site for group in stations.values() for site in group]
    satellites = [f"s{n}" for n in range(rng.choice([1, 1, 2]))]
    candidates = _candidates(rng, rng.randint(1, 7), satellites, sites)
    ids = [candidate.contact_id for candidate in candidates]
    links = some(0.35, lambda: _links(rng, stations)) or ()
    nodes = [*countries, *countries, *sites, *sorted({n for link in links for n in (link.node_a, link.node_b)})]
    demands = _demands(rng, nodes, rng.choice([(END_S,), (END_S,), (24, END_S)]), satellites, [*countries, *sites])
    demands = _over_the_bridge(candidates, demands)
    problem = Problem(
        candidates=candidates,
        demands=demands,
        network=Network(node_sites=stations, initial_stocks=_stocks(rng, satellites, sites, links), fibre_links=links),
        end_s=END_S,
        changeover_s=rng.randint(0, 3),
        slews=some(
            0.3,
            lambda: {
                (c.satellite_id, c.site_id, c.end_s, site): rng.randint(1, 9)
                for c in candidates
                for site in sites
                if site != c.site_id and rng.random() < 0.6
            },
        )
        or {},
        set_up_s=some(0.3, lambda: {site: rng.randint(1, 6) for site in sites}) or {},
        limits=some(
            0.4,
            lambda: (
                Limit(
                    limit_id="duty",
                    text="duty",
                    amounts={c.contact_id: c.end_s - c.start_s for c in candidates},
                    most=rng.randint(3, 20),
                ),
                Limit(limit_id="count", text="count", amounts=dict.fromkeys(ids[::2], 1), most=rng.randint(0, 2)),
            ),
        )
        or (),
        max_nights=some(0.3, lambda: {site: rng.randint(0, 1) for site in sites if rng.random() < 0.7}) or {},
        previous=some(0.3, lambda: _previous(rng, candidates)),
    )
    pins = some(0.3, lambda: (Pin(pin_id="p", contact_ids=tuple(rng.sample(ids, min(2, len(ids))))),))
    pinned = replace(problem, pins=pins or ())
    return problem if pin_conflict(pinned) else pinned


def _timed_problem(seed: int) -> Problem:
    """A few candidates, key that grows old and stores that are full, and demands with windows."""
    rng = random.Random(seed)
    some = _chooser(rng)
    stations = {"c0": ("c0-0", "c0-1"), "c1": ("c1-0",), "c2": ("c2-0",)}
    sites = [site for group in stations.values() for site in group]
    satellites = [f"s{n}" for n in range(rng.choice([1, 1, 2]))]
    links = some(0.4, lambda: _links(rng, stations)) or ()
    aged = rng.random() < 0.7
    capped = rng.random() < 0.6 or not aged
    candidates = _candidates(rng, rng.randint(4, 9), satellites, sites)
    demands = _demands(rng, [*stations, "c0", "c1", "c0-1"], (16, 32, END_S), satellites, [*stations, *sites])
    return Problem(
        candidates=candidates,
        demands=_over_the_bridge(candidates, demands),
        network=Network(
            node_sites=stations,
            initial_stocks=_stocks(rng, satellites, sites, links),
            fibre_links=links,
            max_age_s=rng.randint(6, 40) if aged else None,
            satellite_cap_bits={s: rng.randint(0, 5) for s in satellites} if capped and rng.random() < 0.7 else {},
            node_cap_bits={rng.choice(sites): rng.randint(0, 3)} if capped and rng.random() < 0.5 else {},
            edge_cap_bits={("c0-0", "s0"): rng.randint(0, 3)} if capped and rng.random() < 0.3 else {},
            delivery_interval_s=rng.choice([None, 8, 12]),
        ),
        end_s=END_S,
        changeover_s=rng.randint(0, 2),
    )


def _chooser(rng: random.Random) -> Callable[..., object]:
    def some(share: float, make: Callable[[], object]) -> object:
        return make() if rng.random() < share else None

    return some


def _candidates(rng: random.Random, n: int, satellites: list[str], sites: list[str]) -> tuple[Candidate, ...]:
    """Contacts anywhere; of two satellites that meet at one station only, one after the other, if there are enough."""
    places = [(rng.choice(satellites), rng.choice(sites)) for _ in range(n)]
    starts_s = [rng.randint(0, 30) for _ in range(n)]
    if len(satellites) == 2 and len(sites) > 2 and n > 3 and rng.random() < 0.6:
        first, bridge, last = rng.sample(sites, 3)
        places[:4] = [("s0", first), ("s0", bridge), ("s1", bridge), ("s1", last)]
        starts_s[:4] = [0, 12, 18, 27]
    found = []
    for number, ((satellite_id, site_id), start_s) in enumerate(zip(places, starts_s, strict=True)):
        end_s = start_s + rng.randint(1, 9)
        found.append(
            Candidate(
                contact_id=f"k{number}",
                pass_id=f"p{rng.randrange(max(1, n - 2))}",
                satellite_id=satellite_id,
                site_id=site_id,
                start_s=start_s,
                end_s=end_s,
                usable_s=end_s + rng.choice([0, 0, 4, 20]),
                bits=rng.choice([0, 1, 2, 2, 3, 3, 4]),
                night=rng.choice(["one", "two"]),
            )
        )
    return tuple(found)


def _links(rng: random.Random, stations: Mapping[str, tuple[str, ...]]) -> tuple[FibreLink, ...]:
    """Rates are eighths of a bit per second: a float holds them, and every bit of theirs, exactly."""
    ends = [
        ("c0", "c1"),
        ("c0", stations["c0"][0]),
        (stations["c0"][-1], "x"),
        ("x", stations["c1"][0]),
        ("x", "c1"),
        ("c1", "x"),
    ]
    return tuple(
        FibreLink(
            link_id=f"f{number}",
            node_a=node_a,
            node_b=node_b,
            rate_bps=rng.choice([0.0625, 0.125]),
            availability_frac=rng.choice([1.0, 0.5]),
        )
        for number, (node_a, node_b) in enumerate(rng.sample(ends, rng.randint(1, 3)))
    )


def _stocks(
    rng: random.Random, satellites: list[str], sites: list[str], links: tuple[FibreLink, ...]
) -> tuple[InitialStock, ...]:
    edges = [(satellite, site) for satellite in satellites for site in sites]
    edges += [(link.node_b, link.node_a) for link in links]
    return tuple(
        InitialStock(end_a=end_a, end_b=end_b, bits=rng.randint(0, 2), age_s=rng.choice([0, 5, 20]))
        for end_a, end_b in rng.choices(edges, k=rng.randint(0, 3))
    )


def _demands(
    rng: random.Random, nodes: list[str], deadlines_s: tuple[int, ...], satellites: list[str], ground: list[str]
) -> tuple[PairDemand, ...]:
    found = []
    for number in range(rng.randint(1, 3)):
        node_a = rng.choice(nodes)
        node_b = rng.choice([node for node in nodes if node != node_a])
        bits = rng.randint(1, 5)
        deadline_s = rng.choice(deadlines_s)
        trusted = None
        if rng.random() < 0.25:
            trusted = frozenset(rng.sample(ground, rng.randint(0, len(ground))) + rng.sample(satellites, 1))
        found.append(
            PairDemand(
                demand_id=f"d{number}",
                node_a=node_a,
                node_b=node_b,
                bits=bits,
                weight=rng.randint(1, 3),
                guarantee_bits=rng.choice([0, 0, rng.randint(0, bits)]),
                guarantee_class=rng.choice([1, 1, 2]),
                start_s=rng.choice([0, 0, deadline_s - 12]),
                deadline_s=deadline_s,
                trusted=trusted,
                max_hops=rng.choice([2, 2, 3, 4, 4]),
            )
        )
    return tuple(found)


def _over_the_bridge(candidates: tuple[Candidate, ...], demands: tuple[PairDemand, ...]) -> tuple[PairDemand, ...]:
    """With a bridge between two satellites, the first demand needs it."""
    stations = [candidate.site_id for candidate in candidates[:4]]
    if len(candidates) < 4 or stations[1] != stations[2] or stations[0] == stations[3]:
        return demands
    ends = {"node_a": stations[0], "node_b": stations[3], "trusted": None, "max_hops": 4, "deadline_s": END_S}
    return (replace(demands[0], **ends), *demands[1:])


def _previous(rng: random.Random, candidates: tuple[Candidate, ...]) -> Previous:
    contacts: dict[str, list[tuple[int, int]]] = {"gone": [(3, 9)]} if rng.random() < 0.3 else {}
    for this in rng.sample(candidates, rng.randint(1, min(3, len(candidates)))):
        shift_s = rng.choice([0, 0, 1, 3])
        # A second contact of one pass lies well apart from the first: no new one can stand for both.
        own = contacts.setdefault(this.pass_id, [])
        own.append((this.start_s + shift_s + 100 * len(own), this.end_s + 100 * len(own)))
    return Previous(
        contacts={pass_id: tuple(spans) for pass_id, spans in contacts.items()},
        drop_price_frac=rng.choice([0.0, 0.05, 0.2]),
        retime_price_frac=rng.choice([0.0, 0.02, 0.6]),
        add_price_frac=rng.choice([0.0, 0.05]),
        tolerance_s=rng.choice([0, 1]),
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
                        pass_id=f"e{satellite}-{night}-{orbit}-{site}",
                        satellite_id=f"e{satellite}",
                        site_id=site,
                        start_s=start_s,
                        end_s=start_s + duration_s,
                        usable_s=start_s + duration_s,
                        bits=500 + int(rng.random() ** 1.5 * 120_000 * duration_s / 420),
                        night=str(night),
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
                bits=bits,
                weight=rng.choice([1, 1, 2, 3]),
                guarantee_bits=rng.choice([0, 0, bits // 4]),
                deadline_s=7 * 86_400,
            )
        )
    return Problem(
        candidates=tuple(candidates),
        demands=tuple(demands),
        network=Network(node_sites={}),
        end_s=7 * 86_400,
        changeover_s=60,
    )


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
                pass_id=contact.pass_id,
                satellite_id=contact.satellite_id,
                site_id=contact.site_id,
                start_utc=HORIZON.utc(contact.start_s),
                end_utc=HORIZON.utc(contact.end_s),
                start_s=contact.start_s,
                end_s=contact.end_s,
                p_clear=0.5,
                secret_bits=2 * contact.bits,
                expected_bits=contact.bits,
                usable_s=contact.usable_s,
            )
            for contact in contacts
        ),
        deliveries=solution.deliveries,
        discards=solution.discards,
        demands=tuple(
            DemandClaim(
                demand_id=demand.demand_id,
                node_a=demand.node_a,
                node_b=demand.node_b,
                wanted_bits=demand.bits,
                guarantee_bits=demand.guarantee_bits,
                guarantee_class=demand.guarantee_class,
                start_s=demand.start_s,
                deadline_s=demand.deadline_s,
                delivered_bits=solution.delivered_bits(demand.demand_id),
                met_frac=solution.delivered_bits(demand.demand_id) / demand.bits,
                guarantee_kept=solution.delivered_bits(demand.demand_id) >= demand.guarantee_bits,
            )
            for demand in problem.demands
        ),
        initial_stocks=problem.network.initial_stocks,
        proof=proof(solution),
    )
