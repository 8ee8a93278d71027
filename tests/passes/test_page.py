"""The page on passes: its examples run, its list of constraints is the list."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from eagleplan.passes import CONSTRAINTS

PAGE = (Path(__file__).parents[2] / "docs" / "passes.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_example_runs(number: int) -> None:
    exec(compile(EXAMPLES[number], f"docs/passes.md, example {number + 1}", "exec"), {})


def test_the_search_example_finds_passes(capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = (text for text in EXAMPLES if "import search" in text)
    exec(compile(example, "docs/passes.md", "exec"), {})
    assert len(capsys.readouterr().out.splitlines()) >= 2


def test_every_constraint_is_listed_in_its_order() -> None:
    assert re.findall(r"^\| `([a-z-]+)` \|", PAGE, flags=re.MULTILINE) == list(CONSTRAINTS)
