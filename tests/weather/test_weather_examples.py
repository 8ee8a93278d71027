"""The forecast example on the command line: another plan, explained, verified, and scored afterwards."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from eagleplan.cli import main
from eagleplan.resources import example_path

ROOT = Path(__file__).resolve().parent.parent.parent

Run = Callable[..., tuple[int, str, str]]
Directories = dict[str, Path]


def _tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Directories:
    directories = {}
    for scenario in ("small/plain.toml", "forecast.toml"):
        out = tmp_path_factory.mktemp("weather") / "out"
        assert main(["plan", str(example_path(*scenario.split("/"))), "-o", str(out), "-q"]) == 0
        directories[scenario] = out
    return directories


def _plan(directory: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((directory / "plan.json").read_text(encoding="utf-8"))
    return found


def test_the_example_forecast_is_what_its_tool_makes() -> None:
    fresh = _tool("make_example_forecast").document()
    text = example_path("eagle1-week-forecast.json").read_text(encoding="utf-8")
    assert fresh == text, "run tools/make_example_forecast.py"


def test_the_page_shows_both_plans(made: Directories) -> None:
    page = (ROOT / "docs" / "weather.md").read_text(encoding="utf-8")
    fresh = _tool("refresh_weather_page").refreshed(page, lambda scenario: _plan(made[scenario]))
    assert fresh == page, "run tools/refresh_weather_page.py"


def test_a_forecast_makes_another_plan_and_says_so(made: Directories) -> None:
    plain, forecast = (_plan(made[name]) for name in ("small/plain.toml", "forecast.toml"))
    assert [c["contact_id"] for c in plain["contacts"]] != [c["contact_id"] for c in forecast["contacts"]]
    for contact in forecast["contacts"]:
        assert contact["p_clear_origin"].startswith(
            "forecast of 2026-11-29T18:00Z (eagle1-week-forecast.json, 5 members)"
        )
        assert contact["forecast_lead_s"] == contact["start_s"] + 6 * 3600
        assert contact["forecast_age_s"] == 0
    for contact in plain["contacts"]:
        assert contact["p_clear_origin"] == "climatology (monthly_clear_sky.csv)"
        assert contact["p_clear"] == contact["p_clear_climatology"]
        assert contact["forecast_lead_s"] is None
    assumed = {one["key"] for one in forecast["assumptions"]}
    assert {"weather.decay_hours", "weather.low_cloud_top_m"} <= assumed
    assert "weather.decay_hours" not in {one["key"] for one in plain["assumptions"]}


def test_the_verifier_finds_the_forecast_among_the_inputs(run: Run, made: Directories) -> None:
    assert any("forecast" in path.name for path in (made["forecast.toml"] / "inputs").iterdir())
    code, _, err = run("verify", made["forecast.toml"])
    assert code == 0, err


def _rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def _outcomes(directory: Path, path: Path) -> Path:
    contacts = _rows(directory / "contacts.csv")
    statuses = ["done", "clouded", "technical", "clouded", "done", "cancelled"]
    rows = [f"{contact['contact_id']},{status}" for contact, status in zip(contacts, statuses, strict=False)]
    path.write_text("contact_id,status\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_score_agrees_with_a_sum_by_hand(run: Run, made: Directories, tmp_path: Path) -> None:
    directory = made["forecast.toml"]
    outcomes = _outcomes(directory, tmp_path / "outcomes.csv")
    code, out, err = run("score", directory, outcomes)
    assert code == 0, err
    rows = list(csv.DictReader(io.StringIO(out)))
    contacts = {contact["contact_id"]: contact for contact in _plan(directory)["contacts"]}
    scored = [
        (contacts[row["contact_id"]], float(row["status"] == "done"))
        for row in _rows(outcomes)
        if row["status"] in ("done", "clouded")
    ]
    brier = sum((contact["p_clear"] - clear) ** 2 for contact, clear in scored) / len(scored)
    climate = sum((contact["p_clear_climatology"] - clear) ** 2 for contact, clear in scored) / len(scored)
    assert float(rows[0]["brier"]) == pytest.approx(brier, abs=1e-6)
    assert float(rows[0]["skill"]) == pytest.approx(1 - brier / climate, abs=1e-5)
    assert rows[0]["n_contacts"] == "4"
    assert "4 contacts scored, 2 technical or cancelled" in err
    assert {row["by"] for row in rows} == {"all", "site", "lead"}
    code, out, _ = run("score", directory.parent, outcomes, "--json", "-q")
    assert code == 0
    assert json.loads(out)[0]["n_contacts"] == 4
    assert run("score", directory, outcomes, "-f", "table")[0] == 0


def test_score_says_what_is_wrong_with_its_files(run: Run, made: Directories, tmp_path: Path) -> None:
    directory, path = made["forecast.toml"], tmp_path / "outcomes.csv"
    contact_id = _plan(directory)["contacts"][0]["contact_id"]
    path.write_text(f"contact_id,status\n{contact_id}x,done\nnobody,clouded\n", encoding="utf-8")
    code, out, err = run("score", directory, path)
    assert (code, out) == (2, "")
    assert f"error: {path}:2: contact_id: the plan has no such contact (got {contact_id}x)" in err
    assert f"error: {path}:3: contact_id: the plan has no such contact (got nobody)" in err
    assert contact_id in err.partition("hint:")[2]
    path.write_text(f"contact_id,status\n{contact_id},technical\n", encoding="utf-8")
    assert "holds no outcome that can be scored" in run("score", directory, path)[2]
    assert "holds no plan.json" in run("score", tmp_path, path)[2]
    assert "cannot be read" in run("score", directory, tmp_path / "none.csv")[2]
