"""Put a run of examples/study/next-station.toml into docs/study.md: `tools/refresh_study_page.py station/report`."""

from __future__ import annotations

import csv
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "study.md"
BLOCK = re.compile(
    r"(<!-- made by tools/refresh_study_page\.py from the report of a run -->\n)(.*?)(<!-- end -->)", re.DOTALL
)


def refreshed(page: str, report: Path) -> str:
    """The page with the block replaced by what the directory of a report says."""
    made = block(report)
    found, n_found = BLOCK.subn(lambda match: f"{match[1]}{made}{match[3]}", page)
    if n_found != 1:
        raise ValueError(f"the page has {n_found} blocks")
    return found


def block(report: Path) -> str:
    """The summary up to its stations, and a row for each of these."""
    summary = (report / "summary.txt").read_text(encoding="utf-8")
    lines = summary.split("One station more")[0].splitlines()
    rows = [
        "| station | asked by | met, points | over weeks | key | nights without key | told from 0 |",
        "|---|---|---|---|---|---|---|",
    ]
    with (report / "stations.csv").open(encoding="utf-8", newline="") as file:
        rows += [_row(row) for row in csv.DictReader(file)]
    return "\n".join(["", "```", *lines, "```", "", *rows, "", ""])


def _row(row: dict[str, str]) -> str:
    mean, low, high, low_over_weeks, high_over_weeks = (
        _points(row[f"met_gain_{name}_frac"]) for name in ("mean", "low", "high", "low_over_weeks", "high_over_weeks")
    )
    cells = [
        f"`{row['station_id']}`",
        row["asked"],
        f"{mean} ({low} to {high})",
        f"{low_over_weeks} to {high_over_weeks}" if row["met_gain_low_over_weeks_frac"] else "–",
        f"{float(row['delivered_gain_mean_bits']) / 1e6:+.1f} Mbit",
        f"{float(row['n_nights_without_key_change_mean']):+.1f}",
        row["told"],
    ]
    return f"| {' | '.join(cells)} |"


def _points(value_frac: str) -> str:
    return f"{round(100.0 * float(value_frac), 2) + 0.0:.2f}" if value_frac else "–"


if __name__ == "__main__":
    PAGE.write_text(refreshed(PAGE.read_text(encoding="utf-8"), Path(sys.argv[1])), encoding="utf-8")
