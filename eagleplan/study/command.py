"""A cell alone, on the command line."""

from __future__ import annotations

import shlex

from eagleplan.study.labels import toml_value
from eagleplan.study.study import Cell, Study


def plan_command(study: Study, cell: Cell) -> str:
    """The `eagleplan plan` command that makes the plan of a cell, to the byte; a shell runs it as it stands."""
    start = cell.start_utc.isoformat().replace("+00:00", "Z")
    parts = ["eagleplan", "plan", str(study.scenario_path), "--start-utc", start, "--days", f"{cell.days!r}"]
    for key, value in cell.overrides.items():
        parts += ["--set", f"{key}={toml_value(value)}"]
    return shlex.join([*parts, "-o", f"cell-{cell.number}"])
