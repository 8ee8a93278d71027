"""A plan comes back from its file whole, and what is made of it afterwards is what was made of it at first."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eagleplan.errors import InputError
from eagleplan.model import (
    Backup,
    Closure,
    Contact,
    Delivery,
    Demand,
    DemandResult,
    Discard,
    KeyYield,
    MetOutlook,
    Outlook,
    Pass,
    PassDecision,
    Plan,
    Proof,
    ProofLevel,
    Rival,
    VerdictCount,
    Window,
)
from eagleplan.report import as_stored, read_plan, render
from eagleplan.report.demand_parts import (
    DeliveryPart,
    DemandPart,
    DiscardPart,
    MetOutlookPart,
    OutlookPart,
    ProofLevelPart,
    ProofPart,
    RivalPart,
)
from eagleplan.report.document import (
    BackupPart,
    ClosurePart,
    ContactPart,
    KeyPart,
    PassPart,
    PlanDocument,
    VerdictPart,
    WindowPart,
)
from eagleplan.report.plan_json import plan_json


def _read(plan: Plan, data: bytes | None = None) -> Plan:
    return read_plan(plan_json(plan) if data is None else data, plan.satellites, plan.sites, "out/plan.json")


def _changed(plan: Plan, change: Callable[[Any], object]) -> bytes:
    content = json.loads(plan_json(plan))
    change(content)
    return json.dumps(content).encode()


def test_written_again_it_has_the_same_bytes(plan: Plan, empty_plan: Plan) -> None:
    for made in (plan, empty_plan):
        assert plan_json(_read(made)) == plan_json(made)


def test_every_file_of_the_stored_plan_is_that_of_the_plan(plan: Plan) -> None:
    first, again = render(plan), render(_read(plan))
    assert first.keys() == again.keys()
    assert [name for name in first if first[name] != again[name]] == []


def test_what_is_read_is_what_was_stored(plan: Plan) -> None:
    stored = as_stored(plan)
    assert _read(plan) == stored
    assert as_stored(stored) == stored


def test_nothing_but_digits_and_order_is_lost(plan: Plan) -> None:
    read = _read(plan)
    assert (read.satellites, read.sites, read.horizon, read.name) == (
        plan.satellites,
        plan.sites,
        plan.horizon,
        plan.name,
    )
    assert set(read.deliveries) == set(plan.deliveries)
    for name in (
        "initial_stocks",
        "notices",
        "assumptions",
        "inputs",
        "discards",
        "fibre_links",
        "rivals",
        "max_key_age_s",
        "changeover_s",
        "sky_met",
        "verdicts",
    ):
        assert getattr(read, name) == getattr(plan, name), name
    assert len(plan.closures) == 2
    assert read.closures == plan.closures[::-1], "by start"
    assert read.guarantee_conflicts == plan.guarantee_conflicts
    assert dict(read.stamp) == dict(plan.stamp)
    assert [result.demand for result in read.demands] == [result.demand for result in plan.demands]
    contacts = {contact.contact_id: contact for contact in plan.contacts}
    for contact in read.contacts:
        was = contacts.pop(contact.contact_id)
        for field in fields(Contact):
            got, right = getattr(contact, field.name), getattr(was, field.name)
            assert got == (pytest.approx(right, abs=5e-5) if isinstance(right, float) else right) or field.name == "key"
        assert contact.key.secret_bits == was.key.secret_bits
    assert not contacts
    decisions = {decision.planned_pass.pass_id: decision for decision in plan.decisions}
    for decision in read.decisions:
        was_decision = decisions.pop(decision.planned_pass.pass_id)
        assert decision.reason == was_decision.reason
        assert decision.planned_pass.windows == pytest.approx(was_decision.planned_pass.windows) or all(
            abs(a.start_s - b.start_s) < 6e-4
            for a, b in zip(decision.planned_pass.windows, was_decision.planned_pass.windows, strict=True)
        )
        assert (decision.contact is None) == (was_decision.contact is None)
    assert not decisions


@pytest.mark.parametrize(
    ("kind", "part"),
    [
        (Backup, BackupPart),
        (Closure, ClosurePart),
        (Contact, ContactPart),
        (Delivery, DeliveryPart),
        (Discard, DiscardPart),
        (KeyYield, KeyPart),
        (MetOutlook, MetOutlookPart),
        (Outlook, OutlookPart),
        (Pass, PassPart),
        (Proof, ProofPart),
        (ProofLevel, ProofLevelPart),
        (Rival, RivalPart),
        (VerdictCount, VerdictPart),
        (Window, WindowPart),
    ],
)
def test_the_file_has_a_place_for_every_field_of_the_model(kind: Any, part: Any) -> None:
    assert {field.name for field in fields(kind)} <= part.model_fields.keys()


def test_the_file_has_a_place_for_every_part_of_a_plan() -> None:
    """Passes are `decisions` in the model."""
    assert {field.name for field in fields(Plan)} - {"decisions"} <= PlanDocument.model_fields.keys()


def test_the_file_has_a_place_for_every_field_of_a_demand() -> None:
    names = {field.name for kind in (Demand, DemandResult) for field in fields(kind)}
    assert names - {"bits", "demand"} <= DemandPart.model_fields.keys()


def _few(plan: Plan) -> tuple[PassDecision, ...]:
    """The pass of the first contact, and another one that the test may move."""
    first = plan.contacts[0].pass_id
    own = next(decision for decision in plan.decisions if decision.planned_pass.pass_id == first)
    return (next(decision for decision in plan.decisions if decision is not own), own)


@settings(max_examples=15, deadline=None)
@given(
    rise_s=st.floats(0.0, 600_000.0),
    length_s=st.floats(1.0, 900.0),
    loss_db=st.floats(0.0, 90.0),
    p_clear=st.floats(0.0, 1.0),
    detail=st.floats(-1e12, 1e12),
)
def test_reading_and_writing_settles_at_once_whatever_the_digits(
    week: Callable[[], Plan], rise_s: float, length_s: float, loss_db: float, p_clear: float, detail: float
) -> None:
    plan = replace(week(), contacts=week().contacts[:1], backups=(), decisions=_few(week()))
    decision = plan.decisions[0]
    planned = replace(
        decision.planned_pass, rise_s=rise_s, culmination_s=rise_s + length_s / 3.0, set_s=rise_s + length_s
    )
    key = replace(plan.contacts[0].key, details={"x": detail, "y_frac": detail / 3e12})
    contact = replace(plan.contacts[0], mean_loss_db=loss_db, p_clear=p_clear, key=key)
    varied = replace(
        plan,
        decisions=(replace(decision, planned_pass=planned), *plan.decisions[1:]),
        contacts=(contact, *plan.contacts[1:]),
    )
    assert plan_json(_read(varied)) == plan_json(varied)


def test_satellites_and_sites_come_in_the_files_order(plan: Plan) -> None:
    read = read_plan(plan_json(plan), plan.satellites, plan.sites[::-1])
    assert read.sites == plan.sites


def test_what_the_inputs_do_not_say_is_refused_with_every_difference(plan: Plan) -> None:
    sites = (replace(plan.sites[0], latitude_deg=48.0, time_zone="UTC"), *plan.sites[2:])
    orbit = replace(plan.satellites[0].orbit, name="another")
    with pytest.raises(InputError) as caught:
        read_plan(plan_json(plan), (replace(plan.satellites[0], orbit=orbit),), sites, "out/plan.json")
    assert [(problem.field, problem.got) for problem in caught.value.problems] == [
        ("satellites[0].orbit.object_name", "eagle1"),
        ("sites[0].latitude_deg", "48.084"),
        ("sites[0].time_zone", "Europe/Berlin"),
        ("sites[1]", "at-graz"),
    ]


def test_where_an_input_came_from_may_differ(plan: Plan) -> None:
    sites = tuple(replace(site, origin="elsewhere") for site in plan.sites)
    assert read_plan(plan_json(plan), plan.satellites, sites).sites == sites


def test_names_that_lead_nowhere_are_refused(plan: Plan) -> None:
    def spoil(content: Any) -> None:
        content["contacts"][2]["site_id"] = "nowhere"
        content["contacts"][3]["pass_id"] = "never"
        content["backups"][0]["contact_id"] = "none"
        content["deliveries"][1]["demand_id"] = "D99"
        content["passes"][7]["satellite_id"] = "moon"
        content["closures"][1]["site_id"] = "nowhere"

    with pytest.raises(InputError) as caught:
        _read(plan, _changed(plan, spoil))
    assert {problem.field: problem.got for problem in caught.value.problems} == {
        "contacts[2].site_id": "nowhere",
        "contacts[3].pass_id": "never",
        "backups[0].contact_id": "none",
        "deliveries[1].demand_id": "D99",
        "passes[7].satellite_id": "moon",
        "closures[1].site_id": "nowhere",
    }


def test_a_broken_file_is_told_its_faults(plan: Plan) -> None:
    with pytest.raises(InputError, match=r"proof\.seed"):
        _read(plan, _changed(plan, lambda content: content["proof"].pop("seed")))
