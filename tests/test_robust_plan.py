"""A plan for many skies on the command line: chosen otherwise, verified, and compared with its rivals."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from eagleplan.resources import example_path

SCHEDULE = """
[schedule]
objectives = ["mean_met", "guarantees", "fairness", "weighted_met_bits"]
n_scenarios = 20
max_deterministic_time_s = 2.0

[weather]
n_outlook_skies = 300
"""


@pytest.fixture
def scenario_for(tmp_path: Path) -> Callable[[str], Path]:
    """The small example with a [schedule] and [weather] of one's own."""

    def made(tables: str) -> Path:
        scenario = tmp_path / "robust.toml"
        plain = example_path("small/plain.toml")
        scenario.write_text(plain.read_text(encoding="utf-8") + tables, encoding="utf-8")
        shutil.copy(plain.with_name("demand.csv"), tmp_path)
        return scenario

    return made


def test_a_plan_for_many_skies(
    run: Callable[..., tuple[int, str, str]], scenario_for: Callable[[str], Path], tmp_path: Path
) -> None:
    scenario = scenario_for(SCHEDULE)
    out = tmp_path / "out"
    code, _, err = run("plan", scenario, "-o", out, "-q")
    assert code == 0, err
    assert run("verify", out)[0] == 0

    plan = json.loads((out / "plan.json").read_text(encoding="utf-8"))
    (first, *rest) = plan["proof"]["levels"]
    assert first["name"] == "mean_met"
    assert first["bound"] >= first["objective"] > 0
    assert [level["name"] for level in rest] == ["fairness", "weighted_met_bits"]
    rival = plan["rivals"][0]
    assert (rival["name"], rival["n_skies"]) == ("expected value", 300)
    assert rival["gain_frac"] > 3 * rival["gain_error_frac"] > 0
    for demand in plan["demands"]:
        outlook = demand["outlook"]
        assert outlook["n_skies"] == 300
        assert outlook["p10_bits"] <= outlook["p50_bits"] <= outlook["p90_bits"]
    assert plan["backups"]


@pytest.mark.parametrize("objective", ["cvar", "kept_guarantees"])
def test_standard_output_is_json_alone_also_where_solvers_print(
    objective: str, scenario_for: Callable[[str], Path], tmp_path: Path
) -> None:
    # In a process of its own, so that what native libraries write to its standard output is seen too.
    tables = SCHEDULE.replace("mean_met", objective).replace('"guarantees", ', "").replace("time_s = 2", "time_s = 1")
    scenario = scenario_for(tables.replace("= 20", "= 10").replace("= 300", "= 0"))
    command = [sys.executable, "-m", "eagleplan", "plan", str(scenario), "-o", str(tmp_path / "out"), "-q", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    (first, *rest) = json.loads(done.stdout)["proof"]["levels"]
    assert first["name"] == objective
    assert first["bound"] >= first["objective"] > 0
    assert [level["name"] for level in rest] == ["fairness", "weighted_met_bits"]
