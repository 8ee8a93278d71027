"""plan.json holds the plan, says every instant twice, and has the same bytes on every machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from eagleplan.model import Plan
from eagleplan.report import FORMATS, render
from eagleplan.report.part import significant
from eagleplan.report.plan_json import plan_json
from eagleplan.resources import data_path


def _content(plan: Plan) -> Any:
    return json.loads(plan_json(plan))


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _objects(inner)


def _noisy(plan: Plan, factor: float) -> Plan:
    """The plan as another machine's last digits would have made it."""
    contacts = tuple(
        replace(
            contact,
            max_elevation_deg=contact.max_elevation_deg * factor,
            mean_loss_db=contact.mean_loss_db * factor,
            p_clear=contact.p_clear * factor,
            key=replace(
                contact.key,
                qber_frac=contact.key.qber_frac * factor,
                sifted_bits=contact.key.sifted_bits * factor,
                details={name: value * factor for name, value in contact.key.details.items()},
            ),
        )
        for contact in plan.contacts
    )
    decisions = tuple(
        replace(
            decision,
            planned_pass=replace(
                decision.planned_pass,
                rise_s=decision.planned_pass.rise_s * factor,
                set_s=decision.planned_pass.set_s * factor,
                min_range_km=decision.planned_pass.min_range_km * factor,
            ),
        )
        for decision in plan.decisions
    )
    return replace(plan, contacts=contacts, decisions=decisions)


def test_every_instant_is_given_in_utc_and_in_seconds_and_both_agree(plan: Plan) -> None:
    pairs = [
        (item[name], item[name.removesuffix("_utc") + "_s"])
        for item in _objects(_content(plan))
        for name in item
        if name.endswith("_utc") and name.removesuffix("_utc") + "_s" in item
    ]
    offered = [d for d in plan.decisions if d.contact is not None and d.reason.code != "chosen"]
    contacts = len(plan.contacts) + len(offered) + len(plan.backups)
    twice = 42 + len(plan.nights) + len(plan.closures) + len(plan.demands)
    once = len(plan.deliveries) + len(plan.discards)
    assert len(pairs) == 3 * len(plan.decisions) + 3 * contacts + 2 * twice + once
    for text, t_s in pairs:
        assert text.endswith("Z")
        assert len(text) == len("2026-11-30T20:31:05.250Z")
        instant = datetime.fromisoformat(text)
        assert instant - datetime(2026, 11, 30, tzinfo=UTC) == timedelta(milliseconds=round(t_s * 1000))


def test_it_holds_every_pass_contact_demand_and_delivery(plan: Plan) -> None:
    content = _content(plan)
    assert content["schema_version"] == 1
    assert {row["pass_id"] for row in content["passes"]} == {d.planned_pass.pass_id for d in plan.decisions}
    assert len(content["passes"]) == len(plan.decisions)
    for row in content["contacts"]:
        contact = next(c for c in plan.contacts if c.contact_id == row["contact_id"])
        assert row["key"]["secret_bits"] == contact.key.secret_bits
        assert row["key"]["details"].keys() == contact.key.details.keys()
        assert row["expected_bits"] == contact.expected_bits
    assert [row["demand_id"] for row in content["demands"]] == ["D01", "D02", "D03", "D04"]
    assert [row["bits"] for row in content["deliveries"]] == [200_000, 71_234, 1_000, 39_000]
    assert content["satellites"][0]["orbit"]["age_at_start_days"] == 0.5
    assert content["notices"][0]["notice_id"] == "W-ELEMENTS-AGE"
    assert content["inputs"][1]["sha256"] == "a" * 64


def test_a_pass_names_its_contact_or_what_it_could_have_given(plan: Plan) -> None:
    chosen = {
        contact.pass_id: [c.contact_id for c in plan.contacts[::-1] if c.pass_id == contact.pass_id]
        for contact in plan.contacts
    }
    assert sorted(len(ids) for ids in chosen.values()) == [1] * 13 + [2]
    kinds = set()
    for row in _content(plan)["passes"]:
        assert row["contact_ids"] == chosen.get(row["pass_id"], [])
        assert (row["reason"]["code"] == "chosen") == bool(row["contact_ids"])
        assert not (row["contact_ids"] and row["best_contact"])
        kinds.add((bool(row["contact_ids"]), row["best_contact"] is not None))
    assert kinds == {(True, False), (False, True), (False, False)}


def test_what_one_demand_asks_and_gets(plan: Plan) -> None:
    helmos = _content(plan)["demands"][2]
    assert (helmos["start_utc"], helmos["deadline_s"]) == ("2026-12-01T00:00:00.000Z", 500_000)
    assert (helmos["guarantee_class"], helmos["max_hops"], helmos["pqc_ok"]) == (2, 3, True)
    assert (helmos["trusted_nodes"], helmos["trusted_satellites"]) == (["GR"], ["eagle1"])
    assert (helmos["pqc_only_s"], helmos["outlook"]) == (266_667, None)
    tenerife = _content(plan)["demands"][1]
    assert (tenerife["trusted_nodes"], tenerife["pqc_only_s"]) == (None, None)
    assert tenerife["outlook"]["mean_bits"] == 60_123.456
    assert [tenerife["outlook"][name] for name in ("p10_bits", "p50_bits", "p90_bits")] == [1_000, 65_000, 110_000]


def test_the_proof_gives_every_level_its_bound(plan: Plan) -> None:
    proof = _content(plan)["proof"]
    assert [(v["name"], v["objective"], v["bound"]) for v in proof["levels"]] == [
        ("guarantees_1", 20_000, 20_000),
        ("weighted_met_bits", 812_468, 839_001),
        ("n_contacts", 15, 12),
    ]
    assert proof["n_candidates"] == 412


def test_contacts_and_passes_are_in_order_of_time(plan: Plan) -> None:
    content = _content(plan)
    for name, key in (("contacts", "start_s"), ("passes", "rise_s")):
        instants = [row[key] for row in content[name]]
        assert instants == sorted(instants)
        assert len(set(instants)) > 5


def test_bytes_do_not_depend_on_the_order_of_the_lists(plan: Plan) -> None:
    shuffled = replace(
        plan,
        contacts=plan.contacts[::-1],
        decisions=plan.decisions[5:] + plan.decisions[:5],
        deliveries=plan.deliveries[::-1],
        stamp=dict(reversed(list(plan.stamp.items()))),
    )
    assert shuffled != plan
    assert render(shuffled) == render(plan)


@pytest.mark.parametrize("factor", [1.0 + 3e-13, 1.0 - 3e-13])
def test_bytes_do_not_depend_on_the_last_digits(plan: Plan, factor: float) -> None:
    noisy = _noisy(plan, factor)
    assert noisy != plan
    assert render(noisy) == render(plan)


def test_rounding_is_as_stated(plan: Plan) -> None:
    changed = replace(plan.contacts[0], max_elevation_deg=45.123456789, mean_loss_db=30.98765432, p_clear=0.123456789)
    row = next(
        row
        for row in _content(replace(plan, contacts=(changed,)))["contacts"]
        if row["contact_id"] == changed.contact_id
    )
    assert (row["max_elevation_deg"], row["mean_loss_db"], row["p_clear"]) == (45.1235, 30.9877, 0.123457)
    assert row["key"]["details"]["phi_x_frac"] == 0.0412345679


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_number_that_is_none_is_refused_by_name(plan: Plan, bad: float) -> None:
    broken = replace(plan, contacts=(replace(plan.contacts[0], mean_loss_db=bad),))
    with pytest.raises(ValueError, match="mean_loss_db"):
        plan_json(broken)


def test_an_empty_plan_has_every_file(empty_plan: Plan) -> None:
    files = render(empty_plan)
    calendars = {"schedule.ics", "calendar-state.json", *(f"calendars/{s.site_id}.ics" for s in empty_plan.sites)}
    assert files.keys() == {*FORMATS, *calendars, "manifest.json"}
    assert json.loads(files["plan.json"])["contacts"] == []
    assert files["contacts.csv"].count(b"\n") == 1


def test_the_committed_schemas_are_fresh() -> None:
    from eagleplan.report.schemas import SCHEMAS, schema_json

    assert {path.name for path in data_path("schema").glob("*.json")} == set(SCHEMAS)
    for name, model in SCHEMAS.items():
        committed = data_path("schema", name).read_bytes()
        assert committed == schema_json(model), "run python -m eagleplan.report.schemas data/schema"


def test_the_schema_names_exactly_what_the_file_holds(plan: Plan) -> None:
    schema = json.loads(data_path("schema", "plan.schema.json").read_bytes())
    content = _content(plan)

    def check(value: Any, shape: dict[str, Any]) -> int:
        shape = schema["$defs"][shape["$ref"].rpartition("/")[2]] if "$ref" in shape else shape
        if "anyOf" in shape:
            kinds = [kind for kind in shape["anyOf"] if (kind.get("type") == "null") == (value is None)]
            return check(value, kinds[0])
        if shape.get("type") == "object" and "properties" in shape:
            assert value.keys() == shape["properties"].keys() == set(shape["required"])
            return 1 + sum(check(value[name], inner) for name, inner in shape["properties"].items())
        if shape.get("type") == "array":
            return sum(check(item, shape["items"]) for item in value)
        return 0

    assert check(content, schema) > 300


def test_numbers_of_other_units_keep_nine_digits() -> None:
    assert significant(2.0**52 + 1.0) == 2.0**52 + 1.0
    assert significant(1.0 / 3.0 * 1e9) == 333_333_333.0
