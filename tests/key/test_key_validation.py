"""The rows of the key room in the validation table."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import eagleplan.key
from eagleplan.key import PROTOCOLS, validation_rows


def test_verdicts() -> None:
    verdicts = {row.case: row.verdict for row in validation_rows()}
    assert verdicts == {
        "Micius 2016-12-19: sifted bits of the signal state, both bases": "compatible",
        "Micius 2016-12-19: QBER": "compatible",
        "Micius 2016-12-19: secret key": "compatible",
        "SatQuMA zenith pass, Chernoff: secret key before rounding": "reproduced",
        "SatQuMA zenith pass, Hoeffding: secret key before rounding": "reproduced",
        "SatQuMA zenith pass, Asymptotic: secret key before rounding": "reproduced",
    }


def test_micius_lies_where_it_should() -> None:
    rows = {row.case.partition(": ")[2]: row for row in validation_rows() if row.case.startswith("Micius")}
    sifted, qber, key = (rows[name] for name in ("sifted bits of the signal state, both bases", "QBER", "secret key"))
    assert sifted.ours == pytest.approx(1_671_072, rel=0.10)
    assert qber.ours == pytest.approx(0.011, abs=0.003)
    assert 0.8 * 300_939 <= key.ours <= 1.3 * 300_939
    assert all(row.note for row in rows.values())


@pytest.mark.parametrize("name", [found.name for found in pkgutil.iter_modules(eagleplan.key.__path__)])
def test_examples_in_the_documentation_of_functions_run(name: str) -> None:
    module = importlib.import_module(f"eagleplan.key.{name}")
    assert doctest.testmod(module).failed == 0


def test_example_of_the_documentation_runs(capsys: pytest.CaptureFixture[str]) -> None:
    page = (Path(__file__).parents[2] / "docs" / "key.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert blocks
    for block in blocks:
        exec(compile(block, "docs/key.md", "exec"), {})
    first, second = capsys.readouterr().out.splitlines()
    assert int(first.split()[0]) > 500_000
    assert int(second.split()[1]) > int(first.split()[0])


def test_documentation_names_every_combination() -> None:
    page = (Path(__file__).parents[2] / "docs" / "key.md").read_text(encoding="utf-8")
    table = page[page.index("| protocol | statistics |") : page.index("Why `joint`")]
    protocol, found = "", []
    for row in table.splitlines()[2:]:
        cells = [cell.strip().strip("`") for cell in row.split("|")]
        if len(cells) > 3:
            protocol = cells[1] or protocol
            found.append((protocol, cells[2]))
    assert found == [(name, method) for name, one in PROTOCOLS.items() for method in one.methods]
