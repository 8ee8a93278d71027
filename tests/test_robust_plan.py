"""A plan for many skies on the command line: chosen otherwise, verified, and compared with its rivals."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from eagleplan.resources import example_path

SCHEDULE = """
[schedule]
objectives = ["mean_met", "guarantees", "fairness", "weighted_met_bits"]
n_scenarios = 20
max_deterministic_time_s = 2.0

[weather]
n_outlook_skies = 300
"""


def test_a_plan_for_many_skies(run: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    scenario = tmp_path / "robust.toml"
    plain = example_path("small/plain.toml")
    scenario.write_text(plain.read_text(encoding="utf-8") + SCHEDULE, encoding="utf-8")
    shutil.copy(plain.with_name("demand.csv"), tmp_path)
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
