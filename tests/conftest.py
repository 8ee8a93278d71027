"""What every test shares: no network, a small plan, and one of the example week."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eagleplan.cli import main
from eagleplan.resources import example_path

# A shell starts its background jobs, and all that they start, deaf to Ctrl-C, of which there are tests.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else None
        if self.family != socket.AF_UNIX and host not in ("127.0.0.1", "::1", "localhost"):
            raise OSError(f"a test tried to reach {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run the command line: `run("plan", path)` gives exit code, stdout, stderr."""

    def call(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


@pytest.fixture(scope="session")
def small_plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a plan of two nights, one satellite and five stations; tests copy it before they change it."""
    directory = tmp_path_factory.mktemp("small") / "out"
    assert main(["plan", str(example_path("small", "plain.toml")), "-o", str(directory), "-q"]) == 0
    return directory


@pytest.fixture(scope="session")
def example_scenario() -> Path:
    return example_path("eagle1-week.toml")


@pytest.fixture(scope="session")
def example_plan(tmp_path_factory: pytest.TempPathFactory, example_scenario: Path) -> Path:
    """The directory of the example week's plan, made once by the command line; tests copy it before they change it."""
    directory = tmp_path_factory.mktemp("example") / "out"
    assert main(["plan", str(example_scenario), "-o", str(directory), "-q"]) == 0
    return directory


@pytest.fixture(scope="session")
def example_plan_elsewhere(tmp_path_factory: pytest.TempPathFactory, example_scenario: Path) -> tuple[Path, str]:
    """The directory of the example week's plan and what was printed, by another process in other surroundings."""
    directory = tmp_path_factory.mktemp("elsewhere") / "out"
    done = subprocess.run(
        [sys.executable, "-m", "eagleplan", "plan", example_scenario, "-o", directory],
        env=os.environ | {"PYTHONHASHSEED": "17", "TZ": "Pacific/Apia", "COLUMNS": "80", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return directory, done.stdout
