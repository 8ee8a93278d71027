"""How published figures compare with this version: counted once, when `docs/validation.md` is made, and packaged."""

from __future__ import annotations

import csv
from functools import cache

from eagleplan.model import VerdictCount
from eagleplan.resources import data_path


@cache
def verdict_counts() -> tuple[VerdictCount, ...]:
    """By kind, in the order of the validation table."""
    with data_path("validation", "verdicts.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(
            VerdictCount(
                subject=row["subject"],
                n_reproduced=int(row["n_reproduced"]),
                n_compatible=int(row["n_compatible"]),
                n_not_reproduced=int(row["n_not_reproduced"]),
            )
            for row in csv.DictReader(lines)
        )
