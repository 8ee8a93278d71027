"""A small plan that several commands are tried on."""

from __future__ import annotations

from pathlib import Path

import pytest

from eagleplan.cli import main
from eagleplan.resources import example_path


@pytest.fixture(scope="session")
def small_plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a small week's plan: one satellite, five stations; tests copy it before they change it."""
    directory = tmp_path_factory.mktemp("small") / "out"
    assert main(["plan", str(example_path("small", "plain.toml")), "-o", str(directory), "-q"]) == 0
    return directory
