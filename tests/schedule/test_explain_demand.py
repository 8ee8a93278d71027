"""What bounds a demand: prices that can be worked out by hand, and what-ifs that can be solved the plain way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from eagleplan.model import FibreLink, InitialStock, Network
from eagleplan.schedule import Candidate, Limit, Limits, PairDemand, Problem, solve
from eagleplan.schedule.explain import DemandExplanation, How, explain_demand
from eagleplan.schedule.explain_linear import relax
from eagleplan.schedule.explain_prices import prices
from eagleplan.schedule.programme import Row

OBJECTIVES = ("guarantees", "weighted_met_bits")
HOW = How(objectives=OBJECTIVES, limits=Limits())
END_S = 100_000


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
        "night": "1",
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
    network = Network(node_sites={"AT": ("at",), "DE": ("de",), "FR": ("fr",)})
    return Problem(
        candidates=candidates,
        demands=demands,
        network=replace(network, **changes.pop("network", {})),
        end_s=END_S,
        changeover_s=60,
        **changes,
    )


# AT has less key than DE: the pass a-2 that would give it more clashes with the one that DE's key comes from.
SCARCE = problem(
    contact("a", "at", 1_000, 200),
    contact("d", "de", 5_000, 500, night="2"),
    contact("a-2", "at", 5_100, 90, night="2"),
    demands=(pair("AT", "DE", 400),),
)


def bounds(one: Problem, demand_id: str = "AT-DE") -> dict[tuple[str, ...], float]:
    found = prices(one, solve(one, objectives=OBJECTIVES), demand_id)
    return {(b.kind, *b.nodes, b.night, b.text): round(b.price_bits, 6) for b in found.bounds}


def explained(one: Problem, demand_id: str = "AT-DE", how: How = HOW) -> DemandExplanation:
    return explain_demand(one, solve(one, objectives=how.objectives), demand_id, how)


def gains(found: DemandExplanation) -> dict[str, tuple[int, int]]:
    return {one.text: (one.gain_bits, one.most_bits) for one in found.what_ifs}


def test_duals_of_a_small_linear_programme() -> None:
    """max 3x + 2y, x + y <= 4, x + 3y <= 7, x <= 3: x = 3, y = 1; prices 2 and 0, by hand."""
    rows = [
        Row(columns=(0, 1), coefficients=(1, 1), upper=4),
        Row(columns=(0, 1), coefficients=(1, 3), upper=7),
        Row(columns=(0,), coefficients=(1,), lower=0),
    ]
    found = relax([3, 10], rows, {0: 3, 1: 2})
    assert found.value_bits == pytest.approx(11.0)
    assert found.prices_bits == pytest.approx((2.0, 0.0, 0.0))
    floor = relax([3, 10], [rows[0], Row(columns=(1,), coefficients=(1,), lower=3)], {0: 3, 1: 2})
    assert floor.value_bits == pytest.approx(9.0)
    assert floor.prices_bits == pytest.approx((3.0, -1.0))
    with pytest.raises(ArithmeticError):
        relax([3, 10], [Row(columns=(0,), coefficients=(1,), lower=4)], {0: 1})


def test_the_side_with_less_key_has_the_price() -> None:
    calm = replace(SCARCE, candidates=SCARCE.candidates[:2])
    assert bounds(calm) == {("stock", "at", "e1", "", ""): 1.0}
    assert bounds(replace(calm, demands=(pair("AT", "DE", 150),))) == {}


def test_a_terminal_that_two_passes_want_has_a_price_in_its_night() -> None:
    """Flying d and a-2 by halves x and 1 - x: 500 x = 200 + 90 (1 - x), so that a bit of AT's is worth 500/590."""
    found = bounds(SCARCE)
    x = 290 / 590
    assert found == {
        ("stock", "at", "e1", "", ""): pytest.approx(500 / 590, abs=1e-6),
        ("stock", "de", "e1", "", ""): pytest.approx(90 / 590, abs=1e-6),
        ("terminal", "e1", "2", ""): pytest.approx(500 * 90 / 590, abs=1e-6),
    }
    assert prices(SCARCE, solve(SCARCE, objectives=OBJECTIVES), "AT-DE").most_bits == int(500 * x)


def test_a_rival_has_a_price_where_it_takes_the_scarce_key() -> None:
    shared = problem(
        contact("a", "at", 1_000, 200),
        contact("d", "de", 5_000, 500),
        contact("f", "fr", 9_000, 500),
        demands=(pair("AT", "DE", 400), pair("AT", "FR", 120, weight=2)),
    )
    assert bounds(shared) == {("stock", "at", "e1", "", ""): 1.0, ("rival", "AT-FR", "", ""): 1.0}


def test_limits_nights_and_stores_have_prices() -> None:
    calm = problem(
        contact("a", "at", 1_000, 200),
        contact("d", "de", 5_000, 500, night="2"),
        contact("a-2", "at", 9_000, 90, night="2"),
        demands=(pair("AT", "DE", 400),),
    )
    duty = Limit(limit_id="o", text="e1, a week: 400 s", amounts={"a": 200, "d": 200, "a-2": 200}, most=400)
    # d is flown by x and a-2 by 1 - x, as where they want one terminal; 200 s are a whole pass.
    assert bounds(replace(calm, limits=(duty,)))[("limit", "", "e1, a week: 400 s")] == pytest.approx(
        500 * 90 / 590 / 200, abs=1e-6
    )
    # What a second night brings is 90 bits; a price is never less than that.
    assert 90.0 <= bounds(replace(calm, max_nights={"at": 1}))[("nights", "at", "", "")] <= 200.0
    capped = replace(calm, network=replace(calm.network, edge_cap_bits={("at", "e1"): 250}))
    assert bounds(capped)[("store", "at / e1", "", "")] == pytest.approx(1.0)


def test_fibre_and_age_have_prices() -> None:
    link = FibreLink(link_id="f", node_a="de", node_b="x", rate_bps=0.001)
    hybrid = problem(
        contact("a", "at", 1_000, 200),
        contact("d", "de", 5_000, 500),
        demands=(pair("AT", "x", 400, max_hops=3),),
        network={"fibre_links": (link,)},
    )
    assert bounds(hybrid, "AT-x") == {("stock", "de", "x", "", ""): 1.0}
    # 100 bits of AT's first key are used in time; the rest is too old for the key that DE gets later.
    ageing = problem(
        contact("a", "at", 1_000, 200),
        contact("d", "de", 40_000, 100),
        contact("d-2", "de", 60_000, 300),
        contact("a-2", "at", 65_000, 50),
        demands=(pair("AT", "DE", 400),),
        network={"max_age_s": 50_000, "delivery_interval_s": 10_000},
    )
    assert bounds(ageing) == {
        ("stock", "at", "e1", "", ""): 1.0,
        ("stock", "de", "e1", "", ""): 1.0,
        ("age", "at", "e1", "", ""): 1.0,
    }


def test_what_would_help_is_solved() -> None:
    found = explained(SCARCE)
    assert (found.delivered_bits, found.wanted_bits, found.limited_by) == (200, 400, "all key with AT is spent")
    assert gains(found) == {
        "as things are": (0, 0),
        "if it were the only demand": (0, 0),
        "with pass a-2 flown by a second terminal (90 bits)": (90, 90),
    }


def test_what_rivals_leave_is_theirs() -> None:
    shared = problem(
        contact("a", "at", 1_000, 200),
        contact("d", "de", 5_000, 500),
        contact("f", "fr", 9_000, 500),
        contact("a-2", "at", 9_100, 300),
        demands=(pair("AT", "DE", 400), pair("AT", "FR", 120, weight=9)),
    )
    assert gains(explained(shared)) == {
        "as things are": (0, 0),
        "if it were the only demand": (320, 320),
        "with pass a-2 flown by a second terminal (300 bits)": (300, 300),
    }


def test_deadlines_and_age_are_tried_too() -> None:
    early = problem(
        contact("a", "at", 1_000, 200),
        contact("d", "de", 60_000, 500),
        demands=(pair("AT", "DE", 400, deadline_s=50_000),),
    )
    assert gains(explained(early))["if it lasted the whole horizon"] == (200, 200)
    ageing = problem(
        contact("a", "at", 1_000, 200),
        contact("d", "de", 60_000, 500),
        demands=(pair("AT", "DE", 400),),
        network={"max_age_s": 50_000, "delivery_interval_s": 10_000},
    )
    assert gains(explained(ageing))["if key did not age"] == (200, 200)


def test_a_full_store_is_tried_without_its_cap() -> None:
    full = problem(
        contact("a", "at", 1_000, 200),
        contact("d", "de", 5_000, 500),
        demands=(pair("AT", "DE", 400),),
        network={"edge_cap_bits": {("at", "e1"): 150}},
    )
    found = explained(full)
    assert found.delivered_bits == 150
    assert gains(found)["if no store had a cap"] == (50, 50)
    assert "if no store had a cap" not in gains(explained(SCARCE))


def test_a_demand_that_is_met_has_no_bounds_and_one_without_a_path_no_gain() -> None:
    met = explained(replace(SCARCE, demands=(pair("AT", "DE", 150),)))
    assert (met.limited_by, met.prices, met.what_ifs) == ("met in full", None, ())
    alone = explained(replace(SCARCE, demands=(pair("AT", "FR", 150),)), "AT-FR")
    assert alone.limited_by == "no contact gives key with FR"
    assert alone.prices is not None
    assert (alone.prices.most_bits, alone.prices.bounds) == (0, ())
    assert set(gains(alone).values()) == {(0, 0)}


def test_without_proof_the_most_is_above_what_was_found() -> None:
    hurried = replace(HOW, limits=Limits(max_time_s=1e-9))
    found = explain_demand(SCARCE, solve(SCARCE, objectives=OBJECTIVES), "AT-DE", hurried)
    for one in found.what_ifs:
        assert one.most_bits >= one.gain_bits >= 0


def test_an_extra_pass_is_under_no_limit() -> None:
    tight = replace(
        SCARCE,
        limits=(Limit(limit_id="o", text="two", amounts={"a": 1, "d": 1, "a-2": 1}, most=2),),
        max_nights={"at": 1},
        network=replace(SCARCE.network, initial_stocks=(InitialStock(end_a="e1", end_b="fr", bits=7),)),
    )
    assert gains(explained(tight))["with pass a-2 flown by a second terminal (90 bits)"] == (90, 90)


def test_no_plan_beats_the_linear_programme(random_problem: Callable[[int], Problem]) -> None:
    """Where the others keep what they have, the best plan for a demand is within what its prices allow."""
    seen = 0
    for seed in range(80):
        one = replace(random_problem(seed), previous=None)
        plan = solve(one, objectives=("weighted_met_bits",))
        for demand in one.demands:
            own = plan.delivered_bits(demand.demand_id)
            if own == demand.bits:
                continue
            most = prices(one, plan, demand.demand_id).most_bits
            others = tuple(
                replace(d, bits=plan.delivered_bits(d.demand_id), guarantee_bits=plan.delivered_bits(d.demand_id))
                for d in one.demands
                if d is not demand and plan.delivered_bits(d.demand_id) > 0
            )
            kept = replace(one, demands=(replace(demand, guarantee_bits=0), *others))
            best = solve(kept, objectives=("guarantees", "weighted_met_bits")).delivered_bits(demand.demand_id)
            assert own <= best <= most
            seen += 1
    assert seen > 30
