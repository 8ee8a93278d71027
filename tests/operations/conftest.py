"""A small week that the tests of operations live through."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from eagleplan.cli import main
from eagleplan.resources import example_path


@pytest.fixture(scope="session")
def week_scenario() -> Path:
    return example_path("operations/week.toml")


@pytest.fixture(scope="session")
def made_week(tmp_path_factory: pytest.TempPathFactory, week_scenario: Path) -> Path:
    """Monday's plan, made once; tests work on copies."""
    directory = tmp_path_factory.mktemp("week") / "monday"
    assert main(["plan", str(week_scenario), "-o", str(directory), "-q"]) == 0
    return directory


@pytest.fixture
def monday(made_week: Path, tmp_path: Path) -> Path:
    """A copy of Monday's plan to work on."""
    return Path(shutil.copytree(made_week, tmp_path / "monday"))
