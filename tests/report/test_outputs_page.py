"""docs/outputs.md names every file, column and field that `plan` writes, and none besides."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from eagleplan.report import FORMATS
from eagleplan.report.document import PlanDocument
from eagleplan.report.manifest import Manifest
from eagleplan.report.tables import CONTACT_COLUMNS, DEMAND_COLUMNS, PASS_COLUMNS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "outputs.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", PAGE, flags=re.MULTILINE | re.DOTALL))


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
    assert set(_first_cells("manifest.json")) | {"kind", "schema_version"} == set(Manifest.model_fields)


@pytest.mark.parametrize("name", [*FORMATS, "manifest.json"])
def test_every_file_has_its_section(name: str) -> None:
    assert name in SECTIONS
