"""The command line's contract: streams, exit codes, messages without tracebacks."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from eagleplan import __version__

Run = Callable[..., tuple[int, str, str]]


def test_version(run: Run) -> None:
    assert run("--version") == (0, f"eagleplan {__version__}\n", "")


def test_help_lists_the_exit_codes(run: Run) -> None:
    code, out, _ = run("--help")
    assert code == 0
    assert "130 interrupted" in " ".join(out.split())


def test_unknown_command_and_flag_are_bad_usage(run: Run) -> None:
    assert run("plann")[0] == 2
    assert run("plan", "--no-such-flag")[0] == 2


def test_init_then_plan_needs_nothing_else(run: Run, tmp_path: Path) -> None:
    assert run("init", tmp_path / "week")[0] == 0
    code, out, err = run("check", tmp_path / "week" / "eagle1-week.toml")
    assert code == 0, err
    assert "demands" in out
    code, _, err = run("init", tmp_path / "week")
    assert code == 2
    assert "exists already" in err


def test_sites_as_csv_in_a_pipe_and_as_json(run: Run) -> None:
    code, out, _ = run("sites")
    assert code == 0
    header, *rows = out.splitlines()
    assert header.startswith("site_id,")
    assert len(rows) == 79
    code, out, _ = run("sites", "--json")
    assert code == 0
    assert len(json.loads(out)) == 79


def test_bad_scenario_gives_lines_hint_exit_2_and_no_directory(run: Run, tmp_path: Path) -> None:
    scenario = tmp_path / "week.toml"
    scenario.write_text('schema_version = 1\nname = "x"\n\n[horizon]\ndayz = 7\n', encoding="utf-8")
    code, out, err = run("plan", scenario, "-o", tmp_path / "out")
    assert code == 2
    assert out == ""
    assert f"error: {scenario}:5: horizon.dayz:" in err
    assert "days" in err
    assert "Traceback" not in err
    assert not (tmp_path / "out").exists()


def test_missing_scenario_is_bad_input(run: Run, tmp_path: Path) -> None:
    code, _, err = run("plan", tmp_path / "none.toml", "-o", tmp_path / "out")
    assert code == 2
    assert "none.toml" in err
    assert not (tmp_path / "out").exists()


def _break(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    from eagleplan import scenario

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(scenario, "load_scenario", fail)


def test_a_bug_says_so_and_shows_its_traceback_on_request(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    _break(monkeypatch, ZeroDivisionError("oh"))
    code, out, err = run("plan", "x.toml")
    assert (code, out) == (70, "")
    assert "ZeroDivisionError" in err
    assert "--debug" in err
    assert "Traceback" not in err
    with pytest.raises(ZeroDivisionError):
        run("plan", "x.toml", "--debug")


def test_interrupt_is_130(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    _break(monkeypatch, KeyboardInterrupt())
    assert run("plan", "x.toml")[0] == 130


def test_broken_pipe_is_141() -> None:
    script = "import sys; from eagleplan.cli import main; sys.exit(main(['sites', '-f', 'json']))"
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 141
    assert err == b""


def test_no_colour_codes_without_a_terminal(run: Run, example_scenario: Path) -> None:
    _, out, err = run("plan", example_scenario)
    assert "\x1b" not in out + err
