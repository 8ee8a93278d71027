"""What became of contacts, and what a table of it must not say."""

from __future__ import annotations

import pytest

from eagleplan.errors import InputError
from eagleplan.inputs.outcomes import parse_outcomes

HEADER = "contact_id,status,sifted_bits,qber_frac,secret_bits,comment\n"


def test_each_status_and_what_it_says_of_the_sky() -> None:
    found = parse_outcomes(
        f'{HEADER}a,done,120000,0.021,34000,"calm, clear"\nb,clouded,,,,\n'
        "c,technical,0,,0,dome stuck\nd,cancelled,,,,\ne,done,,,0,\n",
        "outcomes.csv",
    )
    assert [(one.contact_id, one.was_clear) for one in found] == [
        ("a", True), ("b", False), ("c", None), ("d", None), ("e", True),
    ]  # fmt: skip
    assert (found[0].sifted_bits, found[0].qber_frac, found[0].secret_bits) == (120_000, 0.021, 34_000)
    assert (found[0].comment, found[0].line) == ("calm, clear", 2)
    assert found[1].secret_bits is None
    assert found[4].secret_bits == 0


def test_two_columns_are_enough() -> None:
    (one,) = parse_outcomes("contact_id,status\na,clouded\n", "outcomes.csv")
    assert one.was_clear is False


@pytest.mark.parametrize(
    ("row", "field", "message"),
    [
        (",done,,,,", "contact_id", "is required"),
        ("a,,,,,", "status", "is required"),
        ("a,cloudy,,,,", "status", "must be one of cancelled, clouded, done, technical"),
        ("a,Done,,,,", "status", "must be one of cancelled, clouded, done, technical"),
        ("a,clouded,,,500,", "secret_bits", "must be empty or 0 where the contact is clouded"),
        ("a,technical,9,,,", "sifted_bits", "must be empty or 0 where the contact is technical"),
        ("a,cancelled,,0.02,,", "qber_frac", "must be empty where the contact is cancelled"),
        ("a,done,-1,,,", "sifted_bits", "must be >= 0"),
        ("a,done,1.5,,,", "sifted_bits", "must be a whole number"),
        ("a,done,100,2.1,10,", "qber_frac", "must be <= 1"),
        ("a,done,100,0.02,101,", "secret_bits", "must not be more than the 100 sifted bits"),
        ("a,done,0,0.02,0,", "qber_frac", "no error rate can be measured on 0 sifted bits"),
        ("a,done,,,99999999999999999,", "secret_bits", "must be <= 9007199254740992"),
    ],
)
def test_contradictions_name_line_and_column(row: str, field: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_outcomes(HEADER + row + "\n", "outcomes.csv")
    problem = caught.value.problems[0]
    assert (problem.path, problem.line, problem.field) == ("outcomes.csv", 2, field)
    assert problem.message.startswith(message)


def test_all_rows_are_told_at_once_and_a_contact_has_one_outcome() -> None:
    with pytest.raises(InputError) as caught:
        parse_outcomes(HEADER + "a,done,,,,\na,clouded,,,,\nb,gone,,,,\n", "outcomes.csv")
    assert [(problem.line, problem.field) for problem in caught.value.problems] == [(3, "contact_id"), (4, "status")]
