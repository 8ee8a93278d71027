"""Documentation that cannot rot: help pages, the command reference, the README's commands."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from eagleplan.cli import command_names
from eagleplan.validation import validation_rows

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = command_names()

Run = Callable[..., tuple[int, str, str]]


def _tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", COMMANDS)
def test_command_has_help_with_an_example(run: Run, name: str) -> None:
    code, out, _ = run(*name.split(), "--help")
    assert code == 0
    assert f"Example:  eagleplan {name}" in re.sub(r"\s{2,}(?=eagleplan)", "  ", out)
    assert len(out.split("\n\n")[1].strip()) > 20, "a sentence on what it does"


def test_command_reference_is_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    fresh = _tool("make_cli_reference").page()
    assert (ROOT / "docs" / "cli.md").read_text(encoding="utf-8") == fresh, "run tools/make_cli_reference.py"


def test_validation_page_is_what_the_command_computes() -> None:
    tool, rows = _tool("make_validation_page"), validation_rows()
    for path, fresh in ((tool.PAGE, tool.page(rows)), (tool.VERDICTS, tool.verdicts(rows))):
        assert path.read_text(encoding="utf-8") == fresh, "run tools/make_validation_page.py"


def test_readme_shows_what_the_command_really_prints(example_plan_elsewhere: tuple[Path, str]) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    directory, printed = example_plan_elsewhere
    assert _tool("refresh_readme").refreshed(readme, printed, directory) == readme, "run tools/refresh_readme.py"


def test_every_link_in_the_documentation_leads_somewhere() -> None:
    broken = []
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("data/**/*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert broken == []


def test_every_command_that_the_readme_shows_exists() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = "\n".join(re.findall(r"^```\w*\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL))
    shown = set(re.findall(r"^(?:\$ )?eagleplan ([a-z-]+)", blocks, flags=re.MULTILINE))
    assert shown <= set(COMMANDS)
    assert {"plan", "verify"} <= shown
