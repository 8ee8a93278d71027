"""docs/scenario.md names every key of the TOML file and every column of the tables, where a reader looks for
it."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from eagleplan.inputs import demand, profile, sites, windows
from eagleplan.inputs.toml import parse_toml
from eagleplan.scenario.schema import ScenarioFile

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "scenario.md").read_text(encoding="utf-8")
SECTIONS = {part.split("\n")[0].strip(): part for part in re.split(r"^##? ", PAGE, flags=re.MULTILINE)}


def tables(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in typing.get_args(annotation):
        yield from tables(argument)


def keys(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield name
        for table in tables(field.annotation):
            yield from keys(table)


def section(name: str) -> str:
    return next((text for title, text in SECTIONS.items() if title.startswith(f"[{name}")), SECTIONS["Top level"])


@pytest.mark.parametrize("name", ScenarioFile.model_fields)
def test_every_key_is_in_the_section_of_its_table(name: str) -> None:
    text = section(name)
    inner = [key for table in tables(ScenarioFile.model_fields[name].annotation) for key in keys(table)]
    missing = [key for key in inner or [name] if not re.search(rf"`{key}`|\b{key} = ", text)]
    assert missing == []


@pytest.mark.parametrize(
    ("title", "columns"),
    [
        ("Site catalogue", (*sites.REQUIRED, *sites.OPTIONAL)),
        ("Demand", (*demand.REQUIRED, *demand.OPTIONAL)),
        ("Tables of times", (*windows.REQUIRED, *windows.OPTIONAL)),
        ("Classical contacts", (*windows.REQUIRED, *windows.CLASSICAL_OPTIONAL)),
        ("Clear-sky priors", ("site_id", "p_clear_zenith_annual", "p_cloud_liquid_water", "source")),
        ("Horizon mask", ("azimuth_deg", "elevation_deg")),
        ("Profiles", tuple(f"[{table}]" for table in profile.PROFILE_TABLES)),
    ],
)
def test_every_column_is_in_the_section_of_its_table(title: str, columns: tuple[str, ...]) -> None:
    assert [column for column in columns if f"`{column}`" not in SECTIONS[title]] == []


def test_every_key_that_is_named_exists() -> None:
    """Keys in the first column of a table of keys are keys of the file: a renamed key leaves no ghost
    behind."""
    known = set(keys(ScenarioFile))
    for title, text in SECTIONS.items():
        if title.startswith("[") or title == "Top level":
            for cell in re.findall(r"^\| (`[^|]*`) \|", text, flags=re.MULTILINE):
                for name in re.findall(r"`([a-z][a-z0-9_]*)`", cell):
                    assert name in known | {"kind"}, f"{title}: {name}"


def test_examples_are_toml() -> None:
    for block in re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL):
        parse_toml(block, "docs/scenario.md")
