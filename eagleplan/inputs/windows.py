"""Tables of absolute times: blackouts in the manner of a NOTAM, station calendars, payload availability."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

from eagleplan.inputs.table import Row, raise_problems, read_rows

Rule = Literal["forbid", "permit"]

REQUIRED = ("start_utc", "end_utc")
OPTIONAL = ("site_id", "satellite_id", "rule", "reason")
CLASSICAL_OPTIONAL = ("satellite_id", "reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeWindow:
    """From `start_utc` to `end_utc`; None stands for every site or satellite, and for the rule of the file's
    role."""

    start_utc: datetime
    end_utc: datetime
    site_id: str | None = None
    satellite_id: str | None = None
    rule: Rule | None = None
    reason: str = ""
    line: int | None = None


def parse_windows(text: str, path: str) -> tuple[TimeWindow, ...]:
    """The windows of a CSV table, in its order; raises InputError with all problems."""
    rows, problems = read_rows(text, path, required=REQUIRED, optional=OPTIONAL)
    windows = [_window(row) for row in rows]
    raise_problems(rows, problems)
    return tuple(windows)


def parse_classical_contacts(text: str, path: str) -> tuple[TimeWindow, ...]:
    """The contacts of a satellite with its control stations; raises InputError with all problems."""
    rows, problems = read_rows(text, path, required=REQUIRED, optional=CLASSICAL_OPTIONAL)
    windows = [_window(row) for row in rows]
    raise_problems(rows, problems)
    return tuple(windows)


def _window(row: Row) -> TimeWindow:
    start_utc, end_utc = row.instant("start_utc"), row.instant("end_utc")
    if not row.bad and not start_utc < end_utc:
        row.wrong("end_utc", "must be after start_utc", row.cells["end_utc"])
    rule = cast("Rule", row.choice("rule", ("forbid", "permit"))) if row.has("rule") else None
    return TimeWindow(
        start_utc=start_utc,
        end_utc=end_utc,
        site_id=row.cells.get("site_id") or None,
        satellite_id=row.cells.get("satellite_id") or None,
        rule=rule,
        reason=row.cells.get("reason", ""),
        line=row.line,
    )
