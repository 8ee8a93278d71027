"""The commands of docs/report.md, run as they are written there."""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Callable
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "report.md"
Run = Callable[..., tuple[int, str, str]]


def _blocks() -> list[tuple[list[str], str]]:
    """Every command of the page with what is printed below it."""
    text = "\n".join(re.findall(r"```console\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))
    parts = re.split(r"^\$ eagleplan ", text, flags=re.MULTILINE)[1:]
    return [(shlex.split(part.split("\n", 1)[0]), part.split("\n", 1)[1]) for part in parts]


def test_everything_on_the_page_runs_and_prints_what_it_says(
    run: Run, example_plan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leave(wait_s: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", leave)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out").symlink_to(example_plan)
    commands = [(words, printed) for words, printed in _blocks() if words[0] in ("plot", "show")]
    assert {words[2] for words, _ in commands if words[0] == "plot"} == {"timeline", "map", "demand", "sky"}
    for words, printed in commands:
        code, out, err = run(*words)
        assert code == (130 if "--watch" in words else 0), f"{words}: {err}"
        if "-o" in words:
            assert (tmp_path / words[words.index("-o") + 1]).stat().st_size > 1000
        if printed.strip():
            lines = [line.rstrip() for line in out.splitlines()]
            assert lines == [line.rstrip() for line in printed.rstrip().splitlines()], "run it and put it on the page"
    assert any(printed.strip() for _, printed in commands)
