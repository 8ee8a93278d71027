"""CSV tables with named columns: lines are kept, every wrong cell is a problem, none stops the reading.

Blank lines and lines that begin with ``#`` are skipped. Cells may be quoted. Columns may come in any order.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache

from eagleplan.errors import InputError, Problem
from eagleplan.inputs.instants import utc_instant
from eagleplan.inputs.suggest import did_you_mean

_FLOAT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_utc_instant = lru_cache(maxsize=4096)(utc_instant)
"""In a table of hours the same instants come back for every site and member."""

_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)


def finite(raw: str) -> float | None:
    """The number that `raw` writes, or None: no underscores, no nan, no infinity."""
    value = float(raw) if _FLOAT.fullmatch(raw) else math.nan
    return value if math.isfinite(value) else None


def whole(raw: str) -> int | None:
    """The whole number that `raw` writes, or None."""
    return int(raw) if _WHOLE.fullmatch(raw) and len(raw) < 20 else None


@dataclass(slots=True)
class Row:
    """One line of a table. A getter that finds a wrong cell records it and returns a value to go on with; a
    row that is `bad` must be dropped."""

    path: str
    line: int
    cells: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)

    @property
    def bad(self) -> bool:
        return bool(self.problems)

    def wrong(self, column: str | None, message: str, got: str | None = None, hint: str | None = None) -> None:
        """Records a problem of this row."""
        self.problems.append(Problem(path=self.path, line=self.line, field=column, message=message, got=got, hint=hint))

    def has(self, column: str) -> bool:
        return self.cells.get(column, "") != ""

    def text(self, column: str) -> str:
        value = self.cells.get(column, "")
        if not value:
            self.wrong(column, "is required")
        return value

    def number(
        self,
        column: str,
        *,
        minimum: float = -math.inf,
        maximum: float = math.inf,
        above: float = -math.inf,
    ) -> float:
        """A finite number with `minimum` <= number <= `maximum`, and > `above`."""
        raw = self.text(column)
        if not raw:
            return 0.0
        value = finite(raw)
        if value is None:
            self.wrong(column, "must be a finite number", raw)
        elif value < minimum:
            self.wrong(column, f"must be >= {minimum:g}", raw)
        elif value <= above:
            self.wrong(column, f"must be > {above:g}", raw)
        elif value > maximum:
            self.wrong(column, f"must be <= {maximum:g}", raw)
        else:
            return value
        return 0.0

    def optional_number(
        self,
        column: str,
        *,
        minimum: float = -math.inf,
        maximum: float = math.inf,
        above: float = -math.inf,
    ) -> float | None:
        """As `number`; None where the cell is empty or the table has no such column."""
        if not self.has(column):
            return None
        return self.number(column, minimum=minimum, maximum=maximum, above=above)

    def whole(self, column: str, *, minimum: int, maximum: int | None = None, default: int | None = None) -> int:
        """A whole number, `minimum` <= number <= `maximum`; an empty cell is `default` if there is one."""
        if default is not None and not self.has(column):
            return default
        raw = self.text(column)
        if not raw:
            return minimum
        value = whole(raw)
        if value is None:
            self.wrong(column, "must be a whole number", raw)
            return minimum
        if value < minimum:
            self.wrong(column, f"must be >= {minimum}", raw)
            return minimum
        if maximum is not None and value > maximum:
            self.wrong(column, f"must be <= {maximum}", raw)
            return minimum
        return value

    def instant(self, column: str) -> datetime:
        """An instant in UTC that ends in Z."""
        raw = self.text(column)
        found = _utc_instant(raw)
        if raw and found is None:
            self.wrong(column, "must be UTC and end in Z, such as 2026-11-30T18:00:00Z", raw)
        return found or datetime.min.replace(tzinfo=UTC)

    def choice(self, column: str, choices: Collection[str]) -> str:
        value = self.text(column)
        if value and value not in choices:
            listed = ", ".join(sorted(choices))
            self.wrong(column, f"must be one of {listed}", value, did_you_mean(value, choices))
        return value


def read_rows(
    text: str,
    path: str,
    *,
    required: Collection[str],
    optional: Collection[str] = (),
    others_allowed: bool = False,
) -> tuple[list[Row], list[Problem]]:
    """Rows of a table, and problems of its shape: columns missing, unknown or twice; cells too few or too
    many.

    Raises InputError if the header is wrong, since no row can be read then. `others_allowed` is for tables
    whose columns somebody else defines.
    """
    lines = _table_lines(text, path)
    try:
        header_line, header = next(lines)
    except StopIteration:
        raise InputError(Problem(path=path, message="the file holds no table")) from None
    known = [*required, *optional]
    problems = []
    for name in dict.fromkeys(header):
        if header.count(name) > 1:
            problems.append(Problem(path=path, line=header_line, field=name, message="column appears twice"))
        if name not in known and not others_allowed:
            hint = did_you_mean(name, set(known) - set(header)) or f"the columns are {', '.join(known)}"
            problems.append(Problem(path=path, line=header_line, field=name, message="unknown column", hint=hint))
    for name in required:
        if name not in header:
            near = did_you_mean(name, set(header) - set(known))
            problems.append(Problem(path=path, line=header_line, field=name, message="column is missing", hint=near))
    if problems:
        raise InputError(problems)
    rows = []
    for line, cells in lines:
        if len(cells) != len(header):
            message = f"must have {len(header)} cells"
            problems.append(Problem(path=path, line=line, message=message, got=str(len(cells))))
        else:
            rows.append(Row(path=path, line=line, cells=dict(zip(header, cells, strict=True))))
    if not rows and not problems:
        raise InputError(Problem(path=path, message="the table has a header and no rows"))
    return rows, problems


def _table_lines(text: str, path: str) -> Iterator[tuple[int, list[str]]]:
    """(line number, stripped cells) of each row that is not blank or a comment."""
    quoted = False

    def uncommented() -> Iterator[str]:
        nonlocal quoted
        for line in io.StringIO(text, newline=None):
            if not quoted and line.lstrip().startswith("#"):
                yield "\n"
                continue
            quoted ^= line.count('"') % 2 == 1
            yield line

    reader = csv.reader(uncommented(), strict=True, skipinitialspace=True)
    first = 1
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                yield first, stripped
            first = reader.line_num + 1
    except csv.Error as error:
        raise InputError(Problem(path=path, line=first, message=f"is not CSV: {error}")) from None


def unique(rows: list[Row], column: str) -> None:
    """Records a problem in every row whose cell repeats an earlier row's."""
    first_line: dict[str, int] = {}
    for row in rows:
        value = row.cells.get(column, "")
        if value and value in first_line:
            row.wrong(column, f"is already on line {first_line[value]}", value)
        first_line.setdefault(value, row.line)


def raise_problems(rows: list[Row], problems: list[Problem]) -> None:
    """Raises InputError with every problem of the table in line order, if there is any."""
    found = [*problems, *(problem for row in rows for problem in row.problems)]
    if found:
        raise InputError(sorted(found, key=lambda problem: problem.line or 0))
