"""The tunnel table: encrypted links that change keys at an interval, and what they have in store."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from eagleplan.inputs.table import Row, raise_problems, read_rows, unique
from eagleplan.model import refresh_bits
from eagleplan.units import SECONDS_PER_DAY

REQUIRED = ("tunnel_id", "node_a", "node_b", "key_bits", "refresh_interval_s")
OPTIONAL = ("reserve_days", "stock_bits", "priority", "mode")
MODES = ("qkd_required", "pqc_ok")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tunnel:
    """A link between two nodes that takes a fresh key of `key_bits` every `refresh_interval_s`.

    At the horizon's end there should be enough key in store for `reserve_days` more; `stock_bits` are there now.
    """

    tunnel_id: str
    node_a: str
    node_b: str
    key_bits: int
    refresh_interval_s: int
    reserve_days: float
    stock_bits: int
    priority: int
    mode: str

    def used_bits(self, days: float) -> int:
        """Bits that the tunnel uses up in `days`."""
        return refresh_bits(self.key_bits, self.refresh_interval_s, _whole_seconds(days))

    def wanted_bits(self, days: float) -> int:
        """Bits that must come: what it uses and what must then be in reserve, less what is there."""
        return max(0, self.used_bits(days + self.reserve_days) - self.stock_bits)

    def urgent_bits(self, days: float) -> int:
        """Bits without which the tunnel runs dry within `days`."""
        return max(0, self.used_bits(days) - self.stock_bits)


def _whole_seconds(days: float) -> int:
    span_s = Fraction(days) * int(SECONDS_PER_DAY)
    return -(-span_s.numerator // span_s.denominator)


def parse_tunnels(text: str, path: str) -> tuple[Tunnel, ...]:
    """The tunnels of a CSV table, in its order; raises InputError with all problems."""
    rows, problems = read_rows(text, path, required=REQUIRED, optional=OPTIONAL)
    unique(rows, "tunnel_id")
    tunnels = [_tunnel(row) for row in rows]
    raise_problems(rows, problems)
    return tuple(tunnels)


def _tunnel(row: Row) -> Tunnel:
    node_a, node_b = row.text("node_a"), row.text("node_b")
    if node_a and node_a == node_b:
        row.wrong("node_b", "must differ from node_a: a node needs no key with itself", node_b)
    return Tunnel(
        tunnel_id=row.text("tunnel_id"),
        node_a=node_a,
        node_b=node_b,
        key_bits=row.whole("key_bits", minimum=1),
        refresh_interval_s=row.whole("refresh_interval_s", minimum=1),
        reserve_days=row.optional_number("reserve_days", minimum=0.0, maximum=400.0) or 0.0,
        stock_bits=row.whole("stock_bits", minimum=0, default=0),
        priority=row.whole("priority", minimum=1, default=1),
        mode=row.choice("mode", MODES) if row.has("mode") else MODES[0],
    )
