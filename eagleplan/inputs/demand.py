"""The demand table: who wants how much key with whom, when, and over whose nodes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Literal, cast

from eagleplan.inputs.instants import utc_instant
from eagleplan.inputs.table import Row, raise_problems, read_rows, unique
from eagleplan.model import Horizon, refresh_bits
from eagleplan.units import SECONDS_PER_DAY, SECONDS_PER_WEEK

MAX_BITS = 10**12
"""More than any satellite gives; keeps every sum of bits times priorities exact."""

MAX_PRIORITY = 1000
MAX_CLASS = 9
MAX_HOPS = 8

NOBODY = "none"
"""What stands in `trusted_nodes` where no node may see the key; an empty cell trusts all."""

REQUIRED = ("demand_id", "node_a", "node_b")
OPTIONAL = (
    "bits_per_week",
    "key_bits",
    "refresh_interval_s",
    "bits",
    "priority",
    "guarantee_bits",
    "guarantee_class",
    "start_utc",
    "start_after_hours",
    "deadline_utc",
    "deadline_after_hours",
    "mode",
    "trusted_nodes",
    "trusted_satellites",
    "max_hops",
)

Mode = Literal["qkd_required", "pqc_ok"]

_AMOUNTS = (("bits_per_week",), ("key_bits", "refresh_interval_s"), ("bits",))
_SEPARATORS = re.compile(r"[;\s]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandEntry:
    """A row of the table.

    One of three amounts is given: `bits_per_week`, a key of `key_bits` every `refresh_interval_s`, or `total_bits`
    whatever the horizon. `guarantee_bits` is the part that comes before everything else: of a week's bits, or of
    `total_bits`. `start` and `deadline` are instants, or the time since the horizon's start; None is its own start or
    end. `trusted_nodes` and `trusted_satellites` are names as they are written; None trusts all.
    """

    demand_id: str
    node_a: str
    node_b: str
    bits_per_week: int | None = None
    key_bits: int | None = None
    refresh_interval_s: int | None = None
    total_bits: int | None = None
    priority: int = 1
    guarantee_bits: int = 0
    guarantee_class: int = 1
    start: datetime | timedelta | None = None
    deadline: datetime | timedelta | None = None
    mode: Mode = "qkd_required"
    trusted_nodes: tuple[str, ...] | None = None
    trusted_satellites: tuple[str, ...] | None = None
    max_hops: int | None = None
    line: int

    def bits(self, days: float, scale_frac: float = 1.0) -> int:
        """Bits wanted in a horizon, times `scale_frac` and rounded up: to a bit, or to whole keys."""
        scale = _as_written(scale_frac)
        if self.total_bits is not None:
            return _ceil(self.total_bits * scale)
        span_s = Fraction(days) * int(SECONDS_PER_DAY)
        if self.bits_per_week is not None:
            return _ceil(self.bits_per_week * span_s / int(SECONDS_PER_WEEK) * scale)
        if self.key_bits is None or self.refresh_interval_s is None:
            raise ValueError("a demand needs bits_per_week, or key_bits and refresh_interval_s, or bits")
        n_keys = refresh_bits(self.key_bits, self.refresh_interval_s, _ceil(span_s)) // self.key_bits
        return self.key_bits * _ceil(n_keys * scale)

    def guarantee(self, days: float, scale_frac: float = 1.0) -> int:
        """Guaranteed bits in a horizon, times `scale_frac`, rounded up, and never more than `bits`."""
        scale = _as_written(scale_frac)
        if self.total_bits is not None:
            return _ceil(self.guarantee_bits * scale)
        span_s = Fraction(days) * int(SECONDS_PER_DAY)
        return min(self.bits(days, scale_frac), _ceil(self.guarantee_bits * span_s / int(SECONDS_PER_WEEK) * scale))

    def period_s(self, horizon: Horizon) -> tuple[int, int]:
        """Start and deadline in whole seconds since the horizon's start, wherever they lie."""
        return (
            0 if self.start is None else _seconds(self.start, horizon),
            horizon.end_s if self.deadline is None else _seconds(self.deadline, horizon),
        )


def _as_written(number: float) -> Fraction:
    """A decimal as the user writes it: a thousand bits times 0.1 are a hundred, not one more."""
    return Fraction(repr(number))


def _ceil(value: Fraction) -> int:
    return -(-value.numerator // value.denominator)


def _seconds(when: datetime | timedelta, horizon: Horizon) -> int:
    return round((when if isinstance(when, timedelta) else when - horizon.start_utc).total_seconds())


def parse_demand(text: str, path: str) -> tuple[DemandEntry, ...]:
    """The demands of a CSV table, in its order; raises InputError with all problems.

    Whether the nodes exist, and the period lies within the horizon, is for the scenario to say.
    """
    rows, problems = read_rows(text, path, required=REQUIRED, optional=OPTIONAL)
    unique(rows, "demand_id")
    entries = [_entry(row) for row in rows]
    raise_problems(rows, problems)
    return tuple(entries)


def _entry(row: Row) -> DemandEntry:
    node_a, node_b = row.text("node_a"), row.text("node_b")
    if node_a and node_a == node_b:
        row.wrong("node_b", "must differ from node_a: a node needs no key with itself", node_b)
    amounts = _amounts(row)
    entry = DemandEntry(
        demand_id=row.text("demand_id"),
        node_a=node_a,
        node_b=node_b,
        bits_per_week=amounts.get("bits_per_week"),
        key_bits=amounts.get("key_bits"),
        refresh_interval_s=amounts.get("refresh_interval_s"),
        total_bits=amounts.get("bits"),
        priority=row.whole("priority", minimum=1, maximum=MAX_PRIORITY, default=1),
        guarantee_bits=row.whole("guarantee_bits", minimum=0, default=0),
        guarantee_class=row.whole("guarantee_class", minimum=1, maximum=MAX_CLASS, default=1),
        start=_when(row, "start"),
        deadline=_when(row, "deadline"),
        mode=cast("Mode", row.choice("mode", ("qkd_required", "pqc_ok"))) if row.has("mode") else "qkd_required",
        trusted_nodes=_names(row, "trusted_nodes"),
        trusted_satellites=_names(row, "trusted_satellites"),
        max_hops=row.whole("max_hops", minimum=1, maximum=MAX_HOPS) if row.has("max_hops") else None,
        line=row.line,
    )
    if not row.bad and entry.guarantee_bits > entry.bits(7.0):
        whose = "that are wanted" if entry.total_bits is not None else "of a week"
        row.wrong("guarantee_bits", f"must be <= the {entry.bits(7.0)} bits {whose}", str(entry.guarantee_bits))
    if row.has("guarantee_class") and not row.has("guarantee_bits"):
        row.wrong("guarantee_class", "must be empty where guarantee_bits is", row.cells["guarantee_class"])
    return entry


def _amounts(row: Row) -> dict[str, int]:
    """The columns of the one amount that is given."""
    given = [amount for amount in _AMOUNTS if any(row.has(column) for column in amount)]
    if not given:
        row.wrong("bits_per_week", "is required, or key_bits and refresh_interval_s, or bits")
        return {}
    for amount in given[1:]:
        for column in amount:
            if row.has(column):
                row.wrong(column, f"must be empty where {given[0][0]} is given", row.cells[column])
    return {column: row.whole(column, minimum=1, maximum=MAX_BITS) for column in given[0]}


def _when(row: Row, end: str) -> datetime | timedelta | None:
    """The instant, or the time since the horizon's start, of one end of the period."""
    instant, hours = f"{end}_utc", f"{end}_after_hours"
    if row.has(instant) and row.has(hours):
        row.wrong(hours, f"must be empty where {instant} is given", row.cells[hours])
    elif row.has(hours):
        return timedelta(hours=row.number(hours, minimum=0.0, maximum=400 * 24.0))
    elif row.has(instant):
        found = utc_instant(row.cells[instant])
        if found is None:
            row.wrong(instant, "must be UTC and end in Z, such as 2026-11-30T18:00:00Z", row.cells[instant])
        return found
    return None


def _names(row: Row, column: str) -> tuple[str, ...] | None:
    if not row.has(column):
        return None
    names = tuple(name for name in _SEPARATORS.split(row.cells[column]) if name)
    if NOBODY in names or not names:
        if len(names) != 1:
            row.wrong(column, f'must be names, or "{NOBODY}" alone', row.cells[column])
        return ()
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            row.wrong(column, "names a node twice", name)
    return names
