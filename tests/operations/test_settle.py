"""From outcomes to the ledger: what is made, handed over, too old, too much, late or corrected."""

from __future__ import annotations

import random
import sys
from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eagleplan.model import Discard, FibreLink, InitialStock
from eagleplan.operations.ledger import Book, Edge, edge, read_ledger, write_ledger
from eagleplan.operations.settle import EXPECTED, Made, met_so_far

sys.path.insert(0, str(Path(__file__).parent))
from small_week import END_S, SmallWeek, contact, demand, random_week, small_week

DE, IT, GR, AT = ("de-oberpfaffenhofen", "it-matera", "gr-helmos", "at-graz")
SEEDS = st.integers(0, 10**6)


def lines(book: Book, *kinds: str) -> list[tuple[str, Edge, int]]:
    return [(entry.kind, entry.edge, entry.bits) for entry in book.entries if entry.kind in kinds and entry.bits]


def done(name: str, bits: int) -> Made:
    return Made(contact_id=name, status="done", bits=bits)


def check_balance(book: Book) -> None:
    """Adds the lines up again, without the book: no lot is overdrawn at any time, and every bit is somewhere."""
    lots: dict[tuple[Edge, datetime], int] = defaultdict(int)
    came: dict[Edge, int] = defaultdict(int)
    gone: dict[Edge, int] = defaultdict(int)
    handed: dict[str, int] = defaultdict(int)
    for entry in book.entries:
        if entry.kind in ("opening", "produced"):
            lots[entry.edge, entry.made_utc] += entry.bits
            came[entry.edge] += entry.bits
        elif entry.kind in ("delivered", "expired", "discarded", "withdrawn"):
            lots[entry.edge, entry.made_utc] -= entry.bits
            gone[entry.edge] += entry.bits
        elif entry.kind == "handed-over":
            handed[entry.demand_id] += entry.bits
        assert min(lots.values(), default=0) >= 0, entry
    for ends, balance in book.balances().items():
        assert came[ends] - gone[ends] == balance.stock_bits == sum(book.lots(ends).values())
    spent = dict.fromkeys(handed, 0)
    for entry in book.entries:
        if entry.kind == "delivered":
            spent[entry.demand_id] += entry.bits
    assert all(spent[name] >= bits for name, bits in handed.items()), "key was handed over that no edge gave"


def check_rules(week: SmallWeek, book: Book) -> None:
    """Nothing too old is spent, nobody gets more than wanted, and no store is above its cap when key is handed over."""
    network = week.scenario.network
    for entry in book.entries:
        if entry.kind in ("delivered", "discarded") and network.max_age_s is not None:
            assert entry.at_utc - entry.made_utc <= timedelta(seconds=network.max_age_s)
    handed = week.handed(book)
    assert all(handed[demand.demand_id] <= demand.bits for demand in week.scenario.demands)
    stock: dict[Edge, int] = defaultdict(int)
    caps = {**network.satellite_cap_bits, **network.node_cap_bits}
    for entry in book.entries:
        if entry.kind == "delivered":
            assert stock[entry.edge] <= network.edge_cap_bits.get(entry.edge, stock[entry.edge])
            for node, cap in caps.items():
                assert sum(bits for ends, bits in stock.items() if node in ends) <= cap
        sign = {"opening": 1, "produced": 1, "delivered": -1, "expired": -1, "discarded": -1, "withdrawn": -1}
        stock[entry.edge] += sign.get(entry.kind, 0) * entry.bits


@settings(max_examples=120, deadline=None)
@given(SEEDS)
def test_a_week_as_planned_gives_every_demand_what_it_was_promised(seed: int) -> None:
    week = random_week(seed)
    book = week.settled(week.as_planned())
    handed, planned = week.handed(book), week.planned()
    assert all(handed[name] >= bits for name, bits in planned.items())
    check_balance(book)
    check_rules(week, book)


@settings(max_examples=120, deadline=None)
@given(SEEDS)
def test_whatever_comes_and_whenever_it_is_told_every_bit_is_somewhere(seed: int) -> None:
    """Contacts give more, less or nothing; they are reported at random times after they end, some twice."""
    week = random_week(seed)
    rng = random.Random(seed)
    told = {c.contact_id: rng.choice([0, c.expected_bits // 2, 2 * c.expected_bits]) for c in week.plan.contacts}
    book = Book()
    for until_s in [*sorted(rng.sample(range(END_S), 3)), END_S]:
        known = [c for c in week.plan.contacts if c.end_s <= until_s and (until_s == END_S or rng.random() < 0.6)]
        made = [done(c.contact_id, told[c.contact_id]) for c in known]
        week.settled(made, until_s, book=book)
        check_balance(book)
        n_lines = len(book.entries)
        week.settled(made, until_s, book=book)
        assert len(book.entries) == n_lines, "booking the same twice added lines"
    check_rules(week, book)
    bits = {name: has.booked_bits for name, has in book.contacts().items()}
    assert bits == told
    assert read_ledger(write_ledger(book.entries), "ledger.csv").entries == book.entries


def test_key_is_spent_while_it_is_young_enough() -> None:
    week = small_week(
        [contact("a", DE, 10_000, 50), contact("b", IT, 30_000, 50)],
        [demand("d", "DE", "IT", 50, 35_000)],
        max_age_s=25_000,
    )
    book = week.settled([done("a", 80), done("b", 50)])
    # The key with Oberpfaffenhofen is 25,000 s old at 35,000: just good; what is over dies afterwards.
    assert lines(book, "handed-over") == [("handed-over", ("DE", "IT"), 50)]
    assert lines(book, "expired") == [("expired", edge("eagle1", DE), 30)]


@pytest.mark.parametrize(("deadline_s", "handed"), [(20_000, 50), (20_001, 0)])
def test_a_second_too_old_is_too_old(deadline_s: int, handed: int) -> None:
    week = small_week(
        [contact("b", IT, 15_000, 50)],
        [demand("d", "DE", "IT", 50, deadline_s)],
        max_age_s=25_000,
        initial_stocks=(InitialStock(end_a="eagle1", end_b=DE, bits=50, age_s=5_000),),
    )
    book = week.settled([done("b", 50)] if week.plan.contacts else [])
    assert week.handed(book) == week.planned() == {"d": handed}
    assert lines(book, "expired") == ([] if handed else [("expired", edge("eagle1", DE), 50)])


def test_a_full_store_gives_up_what_the_plan_gives_up() -> None:
    """Greece has the most in store and is needed later; the plan gives up Graz, which nobody needs."""
    week = small_week(
        [contact("g", GR, 10_000, 60), contact("a", AT, 20_000, 40), contact("i", IT, 70_000, 60)],
        [demand("soon", "AT", "GR", 5, 30_000), demand("later", "GR", "IT", 55, END_S)],
        satellite_cap_bits={"eagle1": 115},
        initial_stocks=(InitialStock(end_a="eagle1", end_b=AT, bits=20),),
    )
    assert week.planned() == {"soon": 5, "later": 55}
    book = week.settled(week.as_planned())
    assert week.handed(book) == week.planned()
    assert {ends for _, ends, _ in lines(book, "discarded")} == {edge("eagle1", AT)}
    # Twice the key from Matera: the plan knew nothing of that, and what is over goes too.
    more = week.settled([done("g", 60), done("a", 40), done("i", 120)])
    assert sum(bits for _, _, bits in lines(more, "discarded")) > sum(bits for _, _, bits in lines(book, "discarded"))
    check_rules(week, more)


def test_without_a_plan_for_it_a_store_gives_up_what_can_best_be_spared() -> None:
    week = small_week(
        [contact("g", GR, 10_000, 60), contact("i", IT, 20_000, 30)],
        [demand("d", "GR", "IT", 30, END_S)],
        satellite_cap_bits={"eagle1": 90},
    )
    assert week.plan.discards == ()
    book = week.settled([done("g", 80), done("i", 30)])
    assert lines(book, "discarded") == [("discarded", edge("eagle1", GR), 20)]
    assert week.handed(book) == {"d": 30}


def test_fibre_grows_all_the_time_and_no_bit_is_taken_for_older_than_it_matters() -> None:
    week = small_week(
        [],
        [demand("d", "DE", "AT", 1000)],
        fibre_links=(FibreLink(link_id="f", node_a="DE", node_b="AT", rate_bps=0.001),),
        max_age_s=30_000,
    )
    # What is at most 30,000 s old at the end: bits made from 56,400 on, at 57,000, 58,000, … 86,000.
    assert week.planned() == {"d": 30}
    book = week.settled([])
    assert week.handed(book) == {"d": 30}
    assert sum(bits for _, _, bits in lines(book, "produced")) == 86
    assert sum(bits for _, _, bits in lines(book, "expired")) == 56


def test_parallel_fibres_add_up() -> None:
    links = [FibreLink(link_id=f"f{n}", node_a="DE", node_b="AT", rate_bps=0.0005) for n in (1, 2)]
    week = small_week([], [demand("d", "DE", "AT", 1000)], fibre_links=tuple(links))
    book = week.settled([], 20_000, 50_000, END_S)
    assert week.handed(book) == week.planned() == {"d": 2 * 43}


def test_two_satellites_joined_by_a_station() -> None:
    week = small_week(
        [
            contact("a", DE, 10_000, 40),
            contact("b", GR, 20_000, 40),
            contact("c", GR, 30_000, 30, satellite="eagle2"),
            contact("d", IT, 40_000, 50, satellite="eagle2"),
        ],
        [demand("d", "DE", "IT", 100)],
        max_hops=4,
    )
    assert week.planned() == {"d": 30}
    book = week.settled(week.as_planned())
    assert [entry.comment for entry in book.entries if entry.kind == "handed-over"] == [
        f"DE > {DE} > eagle1 > {GR} > eagle2 > {IT} > IT"
    ]
    assert len(lines(book, "delivered")) == 4
    assert week.handed(book) == {"d": 30}


def test_what_is_due_may_not_eat_what_is_promised_to_another_later() -> None:
    """A deadline on the way: the due demand takes spare key only, although more comes in after the other's deadline."""
    week = small_week(
        [contact("g", GR, 5_000, 100), contact("i", IT, 10_000, 50), contact("more", IT, 80_000, 90)],
        [
            demand("due", "GR", "IT", 90, 20_000, guarantee_bits=10),
            demand("kept", "GR", "IT", 40, 40_000, guarantee_bits=40),
        ],
    )
    assert week.planned() == {"due": 10, "kept": 40}
    assert week.handed(week.settled(week.as_planned())) == {"due": 10, "kept": 40}
    richer = week.settled([done("g", 100), done("i", 57), done("more", 90)])
    assert week.handed(richer) == {"due": 17, "kept": 40}


def test_an_outcome_that_comes_late_is_booked_when_it_is_learnt() -> None:
    week = small_week(
        [contact("g", GR, 5_000, 50), contact("i", IT, 10_000, 50)],
        [demand("first", "GR", "IT", 20, 20_000), demand("second", "GR", "IT", 30, END_S)],
    )
    book = week.settled([done("i", 50)], 30_000)
    assert week.handed(book) == {"first": 0, "second": 0}
    week.settled([done("g", 50)], 40_000, book=book)
    (late,) = [entry for entry in book.entries if entry.contact_id == "g"]
    assert (late.at_utc, late.made_utc) == (week.plan.horizon.utc(30_000), week.plan.horizon.utc(5_000))
    week.settled([], END_S, book=book)
    # The first demand's time is over; the second has all that it wants.
    assert week.handed(book) == {"first": 0, "second": 30}
    check_balance(book)


def test_key_that_is_not_usable_yet_is_noted_and_booked_in_its_time() -> None:
    week = small_week(
        [contact("g", GR, 5_000, 50, delay_s=20_000), contact("i", IT, 10_000, 50)],
        [demand("d", "GR", "IT", 50, 30_000)],
    )
    book = week.settled([done("g", 44)], 6_000)
    assert lines(book, "produced") == []
    assert book.contacts()["g"].bits == 44
    again = read_ledger(write_ledger(book.entries), "ledger.csv")
    # Nobody says it again, and it comes all the same; a correction before its time needs no withdrawal.
    week.settled([done("i", 50)], END_S, book=book)
    assert week.handed(book) == {"d": 44}
    week.settled([done("i", 50), done("g", 40)], END_S, book=again)
    assert lines(again, "withdrawn") == []
    assert week.handed(again) == {"d": 40}


def test_at_the_end_of_the_week_all_key_is_booked() -> None:
    """Key that becomes usable after the end opens the next week: it is there when the books are closed."""
    week = small_week([contact("g", GR, 70_000, 50), contact("i", IT, 10_000, 50)], [demand("d", "GR", "IT", 50)])
    contacts = tuple(replace(c, usable_s=90_000) if c.contact_id == "g" else c for c in week.plan.contacts)
    week = replace(week, plan=replace(week.plan, contacts=contacts, deliveries=()))
    book = week.settled(week.as_planned(), 80_000)
    assert book.stock_bits(edge("eagle1", GR)) == 0
    week.settled([], END_S, book=book)
    assert book.lots(edge("eagle1", GR)) == {week.plan.horizon.utc(END_S): 50}


def test_corrections_up_and_down() -> None:
    week = small_week([contact("g", GR, 5_000, 50), contact("i", IT, 10_000, 50)], [demand("d", "GR", "IT", 50)])
    book = Book()
    for bits in (50, 20, 35):
        week.settled([done("g", bits)], 20_000, book=book)
    assert [(kind, bits) for kind, _, bits in lines(book, "produced", "withdrawn")] == [
        ("produced", 50),
        ("withdrawn", 30),
        ("produced", 15),
    ]
    week.settled([Made(contact_id="g", status="technical", bits=0)], 20_000, book=book)
    assert book.contacts()["g"].status == "technical"
    assert book.stock_bits(edge("eagle1", GR)) == 0
    check_balance(book)


def test_key_that_is_spent_cannot_be_taken_back() -> None:
    week = small_week([contact("g", GR, 5_000, 50), contact("i", IT, 10_000, 50)], [demand("d", "GR", "IT", 50)])
    book = week.settled(week.as_planned())
    with pytest.raises(ValueError, match="leave a lot that holds"):
        week.settled([done("g", 49)], END_S, book=book)


def test_the_book_goes_before_what_a_replan_says_it_knew() -> None:
    """A re-plan carries outcomes in its contacts; one that is corrected afterwards stays corrected."""
    week = small_week([contact("g", GR, 5_000, 50), contact("i", IT, 10_000, 50)], [demand("d", "GR", "IT", 50)])
    contacts = tuple(replace(c, outcome="done", p_clear_origin="outcome") for c in week.plan.contacts)
    week = replace(week, plan=replace(week.plan, contacts=contacts))
    book = week.settled([], 20_000)
    assert {name: has.bits for name, has in book.contacts().items()} == {"g": 50, "i": 50}
    week.settled([done("g", 30)], 20_000, book=book)
    n_lines = len(book.entries)
    week.settled([], 20_000, book=book)
    assert len(book.entries) == n_lines
    assert book.stock_bits(edge("eagle1", GR)) == 30


def test_what_is_ready_counts_shared_key_once() -> None:
    week = small_week(
        [contact("g", GR, 5_000, 50), contact("i", IT, 10_000, 50)],
        [demand("one", "GR", "IT", 40), demand("two", "GR", "IT", 40)],
    )
    book = week.settled(week.as_planned(), 20_000)
    met = {one.demand_id: one for one in met_so_far(book, week.scenario, week.plan, 20_000)}
    assert met["one"].ready_bits + met["two"].ready_bits == 50
    assert {one.delivered_bits for one in met.values()} == {0}


def test_expected_and_told_agree_on_the_way_in() -> None:
    week = small_week([contact("g", GR, 5_000, 50), contact("i", IT, 10_000, 50)], [demand("d", "GR", "IT", 50)])
    expected = [Made(contact_id=c.contact_id, status=EXPECTED, bits=c.expected_bits) for c in week.plan.contacts]
    assert week.handed(week.settled(expected)) == week.handed(week.settled(week.as_planned()))


def test_discards_of_the_plan_are_given_up_only_where_a_store_is_full() -> None:
    week = small_week([contact("g", GR, 5_000, 50), contact("i", IT, 10_000, 50)], [demand("d", "GR", "IT", 30)])
    planned = (Discard(end_a=min(GR, "eagle1"), end_b=max(GR, "eagle1"), at_s=END_S, bits=20),)
    week = replace(week, plan=replace(week.plan, discards=planned))
    book = week.settled(week.as_planned())
    assert lines(book, "discarded") == []
