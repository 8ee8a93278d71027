"""docs/outputs.md names every file, column and field that `plan` and `export` write, and none besides."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from eagleplan.report import FORMATS
from eagleplan.report.calendar_state import CalendarState
from eagleplan.report.document import PlanDocument
from eagleplan.report.exports import EXPORTS
from eagleplan.report.exports.pointing import COLUMNS
from eagleplan.report.manifest import Manifest
from eagleplan.report.tables import CONTACT_COLUMNS, DEMAND_COLUMNS, PASS_COLUMNS
from eagleplan.report.traces_json import TracePart, TracesDocument

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "outputs.md").read_text(encoding="utf-8")
_, _, EXPORTED = PAGE.partition("# What `export` makes")
SECTIONS = dict(re.findall(r"^## (\S+)\n(.*?)(?=^##? |\Z)", PAGE, flags=re.MULTILINE | re.DOTALL))


def _first_cells(section: str) -> list[str]:
    """Names in the first column of a section's table."""
    cells = [line.split("|")[1] for line in SECTIONS[section].splitlines() if line.startswith("| `")]
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


@pytest.mark.parametrize(
    ("section", "columns"),
    [("contacts.csv", CONTACT_COLUMNS), ("passes.csv", PASS_COLUMNS), ("demand.csv", DEMAND_COLUMNS)],
)
def test_every_column_is_explained_in_its_order(section: str, columns: dict[str, object]) -> None:
    assert _first_cells(section) == list(columns)


def test_every_field_is_explained() -> None:
    assert set(_first_cells("plan.json")) | {"kind", "schema_version"} == set(PlanDocument.model_fields)
    assert set(_first_cells("traces.json")) | {"kind", "schema_version"} == {
        *TracesDocument.model_fields,
        *TracePart.model_fields,
    }
    assert set(_first_cells("calendar-state.json")) | {"kind", "schema_version"} == set(CalendarState.model_fields)
    assert set(_first_cells("manifest.json")) | {"kind", "schema_version"} == set(Manifest.model_fields)


def test_every_export_is_explained() -> None:
    table = EXPORTED.partition("\n## ")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith(("| `", "| [`"))]
    named = [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]
    assert sorted(named) == sorted(EXPORTS)
    for name in named:
        assert name in SECTIONS or name in ("json", "contacts", "passes", "demand", "html", "ics")
    assert _first_cells("pointing") == list(COLUMNS)


@pytest.mark.parametrize("name", [*FORMATS, "schedule.ics", "calendars/", "calendar-state.json", "manifest.json"])
def test_every_file_has_its_section(name: str) -> None:
    assert name in SECTIONS
