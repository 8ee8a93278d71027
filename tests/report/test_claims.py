"""What verify needs comes back from plan.json as it was, and a broken file is told all its faults."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from eagleplan.errors import InputError
from eagleplan.model import Plan
from eagleplan.report import claims_of, read_plan_claims
from eagleplan.report.plan_json import plan_json


def _faults(data: bytes) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_plan_claims(data, "out/plan.json")
    return [str(problem) for problem in caught.value.problems]


def _changed(plan: Plan, change: Callable[[Any], object]) -> bytes:
    content = json.loads(plan_json(plan))
    change(content)
    return json.dumps(content).encode()


def test_claims_come_back_from_the_file_as_they_left_the_plan(plan: Plan) -> None:
    assert read_plan_claims(plan_json(plan)) == claims_of(plan)


def test_claims_are_the_plans_own_values(plan: Plan) -> None:
    claims = read_plan_claims(plan_json(plan))
    contacts = {contact.contact_id: contact for contact in plan.contacts}
    assert len(claims.contacts) == len(contacts) == 15
    for claim in claims.contacts:
        contact = contacts[claim.contact_id]
        assert (claim.start_s, claim.end_s) == (contact.start_s, contact.end_s)
        assert claim.usable_s == contact.usable_s
        assert (claim.satellite_id, claim.site_id, claim.pass_id) == (
            contact.satellite_id,
            contact.site_id,
            contact.pass_id,
        )
        assert claim.start_utc == plan.horizon.utc(contact.start_s)
        assert claim.end_utc == plan.horizon.utc(contact.end_s)
        assert claim.start_utc.tzinfo is UTC
        assert (claim.secret_bits, claim.expected_bits) == (contact.key.secret_bits, contact.expected_bits)
        assert claim.p_clear == pytest.approx(contact.p_clear, abs=5e-7)
    assert set(claims.deliveries) == set(plan.deliveries)
    assert claims.initial_stocks == plan.initial_stocks
    assert claims.discards == plan.discards
    assert claims.horizon == plan.horizon
    for demand, result in zip(claims.demands, plan.demands, strict=True):
        assert (demand.demand_id, demand.wanted_bits) == (result.demand.demand_id, result.demand.bits)
        assert (demand.start_s, demand.deadline_s, demand.guarantee_class) == (
            result.demand.start_s,
            result.demand.deadline_s,
            result.demand.guarantee_class,
        )
        assert (demand.delivered_bits, demand.guarantee_kept) == (
            result.delivered_bits,
            result.guarantee_kept,
        )
    assert [(level.name, level.objective, level.bound) for level in claims.proof.levels] == [
        (level.name, level.objective, level.bound) for level in plan.proof.levels
    ]


def test_a_false_number_is_a_claim_and_not_a_fault(plan: Plan) -> None:
    def lie(content: Any) -> None:
        content["contacts"][0]["start_utc"] = "2026-12-01T00:00:00.000Z"
        content["contacts"][0]["expected_bits"] = -5
        content["demands"][0]["delivered_bits"] = 10**12

    claims = read_plan_claims(_changed(plan, lie))
    assert claims.contacts[0].start_utc == datetime(2026, 12, 1, tzinfo=UTC)
    assert claims.contacts[0].start_s == claims_of(plan).contacts[0].start_s
    assert claims.contacts[0].expected_bits == -5
    assert claims.demands[0].delivered_bits == 10**12


def test_every_fault_is_named_at_once(plan: Plan) -> None:
    def spoil(content: Any) -> None:
        content["contacts"][3]["start_s"] = "soon"
        content["contacts"][4]["start_utc"] = "2026-12-01T00:00:00"
        content["deliveries"][0]["bits"] = 1.5
        del content["proof"]["levels"][1]["bound"]
        content["sites"][0]["colour"] = "blue"
        content["demands"] = {}
        content["horizon"]["days"] = -7

    faults = _faults(_changed(plan, spoil))
    assert len(faults) == 7
    assert 'out/plan.json: contacts[3].start_s: must be a whole number (got "soon")' in faults
    assert "out/plan.json: proof.levels[1].bound: is missing" in faults
    assert 'out/plan.json: sites[0].colour: is unknown (got "blue")' in faults
    assert "out/plan.json: deliveries[0].bits: must be a whole number (got 1.5)" in faults
    assert "out/plan.json: demands: must be a list (got {})" in faults
    assert any(fault.startswith("out/plan.json: contacts[4].start_utc: ") for fault in faults)
    assert any(fault.startswith("out/plan.json: horizon.days: ") for fault in faults)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is not JSON"),
        (b"{", "out/plan.json:1: is not JSON"),
        (b'{\n "kind": "eagleplan-plan",\n oops}', "out/plan.json:3: is not JSON"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"[]", "kind: must be 'eagleplan-plan'"),
        (b'"text"', "kind: must be"),
        (b'{"kind": "eagleplan-manifest"}', "(got 'eagleplan-manifest')"),
        (b'{"kind": "eagleplan-plan"}', "schema_version: must be 1"),
        (b'{"kind": "eagleplan-plan", "schema_version": 99}', "(got 99)"),
        (b"[" * 100_000, "is not JSON that can be read"),
        (b"1" * 5000, "is not JSON that can be read"),
    ],
)
def test_a_broken_or_foreign_file_is_told_so(data: bytes, said: str) -> None:
    faults = _faults(data)
    assert len(faults) == 1
    assert faults[0].startswith("out/plan.json")
    assert said in faults[0]


@pytest.mark.parametrize("bad", ["NaN", "Infinity", "1e999"])
def test_no_number_but_finite_ones(plan: Plan, bad: str) -> None:
    data = plan_json(plan).replace(b'"gap_frac": 0.031624', b'"gap_frac": ' + bad.encode())
    assert bad.encode() in data
    assert "proof.levels[1].gap_frac: must be finite" in _faults(data)[0]


def test_a_byte_order_mark_does_no_harm(plan: Plan) -> None:
    assert read_plan_claims(b"\xef\xbb\xbf" + plan_json(plan)) == claims_of(plan)
