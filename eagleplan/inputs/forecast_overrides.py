"""What an operator knows better than any forecast: the clear probability of single passes."""

from __future__ import annotations

from eagleplan.inputs.table import raise_problems, read_rows, unique
from eagleplan.model import PassOverride


def parse_overrides(text: str, path: str) -> tuple[PassOverride, ...]:
    """A CSV with `pass_id`, `p_clear`, `by` and `why`: every word has a name under it. Raises InputError."""
    rows, problems = read_rows(text, path, required=("pass_id", "p_clear", "by", "why"))
    unique(rows, "pass_id")
    overrides = [
        PassOverride(
            pass_id=row.text("pass_id"),
            p_clear=row.number("p_clear", minimum=0.0, maximum=1.0),
            by=row.text("by"),
            why=row.text("why"),
        )
        for row in rows
    ]
    raise_problems(rows, problems)
    return tuple(overrides)
