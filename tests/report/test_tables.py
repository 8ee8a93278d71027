"""The CSV files as Python's own reader sees them."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import datetime

import pytest

from eagleplan.model import Plan
from eagleplan.report.tables import (
    CONTACT_COLUMNS,
    DEMAND_COLUMNS,
    PASS_COLUMNS,
    contacts_csv,
    demand_csv,
    passes_csv,
)


def _rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8"), newline=""), strict=True))


def test_a_row_per_contact_by_time(plan: Plan) -> None:
    rows = _rows(contacts_csv(plan))
    assert list(rows[0]) == list(CONTACT_COLUMNS)
    assert {row["contact_id"] for row in rows} == {contact.contact_id for contact in plan.contacts}
    assert len(rows) == len(plan.contacts)
    assert [row["start_utc"] for row in rows] == sorted(row["start_utc"] for row in rows)
    for row in rows:
        contact = next(c for c in plan.contacts if c.contact_id == row["contact_id"])
        assert datetime.fromisoformat(row["start_utc"]) == plan.horizon.utc(contact.start_s)
        assert datetime.fromisoformat(row["end_utc"]) == plan.horizon.utc(contact.end_s)
        assert int(row["duration_s"]) == contact.end_s - contact.start_s
        assert int(row["clear_sky_bits"]) == contact.key.secret_bits
        assert int(row["expected_bits"]) == contact.expected_bits
        assert float(row["max_elevation_deg"]) == pytest.approx(contact.max_elevation_deg, abs=0.005)


def test_local_times_name_the_same_instant_with_the_zones_own_offset(plan: Plan) -> None:
    offsets = {}
    for row in _rows(contacts_csv(plan)):
        for end in ("start", "end"):
            local = datetime.fromisoformat(row[f"{end}_local"])
            assert local == datetime.fromisoformat(row[f"{end}_utc"])
            offsets[row["time_zone"]] = row[f"{end}_local"][-6:]
    assert offsets["Europe/Vienna"] == "+01:00"
    assert offsets["Europe/Helsinki"] == "+02:00"
    assert offsets["Atlantic/Canary"] == "+00:00"


def test_every_pass_has_a_row_with_its_reason(plan: Plan) -> None:
    rows = {row["pass_id"]: row for row in _rows(passes_csv(plan))}
    assert list(next(iter(rows.values()))) == list(PASS_COLUMNS)
    assert len(rows) == len(plan.decisions) == 84
    chosen: dict[str, list[str]] = {}
    for contact in sorted(plan.contacts, key=lambda contact: contact.start_s):
        chosen.setdefault(contact.pass_id, []).append(contact.contact_id)
    for decision in plan.decisions:
        row = rows[decision.planned_pass.pass_id]
        assert (row["reason_code"], row["reason"]) == (decision.reason.code, decision.reason.text)
        assert row["contact_ids"].split() == chosen.get(row["pass_id"], [])
        assert bool(row["expected_bits"]) == (decision.contact is not None)
        assert bool(row["windows_utc"]) == bool(decision.planned_pass.windows)
        assert (row["blocked_by"] == "sun") == (not decision.planned_pass.windows)


def test_cut_passes_are_marked(plan: Plan) -> None:
    rows = _rows(passes_csv(plan))
    assert [row["pass_id"] for row in rows if row["cut_start"] == "true"] == ["eagle1-at-graz-0m"]
    assert [row["pass_id"] for row in rows if row["cut_end"] == "true"] == ["eagle1-es-tenerife-6e"]
    assert rows[0]["rise_utc"] == "2026-11-30T00:00:00.000Z"


def test_windows_lie_in_their_pass(plan: Plan) -> None:
    for row in _rows(passes_csv(plan)):
        length_s = 0.0
        for window in row["windows_utc"].split():
            start, end = (datetime.fromisoformat(text) for text in window.split("/"))
            assert datetime.fromisoformat(row["rise_utc"]) <= start < end <= datetime.fromisoformat(row["set_utc"])
            length_s += (end - start).total_seconds()
        assert length_s == pytest.approx(float(row["window_duration_s"]), abs=2e-3)


def test_demand_adds_up(plan: Plan) -> None:
    rows = _rows(demand_csv(plan))
    assert list(rows[0]) == list(DEMAND_COLUMNS)
    assert [row["demand_id"] for row in rows] == ["D01", "D02", "D03", "D04"]
    for row in rows:
        wanted, delivered = int(row["wanted_bits"]), int(row["delivered_bits"])
        assert int(row["missing_bits"]) == wanted - delivered
        assert float(row["met_frac"]) == pytest.approx(delivered / wanted, abs=1e-6)
        assert sum(int(part.rpartition("/")[2]) for part in row["deliveries"].split()) == delivered
    assert [row["guarantee_kept"] for row in rows] == ["true", "true", "false", "true"]


@pytest.mark.parametrize("name", ['a,b"c', "line\nbreak", "carriage\rreturn", "tab\tand\u2028more", "Ünïcödé"])
def test_no_name_breaks_a_row(plan: Plan, name: str) -> None:
    sites = tuple(replace(site, name=name) for site in plan.sites)
    data = contacts_csv(replace(plan, sites=sites))
    assert {row["site_name"] for row in _rows(data)} == {" ".join(name.split())}
    assert len(data.decode().splitlines()) == 1 + len(plan.contacts)
