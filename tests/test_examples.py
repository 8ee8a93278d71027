"""The small examples, planned and verified by the command line: each shows what it says, and so does the page."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from eagleplan.cli import main
from eagleplan.resources import example_path

ROOT = Path(__file__).resolve().parent.parent
HOUR = 3600
VERIFIED = ("fibre", "stocks", "caps", "two-satellites-joined", "post-processing")

Run = Callable[..., tuple[int, str, str]]
Plans = Callable[..., dict[str, Any]]


def _tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_examples_page", ROOT / "tools" / "make_examples_page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


TOOL = _tool()
EXAMPLES = {example.name: example for example in TOOL.EXAMPLES}


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> Plans:
    """plan.json of an example with changes, made once; the harder ones are verified too."""
    made: dict[tuple[str, Sequence[tuple[str, str, str]]], dict[str, Any]] = {}

    def plan(name: str, changes: Sequence[tuple[str, str, str]] = ()) -> dict[str, Any]:
        if (name, changes) not in made:
            directory = tmp_path_factory.mktemp(name)
            TOOL.written(directory, changes)
            assert main(TOOL.command(directory, name)) == 0
            if name in VERIFIED and not changes:
                assert main(["verify", f"{directory}/out", "-q"]) == 0
            made[name, changes] = json.loads((directory / "out" / "plan.json").read_text(encoding="utf-8"))
        return made[name, changes]

    return plan


@pytest.fixture
def both(plans: Plans) -> Callable[[str], tuple[dict[str, Any], dict[str, Any]]]:
    """An example, and the plan that it stands beside."""
    return lambda name: (plans(name, ()), plans(EXAMPLES[name].other, EXAMPLES[name].changes))


Both = Callable[[str], tuple[dict[str, Any], dict[str, Any]]]


def met(plan: dict[str, Any]) -> dict[str, float]:
    return {demand["demand_id"]: demand["met_frac"] for demand in plan["demands"]}


def bits(plan: dict[str, Any]) -> dict[str, int]:
    return {demand["demand_id"]: demand["delivered_bits"] for demand in plan["demands"]}


def flown(plan: dict[str, Any]) -> set[str]:
    return {contact["pass_id"] for contact in plan["contacts"]}


def reasons(plan: dict[str, Any]) -> dict[str, str]:
    return {one["pass_id"]: one["reason"]["code"] for one in plan["passes"]}


def test_every_small_example_is_on_the_page_and_names_its_own_command() -> None:
    names = {path.stem for path in example_path("small").glob("*.toml")}
    assert names == {*EXAMPLES, "plain"}
    for name in names:
        text = example_path("small", f"{name}.toml").read_text(encoding="utf-8")
        assert f"eagleplan plan examples/small/{name}.toml -o out/\n" in text


def test_the_page_is_what_the_examples_give(plans: Plans) -> None:
    page = (ROOT / "docs" / "examples.md").read_text(encoding="utf-8")
    assert TOOL.page(plans) == page, "run tools/make_examples_page.py"


def test_every_plan_is_proven_in_all_that_is_about_key(plans: Plans) -> None:
    unproven = {
        (name, level["name"])
        for name in EXAMPLES
        for level in plans(name, ())["proof"]["levels"]
        if level["bound"] != level["objective"] and level["name"] not in ("n_contacts", "stock_left")
    }
    assert unproven == set()


def test_fairness_serves_the_worst_better(both: Both) -> None:
    fair, greedy = both("fairness")
    assert min(met(fair).values()) > 2 * min(met(greedy).values())
    assert sum(bits(fair).values()) < sum(bits(greedy).values())


def test_a_pinned_pass_is_flown(both: Both) -> None:
    pinned, plain = both("pins")
    (name,) = flown(pinned) - flown(plain) & {"eagle1-nl-the-hague-20261130T2058Z"}
    assert reasons(pinned)[name] == "chosen"
    assert sum(met(pinned).values()) < sum(met(plain).values())


def test_a_vetoed_pass_is_not(both: Both) -> None:
    vetoed, plain = both("vetoes")
    name = "eagle1-it-matera-20261130T2054Z"
    assert (reasons(vetoed)[name], reasons(plain)[name]) == ("vetoed", "chosen")
    assert name not in flown(vetoed)


def test_pins_that_contradict_one_another_are_all_named(run: Run, tmp_path: Path) -> None:
    """Whole passes of one satellite over Italy and Greece at the same time."""
    pins = '["eagle1-it-matera-20261130T2054Z", "eagle1-gr-helmos-20261130T2053Z"]\ncut_grid_s = 0'
    TOOL.written(tmp_path, [("pins.toml", '["eagle1-nl-the-hague-20261130T2058Z"]', pins)])
    code, out, err = run("plan", tmp_path / "pins.toml", "-o", tmp_path / "out")
    assert (code, out) == (2, "")
    for index, (one, other) in enumerate((("it-matera", "gr-helmos"), ("gr-helmos", "it-matera"))):
        line = next(line for line in err.splitlines() if f"schedule.pins[{index}]: " in line)
        assert "cannot be flown together with" in line
        assert line.index(other) < line.index("(got ") < line.index(one)
    assert not (tmp_path / "out").exists()


def test_a_pin_of_no_pass_is_refused(run: Run, tmp_path: Path) -> None:
    TOOL.written(tmp_path, [("pins.toml", "2058Z", "2059Z")])
    code, _, err = run("plan", tmp_path / "pins.toml", "-o", tmp_path / "out")
    assert code == 2
    assert "schedule.pins[0]: no pass or contact is called eagle1-nl-the-hague-20261130T2059Z" in err


def test_guarantees_come_first(both: Both) -> None:
    kept, free = both("guarantees")
    assert all(demand["guarantee_kept"] for demand in kept["demands"])
    assert kept["guarantee_conflicts"] == []
    assert bits(kept)["nl-at"] >= 150_000 > bits(free)["nl-at"]
    assert [level["name"] for level in kept["proof"]["levels"]][:2] == ["guarantees_1", "guarantees_2"]


def test_guarantees_that_cannot_be_kept_are_named(both: Both) -> None:
    plan, _ = both("guarantees-impossible")
    kept = {demand["demand_id"]: demand["guarantee_kept"] for demand in plan["demands"]}
    assert kept == {"gr-it": True, "nl-at": False}
    (conflict,) = plan["guarantee_conflicts"]
    assert set(conflict["demand_ids"]) == {"gr-it", "nl-at"}
    assert 0 < conflict["short_bits"] <= 60_000
    assert plan["contacts"]


def test_fibre_limits_what_reaches_belgium(both: Both) -> None:
    slow, fast = both("fibre")
    assert bits(slow)["be-it"] == pytest.approx(1.0 * 0.95 * 48 * HOUR, abs=1.0)
    assert bits(fast)["be-it"] > bits(slow)["be-it"]
    (path,) = {tuple(d["path"]) for d in slow["deliveries"] if d["demand_id"] == "be-it"}
    assert path == ("BE", "frankfurt", "DE", "de-oberpfaffenhofen", "eagle1", "it-matera", "IT")


def test_stocks_are_spent_before_they_are_too_old(both: Both) -> None:
    plan, plain = both("stocks")
    assert bits(plan)["nl-at"] > bits(plain)["nl-at"]
    graz = [d for d in plan["deliveries"] if "at-graz" in d["path"] and d["at_s"] <= 24 * HOUR]
    assert sum(delivery["bits"] for delivery in graz) >= 150_000
    expired = {(stock["end_a"], stock["end_b"]): stock["expired_bits"] for stock in plan["stocks"]}
    assert expired["eagle1", "it-matera"] == 500_000
    assert 0 < expired["eagle1", "at-graz"] <= 50_000
    assert [n["subject"] for n in plan["notices"] if n["notice_id"] == "W-STOCK-AGE"] == ["network.initial_stocks[2]"]


def test_a_full_store_loses_key(both: Both) -> None:
    capped, plain = both("caps")
    assert plain["discards"] == []
    assert sum(discard["bits"] for discard in capped["discards"]) > 0
    assert all("eagle1" in (discard["end_a"], discard["end_b"]) for discard in capped["discards"])
    at_once: dict[int, int] = defaultdict(int)
    for delivery in capped["deliveries"]:
        assert delivery["at_s"] % (6 * HOUR) == 0
        at_once[delivery["at_s"]] += delivery["bits"]
    # Every delivered bit takes two from the store, one of either station.
    assert 2 * max(at_once.values()) <= 300_000
    limits = {demand["demand_id"]: demand["limited_by"] for demand in capped["demands"]}
    assert limits["gr-it"].endswith("some with gr-helmos, it-matera was lost, since a store was full")
    assert not any("store was full" in demand["limited_by"] for demand in plain["demands"])


def test_key_is_there_on_time(both: Both) -> None:
    plan, free = both("deadlines")
    when: dict[str, set[int]] = defaultdict(set)
    for delivery in plan["deliveries"]:
        when[delivery["demand_id"]].add(delivery["at_s"])
    assert max(when["de-it"]) <= 36 * HOUR
    assert min(when["gr-it"]) > 24 * HOUR
    assert met(plan)["de-it"] < met(free)["de-it"]
    waiting = {demand["demand_id"]: demand["pqc_only_s"] for demand in plan["demands"]}
    assert (waiting["de-it"], waiting["gr-it"]) == (None, None)
    assert waiting["nl-at"] == pytest.approx((1.0 - met(plan)["nl-at"]) * 72 * HOUR, abs=1.0)


def _per_orbit(plan: dict[str, Any]) -> dict[int, list[int]]:
    orbit = {one["pass_id"]: one["orbit_number"] for one in plan["passes"]}
    found: dict[int, list[int]] = defaultdict(list)
    for contact in plan["contacts"]:
        found[orbit[contact["pass_id"]]].append(contact["end_s"] - contact["start_s"])
    return found


def test_the_payload_keeps_its_duty_cycle(both: Both) -> None:
    cool, hot = both("duty-cycle")
    assert max(sum(lengths) for lengths in _per_orbit(cool).values()) <= 240 < max(map(sum, _per_orbit(hot).values()))
    assert max(len(lengths) for lengths in _per_orbit(cool).values()) <= 2
    days: Counter[int] = Counter()
    for contact in cool["contacts"]:
        days[contact["start_s"] // (24 * HOUR)] += contact["end_s"] - contact["start_s"]
    assert max(days.values()) <= 360


def test_one_satellite_holds_both_keys(both: Both) -> None:
    two, one = both("two-satellites")
    used = [[node for node in delivery["path"] if node.startswith("eagle")] for delivery in two["deliveries"]]
    assert {len(satellites) for satellites in used} == {1}
    assert {satellites[0] for satellites in used} == {"eagle1", "eagle2"}
    assert sum(met(two).values()) > sum(met(one).values())


def test_a_station_joins_two_satellites(both: Both) -> None:
    joined, apart = both("two-satellites-joined")
    assert {tuple(delivery["path"]) for delivery in joined["deliveries"]} == {
        ("NL", "nl-the-hague", "eagle1", "at-graz", "eagle2", "gr-helmos", "GR")
    }
    assert (apart["deliveries"], apart["contacts"]) == ([], [])
    assert [n["notice_id"] for n in apart["notices"] if n["subject"] == "demand nl-gr"] == ["W-DEMAND-HOPS"]
    satellite: dict[str, set[str]] = defaultdict(set)
    for contact in joined["contacts"]:
        satellite[contact["site_id"]].add(contact["satellite_id"])
    assert satellite == {"nl-the-hague": {"eagle1"}, "gr-helmos": {"eagle2"}, "at-graz": {"eagle1", "eagle2"}}


def test_key_waits_for_the_classical_contact(both: Both) -> None:
    waiting, prompt = both("post-processing")
    assert {contact["usable_s"] for contact in waiting["contacts"]} == {30 * HOUR + 600}
    assert all(contact["usable_s"] == contact["end_s"] for contact in prompt["contacts"])
    assert (met(waiting)["monday-midnight"], met(prompt)["monday-midnight"]) == (0.0, 1.0)
    assert met(waiting)["tuesday-noon"] > 0.0


def test_every_station_is_staffed_for_one_night(both: Both) -> None:
    staffed, free = both("staffing")
    nights = {one["pass_id"]: one["night"] for one in staffed["passes"]}
    flights = Counter(contact["site_id"] for contact in staffed["contacts"])
    assert set(flights.values()) == {1}
    assert len({nights[contact["pass_id"]] for contact in staffed["contacts"]}) > 1
    assert sum(met(staffed).values()) < sum(met(free).values())
