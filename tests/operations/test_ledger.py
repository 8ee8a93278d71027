"""The ledger balances to the bit, and nobody rewrites it unnoticed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eagleplan.errors import InputError
from eagleplan.operations.ledger import Book, edge, read_ledger, write_ledger

MONDAY = datetime(2026, 11, 30, tzinfo=UTC)
GRAZ = edge("eagle1", "at-graz")
HOUR = timedelta(hours=1)


def hours(n: int) -> datetime:
    return MONDAY + n * HOUR


def small_book() -> Book:
    book = Book()
    book.add("opening", GRAZ, 100, at_utc=MONDAY, made_utc=hours(-24))
    book.add("produced", GRAZ, 50, at_utc=hours(20), made_utc=hours(20), contact_id="c1", status="done")
    return book


def test_the_oldest_leaves_first_lot_by_lot() -> None:
    book = small_book()
    book.take("delivered", GRAZ, 120, at_utc=hours(21), demand_id="d")
    assert [(e.bits, e.made_utc) for e in book.entries[2:]] == [(100, hours(-24)), (20, hours(20))]
    assert book.lots(GRAZ) == {hours(20): 30}


def test_key_expires_when_it_is_older_than_its_age() -> None:
    book = small_book()
    book.expire(24 * HOUR, at_utc=MONDAY)
    assert book.stock_bits(GRAZ) == 150  # a day old to the second is still good
    book.expire(24 * HOUR, at_utc=hours(21))
    assert book.lots(GRAZ) == {hours(20): 50}
    assert book.balances()[GRAZ].expired_bits == 100


def test_more_than_there_is_cannot_leave() -> None:
    with pytest.raises(ValueError, match="share 150 bits, not 151"):
        small_book().take("delivered", GRAZ, 151, at_utc=hours(21))


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["produced", "delivered", "discarded", "expire"]),
        st.sampled_from(["at-graz", "de-jena", "fr-calern"]),
        st.integers(0, 10**6),
    ),
    max_size=40,
)


@given(EVENTS)
def test_every_bit_is_in_stock_delivered_expired_or_discarded(events: list[tuple[str, str, int]]) -> None:
    book = Book()
    produced: dict[str, int] = {}
    for hour, (kind, site, bits) in enumerate(events):
        of = edge("eagle1", site)
        if kind == "produced":
            book.add("produced", of, bits, at_utc=hours(hour), made_utc=hours(hour))
            produced[site] = produced.get(site, 0) + bits
        elif kind == "expire":
            book.expire(5 * HOUR, at_utc=hours(hour))
        else:
            book.take(kind, of, min(bits, book.stock_bits(of)), at_utc=hours(hour))  # type: ignore[arg-type]
    for of, balance in book.balances().items():
        site = next(end for end in of if end != "eagle1")
        assert balance.opening_bits + balance.produced_bits == produced.get(site, 0)
        assert balance.produced_bits == (
            balance.stock_bits
            + balance.delivered_bits
            + balance.expired_bits
            + balance.discarded_bits
            + balance.withdrawn_bits
        )
        assert balance.stock_bits == sum(book.lots(of).values()) >= 0
    if not book.entries:
        return
    again = read_ledger(write_ledger(book.entries), "ledger.csv")
    assert again.entries == book.entries
    assert again.balances() == book.balances()


@pytest.mark.parametrize(
    ("line", "old", "new", "said"),
    [
        (4, ",20,", ",200,", "200 bits leave a lot that holds 50"),
        (2, ",100,", ",10,", "100 bits leave a lot that holds 10"),
        (3, "\n2,", "\n7,", "line 7 follows line 1"),
        (3, "produced,at-graz,eagle1", "produced,eagle1,at-graz", "end_a comes before end_b"),
        (3, "produced", "borrowed", "must be one of"),
        (3, "T20:00:00Z,produced", "T19:00:00Z,produced", "booked before it is made"),
        (3, "20:00:00Z", "20:00:00", "must be UTC"),
        (3, ",50,", ",51,", "not as it was written"),
        (3, ",done,", ",clouded,", "not as it was written"),
    ],
)
def test_a_changed_ledger_is_refused_with_its_line(line: int, old: str, new: str, said: str) -> None:
    book = small_book()
    book.take("delivered", GRAZ, 120, at_utc=hours(21), demand_id="d")
    text = write_ledger(book.entries).decode()
    assert old in text
    with pytest.raises(InputError) as caught:
        read_ledger(text.replace(old, new, 1).encode(), "ledger.csv")
    assert said in str(caught.value)
    assert caught.value.problems[0].line is not None


def test_lines_that_are_no_text_are_refused() -> None:
    with pytest.raises(InputError, match="UTF-8"):
        read_ledger(b"\xff\xfe", "ledger.csv")
