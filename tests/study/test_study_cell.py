"""A cell is the ordinary plan: its rows by hand, its command to the byte, its failures kept."""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import pickle
import shlex
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from made_up import plain, study_folder

from eagleplan import pipeline
from eagleplan.cli import main
from eagleplan.errors import PlanRejectedError
from eagleplan.model import FibreLink, Horizon, Network
from eagleplan.resources import example_path
from eagleplan.scenario import load_scenario
from eagleplan.study.cell import CellWork
from eagleplan.study.file import read_study
from eagleplan.study.outcome import night_of, stations_of
from eagleplan.study.rows import CellResult
from eagleplan.study.study import Cell, Study

AXES = """
n_skies = 30
sky_seed = 3
[weeks]
from = "2026-W49"
count = 2
days = 2
[axes]
satellites.eagle1.orbit.ltan = ["18:00", "22:30"]
"sites.override" = [{ it-matera = { aperture_m = 0.8, min_elevation_deg = 25.0 } }]
demand.scale_frac = [0.1]
[stations]
add_one = ["at-graz"]
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return read_study(study_folder(tmp_path_factory.mktemp("cells"), AXES))


def work_of(study: Study) -> CellWork:
    return CellWork(scenario_file=study.scenario_file, files=study.files)


@pytest.fixture(scope="module")
def result(study: Study) -> CellResult:
    return work_of(study)(study.cell(2))


def test_the_command_of_a_cell_gives_its_plan_to_the_byte(study: Study, tmp_path: Path) -> None:
    from eagleplan.study.command import plan_command

    cell = study.cell(study.n_cells - 1)
    words = shlex.split(plan_command(study, cell))
    assert words[:2] == ["eagleplan", "plan"]
    with contextlib.chdir(tmp_path):
        assert main([*words[1:], "-q"]) == 0
    made = (tmp_path / f"cell-{cell.number}" / "plan.json").read_bytes()
    assert hashlib.sha256(made).hexdigest() == work_of(study)(cell).row.plan_sha256


def test_the_row_says_what_the_plan_does(study: Study, result: CellResult) -> None:
    cell = study.cell(2)
    scenario = load_scenario(
        study.scenario_path, start_utc=cell.start_utc, days=cell.days, overrides=dict(cell.overrides)
    )
    made = pipeline.make_plan(scenario)
    row = result.row
    assert (row.status, row.error, row.labels, row.week) == ("done", "", cell.labels, "2026-W49")
    assert (row.start_utc, row.days) == ("2026-11-30T00:00:00Z", 2.0)
    assert (row.n_satellites, row.n_sites, row.n_demands) == (1, 4, 2)
    assert (row.n_passes, row.n_contacts) == (len(made.plan.decisions), len(made.plan.contacts))
    assert row.n_contacts
    assert row.wanted_bits == sum(demand.demand.bits for demand in made.plan.demands)
    assert row.delivered_bits == sum(delivery.bits for delivery in made.plan.deliveries) > 0
    assert row.met_frac == pytest.approx(row.delivered_bits / row.wanted_bits)
    assert row.mean_bits == pytest.approx(made.skies.delivered_bits.sum() / 30)
    assert row.mean_met_frac == pytest.approx(row.mean_bits / row.wanted_bits)
    assert (row.n_guarantees, row.n_met) == (1, sum(one.met_frac == 1.0 for one in made.plan.demands))
    level = made.plan.proof.decisive
    assert (row.objective_name, row.objective, row.bound) == (level.name, level.objective, level.bound)
    assert result.worker_s >= result.pipeline_s > 0.0
    for number, (demand, of_plan) in enumerate(zip(result.demands, made.plan.demands, strict=True)):
        outlook = of_plan.outlook
        assert outlook is not None
        assert (demand.cell, demand.demand_id) == (2, of_plan.demand.demand_id)
        assert (demand.wanted_bits, demand.delivered_bits) == (of_plan.demand.bits, of_plan.delivered_bits)
        assert demand.sky_bits.tolist() == made.skies.delivered_bits[:, number].tolist()
        assert (demand.mean_bits, demand.p10_bits, demand.p50_bits, demand.p90_bits, demand.p_guarantee) == (
            outlook.mean_bits, outlook.p10_bits, outlook.p50_bits, outlook.p90_bits, outlook.p_guarantee,
        )  # fmt: skip


def test_nights_with_key_by_hand(study: Study, result: CellResult) -> None:
    cell = study.cell(2)
    scenario = load_scenario(
        study.scenario_path, start_utc=cell.start_utc, days=cell.days, overrides=dict(cell.overrides)
    )
    made = pipeline.make_plan(scenario)
    contacts = {contact.contact_id: contact for contact in made.plan.contacts}
    for demand in result.demands:
        ends = {demand.node_a, demand.node_b}
        assert demand.n_nights == 2
        for sky in range(30):
            nights = set()
            for column, contact_id in enumerate(made.skies.contact_ids):
                contact = contacts[contact_id]
                if contact.site_id[:2].upper() in ends and made.skies.contact_bits[sky, column] > 0:
                    # The two nights whose middle is in the horizon: that of the 30th, and the morning before it with
                    # the evening after the next day.
                    at_utc = made.plan.horizon.utc(contact.start_s)
                    nights.add(
                        "middle"
                        if datetime(2026, 11, 30, 12, tzinfo=UTC) <= at_utc < datetime(2026, 12, 1, 12, tzinfo=UTC)
                        else "ends"
                    )
            assert demand.sky_key_nights[sky] == len(nights)
    assert len({tuple(demand.sky_key_nights) for demand in result.demands}) > 1


def test_a_week_without_contacts_has_skies_that_all_say_nothing(study: Study) -> None:
    overrides = {**study.cell(0).overrides, "sites.max_sun_elevation_deg": -80.0}
    result = work_of(study)(replace(study.cell(0), overrides=overrides))
    assert (result.row.status, result.row.n_contacts, result.row.mean_bits) == ("done", 0, 0.0)
    for demand in result.demands:
        assert demand.sky_bits.tolist() == demand.sky_key_nights.tolist() == [0] * 30
        assert (demand.n_skies, demand.p90_bits, demand.n_nights) == (30, 0, 2)


def test_key_in_stock_needs_no_sky(study: Study) -> None:
    stocks = [{"end_a": "eagle1", "end_b": site, "bits": 500} for site in ("de-oberpfaffenhofen", "it-matera")]
    overrides = {
        **study.cell(0).overrides,
        "sites.max_sun_elevation_deg": -80.0,
        "network.initial_stocks": stocks,
    }
    demand = work_of(study)(replace(study.cell(0), overrides=overrides)).demands[0]
    assert demand.sky_bits.tolist() == [500] * 30
    assert demand.mean_bits == demand.delivered_bits == 500


def test_without_skies_nothing_is_said_of_them(study: Study) -> None:
    overrides = {**study.cell(0).overrides, "weather.n_outlook_skies": 0}
    result = work_of(study)(replace(study.cell(0), overrides=overrides))
    assert (result.row.mean_bits, result.row.mean_met_frac) == (None, None)
    for demand in result.demands:
        assert (demand.mean_bits, demand.p50_bits, demand.p_guarantee, demand.sky_bits.size) == (None, None, None, 0)


def test_rows_do_not_depend_on_who_makes_them(study: Study, result: CellResult) -> None:
    elsewhere = pickle.loads(pickle.dumps(work_of(study)))
    assert plain(elsewhere(pickle.loads(pickle.dumps(study.cell(2))))) == plain(result)


def test_a_date_of_the_study_shows_in_every_plan(
    study: Study, result: CellResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    cell = study.cell(2)
    assert work_of(study)(cell).row.plan_sha256 == result.row.plan_sha256
    dated = replace(work_of(study), source_date="1700000000")
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    assert dated(cell).row.plan_sha256 != result.row.plan_sha256
    assert "SOURCE_DATE_EPOCH" not in __import__("os").environ


def cell(study: Study, **overrides: object) -> Cell:
    return replace(study.cell(0), overrides={**study.cell(0).overrides, **overrides})


def test_a_wrong_input_is_the_cell_s_error(study: Study) -> None:
    result = work_of(study)(cell(study, **{"sites.min_elevation_deg": 95.0, "sites.aperture": 1.0}))
    assert (result.row.status, result.demands) == ("failed", ())
    assert "sites.min_elevation_deg: must be <= 89 (got 95.0)" in result.row.error
    assert "sites.aperture: unknown key" in result.row.error
    assert (result.row.n_contacts, result.row.plan_sha256) == (None, "")
    assert result.row.labels == study.cell(0).labels


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PlanRejectedError(["V-CAP: too much"]), "the plan failed its own verification: V-CAP: too much"),
        (ZeroDivisionError("<object at 0x7f00aa12>\nis odd"), "internal: ZeroDivisionError: <object> is odd"),
        (MemoryError(), "internal: MemoryError:"),
    ],
)
def test_bugs_are_the_cell_s_error_too(
    study: Study, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(pipeline, "make_plan", fails)
    row = work_of(study)(study.cell(0)).row
    assert (row.status, row.error) == ("failed", said)


def test_an_interrupt_is_no_error_of_a_cell(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "make_plan", interrupted)
    with pytest.raises(KeyboardInterrupt):
        work_of(study)(study.cell(0))


@pytest.mark.parametrize("days", [1.0, 2.0, 7.0, 6.5])
@pytest.mark.parametrize("hour", [0, 6, 12, 18])
def test_nights_are_as_long_as_they_are_many(hour: int, days: float) -> None:
    horizon = Horizon(start_utc=datetime(2026, 11, 30, hour, tzinfo=UTC), days=days)
    site = load_scenario(example_path("study/small.toml")).sites[0]
    noon_utc = timedelta(hours=12 - site.longitude_deg / 15)
    named: dict[object, int] = {}
    hours = [0] * math.ceil(days)
    for minute in range(0, round(days * 1440), 30):
        at_utc = horizon.start_utc + timedelta(minutes=minute)
        night = night_of(horizon, site, minute * 60.0)
        hours[night] += 1
        named.setdefault((at_utc - noon_utc).date(), night)
        assert named[(at_utc - noon_utc).date()] == night, "a night is never two"
    assert sum(hours) == days * 48
    if days in (1.0, 2.0, 7.0):
        assert all(abs(half_hours - 48) <= 1 for half_hours in hours), "and all are whole"


def test_stations_behind_a_node() -> None:
    links = [("lux", "DE"), ("lux", "node"), ("far", "BE"), ("BE", "be-x")]
    network = Network(
        node_sites={"DE": ("de-a", "de-b"), "IT": ("it-c",), "BE": ("be-x",)},
        fibre_links=tuple(FibreLink(link_id=f"{a}-{b}", node_a=a, node_b=b, rate_bps=1.0) for a, b in links),
    )
    assert stations_of("DE", network) == {"de-a", "de-b"}
    assert stations_of("de-b", network) == {"de-b"}
    assert stations_of("node", network) == {"de-a", "de-b"}
    assert stations_of("far", network) == {"be-x"}
    assert stations_of("nowhere", network) == frozenset()


def test_the_record_of_a_cell_is_small(result: CellResult) -> None:
    from eagleplan.study.journal import line_of

    line = line_of(result)
    assert len(json.loads(line[9:])["demands"]) == 2
    assert len(line) < 2500
    assert np.issubdtype(result.demands[0].sky_bits.dtype, np.int64)
