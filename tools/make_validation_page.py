"""Write docs/validation.md: `python tools/make_validation_page.py`."""

from __future__ import annotations

from pathlib import Path

from eagleplan.model import ValidationRow
from eagleplan.validation import validation_rows

PAGE = Path(__file__).resolve().parent.parent / "docs" / "validation.md"

HEAD = """# Validation

This code against the world, as `eagleplan validate` computes it. *Reproduced*: within the tolerance, from inputs that
the source states in full. *Compatible*: within the tolerance, with inputs that had to be assumed. *Not reproduced*:
outside it; such rows stay, with the reason that was found. `eagleplan validate --scenario S` holds your own
satellites and sites against skyfield and astropy.

Made by `tools/make_validation_page.py`; a test compares.
"""


def page() -> str:
    """The whole page."""
    rows = validation_rows()
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


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
