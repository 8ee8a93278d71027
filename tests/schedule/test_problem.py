"""A problem refuses to be wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from eagleplan.model import InitialStock, Network
from eagleplan.schedule import Candidate, PairDemand, Problem, delivery_instants_s


def candidate(**changes: Any) -> Candidate:
    values = {
        "contact_id": "k",
        "pass_id": "p",
        "satellite_id": "s",
        "site_id": "g",
        "start_s": 0,
        "end_s": 60,
        "usable_s": 60,
        "bits": 5,
    }
    return Candidate(**(values | changes))


def pair(**changes: Any) -> PairDemand:
    values = {
        "demand_id": "d",
        "node_a": "A",
        "node_b": "B",
        "bits": 10,
        "weight": 1,
        "guarantee_bits": 0,
        "deadline_s": 900,
    }
    return PairDemand(**(values | changes))


def stock(**changes: Any) -> Network:
    values = {"end_a": "s", "end_b": "g", "bits": 1}
    return Network(node_sites={}, initial_stocks=(InitialStock(**(values | changes)),))


def problem(**changes: Any) -> Problem:
    values = {
        "candidates": (candidate(),),
        "demands": (pair(),),
        "network": Network(node_sites={}),
        "end_s": 900,
        "changeover_s": 60,
    }
    return Problem(**(values | changes))


@pytest.mark.parametrize(
    ("make", "changes", "message"),
    [
        (candidate, {"end_s": 0}, "not after"),
        (candidate, {"bits": -1}, "negative"),
        (candidate, {"bits": 5.0}, "whole number"),
        (candidate, {"start_s": True}, "whole number"),
        (candidate, {"contact_id": ""}, "needs an id"),
        (candidate, {"pass_id": ""}, "a pass"),
        (candidate, {"site_id": ""}, "needs an id"),
        (candidate, {"usable_s": 59}, "before end_s"),
        (pair, {"demand_id": ""}, "needs an id"),
        (pair, {"node_b": "A"}, "both sides"),
        (pair, {"bits": 0}, "at least 1"),
        (pair, {"weight": 0}, "at least 1"),
        (pair, {"max_hops": 0}, "at least 1"),
        (pair, {"guarantee_class": 0}, "at least 1"),
        (pair, {"weight": 1.5}, "whole number"),
        (pair, {"guarantee_bits": 11}, "between 0 and bits"),
        (pair, {"guarantee_bits": -1}, "between 0 and bits"),
        (pair, {"start_s": 900}, "deadline_s must be after"),
        (pair, {"start_s": -1}, "deadline_s must be after"),
        (problem, {"changeover_s": -1}, "negative"),
        (problem, {"set_up_s": {"g": -1}}, "negative"),
        (problem, {"slews": {("s", "g", 60, "h"): -1}}, "negative"),
        (problem, {"changeover_s": 60.0}, "whole number"),
        (problem, {"candidates": (candidate(), candidate(site_id="h"))}, "contact_id k is there twice"),
        (problem, {"demands": (pair(), pair(node_a="C"))}, "demand_id d is there twice"),
        (problem, {"network": stock(bits=-1)}, "negative"),
        (problem, {"network": stock(age_s=-1)}, "negative"),
        (problem, {"end_s": 899}, "after the horizon's end"),
        (problem, {"demands": (pair(bits=2**53, weight=2),)}, "2\\^53"),
        (problem, {"candidates": (candidate(bits=2**53 + 1),)}, "2\\^53"),
        (problem, {"network": stock(bits=2**53)}, "2\\^53"),
    ],
)
def test_what_is_wrong_is_refused(make: Callable[..., object], changes: dict[str, Any], message: str) -> None:
    make()
    with pytest.raises(ValueError, match=message):
        make(**changes)


def test_the_least_and_the_most_that_may_be() -> None:
    problem(
        candidates=(candidate(bits=0, end_s=1, usable_s=1),),
        demands=(pair(bits=1, guarantee_bits=1, deadline_s=1, max_hops=1),),
        network=stock(bits=0),
        changeover_s=0,
        end_s=1,
    )
    problem(candidates=(candidate(bits=2**53),), demands=(pair(bits=2**52, weight=2),))


def test_key_is_handed_over_at_starts_deadlines_and_the_interval() -> None:
    demands = (pair(start_s=200, deadline_s=700), pair(demand_id="e", deadline_s=900))
    assert delivery_instants_s(problem(demands=demands)) == (200, 700, 900)
    every = Network(node_sites={}, delivery_interval_s=300)
    assert delivery_instants_s(problem(demands=demands, network=every, end_s=1000)) == (200, 300, 600, 700, 900)
