"""Stations that take no part, and demand by the measure: `sites.closed` and `demand.scale_frac`."""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from pathlib import Path

import pytest

from eagleplan import pipeline
from eagleplan.errors import InputError
from eagleplan.inputs.demand import DemandEntry
from eagleplan.inputs.files import DiskFiles, MemoryFiles, UnreadableError, from_json, to_json
from eagleplan.report.plan_json import plan_json
from eagleplan.resources import example_path
from eagleplan.scenario import load_scenario

SMALL = example_path("study/small.toml")
OPEN = ["de-oberpfaffenhofen", "it-matera", "gr-helmos"]


def test_a_closed_station_is_as_one_that_nobody_named() -> None:
    without = load_scenario(SMALL)
    closed = load_scenario(SMALL, overrides={"sites.use": [*OPEN, "pl-borowiec"], "sites.closed": ["pl-borowiec"]})
    assert [site.site_id for site in closed.sites] == OPEN
    assert plan_json(pipeline.make_plan(closed).plan) == plan_json(pipeline.make_plan(without).plan)


def test_what_names_a_closed_station_stays_valid() -> None:
    rules = {
        "sites.closed": ["gr-helmos"],
        "sites.override": {"gr-helmos": {"min_elevation_deg": 30.0}},
        "constraints.weekly": [
            {"rule": "forbid", "site_id": "gr-helmos", "from_local": "20:00", "to_local": "22:00", "weekdays": ["mon"]}
        ],
        "network.initial_stocks": [{"end_a": "eagle1", "end_b": "gr-helmos", "bits": 1000}],
        "network.node_cap_bits": {"gr-helmos": 10_000_000},
        "network.delivery_interval_s": 3600,
    }
    scenario = load_scenario(SMALL, overrides=rules)
    plan = pipeline.make_plan(scenario).plan
    assert "gr-helmos" not in {site.site_id for site in plan.sites}
    assert {contact.site_id for contact in plan.contacts} <= set(OPEN) - {"gr-helmos"}
    got = {result.demand.demand_id: result.delivered_bits for result in plan.demands}
    # Greece has the thousand bits that the satellite shared with it before.
    assert got["gr-it"] == 1000
    assert got["de-it"] > 0


def test_the_demand_of_a_country_without_an_open_station_gets_nothing() -> None:
    scenario = load_scenario(SMALL, overrides={"sites.closed": ["gr-helmos"]})
    assert [notice.subject for notice in scenario.notices if notice.notice_id == "W-DEMAND-PATH"] == ["demand gr-it"]
    got = {result.demand.demand_id: result.delivered_bits for result in pipeline.make_plan(scenario).plan.demands}
    assert got["gr-it"] == 0


@pytest.mark.parametrize(
    ("closed", "message"),
    [(["at-graz"], "no such site in use"), (["IT"], "no such site in use"), (OPEN, "every station is closed")],
)
def test_what_cannot_be_closed(closed: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        load_scenario(SMALL, overrides={"sites.closed": closed})


def entry(**amount: int) -> DemandEntry:
    return DemandEntry(demand_id="one", node_a="DE", node_b="IT", line=2, **amount)


@pytest.mark.parametrize("scale", [0.1, 0.25, 1.0, 1.1, 3.0])
def test_scaled_bits_are_rounded_up_as_one_would_by_hand(scale: float) -> None:
    exact = Fraction(str(scale))
    week = entry(bits_per_week=1000, guarantee_bits=100)
    assert week.bits(7.0, scale) == ceil(1000 * exact)
    assert week.guarantee(7.0, scale) == ceil(100 * exact)
    total = entry(total_bits=999, guarantee_bits=999)
    assert total.bits(1.0, scale) == total.guarantee(1.0, scale) == ceil(999 * exact)
    refresh = entry(key_bits=256, refresh_interval_s=3600)
    assert refresh.bits(7.0, scale) == 256 * ceil(168 * exact)


def test_a_scenario_scales_all_its_demands() -> None:
    once, twice = (load_scenario(SMALL, overrides={"demand.scale_frac": scale}, days=7.0) for scale in (1.0, 2.0))
    assert [demand.bits for demand in once.demands] == [200_000, 150_000]
    assert [demand.bits for demand in twice.demands] == [400_000, 300_000]
    assert [demand.guarantee_bits for demand in twice.demands] == [40_000, 0]


@pytest.mark.parametrize("scale", [0.0, -1.0, 1001.0])
def test_a_scale_out_of_range(scale: float) -> None:
    with pytest.raises(InputError, match="scale_frac"):
        load_scenario(SMALL, overrides={"demand.scale_frac": scale})


def test_files_in_memory_give_the_same_scenario() -> None:
    disk = load_scenario(SMALL)
    memory = load_scenario(MemoryFiles("small.toml", disk.files))
    assert memory.stored_inputs() == disk.stored_inputs()
    assert plan_json(pipeline.make_plan(memory).plan) == plan_json(pipeline.make_plan(disk).plan)


def test_files_in_memory_are_all_there_is(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="not among the files"):
        MemoryFiles("small.toml", {}).read(str(SMALL))
    with pytest.raises(InputError, match=r"small-demand\.csv"):
        load_scenario(MemoryFiles("small.toml", {"small.toml": DiskFiles(SMALL).read("small.toml")}))


def test_dates_and_instants_come_back_from_json() -> None:
    from datetime import UTC, date, datetime

    value = {"a": [date(2026, 1, 2), datetime(2026, 1, 2, 3, tzinfo=UTC), {"b": 1.5}], "c": True}
    assert from_json(to_json(value)) == value
