"""Stocks bit by bit: every bit with its own birthday, followed one at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eagleplan.model import Delivery, Discard, FibreLink, Horizon, InitialStock, Plan
from eagleplan.report.index import PlanIndex
from eagleplan.report.stocks import EdgeStock, stocks_of


def test_each_edge_of_the_week(plan: Plan) -> None:
    stocks = {(stock.end_a, stock.end_b): stock for stock in PlanIndex(plan).stocks}
    produced = {site.site_id: 0 for site in plan.sites}
    for contact in plan.contacts:
        produced[contact.site_id] += contact.expected_bits
    graz = stocks["eagle1", "at-graz"]
    assert (graz.initial_bits, graz.produced_bits) == (100_000, produced["at-graz"])
    assert (graz.spent_bits, graz.discarded_bits) == (200_000, 1_234)
    assert stocks["eagle1", "gr-helmos"].initial_bits == 3_000
    assert stocks["eagle1", "gr-helmos"].spent_bits == 39_000
    assert (stocks["GR", "hub-north"].initial_bits, stocks["GR", "hub-north"].spent_bits) == (500, 1_000)
    assert stocks["GR", "hub-north"].produced_bits == int(1.5 * 0.9 * 604_800)
    assert stocks["fi-metsahovi", "hub-north"].produced_bits == int(0.0125 * 604_800)
    assert ("GR", "gr-helmos") not in stocks, "the way from a country to its own station is free"
    assert [stock.end_a for stock in stocks.values()] == ["eagle1"] * 6 + ["GR", "fi-metsahovi"]
    for stock in stocks.values():
        assert stock.left_bits == (
            stock.initial_bits + stock.produced_bits - stock.spent_bits - stock.discarded_bits - stock.expired_bits
        )


def test_where_fibre_joins_a_country_and_its_station_the_way_costs_key(plan: Plan) -> None:
    link = FibreLink(link_id="home", node_a="gr-helmos", node_b="GR", rate_bps=1.0)
    stocks = stocks_of(replace(plan, fibre_links=(*plan.fibre_links, link)))
    (home,) = [stock for stock in stocks if (stock.end_a, stock.end_b) == ("GR", "gr-helmos")]
    assert (home.produced_bits, home.spent_bits) == (604_800, 39_000)


EVENTS = st.lists(st.tuples(st.integers(1, 100), st.integers(1, 9)), max_size=6)


SMALL = Horizon(start_utc=datetime(2026, 11, 30, tzinfo=UTC), days=100 / 86_400)


@settings(max_examples=60, deadline=None)
@given(
    initial=st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=3),
    made=EVENTS,
    spent=EVENTS,
    thrown=EVENTS,
    max_age_s=st.one_of(st.none(), st.integers(0, 70)),
    rate_bps=st.sampled_from([0.0, 0.3, 1.0, 2.5]),
)
def test_against_a_walk_over_every_second(
    week: Callable[[], Plan],
    initial: list[tuple[int, int]],
    made: list[tuple[int, int]],
    spent: list[tuple[int, int]],
    thrown: list[tuple[int, int]],
    max_age_s: int | None,
    rate_bps: float,
) -> None:
    stock = _stock(week(), initial, made, spent, thrown, max_age_s, rate_bps)
    if stock is None:
        return
    birthdays = sorted(
        [-age for age, bits in initial for _ in range(bits)]
        + [at for at, bits in made for _ in range(bits)]
        + [number / rate_bps for number in range(1, int(100 * rate_bps) + 1)]
    )
    expired, taken = 0, 0
    oldest = 0
    for now in range(101):
        if max_age_s is not None:
            while oldest < len(birthdays) and birthdays[oldest] < now - max_age_s - 1e-9:
                oldest, expired = oldest + 1, expired + 1
        wanted = sum(bits for at, bits in [*thrown, *spent] if at == now)
        in_store = [birthday for birthday in birthdays[oldest:] if birthday <= now + 1e-9]
        if wanted > len(in_store):
            return  # no plan spends what is not there
        oldest, taken = oldest + wanted, taken + wanted
    assert (stock.expired_bits, stock.spent_bits + stock.discarded_bits) == (expired, taken)
    assert stock.left_bits == len(birthdays) - oldest


def _stock(
    plan: Plan,
    initial: list[tuple[int, int]],
    made: list[tuple[int, int]],
    spent: list[tuple[int, int]],
    thrown: list[tuple[int, int]],
    max_age_s: int | None,
    rate_bps: float,
) -> EdgeStock | None:
    """The one edge between eagle1 and at-graz; fibre lies beside it in no network, but makes the arithmetic whole."""
    template = plan.contacts[0]
    contacts = tuple(
        replace(template, contact_id=f"c{n}", satellite_id="eagle1", site_id="at-graz", usable_s=at, expected_bits=bits)
        for n, (at, bits) in enumerate(made)
    )
    small = replace(
        plan,
        horizon=SMALL,
        contacts=contacts,
        initial_stocks=tuple(
            InitialStock(end_a="at-graz", end_b="eagle1", bits=bits, age_s=age) for age, bits in initial
        ),
        deliveries=tuple(Delivery(demand_id="D01", at_s=at, path=("at-graz", "eagle1"), bits=b) for at, b in spent),
        discards=tuple(Discard(end_a="eagle1", end_b="at-graz", at_s=at, bits=bits) for at, bits in thrown),
        fibre_links=(FibreLink(link_id="f", node_a="eagle1", node_b="at-graz", rate_bps=rate_bps),),
        max_key_age_s=max_age_s,
    )
    stocks = stocks_of(small)
    assert len(stocks) == 1
    return stocks[0]


def test_a_path_is_paid_step_by_step(plan: Plan) -> None:
    """Every bit delivered costs one of each edge on its way."""
    spent = sum(stock.spent_bits for stock in stocks_of(plan))
    paid = {"DE": 2, "xx-script": 2, "GR": 2}
    assert spent == sum(paid[delivery.path[0]] * delivery.bits for delivery in plan.deliveries)
    assert all(len(list(pairwise(delivery.path))) >= 2 for delivery in plan.deliveries)


@pytest.mark.parametrize("late_s", [604_801, 700_000])
def test_key_that_comes_after_the_end_is_left(plan: Plan, late_s: int) -> None:
    late = replace(plan.contacts[0], contact_id="late", site_id="xx-script", usable_s=late_s, expected_bits=77)
    before = {(s.end_a, s.end_b): s for s in stocks_of(plan)}["eagle1", "xx-script"]
    after = {(s.end_a, s.end_b): s for s in stocks_of(replace(plan, contacts=(*plan.contacts, late)))}
    assert after["eagle1", "xx-script"].left_bits == before.left_bits + 77
    assert after["eagle1", "xx-script"].expired_bits == before.expired_bits
