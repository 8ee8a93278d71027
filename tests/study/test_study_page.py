"""The commands of docs/study.md, played as they are written there, and what the page says of them."""

from __future__ import annotations

import contextlib
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from eagleplan.resources import example_path
from eagleplan.study.read import read_results
from eagleplan.study.record import read_study_record
from eagleplan.study.rows import cell_columns, demand_columns
from eagleplan.study.schema import StationsTable, StudyFile, WeeksTable

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "study.md").read_text(encoding="utf-8")
Run = Callable[..., tuple[int, str, str]]


def commands() -> list[list[str]]:
    section = PAGE.split("## A study\n")[1].split("\n## ")[0]
    blocks = re.findall(r"```console\n(.*?)```", section, re.DOTALL)
    return [shlex.split(line.removeprefix("$ eagleplan ")) for block in blocks for line in block.splitlines()]


def test_the_page_s_commands(run: Run, tmp_path: Path) -> None:
    shutil.copytree(example_path("study/ltan.toml").parent, tmp_path / "examples" / "study")
    with contextlib.chdir(tmp_path):
        printed = {}
        for words in commands():
            code, out, err = run(*words)
            assert code == 0, f"{words}: {err}"
            printed[" ".join(words)] = out
        assert "cells     8" in printed["study examples/study/ltan.toml --check"]
        shown = re.search(r"```\n(eagleplan plan .*?)\n```", PAGE)
        assert shown is not None
        assert printed["study examples/study/ltan.toml --cell 5"].strip() == shown[1]
    n_cells = {
        name: read_study_record(tmp_path / name).n_cells for name in ("ltan", "stations", "tolerances", "fleets")
    }
    assert n_cells == {"ltan": 8, "stations": 12, "tolerances": 8, "fleets": 2}
    for name, number in n_cells.items():
        results = list(read_results(tmp_path / name))
        assert [result.row.status for result in results] == ["done"] * number
    # In June a dawn-dusk orbit has no dark pass; and without Matera, which both demands need, nobody gets key.
    ltan = {(row.labels[0], row.week): row for row in (result.row for result in read_results(tmp_path / "ltan"))}
    assert ltan["18:00", "2027-W22"].n_contacts == 0
    assert ltan["22:30", "2027-W22"].n_contacts
    stations = [result.row for result in read_results(tmp_path / "stations")]
    assert [row.delivered_bits for row in stations if row.labels == ("without it-matera",)] == [0, 0]
    assert all(row.delivered_bits for row in stations if row.labels == ("base",))


def test_the_page_shows_the_example_s_file() -> None:
    shown = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert shown is not None
    written = example_path("study/ltan.toml").read_text(encoding="utf-8")
    assert written.endswith(shown[1])


@pytest.mark.parametrize("name", ["ltan", "stations", "tolerances", "fleets"])
def test_an_example_says_how_it_is_run(name: str) -> None:
    first = example_path(f"study/{name}.toml").read_text(encoding="utf-8").split("schema_version")[0]
    assert f"eagleplan study examples/study/{name}.toml -o {name}/" in first


def test_every_key_and_every_column_is_on_the_page() -> None:
    keys = [
        field.alias or name
        for table in (StudyFile, WeeksTable, StationsTable)
        for name, field in table.model_fields.items()
        if name not in ("weeks", "axes", "stations")
    ]
    columns = [column.name for column in (*cell_columns(("stations",)), *demand_columns())]
    missing = [name for name in (*keys, *columns) if f"`{name}`" not in PAGE]
    assert missing == []
    for name in ("weeks", "axes", "stations"):
        assert f"`[{name}]`" in PAGE
