"""Write docs/validation.md and data/validation/verdicts.csv: `python tools/make_validation_page.py`."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from eagleplan.model import ValidationRow
from eagleplan.validation import validation_rows

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "validation.md"
VERDICTS = ROOT / "data" / "validation" / "verdicts.csv"

HEAD = """# Validation

This code against the world, as `eagleplan validate` computes it. *Reproduced*: within the tolerance, from inputs that
the source states in full. *Compatible*: within the tolerance, with inputs that had to be assumed. *Not reproduced*:
outside it; such rows stay, with the reason that was found. `eagleplan validate --scenario S` holds your own
satellites and sites against skyfield and astropy.

Made by `tools/make_validation_page.py`; a test compares.
"""


def page(rows: Sequence[ValidationRow]) -> str:
    """The whole page."""
    counts = ", ".join(
        f"{sum(row.verdict == verdict for row in rows)} {verdict}"
        for verdict in ("reproduced", "compatible", "not reproduced")
    )
    parts = [HEAD, f"\n{len(rows)} rows: {counts}.\n"]
    misses = [row for row in rows if row.verdict == "not reproduced"]
    parts.append("\n## Not reproduced\n\n" + _table(misses))
    parts.append("\n## Compatible\n\n" + _table([row for row in rows if row.verdict == "compatible"]))
    parts.append("\n## Reproduced\n\n" + _table([row for row in rows if row.verdict == "reproduced"]))
    return "".join(parts)


def _table(rows: list[ValidationRow]) -> str:
    lines = ["| case | published | ours | tolerance | source | note |", "|---|---|---|---|---|---|"]
    for row in rows:
        unit = f" {row.unit}" if row.unit else ""
        lines.append(
            f"| {_cell(row.case)} | {row.published:.6g}{unit} | {row.ours:.4g} | {row.tolerance:.4g} "
            f"| {_cell(row.source)} | {_cell(row.note)} |"
        )
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def verdicts(rows: Sequence[ValidationRow]) -> str:
    """How many rows of each kind have which verdict, as CSV; a kind is what stands before a case's colon."""
    found: dict[str, Counter[str]] = {}
    for row in rows:
        found.setdefault(row.case.partition(":")[0], Counter())[row.verdict] += 1
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("subject", "n_reproduced", "n_compatible", "n_not_reproduced"))
    writer.writerows(
        (kind, counts["reproduced"], counts["compatible"], counts["not reproduced"]) for kind, counts in found.items()
    )
    return text.getvalue()


if __name__ == "__main__":
    every = validation_rows()
    PAGE.write_text(page(every), encoding="utf-8")
    VERDICTS.write_text(verdicts(every), encoding="utf-8")
