"""The command line's contract: streams, exit codes, messages without tracebacks."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eagleplan import __version__
from eagleplan.resources import example_path

Run = Callable[..., tuple[int, str, str]]


def test_version(run: Run) -> None:
    assert run("--version") == (0, f"eagleplan {__version__}\n", "")


def test_help_lists_the_exit_codes(run: Run) -> None:
    code, out, _ = run("--help")
    assert code == 0
    assert "130 interrupted" in " ".join(out.split())
    assert "..." not in out.partition("Commands:")[2], "a description that is cut"


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


@pytest.mark.parametrize(
    "arguments", [["sites", "-f", "json"], ["plan", str(example_path("eagle1-week.toml")), "--days", "0.05"]]
)
def test_broken_pipe_is_141(arguments: list[str]) -> None:
    """The summary goes through a library that would leave with 1, which says that the answer is no."""
    script = f"import sys; from eagleplan.cli import main; sys.exit(main({arguments!r}))"
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 141
    assert err == b""


def _eagleplan(*arguments: str, before: str = "", **streams: Any) -> subprocess.CompletedProcess[bytes]:
    script = f"import sys\n{before}\nfrom eagleplan.cli import entry\nsys.argv[1:] = {list(arguments)!r}\nentry()"
    return subprocess.run([sys.executable, "-c", script], stderr=subprocess.PIPE, check=False, **streams)


def test_a_full_disk_behind_stdout_is_no_bug() -> None:
    full = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))"
    with tempfile.TemporaryFile() as file:
        done = _eagleplan("sites", before=full, stdout=file)
    assert done.stderr.decode() == "error: stdout: cannot be written: file too large\n"
    assert done.returncode == 2


def test_a_closed_stdout_is_no_bug() -> None:
    done = _eagleplan("sites", before="sys.stdout.close(); sys.stdout = None")
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_terminal_that_lacks_a_character_gets_another() -> None:
    scenario = str(example_path("eagle1-week.toml"))
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = _eagleplan("plan", scenario, "--days", "0.05", stdout=subprocess.PIPE, env=environment)
    assert done.returncode == 0, done.stderr
    assert b"DE ? FR" in done.stdout


def test_a_plan_does_not_fit_stdout_but_its_json_does(run: Run, example_scenario: Path) -> None:
    code, out, err = run("plan", example_scenario, "-o", "-")
    assert (code, out) == (2, "")
    assert "--json" in err
    assert not Path("-").exists()


@pytest.mark.parametrize("days", ["0", "-1", "nan", "inf", "401"])
def test_a_horizon_that_is_none_is_bad_input(run: Run, example_scenario: Path, days: str) -> None:
    code, out, err = run("plan", example_scenario, "--days", days)
    assert (code, out, err) == (2, "", f"error: --days: must be > 0 and <= 400 (got {days})\n")


def test_several_hints_say_what_they_are_for(run: Run, example_scenario: Path, tmp_path: Path) -> None:
    scenario = tmp_path / "week.toml"
    text = example_scenario.read_text(encoding="utf-8").replace("days = 7", "dayz = 7")
    scenario.write_text(text, encoding="utf-8")
    assert 'hint: did you mean "days"?\n' in run("check", scenario)[2]
    scenario.write_text(text.replace("seed = 1", "sed = 1"), encoding="utf-8")
    _, _, err = run("check", scenario)
    assert f'hint: {scenario}:12: horizon.dayz: did you mean "days"?\n' in err
    assert 'schedule.sed: did you mean "seed"?\n' in err


def test_no_colour_codes_without_a_terminal(run: Run) -> None:
    _, out, err = run("plan", example_path("small", "plain.toml"))
    assert "\x1b" not in out + err


def _table(out: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(out)))


def test_passes_as_csv_have_ids_windows_and_what_bounds_them(run: Run, example_scenario: Path) -> None:
    code, out, _ = run("passes", example_scenario, "-f", "csv", "--local")
    assert code == 0
    rows = _table(out)
    assert len({row["pass_id"] for row in rows}) > 100
    for row in rows:
        assert row["rise_utc"] < row["culmination_utc"] < row["set_utc"]
        assert row["time_zone"].count("/") >= 1
        if row["blocked_by"]:
            assert row["window_start_utc"] == ""
        else:
            assert row["rise_utc"] <= row["window_start_utc"] < row["window_end_utc"] <= row["set_utc"]


def test_budget_lists_contacts_and_follows_one_pass(run: Run, example_scenario: Path) -> None:
    code, out, _ = run("budget", example_scenario)
    assert code == 0
    contacts = _table(out)
    best = max(contacts, key=lambda row: int(row["secret_bits"]))
    assert all((row["secret_bits"] == "0") == bool(row["abort_reason"]) for row in contacts)
    code, out, _ = run("budget", example_scenario, "--pass", best["contact_id"], "-f", "json")
    assert code == 0
    seconds = json.loads(out)
    assert len(seconds) == int(best["duration_s"])
    for row in seconds:
        terms = sum(value for name, value in row.items() if name.endswith("_db") and _is_term(name))
        assert terms == pytest.approx(row["total_db"], abs=1e-3)
    code, out, _ = run("budget", example_scenario, "--pass", best["contact_id"], "-f", "table")
    assert code == 0
    assert out.splitlines()[0].split() == ["quantity", "start", "highest", "end"]


def test_a_contact_without_key_is_shown_with_its_reason(run: Run, example_scenario: Path, tmp_path: Path) -> None:
    text = example_scenario.read_text(encoding="utf-8").replace("[key]\n", '[key]\nstatistics = "hoeffding"\n')
    (tmp_path / "week.toml").write_text(text, encoding="utf-8")
    demand = "eagle1-week-demand.csv"
    (tmp_path / demand).write_bytes(example_scenario.with_name(demand).read_bytes())
    code, out, err = run("budget", tmp_path / "week.toml")
    assert code == 0, err
    without = [row for row in _table(out) if row["secret_bits"] == "0"]
    assert without
    assert all(row["abort_reason"] for row in without)
    assert run("plan", tmp_path / "week.toml", "-o", tmp_path / "out", "-q")[0] == 0
    with (tmp_path / "out" / "passes.csv").open(newline="", encoding="utf-8") as file:
        reasons = [row["reason"] for row in csv.DictReader(file) if row["reason_code"] == "no-key"]
    assert len(reasons) == len(without)
    assert all(len(reason) > len("no key: ") for reason in reasons)


def _is_term(column: str) -> bool:
    return column != "total_db" and "_fade_" not in column


def test_budget_of_an_unknown_or_dark_pass_says_why(run: Run, example_scenario: Path) -> None:
    code, out, err = run("budget", example_scenario, "--pass", "eagle1-at-graz-20261130T2057Z")
    assert (code, out) == (2, "")
    assert 'did you mean "eagle1-at-graz-20261130T2056Z"?' in err
    day = next(r for r in _table(run("passes", example_scenario, "-f", "csv")[1]) if r["blocked_by"])
    code, _, err = run("budget", example_scenario, "--pass", day["pass_id"])
    assert code == 2
    assert day["blocked_by"] in err


def test_satellites_of_the_package_and_of_a_scenario(run: Run, example_scenario: Path) -> None:
    assert {"MICIUS (QSS)", "QUBE"} <= {row["name"] for row in _table(run("satellites")[1])}
    (row,) = _table(run("satellites", example_scenario)[1])
    assert (row["satellite_id"], row["ltan"], row["kind"]) == ("eagle1", "22:30", "design")
    assert float(row["altitude_km"]) == pytest.approx(500.0, abs=0.5)
    assert float(row["inclination_deg"]) == pytest.approx(97.40, abs=0.02)
    assert abs(float(row["ltan_drift_s_per_month"])) < 5.0


def test_key_answers_at_once(run: Run) -> None:
    code, out, _ = run("key", "--loss-db", "34", "--seconds", "200", "--json")
    assert code == 0
    (fixed,) = json.loads(out)
    (best,) = json.loads(run("key", "--loss-db", "34", "--seconds", "200", "--optimise", "--json")[1])
    assert 0 < fixed["secret_bits"] <= best["secret_bits"] < best["plob_bits"]
    (nothing,) = json.loads(run("key", "--loss-db", "70", "--seconds", "200", "--json")[1])
    assert nothing["secret_bits"] == 0
    assert nothing["abort_reason"]
    code, _, err = run("key", "--loss-db", "34", "--seconds", "200", "--statistics", "hoefding")
    assert code == 2
    assert "hoeffding" in err
    code, _, err = run("key", "--loss-db", "34", "--seconds", "200", "--profile", "eagle2-like")
    assert code == 2
    assert "eagle2-like" in err


def test_referees_agree_with_the_example(run: Run, example_scenario: Path) -> None:
    code, out, err = run("validate", "--scenario", example_scenario)
    assert code == 0, out
    assert {row["verdict"] for row in _table(out)} == {"reproduced"}
    assert "0 not" in err


def test_calibrate_finds_the_offset_and_slope_that_were_put_in(
    run: Run, example_scenario: Path, tmp_path: Path
) -> None:
    pass_id = "eagle1-at-graz-20261130T2056Z"
    _, out, _ = run("budget", example_scenario, "--pass", pass_id, "-f", "csv")
    log = tmp_path / "log.csv"
    lines = ["range_km,range_rate_km_s,elevation_deg,loss_db"]
    for row in _table(out)[::10]:
        elevation_deg = float(row["elevation_deg"])
        sine = math.sin(math.radians(elevation_deg))
        airmass = 1.0 / (sine + 0.50572 * (elevation_deg + 6.07995) ** -1.6364)
        loss_db = float(row["total_db"]) + 1.5 + 0.7 * airmass
        lines.append(f"{row['range_km']},{row['range_rate_km_s']},{elevation_deg},{loss_db}")
    log.write_text("\n".join(lines), encoding="utf-8")
    code, out, err = run("calibrate", log, "--scenario", example_scenario, "--site", "at-graz")
    assert code == 0, err
    fitted = tomllib.loads(out)["sites"]["override"]["at-graz"]["calibration"]
    assert fitted["offset_db"] == pytest.approx(1.5, abs=0.05)
    assert fitted["extinction_per_airmass_db"] == pytest.approx(0.7, abs=0.03)

    log.write_text("range_km,elevation_deg,loss_db\n800,95,30\n-1,40,x\n", encoding="utf-8")
    code, out, err = run("calibrate", log, "--scenario", example_scenario, "--site", "at-graz")
    assert (code, out) == (2, "")
    assert f"{log}:2: elevation_deg: must be <= 90 (got 95)" in err
    assert f"{log}:3: range_km: must be > 0 (got -1)" in err
    assert f"{log}:3: loss_db:" in err
    code, _, err = run("calibrate", log, "--scenario", example_scenario, "--site", "at-gras")
    assert code == 2


def test_passes_without_a_pass_still_have_their_header(run: Run, example_scenario: Path, tmp_path: Path) -> None:
    demand = "eagle1-week-demand.csv"
    (tmp_path / demand).write_bytes(example_scenario.with_name(demand).read_bytes())
    text = example_scenario.read_text(encoding="utf-8")
    empty = text.replace("days = 7\n", "days = 0.01\n")
    assert empty != text
    (tmp_path / "week.toml").write_text(empty, encoding="utf-8")
    code, out, err = run("passes", tmp_path / "week.toml", "-f", "csv")
    assert code == 0, err
    assert out == run("passes", example_scenario, "-f", "csv")[1].splitlines()[0] + "\n"
