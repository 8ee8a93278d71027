"""Reasons follow from facts of the solution, and every one of them is checked against the problem."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from eagleplan.model import Demand, InitialStock
from eagleplan.schedule import (
    GREEDIES,
    Candidate,
    PairDemand,
    Problem,
    contact_reasons,
    demand_limits,
    demand_results,
    solve,
)


def contact(contact_id: str, site_id: str, start_s: int, bits: int, satellite_id: str = "e1") -> Candidate:
    return Candidate(
        contact_id=contact_id,
        satellite_id=satellite_id,
        site_id=site_id,
        start_s=start_s,
        end_s=start_s + 200,
        bits=bits,
    )


def pair(node_a: str, node_b: str, bits: int, guarantee_bits: int = 0) -> PairDemand:
    return PairDemand(
        demand_id=f"{node_a}-{node_b}",
        node_a=node_a,
        node_b=node_b,
        sites_a=(node_a.lower(),),
        sites_b=(node_b.lower(),),
        bits=bits,
        weight=1,
        guarantee_bits=guarantee_bits,
    )


def problem(*candidates: Candidate, demands: tuple[PairDemand, ...], **changes: object) -> Problem:
    return Problem(candidates=candidates, demands=demands, changeover_s=60, **changes)  # type: ignore[arg-type]


WEEK = problem(
    contact("a1", "at", 1_000, 500),
    contact("d1", "de", 1_100, 300),
    contact("d2", "de", 5_000, 400),
    contact("d3", "de", 9_000, 100),
    contact("z0", "at", 13_000, 0),
    contact("f1", "fr", 17_000, 100),
    contact("i1", "it", 21_000, 100),
    contact("x1", "xx", 25_000, 100),
    demands=(pair("AT", "DE", 450), pair("IT", "PT", 50)),
)


def test_every_contact_has_its_reason() -> None:
    reasons = contact_reasons(WEEK, solve(WEEK))
    assert {contact_id: (reason.code, reason.text) for contact_id, reason in reasons.items()} == {
        "a1": ("chosen", "its key goes to AT-DE"),
        "d1": ("conflict", "clashes with a1; no plan with it is better"),
        "d2": ("chosen", "its key goes to AT-DE"),
        "d3": ("chosen", "its key goes to AT-DE"),
        "z0": ("no-key", "no key is expected from it"),
        "f1": ("not-needed", "no demand asks for key with fr"),
        "i1": ("not-needed", "e1 can have no key with PT, its only partners"),
        "x1": ("not-needed", "no demand asks for key with xx"),
    }


def test_a_contact_that_would_help_nobody_says_whose_key_is_missing() -> None:
    short = replace(WEEK, candidates=(contact("a1", "at", 1_000, 50), *WEEK.candidates[2:4]))
    reasons = contact_reasons(short, solve(short))
    assert reasons["d2"].code == "chosen"
    assert reasons["d3"].text == "more key here would not help AT-DE: all key with AT is spent"
    enough = replace(short, demands=(pair("AT", "DE", 50),))
    reasons = contact_reasons(enough, solve(enough))
    assert reasons["d3"].text == "every demand that could use its key is met in full"


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
        site_changeover_s=101,
    )
    assert contact_reasons(one, solve(one))["a2"].text == "clashes with a1; no plan with it is better"


def test_clashes_name_the_contacts_and_hold_with_the_gap_between(
    random_problem: Callable[[int], Problem],
) -> None:
    seen = 0
    for seed in range(80):
        one = random_problem(seed)
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
                together = replace(one, candidates=(by_id[contact_id], *rest))
                assert _all_fit(together)
                assert not _all_fit(replace(one, candidates=(by_id[contact_id], by_id[named[0]])))
                seen += 1
            elif reason.code == "not-needed":
                _adding_it_gains_nothing(one, contact_id)
    assert seen > 20


def _all_fit(one: Problem) -> bool:
    contacts = sorted(one.candidates, key=lambda c: (c.start_s, c.end_s))
    return all(
        (a.satellite_id != b.satellite_id or b.start_s - a.end_s >= one.changeover_s)
        and (a.site_id != b.site_id or b.start_s - a.end_s >= one.site_changeover_s)
        for number, a in enumerate(contacts)
        for b in contacts[number + 1 :]
    )


def _adding_it_gains_nothing(one: Problem, contact_id: str) -> None:
    without = replace(one, candidates=tuple(c for c in one.candidates if c.contact_id != contact_id))
    assert [level.objective for level in solve(without).levels[:2]] == [
        level.objective for level in solve(one).levels[:2]
    ]


@pytest.mark.parametrize(
    ("candidates", "demand", "stocks", "limit"),
    [
        ((("a", "at", 9), ("d", "de", 9)), pair("AT", "DE", 9), (), "met in full"),
        ((("a", "at", 9),), pair("AT", "DE", 9), (), "no contact gives key with DE"),
        ((), pair("AT", "DE", 9), (), "no contact gives key with AT, DE"),
        ((("a", "at", 5), ("d", "de", 9)), pair("AT", "DE", 9), (), "all key with AT is spent"),
        ((("a", "at", 9), ("d", "de", 5)), pair("AT", "DE", 9), (), "all key with DE is spent"),
        ((("a", "at", 5), ("d", "de", 5)), pair("AT", "DE", 9), (), "all key with AT, DE is spent"),
        ((("d", "de", 9),), pair("AT", "DE", 9), (("e1", "at", 3),), "all key with AT is spent"),
        ((("a", "at", 3), ("d", "de", 9)), pair("AT", "DE", 9), (("e1", "at", 3),), "all key with AT is spent"),
        (
            (("d", "de", 9),),
            pair("AT", "DE", 9),
            (("e2", "at", 3),),
            "no satellite can have key with both AT and DE",
        ),
        (
            (("d", "de", 9),),
            pair("AT", "DE", 9),
            (("e1", "at", 3), ("e2", "at", 5), ("e2", "de", 1)),
            "on e1 all key with AT is spent; on e2 all key with DE is spent",
        ),
    ],
)
def test_what_limits_a_demand(
    candidates: tuple[tuple[str, str, int], ...],
    demand: PairDemand,
    stocks: tuple[tuple[str, str, int], ...],
    limit: str,
) -> None:
    one = problem(
        *(contact(name, site, 1_000 * n, bits) for n, (name, site, bits) in enumerate(candidates)),
        demands=(demand,),
        initial_stocks=tuple(InitialStock(satellite_id=e, site_id=s, bits=b) for e, s, b in stocks),
    )
    assert demand_limits(one, solve(one)) == {"AT-DE": limit}


def test_a_plan_that_flies_past_a_node_says_so() -> None:
    one = problem(
        contact("a", "at", 1_000, 9),
        contact("d", "de", 1_100, 9),
        contact("f", "fr", 5_000, 9),
        demands=(pair("AT", "FR", 9), pair("DE", "FR", 8)),
    )
    assert demand_limits(one, solve(one))["DE-FR"] == "the plan has no contact with DE"


def test_a_plan_cut_short_admits_that_key_is_left() -> None:
    solution = replace(solve(WEEK), deliveries=())
    assert demand_limits(WEEK, solution)["AT-DE"] == "key is left on both sides: the search stopped at its limit"


def test_results_are_in_the_order_of_the_demands() -> None:
    demands = [
        Demand(demand_id="IT-PT", node_a="IT", node_b="PT", bits=50, priority=1, guarantee_bits=10),
        Demand(demand_id="AT-DE", node_a="AT", node_b="DE", bits=450, priority=1, guarantee_bits=450),
    ]
    results = demand_results(demands, WEEK, solve(WEEK))
    assert [(r.demand, r.delivered_bits, r.met_frac, r.guarantee_kept, r.limited_by) for r in results] == [
        (demands[0], 0, 0.0, False, "no contact gives key with PT"),
        (demands[1], 450, 1.0, True, "met in full"),
    ]
