"""The demand table: who wants how much key with whom."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from eagleplan.inputs.table import Row, raise_problems, read_rows, unique
from eagleplan.model import refresh_bits
from eagleplan.units import SECONDS_PER_DAY, SECONDS_PER_WEEK

REQUIRED = ("demand_id", "node_a", "node_b")
OPTIONAL = ("bits_per_week", "key_bits", "refresh_interval_s", "priority", "guarantee_bits")


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandEntry:
    """A row of the table. Either `bits_per_week` is given, or a key of `key_bits` every `refresh_interval_s`.

    `guarantee_bits` is the part of a week's bits that comes before everything else.
    """

    demand_id: str
    node_a: str
    node_b: str
    bits_per_week: int | None
    key_bits: int | None
    refresh_interval_s: int | None
    priority: int
    guarantee_bits: int
    line: int

    def bits(self, days: float) -> int:
        """Bits wanted in a horizon, rounded up: to a bit, or to whole keys."""
        span_s = Fraction(days) * int(SECONDS_PER_DAY)
        if self.bits_per_week is not None:
            return _ceil(self.bits_per_week * span_s / int(SECONDS_PER_WEEK))
        if self.key_bits is None or self.refresh_interval_s is None:
            raise ValueError("a demand needs bits_per_week, or key_bits and refresh_interval_s")
        return refresh_bits(self.key_bits, self.refresh_interval_s, _ceil(span_s))

    def guarantee(self, days: float) -> int:
        """Guaranteed bits in a horizon, rounded up, and never more than `bits`."""
        span_s = Fraction(days) * int(SECONDS_PER_DAY)
        return min(self.bits(days), _ceil(self.guarantee_bits * span_s / int(SECONDS_PER_WEEK)))


def _ceil(value: Fraction) -> int:
    return -(-value.numerator // value.denominator)


def parse_demand(text: str, path: str) -> tuple[DemandEntry, ...]:
    """The demands of a CSV table, in its order; raises InputError with all problems.

    Whether the nodes exist is for the scenario to say.
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
    bits_per_week = key_bits = refresh_interval_s = None
    if row.has("bits_per_week"):
        bits_per_week = row.whole("bits_per_week", minimum=1)
        for column in ("key_bits", "refresh_interval_s"):
            if row.has(column):
                row.wrong(column, "must be empty where bits_per_week is given", row.cells[column])
    elif row.has("key_bits") or row.has("refresh_interval_s"):
        key_bits = row.whole("key_bits", minimum=1)
        refresh_interval_s = row.whole("refresh_interval_s", minimum=1)
    else:
        row.wrong("bits_per_week", "is required, or key_bits and refresh_interval_s")
    entry = DemandEntry(
        demand_id=row.text("demand_id"),
        node_a=node_a,
        node_b=node_b,
        bits_per_week=bits_per_week,
        key_bits=key_bits,
        refresh_interval_s=refresh_interval_s,
        priority=row.whole("priority", minimum=1, default=1),
        guarantee_bits=row.whole("guarantee_bits", minimum=0, default=0),
        line=row.line,
    )
    if not row.bad and entry.guarantee_bits > entry.bits(7.0):
        row.wrong("guarantee_bits", f"must be <= the {entry.bits(7.0)} bits of a week", str(entry.guarantee_bits))
    return entry
