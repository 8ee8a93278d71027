"""Outcomes in, ledger out: booked once, corrected by difference, refused where they cannot be."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from eagleplan.operations.ledger import Book, read_ledger
from eagleplan.operations.outcomes import LEDGER

sys.path.insert(0, str(Path(__file__).parent))
from tables import contacts_of, outcomes_table

Run = Callable[..., tuple[int, str, str]]


def book_of(directory: Path) -> Book:
    return read_ledger((directory / LEDGER).read_bytes(), "ledger.csv")


def told(monday: Path, tmp_path: Path, *rows: tuple[str, str, int | None]) -> Path:
    path = tmp_path / "outcomes.csv"
    path.write_text(outcomes_table(rows))
    return path


def first_contacts(monday: Path, n: int) -> list[dict[str, str]]:
    return sorted(contacts_of(monday), key=lambda row: row["end_utc"])[:n]


def test_the_same_twice_changes_nothing(run: Run, monday: Path, tmp_path: Path) -> None:
    one, two = first_contacts(monday, 2)
    table = told(monday, tmp_path, (one["contact_id"], "done", 1000), (two["contact_id"], "clouded", None))
    code, first, _ = run("outcomes", monday, table)
    ledger = (monday / LEDGER).read_bytes()
    assert code == 0
    code, again, err = run("outcomes", monday, table)
    assert (code, again) == (0, first)
    assert "0 lines added" in err
    assert (monday / LEDGER).read_bytes() == ledger
    assert run("verify", monday)[0] == 0


def test_a_correction_is_booked_as_the_difference(run: Run, monday: Path, tmp_path: Path) -> None:
    (one,) = first_contacts(monday, 1)
    for bits in (1000, 700, 1200):
        assert run("outcomes", monday, told(monday, tmp_path, (one["contact_id"], "done", bits)))[0] == 0
    entries = [entry for entry in book_of(monday).entries if entry.contact_id]
    assert [(entry.kind, entry.bits) for entry in entries] == [
        ("produced", 1000),
        ("withdrawn", 300),
        ("produced", 500),
    ]
    assert sum(balance.stock_bits for balance in book_of(monday).balances().values()) == 1200


def test_key_that_was_handed_over_cannot_be_taken_back(run: Run, monday: Path, tmp_path: Path) -> None:
    rows = contacts_of(monday)
    table = told(monday, tmp_path, *((r["contact_id"], "done", int(r["expected_bits"])) for r in rows))
    assert run("outcomes", monday, table, "--as-of", "2026-12-07T00:00:00Z")[0] == 0
    ledger = (monday / LEDGER).read_bytes()
    spent = next(
        r for r in rows if any(e.kind == "delivered" and r["site_id"] in e.edge for e in book_of(monday).entries)
    )
    code, _, err = run("outcomes", monday, told(monday, tmp_path, (spent["contact_id"], "done", 0)))
    assert code == 2
    assert "bits leave a lot that holds" in err
    assert (monday / LEDGER).read_bytes() == ledger


def test_a_week_as_planned_delivers_what_was_planned(run: Run, monday: Path, tmp_path: Path) -> None:
    """Every contact gives just what was expected, so each demand must get at least what the plan promised it."""
    rows = contacts_of(monday)
    table = told(monday, tmp_path, *((r["contact_id"], "done", int(r["expected_bits"])) for r in rows))
    code, out, _ = run("outcomes", monday, table, "--as-of", "2026-12-07T00:00:00Z", "-f", "csv")
    assert code == 0
    for row in csv.DictReader(io.StringIO(out)):
        assert int(row["delivered_bits"]) == int(row["planned_bits"]) > 0


def test_bit_by_bit_the_stocks_add_up(run: Run, monday: Path, tmp_path: Path) -> None:
    rows = contacts_of(monday)
    given = {r["contact_id"]: int(r["expected_bits"]) * (3 + n) // 4 for n, r in enumerate(rows)}
    table = told(monday, tmp_path, *((name, "done", bits) for name, bits in given.items()))
    code, out, _ = run("outcomes", monday, table, "--as-of", "2026-12-07T00:00:00Z", "--stocks", "-f", "csv")
    assert code == 0
    stocks = list(csv.DictReader(io.StringIO(out)))
    by_site: dict[str, int] = {}
    for row in rows:
        by_site[row["site_id"]] = by_site.get(row["site_id"], 0) + given[row["contact_id"]]
    for row in stocks:
        site = row["end_a"] if row["end_b"] == "eagle1" else row["end_b"]
        assert int(row["produced_bits"]) == by_site[site]
        assert int(row["produced_bits"]) == sum(
            int(row[name])
            for name in ("delivered_bits", "expired_bits", "discarded_bits", "withdrawn_bits", "stock_bits")
        )


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("eagle1-it-matera-2026,done,5", "2: contact_id: is no contact of the plan"),
        ("{first},finished,5", "2: status: must be one of"),
        ("{first},done,", "2: secret_bits: is required where the contact is done"),
        ("{first},clouded,5", "2: secret_bits: must be empty or 0"),
        ("{first},done,-5", "2: secret_bits: must be >= 0"),
        ("{first},done,1.5", "2: secret_bits: must be a whole number"),
    ],
)
def test_a_wrong_outcome_is_named_and_nothing_booked(
    run: Run, monday: Path, tmp_path: Path, row: str, said: str
) -> None:
    table = tmp_path / "outcomes.csv"
    first = first_contacts(monday, 1)[0]["contact_id"]
    table.write_text("contact_id,status,secret_bits\n" + row.format(first=first) + "\n")
    code, out, err = run("outcomes", monday, table)
    assert (code, out) == (2, "")
    assert f"outcomes.csv:{said}" in err
    assert not (monday / LEDGER).exists()


def test_a_contact_cannot_be_done_before_it_ends(run: Run, monday: Path, tmp_path: Path) -> None:
    one, *_, last = sorted(contacts_of(monday), key=lambda row: row["end_utc"])
    table = told(monday, tmp_path, (last["contact_id"], "done", 5))
    code, _, err = run("outcomes", monday, table, "--as-of", one["end_utc"])
    assert code == 2
    assert "cannot be: the contact ends at" in err
    assert run("outcomes", monday, told(monday, tmp_path, (last["contact_id"], "cancelled", None)))[0] == 0


def test_time_does_not_run_backwards(run: Run, monday: Path, tmp_path: Path) -> None:
    one = first_contacts(monday, 1)[0]
    table = told(monday, tmp_path, (one["contact_id"], "done", 5))
    assert run("outcomes", monday, table, "--as-of", "2026-12-05T00:00:00Z")[0] == 0
    code, _, err = run("outcomes", monday, table, "--as-of", "2026-12-04T00:00:00Z")
    assert code == 2
    assert "the ledger is settled up to there" in err


def test_a_tampered_ledger_is_refused_everywhere(run: Run, monday: Path, tmp_path: Path) -> None:
    one = first_contacts(monday, 1)[0]
    table = told(monday, tmp_path, (one["contact_id"], "done", 5000))
    assert run("outcomes", monday, table)[0] == 0
    text = (monday / LEDGER).read_text()
    (monday / LEDGER).write_text(text.replace(",5000,", ",9000,", 1))
    code, out, _ = run("verify", monday)
    assert code == 1
    assert "V-LEDGER" in out
    assert run("outcomes", monday, table)[0] == 2


@pytest.mark.parametrize("file", ["", "nonsense", "contact_id,status\n"])
def test_a_file_that_is_no_table(run: Run, monday: Path, tmp_path: Path, file: str) -> None:
    (tmp_path / "outcomes.csv").write_text(file)
    assert run("outcomes", monday, tmp_path / "outcomes.csv")[0] == 2


def test_a_directory_that_is_no_plan(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "outcomes.csv"
    table.write_text(outcomes_table([("x", "done", 1)]))
    code, _, err = run("outcomes", tmp_path, table)
    assert code == 2
    assert "name a directory that `eagleplan plan -o` wrote" in err
