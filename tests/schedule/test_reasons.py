"""Reasons follow from facts of the solution, and every one of them is checked against the problem."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest

from eagleplan.model import Demand, FibreLink, InitialStock, Network
from eagleplan.schedule import (
    GREEDIES,
    Candidate,
    Limit,
    PairDemand,
    Pin,
    Previous,
    Problem,
    contact_reasons,
    demand_limits,
    demand_results,
    solve,
)

END_S = 100_000

SITES = {"AT": ("at",), "DE": ("de",), "FR": ("fr",), "IT": ("it",), "PT": ("pt",)}


def contact(
    contact_id: str, site_id: str, start_s: int, bits: int, satellite_id: str = "e1", **changes: Any
) -> Candidate:
    values: dict[str, Any] = {
        "contact_id": contact_id,
        "pass_id": contact_id,
        "satellite_id": satellite_id,
        "site_id": site_id,
        "start_s": start_s,
        "end_s": start_s + 200,
        "usable_s": start_s + 200,
        "bits": bits,
    }
    return Candidate(**values | changes)


def pair(node_a: str, node_b: str, bits: int, **changes: Any) -> PairDemand:
    values: dict[str, Any] = {
        "demand_id": f"{node_a}-{node_b}",
        "node_a": node_a,
        "node_b": node_b,
        "bits": bits,
        "weight": 1,
        "guarantee_bits": 0,
        "deadline_s": END_S,
    }
    return PairDemand(**values | changes)


def problem(*candidates: Candidate, demands: tuple[PairDemand, ...], **changes: Any) -> Problem:
    network = replace(Network(node_sites=SITES), **changes.pop("network", {}))
    return Problem(candidates=candidates, demands=demands, network=network, end_s=END_S, changeover_s=60, **changes)


WEEK = problem(
    contact("a1", "at", 1_000, 500),
    contact("d1", "de", 1_100, 300),
    contact("d2", "de", 5_000, 400),
    contact("d3", "de", 9_000, 100),
    contact("z0", "at", 13_000, 0),
    contact("f1", "fr", 17_000, 100),
    contact("i1", "it", 21_000, 100),
    contact("x1", "xx", 25_000, 100),
    contact("late", "de", 29_000, 100, usable_s=END_S + 1),
    demands=(pair("AT", "DE", 450), pair("IT", "PT", 50)),
)


FEWEST = ("guarantees", "fairness", "weighted_met_bits", "n_contacts", "stock_left")
"""Levels under which a contact that nobody needs is not flown."""


def reasons_of(one: Problem) -> dict[str, tuple[str, str]]:
    solution = solve(one, objectives=FEWEST)
    return {name: (reason.code, reason.text) for name, reason in contact_reasons(one, solution).items()}


def test_every_contact_has_its_reason() -> None:
    assert reasons_of(WEEK) == {
        "a1": ("chosen", "its key goes to AT-DE"),
        "d1": ("conflict", "clashes with a1; no plan with it is better"),
        "d2": ("chosen", "its key goes to AT-DE"),
        "d3": ("chosen", "its key goes to AT-DE"),
        "z0": ("no-key", "no key is expected from it"),
        "f1": ("not-needed", "no demand asks for key with fr"),
        "i1": ("not-needed", "e1 can have no key with PT, its only partners"),
        "x1": ("not-needed", "no demand asks for key with xx"),
        "late": ("not-needed", "its key comes after the deadline of AT-DE"),
    }


def test_a_contact_that_would_help_nobody_says_whose_key_is_missing() -> None:
    short = replace(WEEK, candidates=(contact("a1", "at", 1_000, 50), *WEEK.candidates[2:4]))
    reasons = reasons_of(short)
    assert reasons["d2"][0] == "chosen"
    assert reasons["d3"][1] == "more key here would not help AT-DE: all key with AT is spent"
    enough = replace(short, demands=(pair("AT", "DE", 50),))
    assert reasons_of(enough)["d3"][1] == "every demand that could use its key is met in full"


def test_without_a_proof_a_reason_claims_none() -> None:
    more = replace(
        WEEK,
        candidates=(*WEEK.candidates, contact("a2", "at", 5_100, 300)),
        demands=(pair("AT", "DE", 600),),
    )
    greedy = GREEDIES["earliest-first"](more)
    assert contact_reasons(more, greedy)["d1"].text == "clashes with a1"
    bare = replace(greedy, chosen_ids=("a1",), deliveries=())
    assert contact_reasons(more, bare)["d2"].code == "not-chosen"


@pytest.mark.parametrize(("early", "late"), [("a1", "a2"), ("a2", "a1")])
def test_the_longer_of_two_changeovers_counts(early: str, late: str) -> None:
    one = problem(
        contact(early, "at", 1_000, 500 if early == "a1" else 400),
        contact(late, "at", 1_300, 500 if late == "a1" else 400),
        contact("d", "de", 9_000, 500),
        demands=(pair("AT", "DE", 900),),
        set_up_s={"at": 101},
    )
    assert reasons_of(one)["a2"] == ("conflict", "clashes with a1; no plan with it is better")
    assert reasons_of(replace(one, set_up_s={"at": 100}))["a2"][0] == "not-needed"


def test_a_slew_that_takes_too_long_is_a_clash() -> None:
    one = problem(
        contact("a", "at", 1_000, 500),
        contact("d", "de", 1_290, 100),
        contact("d-2", "de", 9_000, 400),
        demands=(pair("AT", "DE", 500),),
        slews={("e1", "at", 1_200, "de"): 91},
    )
    assert reasons_of(one)["d"] == ("conflict", "clashes with a; no plan with it is better")
    assert reasons_of(replace(one, slews={("e1", "at", 1_200, "de"): 90}))["d"][0] == "chosen"


def test_limits_and_nights_stand_in_the_way() -> None:
    one = problem(
        contact("a", "at", 1_000, 500, night="1"),
        contact("d", "de", 5_000, 400, night="1"),
        contact("d-2", "de", 9_000, 50, night="2"),
        demands=(pair("AT", "DE", 500),),
    )
    assert reasons_of(one)["d-2"][0] == "chosen"
    few = replace(one, max_nights={"de": 1})
    assert reasons_of(few)["d-2"] == ("conflict", "de has used its 1 nights with staff; no plan with it is better")
    amounts = {"a": 200, "d": 200, "d-2": 200}
    duty = replace(one, limits=(Limit(limit_id="o", text="e1, orbit 7: 599 s", amounts=amounts, most=599),))
    assert reasons_of(duty)["d-2"] == ("conflict", "leaves no room in e1, orbit 7: 599 s; no plan with it is better")


def test_a_pin_says_so() -> None:
    pinned = replace(WEEK, pins=(Pin(pin_id="z0", contact_ids=("z0",)), Pin(pin_id="a1", contact_ids=("a1",))))
    reasons = reasons_of(pinned)
    assert reasons["z0"] == ("chosen", "pinned; no key is expected from it")
    assert reasons["a1"] == ("chosen", "pinned; its key goes to AT-DE")


def test_an_earlier_plan_is_a_reason_too() -> None:
    price = Previous(
        contacts={"a1": ((1_000, 1_200),), "d2": ((5_000, 5_200),)},
        drop_price_frac=0.0,
        retime_price_frac=0.0,
        add_price_frac=0.9,
    )
    reasons = reasons_of(replace(WEEK, previous=price))
    assert reasons["d3"] == ("not-needed", "no plan with it is better, the price of a change included")


def test_key_that_is_too_old_serves_nobody() -> None:
    one = problem(
        contact("a", "at", 1_000, 400),
        contact("a-2", "at", 60_000, 100),
        contact("d", "de", 61_000, 300),
        demands=(pair("AT", "DE", 500),),
        network={"max_age_s": 50_000},
        pins=(Pin(pin_id="a", contact_ids=("a",)),),
    )
    reasons = reasons_of(one)
    assert reasons["a"] == ("chosen", "pinned; its key is kept in reserve")
    assert reasons["a-2"] == ("chosen", "its key goes to AT-DE")
    assert demand_limits(one, solve(one)) == {"AT-DE": "all key with AT is spent"}


def test_clashes_name_the_contacts_and_hold_with_the_gap_between(
    random_problem: Callable[[int], Problem],
) -> None:
    seen = 0
    for seed in range(90):
        one = replace(random_problem(seed), limits=(), max_nights={})
        solution = solve(one)
        by_id = {c.contact_id: c for c in one.candidates}
        for contact_id, reason in contact_reasons(one, solution).items():
            assert (reason.code == "chosen") == (contact_id in solution.chosen_ids)
            assert reason.code != "not-chosen"
            if reason.code == "conflict":
                named = reason.text.split(";")[0].removeprefix("clashes with ").split(", ")
                assert set(named) <= set(solution.chosen_ids)
                # With the named ones gone it fits in, so that they are the whole of the conflict.
                rest = [by_id[c] for c in solution.chosen_ids if c not in named]
                assert all_fit(one, [by_id[contact_id], *rest])
                assert not any(all_fit(one, [by_id[contact_id], by_id[other]]) for other in named)
                seen += 1
            elif reason.code == "not-needed" and not one.pins:
                without = replace(one, candidates=tuple(c for c in one.candidates if c.contact_id != contact_id))
                objectives = ("guarantees", "fairness", "weighted_met_bits")
                both = [
                    [level.objective for level in solve(which, objectives=objectives).levels]
                    for which in (without, one)
                ]
                assert both[0] == both[1]
    assert seen > 20


def all_fit(one: Problem, contacts: list[Candidate]) -> bool:
    for pair_of_contacts in combinations(contacts, 2):
        a, b = sorted(pair_of_contacts, key=lambda c: (c.start_s, c.end_s))
        pause_s = b.start_s - a.end_s
        slew_s = one.slews.get((a.satellite_id, a.site_id, a.end_s, b.site_id), 0)
        if a.satellite_id == b.satellite_id and pause_s < max(one.changeover_s, slew_s):
            return False
        if a.site_id == b.site_id and pause_s < one.set_up_s.get(a.site_id, 0):
            return False
    return True


@pytest.mark.parametrize(
    ("candidates", "stocks", "limit"),
    [
        ((("a", "at", 9), ("d", "de", 9)), (), "met in full"),
        ((("a", "at", 9),), (), "no contact gives key with DE"),
        ((), (), "no contact gives key with AT, DE"),
        ((("a", "at", 5), ("d", "de", 9)), (), "all key with AT is spent"),
        ((("a", "at", 9), ("d", "de", 5)), (), "all key with DE is spent"),
        ((("a", "at", 5), ("d", "de", 5)), (), "all key with AT, DE is spent"),
        ((("d", "de", 9),), (("e1", "at", 3),), "all key with AT is spent"),
        ((("a", "at", 3), ("d", "de", 9)), (("e1", "at", 3),), "all key with AT is spent"),
        ((("d", "de", 9),), (("e2", "at", 3),), "no satellite can have key with both AT and DE"),
        (
            (("d", "de", 9),),
            (("e1", "at", 3), ("e2", "at", 5), ("e2", "de", 1)),
            "on e1 all key with AT is spent; on e2 all key with DE is spent",
        ),
    ],
)
def test_what_limits_a_demand(
    candidates: tuple[tuple[str, str, int], ...], stocks: tuple[tuple[str, str, int], ...], limit: str
) -> None:
    one = problem(
        *(contact(name, site, 1_000 * n, bits) for n, (name, site, bits) in enumerate(candidates)),
        demands=(pair("AT", "DE", 9),),
        network={"initial_stocks": tuple(InitialStock(end_a=e, end_b=s, bits=b) for e, s, b in stocks)},
    )
    assert demand_limits(one, solve(one)) == {"AT-DE": limit}


def test_what_limits_a_demand_over_fibre() -> None:
    link = FibreLink(link_id="f", node_a="de", node_b="x", rate_bps=0.000_05)
    one = problem(
        contact("a", "at", 1_000, 9),
        contact("d", "de", 9_000, 9),
        demands=(pair("AT", "x", 9, max_hops=3),),
        network={"fibre_links": (link,)},
    )
    assert demand_limits(one, solve(one)) == {"AT-x": "all key with x is spent"}
    far = replace(one, demands=(pair("AT", "x", 9, max_hops=2),))
    assert demand_limits(far, solve(far)) == {"AT-x": "no satellite can have key with both AT and x"}
    strangers = replace(one, demands=(pair("AT", "x", 9, max_hops=3, trusted=frozenset({"e1"})),))
    limit = "no path of trusted nodes joins AT and x over 3 edges"
    assert demand_limits(strangers, solve(strangers)) == {"AT-x": limit}
    further = replace(
        one,
        candidates=(contact("a", "at", 1_000, 9), contact("d", "de", 9_000, 4)),
        demands=(pair("AT", "y", 9, max_hops=4),),
        network=replace(
            one.network,
            fibre_links=(
                replace(link, rate_bps=1.0),
                FibreLink(link_id="g", node_a="x", node_b="y", rate_bps=1.0),
            ),
        ),
    )
    assert demand_limits(further, solve(further)) == {"AT-y": "all key is spent on de – e1"}


def test_a_plan_that_flies_past_a_node_says_so() -> None:
    one = problem(
        contact("a", "at", 1_000, 9),
        contact("d", "de", 1_100, 9),
        contact("f", "fr", 5_000, 9),
        demands=(pair("AT", "FR", 9), pair("DE", "FR", 8)),
    )
    solution = solve(one, objectives=("weighted_met_bits",))
    assert demand_limits(one, solution)["DE-FR"] == "the plan has no contact with DE"


def test_a_plan_cut_short_admits_that_key_is_left() -> None:
    solution = replace(solve(WEEK), deliveries=())
    limit = "key is left all along a path: the search stopped at its limit"
    assert demand_limits(WEEK, solution)["AT-DE"] == limit


def test_key_that_somebody_needs_later_is_not_left() -> None:
    """All of AT's key is kept for the second demand, whose deadline comes later: for the first none is left."""
    one = problem(
        contact("a", "at", 1_000, 9),
        contact("d", "de", 5_000, 9),
        contact("f", "fr", 60_000, 9),
        demands=(pair("AT", "DE", 9, deadline_s=50_000), pair("AT", "FR", 9, weight=3)),
    )
    solution = solve(one, objectives=("weighted_met_bits",))
    assert solution.delivered_bits("AT-FR") == 9
    assert demand_limits(one, solution)["AT-DE"] == "all key with AT is spent"


def test_where_nothing_is_left_no_bit_more_could_be_had(random_problem: Callable[[int], Problem]) -> None:
    """The limits of proven plans never say that key is left, and what is met in full is."""
    for seed in range(90):
        one = random_problem(seed)
        solution = solve(one)
        for demand in one.demands:
            limit = demand_limits(one, solution)[demand.demand_id]
            assert (limit == "met in full") == (solution.delivered_bits(demand.demand_id) == demand.bits)
            if one.previous is None and not one.network.satellite_cap_bits:
                assert "search stopped" not in limit, (seed, demand)


def test_results_are_in_the_order_of_the_demands() -> None:
    def demand(node_a: str, node_b: str, bits: int, guarantee_bits: int, **changes: Any) -> Demand:
        values: dict[str, Any] = {
            "demand_id": f"{node_a}-{node_b}",
            "node_a": node_a,
            "node_b": node_b,
            "bits": bits,
            "priority": 1,
            "guarantee_bits": guarantee_bits,
            "start_s": 50_000,
            "deadline_s": END_S,
        }
        return Demand(**values | changes)

    demands = [demand("IT", "PT", 50, 10, pqc_ok=True), demand("AT", "DE", 450, 450)]
    results = demand_results(demands, WEEK, solve(WEEK))
    assert [
        (r.demand, r.delivered_bits, r.met_frac, r.guarantee_kept, r.limited_by, r.pqc_only_s) for r in results
    ] == [
        (demands[0], 0, 0.0, False, "no contact gives key with PT", 50_000),
        (demands[1], 450, 1.0, True, "met in full", None),
    ]
    half = replace(WEEK, demands=(pair("AT", "DE", 1_000),))
    met = demand_results([demand("AT", "DE", 1_000, 0, pqc_ok=True)], half, solve(half))[0]
    assert (met.met_frac, met.pqc_only_s) == (0.5, 25_000)
