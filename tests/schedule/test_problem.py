"""A problem refuses to be wrong, and is made from the planner's nouns without loss."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from eagleplan.model import Contact, Demand, InitialStock, KeyYield, Network
from eagleplan.schedule import Candidate, PairDemand, Problem, build_problem


def candidate(**changes: Any) -> Candidate:
    values = {"contact_id": "k", "satellite_id": "s", "site_id": "g", "start_s": 0, "end_s": 60, "bits": 5}
    return Candidate(**(values | changes))


def pair(**changes: Any) -> PairDemand:
    values = {
        "demand_id": "d",
        "node_a": "A",
        "node_b": "B",
        "sites_a": ("a",),
        "sites_b": ("b",),
        "bits": 10,
        "weight": 1,
        "guarantee_bits": 0,
    }
    return PairDemand(**(values | changes))


def problem(**changes: Any) -> Problem:
    return Problem(**({"candidates": (candidate(),), "demands": (pair(),), "changeover_s": 60} | changes))


@pytest.mark.parametrize(
    ("make", "changes", "message"),
    [
        (candidate, {"end_s": 0}, "not after"),
        (candidate, {"bits": -1}, "negative"),
        (candidate, {"bits": 5.0}, "whole number"),
        (candidate, {"start_s": True}, "whole number"),
        (candidate, {"contact_id": ""}, "needs an id"),
        (candidate, {"site_id": ""}, "needs an id"),
        (pair, {"demand_id": ""}, "needs an id"),
        (pair, {"bits": 0}, "at least 1"),
        (pair, {"weight": 0}, "at least 1"),
        (pair, {"weight": 1.5}, "whole number"),
        (pair, {"guarantee_bits": 11}, "between 0 and bits"),
        (pair, {"guarantee_bits": -1}, "between 0 and bits"),
        (pair, {"sites_a": ("a", "a")}, "twice"),
        (pair, {"sites_b": ("b", "a")}, "both sides"),
        (problem, {"changeover_s": -1}, "negative"),
        (problem, {"site_changeover_s": -1}, "negative"),
        (problem, {"changeover_s": 60.0}, "whole number"),
        (problem, {"candidates": (candidate(), candidate(site_id="h"))}, "contact_id k is there twice"),
        (problem, {"demands": (pair(), pair(node_a="C"))}, "demand_id d is there twice"),
        (problem, {"initial_stocks": (InitialStock(satellite_id="s", site_id="g", bits=-1),)}, "negative"),
        (problem, {"initial_stocks": (InitialStock(satellite_id="s", site_id="g", bits=1),) * 2}, "twice"),
        (problem, {"demands": (pair(bits=2**53, weight=2),)}, "2\\^53"),
        (problem, {"candidates": (candidate(bits=2**53 + 1),)}, "2\\^53"),
        (problem, {"initial_stocks": (InitialStock(satellite_id="s", site_id="g", bits=2**53),)}, "2\\^53"),
    ],
)
def test_what_is_wrong_is_refused(make: Callable[..., object], changes: dict[str, Any], message: str) -> None:
    make()
    with pytest.raises(ValueError, match=message):
        make(**changes)


def test_the_least_and_the_most_that_may_be() -> None:
    edge = InitialStock(satellite_id="s", site_id="g", bits=0)
    least = problem(
        candidates=(candidate(bits=0, end_s=1),),
        demands=(pair(bits=1, guarantee_bits=1),),
        initial_stocks=(edge,),
        changeover_s=0,
    )
    assert least.site_changeover_s == 0
    assert build_problem([], [], NETWORK, changeover_s=60).site_changeover_s == 0
    problem(candidates=(candidate(bits=2**53),), demands=(pair(bits=2**52, weight=2),))


def contact(site_id: str, secret_bits: int, p_clear: float) -> Contact:
    return Contact(
        contact_id=f"e1-{site_id}",
        pass_id=f"pass-{site_id}",
        satellite_id="e1",
        site_id=site_id,
        start_s=100,
        end_s=400,
        max_elevation_deg=60.0,
        mean_loss_db=40.0,
        min_loss_db=38.0,
        p_clear=p_clear,
        p_clear_origin="prior",
        key=KeyYield(
            secret_bits=secret_bits,
            sifted_bits=0.0,
            qber_frac=0.0,
            phase_error_frac=0.0,
            leaked_bits=0.0,
            plob_bits=0.0,
            protocol="p",
            statistics="s",
        ),
        expected_bits=int(p_clear * secret_bits),
    )


def demand(node_a: str, node_b: str) -> Demand:
    return Demand(demand_id=f"{node_a}/{node_b}", node_a=node_a, node_b=node_b, bits=9, priority=3, guarantee_bits=4)


NETWORK = Network(
    node_sites={
        "AT": ("at-1",),
        "DE": ("de-1", "de-2"),
        "at-1": ("at-1",),
        "de-1": ("de-1",),
        "de-2": ("de-2",),
    },
    initial_stocks=(InitialStock(satellite_id="e1", site_id="de-2", bits=7),),
)


def test_contacts_count_with_their_expected_bits_and_demands_with_their_stations() -> None:
    contacts = [contact("at-1", 1001, 0.5), contact("de-1", 0, 0.9)]
    built = build_problem(contacts, [demand("AT", "DE")], NETWORK, changeover_s=60, site_changeover_s=30)
    assert built == Problem(
        candidates=(
            Candidate(contact_id="e1-at-1", satellite_id="e1", site_id="at-1", start_s=100, end_s=400, bits=500),
            Candidate(contact_id="e1-de-1", satellite_id="e1", site_id="de-1", start_s=100, end_s=400, bits=0),
        ),
        demands=(
            PairDemand(
                demand_id="AT/DE",
                node_a="AT",
                node_b="DE",
                sites_a=("at-1",),
                sites_b=("de-1", "de-2"),
                bits=9,
                weight=3,
                guarantee_bits=4,
            ),
        ),
        initial_stocks=NETWORK.initial_stocks,
        changeover_s=60,
        site_changeover_s=30,
    )


@pytest.mark.parametrize(
    ("node_a", "node_b", "sites_a", "sites_b"),
    [
        ("DE", "de-2", ("de-1",), ("de-2",)),
        ("de-2", "DE", ("de-2",), ("de-1",)),
        ("AT", "at-1", ("at-1",), ()),
        ("de-1", "de-2", ("de-1",), ("de-2",)),
    ],
)
def test_a_country_meets_its_own_station_through_its_others(
    node_a: str, node_b: str, sites_a: tuple[str, ...], sites_b: tuple[str, ...]
) -> None:
    (built,) = build_problem([], [demand(node_a, node_b)], NETWORK, changeover_s=0).demands
    assert (built.sites_a, built.sites_b) == (sites_a, sites_b)


def test_nodes_that_share_several_stations_have_no_honest_pair() -> None:
    network = Network(node_sites={"X": ("a", "b"), "Y": ("b", "c")})
    with pytest.raises(ValueError, match="share"):
        build_problem([], [demand("X", "Y")], network, changeover_s=0)
