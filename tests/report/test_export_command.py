"""`eagleplan export` on a plan that the command line made."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import icalendar
import pytest

from eagleplan.cli import main
from eagleplan.pipeline.reading import read_directory
from eagleplan.report.exports import EXPORTS, part_of
from eagleplan.resources import example_path
from eagleplan.stamp import sha256_hex

Run = Callable[..., tuple[int, str, str]]

WRITTEN = {
    "json": "plan.json",
    "contacts": "contacts.csv",
    "passes": "passes.csv",
    "demand": "demand.csv",
    "ics": "schedule.ics",
    "html": "report.html",
}
SEVERAL = ("cpf", "pointing")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("export") / "out"
    assert main(["plan", str(example_path("small", "fibre.toml")), "-o", str(directory), "-q"]) == 0
    return directory


def _contact_ids(made: Path) -> list[str]:
    return [line.split(",")[0] for line in (made / "contacts.csv").read_text().splitlines()[1:]]


@pytest.mark.parametrize("name", WRITTEN)
def test_what_plan_wrote_comes_out_again_byte_for_byte(run: Run, made: Path, tmp_path: Path, name: str) -> None:
    target = tmp_path / "copy"
    code, out, err = run("export", made, "-f", name, "-o", target)
    assert (code, out) == (0, "")
    assert err == f"wrote {target} (1 file)\n"
    assert target.read_bytes() == (made / WRITTEN[name]).read_bytes()


def test_the_help_names_every_format(run: Run) -> None:
    code, out, _ = run("export", "--help")
    assert code == 0
    for name in EXPORTS:
        assert re.search(rf"\b{name}\b", out), name


@pytest.mark.parametrize("name", [name for name in EXPORTS if name not in SEVERAL and name != "ics"])
def test_a_single_file_goes_to_stdout(run: Run, made: Path, name: str) -> None:
    code, out, err = run("export", made, "-f", name)
    assert (code, err) == (0, "")
    assert len(out) > 500


@pytest.mark.parametrize("name", SEVERAL)
def test_several_files_go_into_a_directory(run: Run, made: Path, tmp_path: Path, name: str) -> None:
    target = tmp_path / "files"
    code, out, err = run("export", made, "-f", name, "-o", target, "-q")
    assert (code, out, err) == (0, "", "")
    assert sorted(path.stem for path in target.iterdir()) == sorted(_contact_ids(made))
    code, _, err = run("export", made, "-f", name)
    assert code == 2
    assert "name a directory with -o, or one contact with --contact" in err


def test_one_contact_alone(run: Run, made: Path) -> None:
    contact_id = _contact_ids(made)[0]
    code, out, _ = run("export", made, "-f", "cpf", "--contact", contact_id)
    assert code == 0
    assert out.startswith("H1 CPF  2")
    code, out, _ = run("export", made, "-f", "contacts", "--contact", contact_id)
    assert [line.split(",")[0] for line in out.splitlines()] == ["contact_id", contact_id]
    code, out, _ = run("export", made, "-f", "ics", "--contact", contact_id)
    (event,) = icalendar.Calendar.from_ical(out).walk("VEVENT")
    assert contact_id in str(event["DESCRIPTION"])


def test_one_file_into_a_directory_that_holds_others_is_refused(run: Run, made: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    code, _, err = run("export", made, "-f", "ssf", "-o", tmp_path)
    assert code == 2
    assert "holds no plan of eagleplan" in err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-f", "tar"), "--format: must be one of json, contacts, passes"),
        (("-f", "cpf", "--site", "atlantis"), "site: is no site of the plan (got atlantis)"),
        (("-f", "cpf", "--contact", "never"), "contact: is no chosen contact of the plan (got never)"),
    ],
)
def test_what_there_is_not_is_told(run: Run, made: Path, arguments: tuple[str, ...], said: str) -> None:
    code, out, err = run("export", made, *arguments)
    assert (code, out) == (2, "")
    assert said in err


def test_no_plan_no_export(run: Run, tmp_path: Path) -> None:
    code, out, err = run("export", tmp_path / "nothing", "-f", "json")
    assert (code, out) == (2, "")
    assert "manifest.json: cannot be read" in err
    assert "hint: name a directory that `eagleplan plan -o` wrote" in err


@pytest.mark.parametrize("name", ["plan.json", "traces.json", "calendar-state.json"])
def test_a_file_that_was_changed_is_refused(run: Run, made: Path, tmp_path: Path, name: str) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(made, copy)
    (copy / name).write_bytes((copy / name).read_bytes() + b"\n")
    code, out, err = run("export", copy, "-f", "html")
    assert (code, out) == (2, "")
    assert f"{name}: is not as the plan wrote it" in err


def test_a_plan_without_its_traces_is_refused(run: Run, made: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(made, copy)
    (copy / "traces.json").unlink()
    code, out, err = run("export", copy, "-f", "html")
    assert (code, out) == (2, "")
    assert "traces.json: cannot be read" in err
    assert "hint: name a directory that `eagleplan plan -o` wrote" in err
    code, out, _ = run("verify", copy)
    assert code == 1
    assert out == "violation: V-FILE traces.json: is missing\n"


def test_traces_of_other_contacts_are_refused(run: Run, made: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(made, copy)
    content = json.loads((copy / "traces.json").read_bytes())
    content["contacts"][0]["contact_id"] = "another"
    _put(copy, "traces.json", json.dumps(content).encode())
    code, out, err = run("export", copy, "-f", "html")
    assert (code, out) == (2, "")
    assert "traces.json: contacts: must have the chosen contacts of the plan, in their order" in err


def _put(directory: Path, name: str, data: bytes) -> None:
    """Write a file of the plan and have its manifest say so."""
    (directory / name).write_bytes(data)
    manifest = json.loads((directory / "manifest.json").read_bytes())
    manifest["files"][name] = {"sha256": sha256_hex(data), "n_bytes": len(data)}
    (directory / "manifest.json").write_text(json.dumps(manifest))


def test_a_part_has_the_traces_of_its_contacts(made: Path) -> None:
    whole = read_directory(made)
    assert [trace.contact_id for trace in whole.traces] == [contact.contact_id for contact in whole.plan.contacts]
    one = whole.plan.contacts[1].contact_id
    assert [trace.contact_id for trace in part_of(whole, frozenset(), frozenset({one})).traces] == [one]
    site_id = whole.plan.contacts[0].site_id
    assert [trace.contact_id for trace in part_of(whole, frozenset({site_id}), frozenset()).traces] == [
        contact.contact_id for contact in whole.plan.contacts if contact.site_id == site_id
    ]
