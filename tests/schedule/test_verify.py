"""The verifier accepts a plan worked out by hand and names every way to spoil it."""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from eagleplan.model import (
    Contact,
    ContactClaim,
    Delivery,
    DemandClaim,
    Discard,
    FibreLink,
    Horizon,
    InitialStock,
    KeyYield,
    Network,
    PlanClaims,
    Proof,
    ProofLevel,
    ScheduleOptions,
)
from eagleplan.schedule import verify
from eagleplan.schedule.problem import Candidate, Limit, PairDemand, Pin, Previous, Problem
from eagleplan.schedule.verify import violations, yield_violations
from eagleplan.schedule.verify_objectives import level_values

HORIZON = Horizon(start_utc=datetime(2026, 11, 30, tzinfo=UTC), days=300_000 / 86_400)


def contact(contact_id: str, satellite_id: str, site_id: str, start_s: int, bits: int, **changes: Any) -> Candidate:
    values: dict[str, Any] = {
        "contact_id": contact_id,
        "pass_id": contact_id.split("+")[0],
        "satellite_id": satellite_id,
        "site_id": site_id,
        "start_s": start_s,
        "end_s": start_s + 200,
        "usable_s": start_s + 300,
        "bits": bits,
        "night": "1",
    }
    return Candidate(**values | changes)


PROBLEM = Problem(
    candidates=(
        contact("graz", "e1", "at-1", 1_000, 500),
        contact("jena", "e1", "de-1", 1_300, 400),
        contact("vienna", "e1", "at-2", 5_000, 300),
        contact("paris", "e1", "fr-1", 9_000, 700),
        contact("jena-2", "e1", "de-1", 149_700, 600, night="2"),
        contact("paris-2", "e1", "fr-1", 160_000, 500, night="2"),
        # Without key, to be put into the plan where they may not be.
        contact("clash", "e1", "at-2", 1_259, 0, usable_s=1_459),
        contact("turning", "e1", "de-1", 1_289, 0),
        contact("overlap", "e2", "at-1", 1_199, 0),
        contact("unready", "e2", "at-1", 1_319, 0),
        contact("fourth", "e1", "de-1", 20_000, 0),
        contact("unstaffed", "e1", "de-1", 250_000, 0, night="3"),
        contact("free", "e2", "at-1", 100_000, 0),
    ),
    demands=(
        PairDemand(
            demand_id="AT-DE", node_a="AT", node_b="DE", bits=400, weight=2, guarantee_bits=100, deadline_s=300_000
        ),
        PairDemand(
            demand_id="AT-FR",
            node_a="AT",
            node_b="FR",
            bits=1_000,
            weight=1,
            guarantee_bits=300,
            guarantee_class=2,
            deadline_s=300_000,
            max_hops=3,
        ),
        PairDemand(
            demand_id="DE-LU",
            node_a="DE",
            node_b="LU",
            bits=600,
            weight=3,
            guarantee_bits=0,
            start_s=100_000,
            deadline_s=200_000,
            max_hops=3,
            trusted=frozenset({"e1", "FR"}),
        ),
    ),
    network=Network(
        node_sites={"AT": ("at-1", "at-2"), "DE": ("de-1",), "FR": ("fr-1",)},
        initial_stocks=(InitialStock(end_a="e1", end_b="de-1", bits=50, age_s=10_000),),
        fibre_links=(
            FibreLink(link_id="at", node_a="at-2", node_b="AT", rate_bps=0.01),
            FibreLink(link_id="lux", node_a="fr-1", node_b="LU", rate_bps=0.01, availability_frac=0.5),
        ),
        max_hops=2,
        max_age_s=150_000,
        satellite_cap_bits={"e1": 1_500},
        delivery_interval_s=100_000,
    ),
    end_s=300_000,
    changeover_s=60,
    slews={("e1", "at-1", 1_200, "de-1"): 90},
    set_up_s={"at-1": 120},
    limits=(
        Limit(limit_id="orbit-7", text="e1, orbit 7: 3 contacts", amounts={"graz": 1, "jena": 1, "fourth": 2}, most=3),
    ),
    max_nights={"de-1": 2},
    pins=(Pin(pin_id="paris", contact_ids=("paris",)),),
)

UNCAPPED = replace(PROBLEM.network, satellite_cap_bits={})

FLOWN = ("graz", "jena", "vienna", "paris", "jena-2", "paris-2")

DELIVERIES = (
    Delivery(demand_id="AT-DE", at_s=100_000, path=("AT", "at-1", "e1", "de-1", "DE"), bits=400),
    Delivery(demand_id="AT-FR", at_s=100_000, path=("AT", "at-2", "e1", "fr-1", "FR"), bits=200),
    Delivery(demand_id="DE-LU", at_s=200_000, path=("DE", "de-1", "e1", "fr-1", "LU"), bits=300),
)

LEVELS = (
    ("guarantees_1", "min", 0),
    ("guarantees_2", "min", 100),
    # A million, the least power of ten that is a thousand times the largest demand, is shared out: for AT-DE 2 × 16 ×
    # 10^6 / 400 each for 40 bits, 2 × 6 × … for 60, 2 × 2.5 × … for 100, 2 × … for 200; and so on.
    ("fairness", "max", 7_250_000 + 2_200_000 + 9_375_000),
    ("weighted_met_bits", "max", 2 * 400 + 200 + 3 * 300),
    ("max_min", "max", 2_000),
    ("n_contacts", "min", 6),
    # What is older than 150,000 s by the end is gone. 300 of jena-2 stay, in their last second, and 200 of paris-2; and
    # of the fibre 1,501 bits for AT, one of them in its last second, and 751 for LU: those spent were older.
    ("stock_left", "max", 300 + 200 + 1_501 + 751),
)

OPTIONS = ScheduleOptions(
    objectives=("guarantees", "fairness", "weighted_met_bits", "max_min", "n_contacts", "stock_left"),
    vetoes=("clash", "never"),
)


def claim(candidate: Candidate) -> ContactClaim:
    return ContactClaim(
        contact_id=candidate.contact_id,
        pass_id=candidate.pass_id,
        satellite_id=candidate.satellite_id,
        site_id=candidate.site_id,
        start_utc=HORIZON.utc(candidate.start_s),
        end_utc=HORIZON.utc(candidate.end_s),
        start_s=candidate.start_s,
        end_s=candidate.end_s,
        p_clear=0.5,
        secret_bits=2 * candidate.bits,
        expected_bits=candidate.bits,
        usable_s=candidate.usable_s,
    )


def demand_claim(demand: PairDemand, bits: int) -> DemandClaim:
    return DemandClaim(
        demand_id=demand.demand_id,
        node_a=demand.node_a,
        node_b=demand.node_b,
        wanted_bits=demand.bits,
        guarantee_bits=demand.guarantee_bits,
        guarantee_class=demand.guarantee_class,
        start_s=demand.start_s,
        deadline_s=demand.deadline_s,
        delivered_bits=bits,
        met_frac=round(bits / demand.bits, 6),
        guarantee_kept=bits >= demand.guarantee_bits,
    )


def level(name: str, sense: Any, objective: int) -> ProofLevel:
    return ProofLevel(name=name, sense=sense, objective=objective, bound=objective, gap_frac=0.0)


CANDIDATES = {candidate.contact_id: candidate for candidate in PROBLEM.candidates}

SOUND = PlanClaims(
    name="by hand",
    horizon=HORIZON,
    contacts=tuple(claim(CANDIDATES[contact_id]) for contact_id in FLOWN),
    deliveries=DELIVERIES,
    # 50 at the start and 1,900 of the first four contacts are 450 more than the store takes.
    discards=(Discard(end_a="e1", end_b="fr-1", at_s=100_000, bits=450),),
    demands=tuple(demand_claim(d, bits) for d, bits in zip(PROBLEM.demands, (400, 200, 300), strict=True)),
    initial_stocks=PROBLEM.network.initial_stocks,
    proof=Proof(
        solver="by hand",
        status="optimal",
        levels=tuple(level(*one) for one in LEVELS),
        n_candidates=len(PROBLEM.candidates),
        deterministic_time_s=0.0,
        seed=1,
        workers=1,
        reproducible=True,
    ),
)


def codes(claims: PlanClaims, problem: Problem = PROBLEM) -> dict[str, str]:
    return {v.code: v.subject for v in violations(problem, claims)}


def with_contact(index: int, **changes: Any) -> PlanClaims:
    contacts = list(SOUND.contacts)
    contacts[index] = replace(contacts[index], **changes)
    return replace(SOUND, contacts=tuple(contacts))


def with_demand(index: int, **changes: Any) -> PlanClaims:
    demands = list(SOUND.demands)
    demands[index] = replace(demands[index], **changes)
    return replace(SOUND, demands=tuple(demands))


def with_delivery(index: int, **changes: Any) -> PlanClaims:
    deliveries = list(SOUND.deliveries)
    deliveries[index] = replace(deliveries[index], **changes)
    return replace(SOUND, deliveries=tuple(deliveries))


def with_proof(**changes: Any) -> PlanClaims:
    return replace(SOUND, proof=replace(SOUND.proof, **changes))


def with_level(index: int, **changes: Any) -> PlanClaims:
    levels = list(SOUND.proof.levels)
    levels[index] = replace(levels[index], **changes)
    return with_proof(levels=tuple(levels))


def restated(claims: PlanClaims, problem: Problem = PROBLEM) -> PlanClaims:
    """The claims with totals that fit them: a liar who can count."""
    values = level_values(problem, claims)
    delivered = {d.demand_id: 0 for d in problem.demands} | {
        demand_id: sum(d.bits for d in claims.deliveries if d.demand_id == demand_id)
        for demand_id in {d.demand_id for d in claims.deliveries}
    }
    return replace(
        claims,
        demands=tuple(demand_claim(demand, delivered[demand.demand_id]) for demand in problem.demands),
        proof=replace(
            claims.proof,
            levels=tuple(level(o.name, o.sense, values[o.name]) for o in claims.proof.levels if o.name in values),
            n_candidates=len(problem.candidates),
        ),
    )


def flying(*contact_ids: str, without: tuple[str, ...] = ()) -> PlanClaims:
    kept = [one for one in SOUND.contacts if one.contact_id not in without]
    return restated(replace(SOUND, contacts=(*kept, *(claim(CANDIDATES[name]) for name in contact_ids))))


def test_the_plan_made_by_hand_is_sound() -> None:
    assert violations(PROBLEM, SOUND, OPTIONS) == ()
    assert violations(PROBLEM, flying("free"), OPTIONS) == ()


# What each contact is.


def test_a_shifted_start_is_outside_the_window() -> None:
    start_s = SOUND.contacts[0].start_s - 1
    assert codes(with_contact(0, start_s=start_s, start_utc=HORIZON.utc(start_s))) == {"V-WINDOW": "graz"}


def test_an_instant_that_is_not_its_second() -> None:
    late_utc = SOUND.contacts[1].end_utc + timedelta(seconds=1)
    assert codes(with_contact(1, end_utc=late_utc)) == {"V-WINDOW": "jena"}


def test_key_that_is_usable_too_early() -> None:
    assert codes(with_contact(1, usable_s=1_500)) == {"V-WINDOW": "jena"}


@pytest.mark.parametrize(
    "changes",
    [
        {"expected_bits": 501},
        {"expected_bits": 600, "secret_bits": 1_200},
        {"p_clear": float("nan")},
        {"p_clear": -0.01, "secret_bits": -50_000},
        {"p_clear": 1.01, "secret_bits": 496},
    ],
)
def test_bits_that_nobody_can_expect(changes: dict[str, Any]) -> None:
    assert codes(with_contact(0, **changes)) == {"V-BITS": "graz"}


def test_another_place_or_pass() -> None:
    assert codes(with_contact(5, site_id="de-1")) == {"V-PLACE": "paris-2"}
    assert codes(with_contact(5, satellite_id="e2")) == {"V-PLACE": "paris-2"}
    assert codes(with_contact(5, pass_id="paris")) == {"V-PLACE": "paris-2"}


def test_a_contact_from_nowhere_and_one_that_is_there_twice() -> None:
    unknown = replace(SOUND, contacts=(*SOUND.contacts, replace(claim(CANDIDATES["free"]), contact_id="ghost")))
    assert codes(unknown) == {"V-UNKNOWN": "ghost", "V-OBJECTIVE": "n_contacts"}
    twice = restated(replace(SOUND, contacts=(*SOUND.contacts, SOUND.contacts[5])))
    assert codes(twice) == {"V-DUPLICATE": "paris-2", "V-OVERLAP": "paris-2"}


def test_yields_are_held_against_those_recomputed() -> None:
    worth = KeyYield(
        secret_bits=1_000,
        sifted_bits=0.0,
        qber_frac=0.0,
        phase_error_frac=0.0,
        leaked_bits=0.0,
        plob_bits=0.0,
        protocol="-",
        statistics="-",
    )
    right = Contact(
        contact_id="graz",
        pass_id="graz",
        satellite_id="e1",
        site_id="at-1",
        start_s=1_000,
        end_s=1_200,
        usable_s=1_300,
        max_elevation_deg=50.0,
        mean_loss_db=40.0,
        min_loss_db=39.0,
        p_clear=0.5,
        p_clear_origin="",
        key=worth,
        expected_bits=500,
    )
    assert yield_violations([right], SOUND) == ()
    assert yield_violations([replace(right, p_clear=0.500_000_4)], SOUND) == ()
    for wrong in (
        replace(right, p_clear=0.500_01),
        replace(right, key=replace(worth, secret_bits=1_001)),
        replace(right, p_clear_origin="forecast"),
        replace(right, forecast_lead_s=3_600),
        replace(right, p_clear_climatology=0.5),
    ):
        assert [v.code for v in yield_violations([wrong], SOUND)] == ["V-YIELD"]


def test_what_came_of_a_contact_is_its_bits() -> None:
    over = {"p_clear_origin": "outcome", "p_clear": 0.3, "secret_bits": 500}
    assert codes(with_contact(0, **over)) == {}
    assert codes(with_contact(0, **over | {"secret_bits": 501})) == {"V-BITS": "graz"}


# What they share.


@pytest.mark.parametrize(
    ("contact_id", "code", "subject"),
    [
        ("clash", "V-OVERLAP", "clash"),  # begins in time after graz, ends too late for jena
        ("turning", "V-OVERLAP", "turning"),
        ("overlap", "V-OVERLAP", "graz"),
        ("unready", "V-SET-UP", "graz"),
        ("fourth", "V-LIMIT", "orbit-7"),
        ("unstaffed", "V-NIGHTS", "de-1"),
    ],
)
def test_a_contact_that_there_is_no_room_for(contact_id: str, code: str, subject: str) -> None:
    assert codes(flying(contact_id))[code] == subject
    assert set(codes(flying(contact_id))) <= {code, "V-SLEW"}


def test_a_turn_that_takes_longer_than_the_changeover() -> None:
    turning = restated(replace(flying("turning", without=("jena",)), deliveries=DELIVERIES[1:]))
    cap = replace(turning, discards=(replace(SOUND.discards[0], bits=50),))
    assert codes(restated(cap)) == {"V-SLEW": "graz"}
    quick = replace(PROBLEM, slews={("e1", "at-1", 1_200, "de-1"): 89})
    assert codes(restated(cap), quick) == {}


def test_time_between_is_enough_to_the_second() -> None:
    assert codes(SOUND, replace(PROBLEM, changeover_s=100)) == {}
    assert codes(SOUND, replace(PROBLEM, changeover_s=101)) == {"V-OVERLAP": "graz"}
    assert codes(SOUND, replace(PROBLEM, slews={("e1", "at-1", 1_200, "de-1"): 101})) == {"V-SLEW": "graz"}


def test_a_slew_is_held_against_contacts_further_on_too() -> None:
    long_way = {("e1", "at-1", 1_200, "at-2"): 3_801}
    assert codes(SOUND, replace(PROBLEM, slews=long_way)) == {"V-SLEW": "graz"}


def test_a_pin_not_flown_and_a_veto_flown() -> None:
    assert codes(SOUND, replace(PROBLEM, pins=(Pin(pin_id="want", contact_ids=("free", "fourth")),))) == {
        "V-PIN": "want"
    }
    for veto in ("graz", "paris-2"):
        found = violations(PROBLEM, SOUND, replace(OPTIONS, vetoes=(veto,)))
        assert [(v.code, v.subject) for v in found] == [("V-VETO", veto)]
    part = replace(PROBLEM.candidates[0], contact_id="graz+1")
    problem = replace(PROBLEM, candidates=(part, *PROBLEM.candidates[1:]), limits=())
    flown = restated(replace(SOUND, contacts=(claim(part), *SOUND.contacts[1:])), problem)
    found = violations(problem, flown, replace(OPTIONS, vetoes=("graz",)))
    assert [(v.code, v.subject) for v in found] == [("V-VETO", "graz+1")]


# Paths and instants.


@pytest.mark.parametrize(
    ("index", "changes", "expected"),
    [
        (0, {"bits": 0}, "V-DELIVERY"),
        (0, {"bits": -4}, "V-DELIVERY"),
        (0, {"demand_id": "AT-XX"}, "V-UNKNOWN"),
        (0, {"at_s": 150_000}, "V-INSTANT"),
        (2, {"at_s": 100_000}, "V-INSTANT"),
        (2, {"at_s": 300_000}, "V-INSTANT"),
        (0, {"path": ("DE", "de-1", "e1", "at-1", "AT")}, "V-PATH"),
        (0, {"path": ("AT",)}, "V-PATH"),
        (0, {"path": ()}, "V-PATH"),
        (0, {"path": ("AT", "e1", "DE")}, "V-PATH"),
        (0, {"path": ("AT", "at-1", "e2", "de-1", "DE")}, "V-PATH"),
        (0, {"path": ("AT", "at-1", "de-1", "DE")}, "V-PATH"),
        (0, {"path": ("AT", "at-1", "e1", "at-1", "e1", "de-1", "DE")}, "V-PATH"),
        (0, {"path": ("AT", "at-2", "e1", "de-1", "DE")}, "V-HOPS"),
    ],
)
def test_a_delivery_that_is_no_path_of_its_demand(index: int, changes: dict[str, Any], expected: str) -> None:
    found = set(codes(restated(with_delivery(index, **changes))))
    assert expected in found
    assert found <= {expected, "V-STOCK", "V-HOPS"}


def test_nobody_is_served_without_spending_key() -> None:
    demand = replace(PROBLEM.demands[0], node_b="at-1", bits=10, guarantee_bits=0)
    problem = replace(PROBLEM, demands=(demand,))
    free = Delivery(demand_id="AT-DE", at_s=100_000, path=("AT", "at-1"), bits=10)
    claims = restated(replace(SOUND, deliveries=(free,)), problem)
    assert codes(claims, problem) == {"V-PATH": "AT-DE at 100000 s"}


def with_trust(demand: int, *trusted: str) -> Problem:
    demands = list(PROBLEM.demands)
    demands[demand] = replace(demands[demand], trusted=frozenset(trusted))
    return replace(PROBLEM, demands=tuple(demands))


@pytest.mark.parametrize(
    ("demand", "trusted", "accepted"),
    [
        (0, ("e1",), True),  # stations of the two ends need not be named
        (0, ("e2", "at-1", "de-1"), False),
        (0, (), False),
        (2, ("e1", "fr-1"), True),
        (2, ("e1", "DE", "LU"), False),
        (2, ("FR",), False),
    ],
)
def test_key_passes_trusted_nodes_only(demand: int, trusted: tuple[str, ...], accepted: bool) -> None:
    assert set(codes(SOUND, with_trust(demand, *trusted))) == (set() if accepted else {"V-TRUST"})


def test_a_step_to_ones_own_station_is_paid_where_a_link_joins_the_two() -> None:
    network = replace(PROBLEM.network, fibre_links=PROBLEM.network.fibre_links[1:])
    unlimited = replace(PROBLEM, network=network)
    two_hops = replace(unlimited, demands=tuple(replace(d, max_hops=2) for d in PROBLEM.demands[:2]))
    claims = restated(replace(SOUND, deliveries=DELIVERIES[:2]), two_hops)
    assert codes(claims, two_hops) == {}
    paid = replace(two_hops, network=PROBLEM.network)
    assert codes(restated(claims, paid), paid) == {"V-HOPS": "AT-FR at 100000 s"}


# Stocks.


@pytest.mark.parametrize(
    ("index", "bits", "subject"),
    [
        (0, 450, "de-1 / e1"),  # 400 and the 50 that were there
        (1, 250, "e1 / fr-1"),  # what the full store left of 700
        (2, 500, "e1 / fr-1"),
    ],
)
def test_no_bit_is_spent_twice_or_before_it_is_made(index: int, bits: int, subject: str) -> None:
    problem = replace(PROBLEM, demands=tuple(replace(d, bits=1_000) for d in PROBLEM.demands))
    assert codes(restated(with_delivery(index, bits=bits), problem), problem) == {}
    more = restated(with_delivery(index, bits=bits + 1), problem)
    assert set(codes(more, problem)) == {"V-STOCK"}
    assert codes(more, problem)["V-STOCK"] == subject


def test_key_that_is_not_usable_yet() -> None:
    late = replace(PROBLEM.candidates[0], usable_s=100_001)
    problem = replace(PROBLEM, candidates=(late, *PROBLEM.candidates[1:]), network=UNCAPPED)
    claims = replace(SOUND, contacts=(claim(late), *SOUND.contacts[1:]), discards=())
    assert codes(restated(claims, problem), problem) == {"V-STOCK": "at-1 / e1"}


@pytest.mark.parametrize(("max_age_s", "accepted"), [(98_700, True), (98_699, False)])
def test_key_that_is_too_old(max_age_s: int, accepted: bool) -> None:
    """The 500 bits of graz are usable from 1,300 s and 98,700 s old at 100,000 s."""
    network = replace(PROBLEM.network, max_age_s=max_age_s, satellite_cap_bits={}, initial_stocks=())
    problem = replace(PROBLEM, network=network, demands=PROBLEM.demands[:1])
    claims = replace(SOUND, deliveries=DELIVERIES[:1], discards=(), initial_stocks=())
    claims = restated(claims, problem)
    assert codes(claims, problem) == ({} if accepted else {"V-STOCK": "at-1 / e1"})


def test_fibre_gives_its_rate_and_no_more() -> None:
    """0.01 bit/s, available half of the time: 1,000 bits by 200,000 s, of which 249 are older than 150,000 s."""
    demands = (replace(PROBLEM.demands[2], node_a="fr-1", bits=2_000),)
    problem = replace(PROBLEM, demands=demands)
    for bits, found in ((751, {}), (752, {"V-STOCK": "LU / fr-1"})):
        delivery = Delivery(demand_id="DE-LU", at_s=200_000, path=("fr-1", "LU"), bits=bits)
        claims = restated(replace(SOUND, deliveries=(delivery,)), problem)
        assert codes(claims, problem) == found


def test_stocks_at_the_start_are_those_of_the_inputs() -> None:
    stock = PROBLEM.network.initial_stocks[0]
    swapped = replace(SOUND, initial_stocks=(replace(stock, end_a="de-1", end_b="e1"),))
    assert codes(swapped) == {}
    for wrong in ((), (stock, stock), (replace(stock, bits=49),), (replace(stock, age_s=9_999),)):
        assert codes(replace(SOUND, initial_stocks=wrong)) == {"V-STOCK": "de-1 / e1"}


def test_a_store_takes_no_more_than_its_cap() -> None:
    less = replace(SOUND, discards=(replace(SOUND.discards[0], bits=449),))
    assert codes(restated(less)) == {"V-CAP": "e1"}
    assert codes(restated(replace(SOUND, discards=()))) == {"V-CAP": "e1"}


@pytest.mark.parametrize(
    "caps",
    [
        {"node_cap_bits": {"fr-1": 749}},  # 250 from the satellite and 500 of the fibre at 100,000 s
        {"edge_cap_bits": {("e1", "fr-1"): 249}},
        {"edge_cap_bits": {("LU", "fr-1"): 749}},
    ],
)
def test_caps_of_nodes_and_edges(caps: dict[str, Any]) -> None:
    tight = replace(PROBLEM, network=replace(PROBLEM.network, **caps))
    assert set(codes(SOUND, tight)) == {"V-CAP"}
    more: dict[str, Any] = {name: {key: most + 600 for key, most in own.items()} for name, own in caps.items()}
    assert codes(SOUND, replace(PROBLEM, network=replace(PROBLEM.network, **more))) == {}


def test_key_is_given_up_only_where_a_store_is_full() -> None:
    first = SOUND.discards[0]
    for wrong in (
        replace(first, bits=451),
        replace(first, bits=701),
        replace(first, end_b="de-2"),
    ):
        assert "V-DISCARD" in codes(restated(replace(SOUND, discards=(wrong,))))
    for more in (
        replace(first, bits=0),
        replace(first, bits=-1),
        replace(first, at_s=300_000, bits=1),
        replace(first, at_s=250_000, bits=1),
    ):
        assert set(codes(restated(replace(SOUND, discards=(first, more))))) == {"V-DISCARD"}


def test_the_oldest_key_goes_first() -> None:
    """100 bits are old by 200,000 s: the 100 spent before were just those, so that the younger 100 are still there."""
    problem = replace(
        PROBLEM,
        candidates=(
            contact("old", "e1", "at-1", 0, 100),
            contact("young", "e1", "at-1", 90_000, 100),
            contact("jena", "e1", "de-1", 95_000, 200),
        ),
        demands=PROBLEM.demands[:1],
        network=replace(PROBLEM.network, initial_stocks=(), max_age_s=120_000, satellite_cap_bits={}),
        limits=(),
        pins=(),
    )
    deliveries = tuple(replace(DELIVERIES[0], at_s=at_s, bits=100) for at_s in (100_000, 200_000))
    claims = replace(
        SOUND,
        contacts=tuple(claim(candidate) for candidate in problem.candidates),
        deliveries=deliveries,
        discards=(),
        initial_stocks=(),
    )
    claims = restated(claims, problem)
    assert codes(claims, problem) == {}
    late = replace(claims, deliveries=tuple(replace(d, at_s=200_000, bits=bits) for d, bits in ((deliveries[0], 101),)))
    assert codes(restated(late, problem), problem) == {"V-STOCK": "at-1 / e1"}


# Totals.


@pytest.mark.parametrize(
    ("index", "changes"),
    [
        (0, {"node_b": "FR"}),
        (0, {"wanted_bits": 399}),
        (0, {"guarantee_bits": 0}),
        (0, {"guarantee_class": 2}),
        (2, {"start_s": 0}),
        (2, {"deadline_s": 300_000}),
        (1, {"delivered_bits": 201}),
        (1, {"guarantee_kept": True}),
        (1, {"met_frac": 0.200_002}),
        (1, {"met_frac": float("nan")}),
    ],
)
def test_what_is_said_of_a_demand(index: int, changes: dict[str, Any]) -> None:
    assert codes(with_demand(index, **changes)) == {"V-DEMAND": PROBLEM.demands[index].demand_id}


def test_every_demand_is_spoken_of_once() -> None:
    assert codes(replace(SOUND, demands=SOUND.demands[1:])) == {"V-DEMAND": "AT-DE"}
    assert codes(replace(SOUND, demands=(*SOUND.demands, SOUND.demands[2]))) == {"V-DEMAND": "DE-LU"}
    unknown = replace(SOUND.demands[2], demand_id="XX-LU")
    assert codes(replace(SOUND, demands=(*SOUND.demands, unknown))) == {"V-UNKNOWN": "XX-LU"}


def test_nobody_gets_more_than_asked() -> None:
    less = replace(PROBLEM, demands=(replace(PROBLEM.demands[0], bits=399), *PROBLEM.demands[1:]))
    assert codes(restated(SOUND, less), less) == {"V-DEMAND": "AT-DE"}


@pytest.mark.parametrize("index", range(len(LEVELS)))
def test_every_level_is_recomputed(index: int) -> None:
    name, _, value = LEVELS[index]
    for wrong in (value - 1, value + 1):
        assert codes(with_level(index, objective=wrong, bound=wrong)) == {"V-OBJECTIVE": name}
    assert codes(with_level(index, sense="min" if LEVELS[index][1] == "max" else "max")) == {"V-PROOF": name}


def test_a_bound_lies_on_the_good_side() -> None:
    ahead = {"bound": 1_901, "gap_frac": 1 / 1_901}
    assert set(codes(with_level(3, **ahead))) == {"V-PROOF"}
    feasible = with_level(3, **ahead)
    assert codes(replace(feasible, proof=replace(feasible.proof, status="feasible"))) == {}
    assert codes(with_level(3, bound=1_899, gap_frac=1 / 1_900)) == {
        "V-BOUND": "weighted_met_bits",
        "V-PROOF": "by hand",
    }
    assert "V-BOUND" in codes(with_level(5, bound=7, gap_frac=1 / 7))
    assert codes(with_level(5, bound=5, gap_frac=0.0)) == {"V-BOUND": "n_contacts", "V-PROOF": "by hand"}
    assert codes(with_level(5, gap_frac=float("nan"))) == {"V-BOUND": "n_contacts"}
    assert codes(with_proof(status="feasible")) == {"V-PROOF": "by hand"}


def test_a_level_over_many_skies_is_taken_as_stated_but_for_its_bound() -> None:
    for name in ("mean_met", "cvar", "kept_guarantees"):
        over = level(name, "max", 1_234)
        first = with_proof(levels=(over, *SOUND.proof.levels))
        options = replace(OPTIONS, objectives=(name, *OPTIONS.objectives))
        assert violations(PROBLEM, first, options) == ()
        assert [v.code for v in violations(PROBLEM, first, OPTIONS)] == ["V-PROOF"]
        last = with_proof(levels=(*SOUND.proof.levels, over))
        assert codes(last) == {"V-OBJECTIVE": name}
        for wrong, code in (
            (replace(over, sense="min"), "V-PROOF"),
            (replace(over, bound=1_233, gap_frac=1 / 1_234), "V-BOUND"),
            (replace(over, bound=1_235), "V-BOUND"),
            (replace(over, objective=-1, bound=-1), "V-OBJECTIVE"),
        ):
            assert code in codes(with_proof(levels=(wrong, *SOUND.proof.levels)))


def test_levels_are_those_asked_for() -> None:
    assert codes(with_level(6, name="beauty")) == {"V-OBJECTIVE": "beauty"}
    assert codes(with_proof(levels=())) == {"V-PROOF": "by hand"}
    levels = SOUND.proof.levels
    assert "V-PROOF" in codes(with_proof(levels=(*levels, levels[0])))
    for other in (levels[1:], (levels[1], levels[0], *levels[2:])):
        claims = with_proof(levels=other)
        assert codes(claims) == {}
        assert [v.code for v in violations(PROBLEM, claims, OPTIONS)] == ["V-PROOF"]
    assert codes(with_proof(n_candidates=1)) == {"V-PROOF": "by hand"}


@pytest.mark.parametrize(
    ("earlier", "tolerance_s", "changes"),
    [
        ({c.pass_id: ((c.start_s, c.end_s),) for c in SOUND.contacts}, 0, (0, 0, 0)),
        ({}, 0, (0, 0, 6)),
        ({"graz": ((1_000, 1_200),)}, 0, (0, 0, 5)),
        ({"graz": ((1_030, 1_200),)}, 0, (0, 1, 5)),
        ({"graz": ((1_030, 1_200),)}, 29, (0, 1, 5)),
        ({"graz": ((1_030, 1_200),)}, 30, (0, 0, 5)),
        ({"gone": ((1_030, 1_200), (2_000, 2_300))}, 30, (2, 0, 6)),
        ({"graz": ((1_000, 1_200), (2_000, 2_300))}, 0, (1, 0, 5)),
        ({"graz": ((1_010, 1_200), (2_000, 2_300))}, 0, (1, 1, 5)),
    ],
)
def test_changes_to_an_earlier_plan_are_counted_and_paid(
    earlier: dict[str, tuple[tuple[int, int], ...]], tolerance_s: int, changes: tuple[int, int, int]
) -> None:
    previous = Previous(
        contacts=earlier, drop_price_frac=0.01, retime_price_frac=0.002, add_price_frac=0.03, tolerance_s=tolerance_s
    )
    problem = replace(PROBLEM, previous=previous)
    # All demands met in full are 2 × 400 + 1,000 + 3 × 600 weighted bits.
    dropped, retimed, added = changes
    price = 36 * dropped + 7 * retimed + 108 * added
    met, counted = level("weighted_met_bits", "max", 1_900 - price), level("changes", "min", sum(changes))
    for levels in ((met, counted), (counted, met)):
        assert codes(replace(SOUND, proof=replace(SOUND.proof, levels=levels)), problem) == {}
    wrong = level("changes", "min", sum(changes) + 1)
    assert codes(replace(SOUND, proof=replace(SOUND.proof, levels=(met, wrong))), problem) == {"V-OBJECTIVE": "changes"}
    # The first level that counts key pays, the next does not.
    full = replace(met, objective=1_900, bound=1_900)
    fair = level(
        "fairness", "max", level_values(problem, with_proof(levels=(replace(SOUND.proof.levels[2]),)))["fairness"]
    )
    assert codes(replace(SOUND, proof=replace(SOUND.proof, levels=(fair, full))), problem) == {}


def test_the_verifier_knows_nothing_of_the_solver() -> None:
    folder = Path(verify.__file__).parent
    own = sorted(folder.glob("verify*.py"))
    assert len(own) > 3
    allowed = {path.stem for path in own} | {"problem"}
    for path in own:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = (
                [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else []
            )
            for name in names:
                if name.startswith("eagleplan.schedule"):
                    assert name.rpartition(".")[2] in allowed, f"{path.name} imports {name}"
                elif name.startswith("eagleplan"):
                    assert name == "eagleplan.model"
                else:
                    assert name.partition(".")[0] in {
                        "__future__",
                        "bisect",
                        "collections",
                        "dataclasses",
                        "itertools",
                        "math",
                    }
