"""The ledger of key: every bit that an edge got or gave, line after line, never rewritten.

An edge is a pair of nodes that share key: a satellite and a site, or the ends of a fibre link. Key comes in lots, all
of one age; whatever leaves names the lot that it left. So each line can be checked against those before it, and what
came in is what went out and what is there, lot by lot. In the file every line carries a mark made of it and of all
lines before it, so that one that was changed, or left out, shows.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Literal, get_args

from eagleplan.errors import InputError, Problem
from eagleplan.inputs.table import Row, raise_problems, read_rows
from eagleplan.inputs.text import decode

Kind = Literal[
    "opening", "produced", "delivered", "expired", "discarded", "withdrawn", "reported", "handed-over", "settled"
]
"""`withdrawn` takes back bits of a contact whose outcome was corrected. The last three move no key: `reported` keeps an
outcome whose key is not usable yet, `handed-over` says what a demand got of the `delivered` lines before it, `settled`
that everything up to its instant has been booked."""

INCOMING: tuple[Kind, ...] = ("opening", "produced")
NOTES: tuple[Kind, ...] = ("reported", "handed-over", "settled")
KINDS: tuple[Kind, ...] = get_args(Kind)
MOVES: tuple[Kind, ...] = tuple(kind for kind in KINDS if kind not in NOTES)

NOBODY = "-"
"""Stands for the ends of a line that is about no edge."""


Edge = tuple[str, str]
"""Two nodes, in alphabetical order."""


def edge(end_a: str, end_b: str) -> Edge:
    """The edge between two nodes."""
    return (end_a, end_b) if end_a <= end_b else (end_b, end_a)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line: at `at_utc`, `bits` of the lot made at `made_utc` came to the edge or left it.

    An entry of no bits keeps a fact: a contact that gave no key, with its `status`.
    """

    number: int
    at_utc: datetime
    kind: Kind
    end_a: str
    end_b: str
    bits: int
    made_utc: datetime
    contact_id: str = ""
    demand_id: str = ""
    status: str = ""
    comment: str = ""

    @property
    def edge(self) -> Edge:
        return (self.end_a, self.end_b)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What a book knows of one contact: all the bits that came of it, and how many of them have been booked."""

    status: str
    bits: int
    booked_bits: int
    comment: str


COLUMNS = tuple("entry" if field.name == "number" else field.name for field in fields(Entry))
MARK = "mark"
REQUIRED = (*COLUMNS[:7], MARK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What became of the key of one edge: `opening_bits` + `produced_bits` = all the others together."""

    opening_bits: int
    produced_bits: int
    delivered_bits: int
    expired_bits: int
    discarded_bits: int
    withdrawn_bits: int
    stock_bits: int


class Book:
    """A ledger that grows. Lines are added at the end only."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        """Replays `entries`; raises ValueError where a line contradicts those before it."""
        self.entries: list[Entry] = []
        self._lots: dict[Edge, dict[datetime, int]] = defaultdict(dict)
        for entry in entries:
            self._append(entry)

    def lots(self, of: Edge) -> dict[datetime, int]:
        """When made -> bits that are there, oldest first."""
        return {made: bits for made, bits in sorted(self._lots[of].items()) if bits}

    def edges(self) -> list[Edge]:
        """Every edge that has a line."""
        return sorted(self._lots)

    def stock_bits(self, of: Edge) -> int:
        return sum(self._lots[of].values())

    def contacts(self) -> dict[str, Reported]:
        """Every contact whose outcome the book has, by id."""
        found: dict[str, Reported] = {}
        for entry in self.entries:
            if entry.contact_id:
                before = found.get(entry.contact_id)
                booked_bits = before.booked_bits if before else 0
                if entry.kind not in NOTES:
                    booked_bits += -entry.bits if entry.kind == "withdrawn" else entry.bits
                found[entry.contact_id] = Reported(
                    status=entry.status,
                    bits=entry.bits if entry.kind in NOTES else booked_bits,
                    booked_bits=booked_bits,
                    comment=entry.comment,
                )
        return found

    def add(
        self,
        kind: Kind,
        of: Edge,
        bits: int,
        *,
        at_utc: datetime,
        made_utc: datetime,
        contact_id: str = "",
        demand_id: str = "",
        status: str = "",
        comment: str = "",
    ) -> None:
        """One line more; raises ValueError if the lot does not hold what should leave it."""
        self._append(
            Entry(
                number=len(self.entries) + 1,
                at_utc=at_utc,
                kind=kind,
                end_a=of[0],
                end_b=of[1],
                bits=bits,
                made_utc=made_utc,
                contact_id=contact_id,
                demand_id=demand_id,
                status=status,
                comment=comment,
            )
        )

    def take(
        self, kind: Kind, of: Edge, bits: int, *, at_utc: datetime, demand_id: str = "", comment: str = ""
    ) -> None:
        """`bits` leave the edge, oldest first, a line for each lot. Raises ValueError if there are not so many."""
        if bits > self.stock_bits(of):
            raise ValueError(f"{of[0]} and {of[1]} share {self.stock_bits(of)} bits, not {bits}")
        for made, there in self.lots(of).items():
            taken = min(there, bits)
            if not taken:
                break
            self.add(kind, of, taken, at_utc=at_utc, made_utc=made, demand_id=demand_id, comment=comment)
            bits -= taken

    def handed_over(self, demand_id: str, path: Sequence[str], bits: int, *, at_utc: datetime) -> None:
        """Note what a demand got along a path; the lines of its edges have been written."""
        self._note("handed-over", edge(path[0], path[-1]), bits, at_utc, demand_id=demand_id, comment=" > ".join(path))

    def reported(self, contact_id: str, of: Edge, bits: int, status: str, comment: str, *, at_utc: datetime) -> None:
        """Note the outcome of a contact whose key is not usable yet."""
        self.add(
            "reported", of, bits, at_utc=at_utc, made_utc=at_utc, contact_id=contact_id, status=status, comment=comment
        )

    def settled(self, *, at_utc: datetime) -> None:
        """Note that everything up to `at_utc` has been booked."""
        self._note("settled", (NOBODY, NOBODY), 0, at_utc)

    def settled_until_utc(self) -> datetime | None:
        """Up to when everything has been booked; None in a new book."""
        return max((entry.at_utc for entry in self.entries if entry.kind == "settled"), default=None)

    def _note(
        self, kind: Kind, of: Edge, bits: int, at_utc: datetime, *, demand_id: str = "", comment: str = ""
    ) -> None:
        self.add(kind, of, bits, at_utc=at_utc, made_utc=at_utc, demand_id=demand_id, comment=comment)

    def expire(self, max_age: timedelta, *, at_utc: datetime) -> None:
        """Take out every lot that is older than `max_age` at `at_utc`."""
        for of in self.edges():
            for made, bits in self.lots(of).items():
                if made + max_age < at_utc:
                    self.add("expired", of, bits, at_utc=at_utc, made_utc=made)

    def balances(self) -> Mapping[Edge, Balance]:
        """What became of the key of each edge, added up line by line."""
        sums: dict[Edge, dict[str, int]] = defaultdict(lambda: dict.fromkeys(MOVES, 0))
        for entry in self.entries:
            if entry.kind not in NOTES:
                sums[entry.edge][entry.kind] += entry.bits
        return {
            of: Balance(**{f"{kind}_bits": bits for kind, bits in sums[of].items()}, stock_bits=self.stock_bits(of))
            for of in sorted(sums)
        }

    def _append(self, entry: Entry) -> None:
        if entry.number != len(self.entries) + 1:
            raise ValueError(f"line {entry.number} follows line {len(self.entries)}")
        if entry.end_a >= entry.end_b and entry.kind != "settled":
            raise ValueError("end_a comes before end_b in the alphabet")
        if entry.bits < 0:
            raise ValueError(f"bits must not be negative (got {entry.bits})")
        if entry.made_utc > entry.at_utc:
            raise ValueError("key is booked before it is made")
        if entry.kind in NOTES:
            self.entries.append(entry)
            return
        lots = self._lots[entry.edge]
        there = lots.get(entry.made_utc, 0)
        if entry.kind in INCOMING:
            lots[entry.made_utc] = there + entry.bits
        elif entry.bits > there:
            raise ValueError(f"{entry.bits} bits leave a lot that holds {there}")
        else:
            lots[entry.made_utc] = there - entry.bits
        self.entries.append(entry)


def write_ledger(entries: Sequence[Entry]) -> bytes:
    """The ledger as a CSV table."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*COLUMNS, MARK))
    for cells, mark in zip(map(_cells, entries), _marks(entries), strict=True):
        writer.writerow((*cells, mark))
    return text.getvalue().encode()


def read_ledger(data: bytes, path: str) -> Book:
    """The ledger of a CSV table, replayed; raises InputError at the first line that does not follow."""
    text = decode(data, path)
    rows, problems = read_rows(text, path, required=REQUIRED, optional=COLUMNS[7:])
    marks = [row.text(MARK) for row in rows]
    entries = [(row, _entry(row)) for row in rows]
    raise_problems(rows, problems)
    book = Book()
    expected = _marks([entry for _, entry in entries])
    hint = "a ledger is only ever added to: restore the file"
    for row, entry in entries:
        try:
            book._append(entry)
        except ValueError as error:
            raise InputError(_problem(path, row.line, str(error)), hint=hint) from None
    for (row, _), mark, right in zip(entries, marks, expected, strict=True):
        if mark != right:
            message = "this line, or one before it, is not as it was written"
            raise InputError(_problem(path, row.line, message), hint=hint)
    return book


def _entry(row: Row) -> Entry:
    end_a, end_b = row.text("end_a"), row.text("end_b")
    kind = row.choice("kind", KINDS)
    return Entry(
        number=row.whole("entry", minimum=1),
        at_utc=row.instant("at_utc"),
        kind=kind if kind in KINDS else "opening",  # a wrong kind is a problem of the row
        end_a=end_a,
        end_b=end_b,
        bits=row.whole("bits", minimum=0),
        made_utc=row.instant("made_utc"),
        **{name: row.cells.get(name, "") for name in COLUMNS[7:]},
    )


def _cells(entry: Entry) -> list[str]:
    return [_cell(getattr(entry, field.name)) for field in fields(Entry)]


def _marks(entries: Iterable[Entry]) -> list[str]:
    """For each line the beginning of the SHA-256 of the mark before it and its own cells."""
    marks = []
    mark = ""
    for entry in entries:
        mark = hashlib.sha256("\x1f".join([mark, *_cells(entry)]).encode()).hexdigest()[:16]
        marks.append(mark)
    return marks


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds").replace("+00:00", "Z")
    return str(value)


def _problem(path: str, line: int | None, message: str) -> Problem:
    return Problem(path=path, line=line, message=message)
