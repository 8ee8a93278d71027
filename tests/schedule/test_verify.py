"""The verifier accepts what the solvers make and names every way to spoil it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from eagleplan.model import Contact, Delivery, InitialStock, KeyYield, PlanClaims
from eagleplan.schedule import (
    GREEDIES,
    Candidate,
    Limits,
    PairDemand,
    Problem,
    Solution,
    solve,
    verify,
    violations,
    yield_violations,
)

Claim = Callable[[Problem, Solution], PlanClaims]


def contact(contact_id: str, site_id: str, start_s: int, bits: int, satellite_id: str = "e1") -> Candidate:
    return Candidate(
        contact_id=contact_id,
        satellite_id=satellite_id,
        site_id=site_id,
        start_s=start_s,
        end_s=start_s + 200,
        bits=bits,
    )


PROBLEM = Problem(
    candidates=(
        contact("graz", "at-1", 1_000, 500),
        contact("jena", "de-1", 1_300, 400),
        contact("munich", "de-2", 1_550, 900),
        contact("other", "at-1", 1_020, 300, satellite_id="e2"),
        contact("paris", "fr-1", 9_000, 700),
    ),
    demands=(
        PairDemand(
            demand_id="AT-DE",
            node_a="AT",
            node_b="DE",
            sites_a=("at-1",),
            sites_b=("de-1", "de-2"),
            bits=400,
            weight=2,
            guarantee_bits=100,
        ),
        PairDemand(
            demand_id="AT-FR",
            node_a="AT",
            node_b="FR",
            sites_a=("at-1",),
            sites_b=("fr-1",),
            bits=300,
            weight=1,
            guarantee_bits=0,
        ),
    ),
    initial_stocks=(InitialStock(satellite_id="e1", site_id="fr-1", bits=20),),
    changeover_s=60,
)


@pytest.fixture
def sound(claims_for: Claim) -> PlanClaims:
    solution = solve(PROBLEM)
    assert solution.chosen_ids == ("graz", "munich", "paris")
    assert solution.deliveries == (
        Delivery(demand_id="AT-DE", satellite_id="e1", site_a="at-1", site_b="de-2", bits=400),
        Delivery(demand_id="AT-FR", satellite_id="e1", site_a="at-1", site_b="fr-1", bits=100),
    )
    return claims_for(PROBLEM, solution)


def codes(claims: PlanClaims, problem: Problem = PROBLEM) -> dict[str, str]:
    return {v.code: v.subject for v in violations(problem, claims)}


def with_contact(claims: PlanClaims, index: int, **changes: Any) -> PlanClaims:
    contacts = list(claims.contacts)
    contacts[index] = replace(contacts[index], **changes)
    return replace(claims, contacts=tuple(contacts))


def with_demand(claims: PlanClaims, index: int, **changes: Any) -> PlanClaims:
    demands = list(claims.demands)
    demands[index] = replace(demands[index], **changes)
    return replace(claims, demands=tuple(demands))


def with_delivery(claims: PlanClaims, index: int, **changes: Any) -> PlanClaims:
    deliveries = list(claims.deliveries)
    deliveries[index] = replace(deliveries[index], **changes)
    return replace(claims, deliveries=tuple(deliveries))


def with_proof(claims: PlanClaims, **changes: Any) -> PlanClaims:
    return replace(claims, proof=replace(claims.proof, **changes))


def test_every_plan_of_every_solver_is_accepted(
    claims_for: Claim, random_problem: Callable[[int], Problem], week_problem: Callable[..., Problem]
) -> None:
    problems = [random_problem(seed) for seed in range(60)] + [week_problem(seed) for seed in range(2)]
    for problem in problems:
        for solution in (solve(problem), *(greedy(problem) for greedy in GREEDIES.values())):
            assert violations(problem, claims_for(problem, solution)) == ()


def test_a_plan_cut_short_is_accepted_too(claims_for: Claim, week_problem: Callable[..., Problem]) -> None:
    problem = week_problem(1)
    solution = solve(problem, Limits(max_time_s=1e-4))
    assert solution.status == "feasible"
    assert violations(problem, claims_for(problem, solution)) == ()


def test_a_sound_plan_has_no_violation(sound: PlanClaims) -> None:
    assert violations(PROBLEM, sound) == ()


def test_a_shifted_start_is_outside_the_window(sound: PlanClaims) -> None:
    start_s = sound.contacts[0].start_s - 1
    moved = with_contact(sound, 0, start_s=start_s, start_utc=sound.horizon.utc(start_s))
    assert codes(moved) == {"V-WINDOW": "graz"}


def test_an_instant_that_is_not_its_second(sound: PlanClaims) -> None:
    late_utc = sound.contacts[1].end_utc + timedelta(seconds=1)
    assert codes(with_contact(sound, 1, end_utc=late_utc)) == {"V-WINDOW": "munich"}


def test_too_many_bits(sound: PlanClaims) -> None:
    assert codes(with_contact(sound, 0, expected_bits=501)) == {"V-BITS": "graz"}
    both = with_contact(sound, 0, expected_bits=600, secret_bits=1200)
    assert codes(both) == {"V-BITS": "graz"}
    for p_clear, secret_bits in ((float("nan"), 500), (-0.01, -50_000), (1.01, 496)):
        wrong = with_contact(sound, 0, p_clear=p_clear, secret_bits=secret_bits)
        assert codes(wrong) == {"V-BITS": "graz"}
    assert codes(with_contact(sound, 0, p_clear=0.05, secret_bits=10_000)) == {}
    assert codes(with_contact(sound, 0, p_clear=1.0, secret_bits=500)) == {}


def test_another_satellite_or_station(sound: PlanClaims) -> None:
    assert codes(with_contact(sound, 2, satellite_id="e2")) == {"V-PLACE": "paris"}
    assert codes(with_contact(sound, 2, site_id="fr-2")) == {"V-PLACE": "paris"}


def test_a_contact_nobody_knows_gives_no_key(sound: PlanClaims) -> None:
    found = codes(with_contact(sound, 2, contact_id="lyon"))
    assert found["V-UNKNOWN"] == "lyon"
    assert found["V-STOCK"] == "e1 / fr-1"


def test_a_contact_twice(sound: PlanClaims) -> None:
    twice = replace(sound, contacts=(*sound.contacts, sound.contacts[0]))
    assert codes(twice)["V-DUPLICATE"] == "graz"


@pytest.mark.parametrize(("gap_s", "clash"), [(100, False), (150, False), (151, True)])
def test_time_between_contacts_of_a_terminal(sound: PlanClaims, gap_s: int, clash: bool) -> None:
    """Graz ends at 1200 s, Munich starts at 1550 s; with Jena in between there are 100 s and 50 s."""
    assert codes(sound, replace(PROBLEM, changeover_s=gap_s + 200)) == ({"V-OVERLAP": "graz"} if clash else {})


def test_a_terminal_in_two_places_at_once(sound: PlanClaims, claims_for: Claim) -> None:
    crowded = replace(solve(PROBLEM), chosen_ids=("graz", "jena", "munich", "paris"), levels=solve(PROBLEM).levels)
    found = codes(claims_for(PROBLEM, crowded))
    said = [str(v) for v in violations(PROBLEM, claims_for(PROBLEM, crowded)) if v.code == "V-OVERLAP"]
    assert said == ["V-OVERLAP jena: the terminal of e1 has 50 s before munich, needs 60 s"]
    assert found["V-OBJECTIVE"] == "produced_bits"


def test_a_station_with_two_satellites_at_once(claims_for: Claim) -> None:
    crowded = replace(solve(PROBLEM), chosen_ids=("graz", "other", "munich", "paris"))
    assert codes(claims_for(PROBLEM, crowded))["V-OVERLAP"] == "graz"


def test_a_bit_spent_twice(sound: PlanClaims) -> None:
    assert codes(with_delivery(sound, 1, bits=101))["V-STOCK"] == "e1 / at-1"


def test_stock_that_was_never_there(sound: PlanClaims) -> None:
    richer = replace(sound, initial_stocks=(InitialStock(satellite_id="e1", site_id="fr-1", bits=21),))
    assert codes(richer) == {"V-STOCK": "e1 / fr-1"}
    assert codes(replace(sound, initial_stocks=())) == {"V-STOCK": "e1 / fr-1"}


@pytest.mark.parametrize(
    "changes", [{"site_b": "fr-1"}, {"site_a": "de-2"}, {"site_b": "at-1"}, {"bits": 0}, {"bits": -5}]
)
def test_a_delivery_off_its_path(sound: PlanClaims, changes: dict[str, Any]) -> None:
    assert codes(with_delivery(sound, 0, **changes))["V-DELIVERY"] == "AT-DE via e1"


def test_a_delivery_through_a_satellite_without_key(sound: PlanClaims) -> None:
    assert codes(with_delivery(sound, 0, satellite_id="e2"))["V-STOCK"] == "e2 / de-2"


def test_a_delivery_for_nobody(sound: PlanClaims) -> None:
    assert codes(with_delivery(sound, 0, demand_id="AT-XX"))["V-UNKNOWN"] == "AT-XX via e1"


@pytest.mark.parametrize(
    "changes",
    [
        {"delivered_bits": 401},
        {"wanted_bits": 399},
        {"guarantee_bits": 0},
        {"guarantee_kept": False},
        {"met_frac": 0.99},
        {"met_frac": float("nan")},
        {"node_b": "FR"},
    ],
)
def test_a_demand_told_wrongly(sound: PlanClaims, changes: dict[str, Any]) -> None:
    assert codes(with_demand(sound, 0, **changes)) == {"V-DEMAND": "AT-DE"}


def test_a_demand_left_out_or_made_up(sound: PlanClaims) -> None:
    assert codes(replace(sound, demands=sound.demands[1:])) == {"V-DEMAND": "AT-DE"}
    assert codes(replace(sound, demands=(*sound.demands, sound.demands[0]))) == {"V-DEMAND": "AT-DE"}
    found = codes(with_demand(sound, 0, demand_id="AT-XX"))
    assert found == {"V-DEMAND": "AT-DE", "V-UNKNOWN": "AT-XX"}


def test_more_delivered_than_wanted(sound: PlanClaims) -> None:
    generous = with_demand(with_delivery(sound, 0, bits=401), 0, delivered_bits=401, met_frac=401 / 400)
    assert any("only 400 wanted" in str(v) for v in violations(PROBLEM, generous))


def test_an_objective_that_the_deliveries_do_not_give(sound: PlanClaims) -> None:
    for name in sound.proof.levels:
        wrong = {**sound.proof.levels, name: sound.proof.levels[name] + 1}
        assert codes(with_proof(sound, levels=wrong))["V-OBJECTIVE"] == name
    missing = {name: value for name, value in sound.proof.levels.items() if name != "n_contacts"}
    assert codes(with_proof(sound, levels=missing)) == {"V-OBJECTIVE": "n_contacts"}
    more = {**sound.proof.levels, "happiness": 1.0}
    assert codes(with_proof(sound, levels=more)) == {"V-OBJECTIVE": "happiness"}
    assert codes(with_proof(sound, objective=901.0, bound=901.0)) == {"V-OBJECTIVE": "weighted_met_bits"}


@pytest.mark.parametrize(
    "changes",
    [
        {"bound": 899.0},
        {"bound": 901.0},
        {"gap_frac": 0.1},
        {"status": "feasible"},
        {"bound": float("nan")},
        {"objective": float("nan")},
        {"bound": float("inf")},
    ],
)
def test_a_proof_that_does_not_hold_together(sound: PlanClaims, changes: dict[str, Any]) -> None:
    assert sound.proof.objective == sound.proof.bound == 900.0
    assert codes(with_proof(sound, **changes)) == {"V-BOUND": "weighted_met_bits"}


def test_a_least_objective_has_its_bound_below(sound: PlanClaims) -> None:
    honest = {"level": "n_contacts", "objective": 3.0, "bound": 2.0, "gap_frac": 1 / 3, "status": "feasible"}
    assert codes(with_proof(sound, **honest)) == {}
    assert codes(with_proof(sound, **{**honest, "bound": 4.0, "gap_frac": 0.25})) == {"V-BOUND": "n_contacts"}


def test_yields_are_those_of_the_recomputed_contacts(sound: PlanClaims) -> None:
    contacts = [
        Contact(
            contact_id=c.contact_id,
            pass_id=f"pass-{c.contact_id}",
            satellite_id=c.satellite_id,
            site_id=c.site_id,
            start_s=c.start_s,
            end_s=c.end_s,
            max_elevation_deg=60.0,
            mean_loss_db=40.0,
            min_loss_db=38.0,
            p_clear=0.5,
            p_clear_origin="prior",
            key=KeyYield(
                secret_bits=2 * c.bits,
                sifted_bits=0.0,
                qber_frac=0.0,
                phase_error_frac=0.0,
                leaked_bits=0.0,
                plob_bits=0.0,
                protocol="p",
                statistics="s",
            ),
            expected_bits=c.bits,
        )
        for c in PROBLEM.candidates
    ]
    assert yield_violations(contacts, sound) == ()
    # Together these two still multiply to the right expected bits: only the recomputed yield tells.
    lucky = with_contact(sound, 0, p_clear=0.25, secret_bits=2000)
    assert codes(lucky) == {}
    assert {v.code for v in yield_violations(contacts, lucky)} == {"V-YIELD"}
    assert len(yield_violations(contacts, lucky)) == 2
    assert len(yield_violations(contacts, with_contact(sound, 1, pass_id="pass-x"))) == 1
    # A contact that nobody knows is `violations`' to name, and hides nothing behind it.
    both = with_contact(with_contact(sound, 0, contact_id="lyon"), 1, secret_bits=1)
    assert [v.subject for v in yield_violations(contacts, both)] == ["munich"]


def test_a_violation_reads_as_one_line(sound: PlanClaims) -> None:
    (violation,) = violations(PROBLEM, with_contact(sound, 0, expected_bits=501))[:1]
    assert str(violation) == "V-BITS graz: 501 expected bits are not 0.5 × 1000"


def test_the_verifier_shares_no_code_with_what_it_judges() -> None:
    tree = ast.parse(Path(verify.__file__).read_text(encoding="utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    ours = {name for name in imported if name and name.startswith("eagleplan")}
    assert ours == {"eagleplan.model", "eagleplan.schedule.problem"}
    assert imported - ours <= {"__future__", "math", "collections", "collections.abc", "dataclasses"}
