"""Put the real output of the example week into README.md: `python tools/refresh_readme.py`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = "examples/eagle1-week.toml"
COMMAND = f"eagleplan plan {EXAMPLE} -o out/"
MADE = "<!-- made by tools/refresh_readme.py; a test compares -->\n"
BLOCK = re.compile(rf"({re.escape(MADE)}```\n)(.*?)(```\n<!-- end -->)", re.S)
TABLE = re.compile(rf"({re.escape(MADE)})(\|.*?)(<!-- end -->)", re.S)
NOTICE = re.compile(r"^W-")
RULES = ("highest-yield-first", "earliest-first", "demand-aware")


def output(directory: Path) -> str:
    """What the command prints at 80 columns; the plan stays in `directory`."""
    done = subprocess.run(
        [sys.executable, "-m", "eagleplan", *COMMAND.split()[1:-1], str(directory)],
        cwd=ROOT,
        env=os.environ | {"COLUMNS": "80", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def summary(printed: str) -> str:
    """What the command prints, without the warnings."""
    lines = [line.rstrip() for line in printed.splitlines()]
    first_notice = next((i for i, line in enumerate(lines) if NOTICE.match(line)), len(lines))
    return "\n".join(lines[:first_notice]).strip()


def gains(directory: Path) -> str:
    """The example's plan beside rules of thumb that choose from the same contacts: a Markdown table."""
    from eagleplan import pipeline, report, schedule
    from eagleplan.scenario import load_scenario

    scenario = load_scenario(ROOT / EXAMPLE)
    problem = pipeline.problem_of(scenario, pipeline.assess(scenario))
    wanted = {demand.demand_id: demand.bits for demand in scenario.demands}
    claims = report.read_plan_claims((directory / "plan.json").read_bytes())
    delivered = {demand.demand_id: demand.delivered_bits for demand in claims.demands}

    def row(name: str, bits: Callable[[str], int]) -> str:
        met = [bits(demand_id) / most for demand_id, most in wanted.items()]
        total = sum(bits(demand_id) for demand_id in wanted) / sum(wanted.values())
        return f"| {name} | {100 * total:.0f} % | {100 * min(met):.0f} % | {sum(share == 0 for share in met)} |"

    rows = ["| the example week, by | demand met | worst-served pair | pairs with nothing |", "|---|---|---|---|"]
    for rule in RULES:
        solution = schedule.GREEDIES[rule](problem, objectives=scenario.schedule.objectives)
        rows.append(row(rule.replace("-", " "), solution.delivered_bits))
    rows.append(row("**eagleplan**", delivered.__getitem__))
    return "\n".join(rows) + "\n"


def refreshed(readme: str, printed: str, directory: Path) -> str:
    """The README with its blocks replaced, for what the command printed and left in `directory`."""
    shown, table = summary(printed), gains(directory)
    readme = BLOCK.sub(lambda match: f"{match[1]}$ {COMMAND}\n{shown}\n{match[3]}", readme)
    return TABLE.sub(lambda match: f"{match[1]}{table}{match[3]}", readme)


if __name__ == "__main__":
    page = ROOT / "README.md"
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "out"
        page.write_text(refreshed(page.read_text(encoding="utf-8"), output(made), made), encoding="utf-8")
