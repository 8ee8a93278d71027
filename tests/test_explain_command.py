"""`eagleplan explain` on small plans, through the command line."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from eagleplan.cli import main
from eagleplan.resources import example_path

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _planned(tmp_path_factory, "plain")


@pytest.fixture(scope="module")
def pins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _planned(tmp_path_factory, "pins")


def _planned(tmp_path_factory: pytest.TempPathFactory, name: str) -> Path:
    directory = tmp_path_factory.mktemp(name) / "out"
    assert main(["plan", str(example_path("small", f"{name}.toml")), "-o", str(directory), "-q"]) == 0
    return directory


def ids(directory: Path, code: str) -> list[str]:
    passes = json.loads((directory / "plan.json").read_text(encoding="utf-8"))["passes"]
    return [one["pass_id"] for one in passes if one["reason"]["code"] == code]


def explained(run: Run, directory: Path, *arguments: object) -> dict[str, object]:
    code, out, _ = run("explain", directory, *arguments, "--json")
    assert code == 0
    found: dict[str, object] = json.loads(out)
    return found


def test_a_refused_pass_has_a_price_that_was_solved(run: Run, plain: Path) -> None:
    this = ids(plain, "conflict")[0]
    found = explained(run, plain, this)
    assert (found["subject"], found["explained_id"], found["plan"]) == ("pass", this, "plain")
    assert found["verdict"] in ("costs", "tie", "not-needed")
    details = found["details"]
    assert isinstance(details, dict)
    assert details["obstacles"].startswith("clashes with ")
    assert details["alternative"]["verdict"] in ("worse", "tie")
    code, out, _ = run("explain", plain, this)
    assert code == 0
    assert out.startswith(f"{this}\n  not chosen")
    assert "What is in its way as the plan is: clashes with" in " ".join(out.split())
    assert max(len(line) for line in out.splitlines()) <= 80


def test_a_flown_pass_says_what_it_is_good_for(run: Run, plain: Path) -> None:
    this = ids(plain, "chosen")[0]
    found = explained(run, plain, this)
    assert explained(run, plain, this) == found
    assert found["verdict"] in ("needed", "replaceable")
    contacts = json.loads((plain / "plan.json").read_text(encoding="utf-8"))["contacts"]
    flown = next(one["contact_id"] for one in contacts if one["pass_id"] == this)
    assert f"Flown as {flown}: its key goes to" in str(found["paragraphs"])


def test_the_page_shows_what_the_command_says(run: Run, plain: Path) -> None:
    page = (Path(__file__).resolve().parent.parent / "docs" / "schedule.md").read_text(encoding="utf-8")
    shown = re.search(r"\$ eagleplan explain out/ (\S+)\n(.*?)```", page, re.DOTALL)
    assert shown is not None
    assert run("explain", plain, shown[1])[1] == shown[2]
    part = re.search(r"flown as (\S+)\.\n", shown[2])
    assert part is not None
    contact = explained(run, plain, part[1])
    assert (contact["subject"], contact["explained_id"]) == ("contact", part[1])


def test_a_pass_that_cannot_be_flown_says_why(run: Run, plain: Path) -> None:
    found = explained(run, plain, ids(plain, "no-window")[0])
    assert found["verdict"] == "no-window"
    assert found["headline"] == "not chosen: no window: sun-elevation holds for the whole pass"


def test_a_pin_is_a_reason_and_rules_out_others(run: Run, pins: Path) -> None:
    pinned = "eagle1-nl-the-hague-20261130T2058Z"
    found = explained(run, pins, pinned)
    assert (found["verdict"], found["headline"]) == ("pinned", f"chosen, because it is pinned: {pinned}")


def test_what_a_change_costs_over_many_skies_is_not_made_up(run: Run, tmp_path: Path) -> None:
    for name in ("plain.toml", "demand.csv"):
        shutil.copy(example_path("small", name), tmp_path / name)
    with (tmp_path / "plain.toml").open("a", encoding="utf-8") as file:
        file.write('\n[weather]\nn_outlook_skies = 0\n\n[schedule]\nobjectives = ["mean_met", "weighted_met_bits"]\n')
        file.write("n_scenarios = 2\nmax_deterministic_time_s = 0.2\n")
    directory = tmp_path / "out"
    assert run("plan", tmp_path / "plain.toml", "-o", directory, "-q")[0] == 0
    found = explained(run, directory, ids(directory, "conflict")[0])
    assert found["verdict"] == "conflict"
    assert str(found["headline"]).startswith("not chosen: clashes with")
    assert "made for many skies (mean_met)" in str(found["paragraphs"])


def test_a_demand_names_what_bounds_it_and_what_would_help(run: Run, plain: Path) -> None:
    demands = json.loads((plain / "plan.json").read_text(encoding="utf-8"))["demands"]
    unmet = next(one["demand_id"] for one in demands if one["met_frac"] < 1.0)
    met = next(one["demand_id"] for one in demands if one["met_frac"] == 1.0)
    assert explained(run, plain, met)["headline"].endswith("(100 %): met in full")  # type: ignore[attr-defined]
    found = explained(run, plain, unmet, "--max-deterministic-time-s", "2")
    assert found["verdict"] == "unmet"
    details = found["details"]
    assert isinstance(details, dict)
    kinds = {bound["kind"] for bound in details["prices"]["bounds"]}
    assert {"stock", "terminal"} & kinds
    texts = [one["text"] for one in (*details["what_ifs"], *details["sites"])]
    assert texts[:2] == ["as things are", "if it were the only demand"]
    assert any("down to 15° instead of 20°" in text for text in texts)
    assert any("as a further station of" in text for text in texts)
    assert all(one["most_bits"] >= one["gain_bits"] for one in (*details["what_ifs"], *details["sites"]))


def test_an_unknown_id_gets_a_hint(run: Run, plain: Path) -> None:
    this = ids(plain, "chosen")[0]
    code, out, err = run("explain", plain, this.replace("eagle1", "eagel1"))
    assert (code, out) == (2, "")
    assert f'did you mean "{this}' in err
    code, _, err = run("explain", plain, "zzz")
    assert code == 2
    assert "the ids are in passes.csv, contacts.csv and demand.csv" in err


def test_a_plan_that_does_not_follow_from_its_inputs_is_not_explained(run: Run, plain: Path, tmp_path: Path) -> None:
    copy = tmp_path / "out"
    shutil.copytree(plain, copy)
    path = copy / "plan.json"
    text = path.read_text(encoding="utf-8")
    document = json.loads(text)
    document["contacts"][0]["expected_bits"] += 1
    path.write_text(json.dumps(document), encoding="utf-8")
    code, _, err = run("explain", copy, ids(plain, "chosen")[0])
    assert code == 2
    assert "does not follow from its inputs: V-BITS" in err
    assert "eagleplan verify" in err
    code, _, err = run("explain", tmp_path / "nowhere", "x")
    assert code == 2
