"""`eagleplan plot`: the format is the one that is asked for, and everything that is wrong is said."""

from __future__ import annotations

import csv
import io
import re
import struct
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from eagleplan.cli import main
from eagleplan.cli.plot import Kind

Run = Callable[..., tuple[int, str, str]]
SIGNS = {"png": b"\x89PNG\r\n\x1a\n", "svg": b"<?xml", "pdf": b"%PDF-"}


def _contacts(directory: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((directory / "contacts.csv").read_text())))


@pytest.mark.parametrize(
    ("name", "options", "form"),
    [
        ("a.png", (), "png"),
        ("a.SVG", (), "svg"),
        ("a.png", ("--format", "svg"), "svg"),
        ("figure", ("-f", "pdf"), "pdf"),
    ],
)
def test_the_format_is_what_is_named_or_what_the_file_ends_in(
    run: Run, small_plan: Path, tmp_path: Path, name: str, options: tuple[str, ...], form: str
) -> None:
    target = tmp_path / name
    code, out, err = run("plot", small_plan, "demand", "-o", target, *options)
    assert (code, out, err) == (0, "", f"wrote {target}\n")
    assert target.read_bytes().startswith(SIGNS[form])
    assert list(tmp_path.iterdir()) == [target]


def test_the_same_plan_gives_the_same_figure_and_dpi_its_size(run: Run, small_plan: Path, tmp_path: Path) -> None:
    for number, dpi in enumerate((100, 100, 50)):
        assert run("plot", small_plan, "demand", "-o", tmp_path / f"{number}.png", "--dpi", dpi, "-q") == (0, "", "")
    first, second, third = ((tmp_path / f"{number}.png").read_bytes() for number in range(3))
    assert first == second
    (wide, small) = (struct.unpack(">I", data[16:20])[0] for data in (first, third))
    assert wide == 2 * small


@pytest.mark.parametrize("kind", [kind.value for kind in Kind if kind is not Kind.SKY])
def test_without_a_file_it_is_svg_on_stdout(run: Run, small_plan: Path, kind: str) -> None:
    code, out, err = run("plot", small_plan, kind)
    assert (code, err) == (0, "")
    assert ElementTree.fromstring(out.encode()).tag.endswith("svg")


def test_bytes_go_to_stdout_too(small_plan: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["plot", str(small_plan), "demand", "-f", "png", "-o", "-"]) == 0
    assert capsysbinary.readouterr().out.startswith(SIGNS["png"])


def test_every_contact_of_the_table_is_in_the_timeline(run: Run, small_plan: Path) -> None:
    rows = _contacts(small_plan)
    _, out, _ = run("plot", small_plan, "timeline")
    assert set(re.findall(r'id="contact-(eagle1-[^"]+)"', out)) == {row["contact_id"] for row in rows}
    _, out, _ = run("plot", small_plan, "timeline", "--site", "it-matera", "--to", rows[-1]["start_utc"])
    assert set(re.findall(r'id="contact-(eagle1-[^"]+)"', out)) == {
        row["contact_id"] for row in rows[:-1] if row["site_id"] == "it-matera"
    }


def test_the_map_has_the_track_of_every_contact(run: Run, small_plan: Path) -> None:
    _, out, _ = run("plot", small_plan, "map", "--satellite", "eagle1")
    for row in _contacts(small_plan):
        assert re.search(rf'id="contact-\d+-0-{row["contact_id"]}"', out), row["contact_id"]
        assert f'id="site-{row["site_id"]}"' in out


def test_the_sky_is_that_of_the_contact(run: Run, small_plan: Path) -> None:
    row = _contacts(small_plan)[0]
    code, out, _ = run("plot", small_plan, "sky", row["contact_id"])
    assert code == 0
    for name in ("contact", "mark-start", "sun", "moon", "elevation", "total", "background", "secret", "term-geometry"):
        assert f'id="{name}"' in out, name


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("sky",), "CONTACT: a sky is that of one contact: name it"),
        (("demand", "eagle1-x"), "CONTACT: says nothing to a demand figure (got eagle1-x)"),
        (("demand", "--site", "it-matera"), "--site: says nothing to a demand figure"),
        (("timeline", "-o", "a.gif"), "--output: must end in png, svg or pdf (got a.gif)"),
        (("timeline", "-o", "figure"), "--output: must end in png, svg or pdf (got figure)"),
        (("timeline", "-f", "gif"), "--format: must be png, svg or pdf (got gif)"),
        (("timeline", "--from", "Monday"), "--from: must be UTC and end in Z"),
        (("map", "--from", "2026-12-01T12:00:00Z", "--to", "2026-12-01T06:00:00Z"), "--to: must be later than --from"),
        (("map", "--from", "2026-12-02T00:00:00Z"), "--from: is not before the plan's end"),
        (("map", "--to", "2026-11-30T00:00:00Z"), "horizon is 2026-11-30T00:00:00Z to 2026-12-02T00:00:00Z"),
        (("timeline", "--site", "it-matra"), 'did you mean "it-matera"?'),
        (("map", "--satellite", "eagle2"), 'did you mean "eagle1"?'),
        (("portrait",), "portrait"),
    ],
)
def test_what_cannot_be_is_refused(run: Run, small_plan: Path, words: tuple[str, ...], said: str) -> None:
    code, out, err = run("plot", small_plan, *words)
    assert (code, out) == (2, "")
    assert said in err


def test_the_nearest_contact_is_suggested(run: Run, small_plan: Path) -> None:
    contact_id = _contacts(small_plan)[0]["contact_id"]
    code, _, err = run("plot", small_plan, "sky", contact_id[:-1] + "x", "-o", "a.png")
    assert code == 2
    assert f'did you mean "{contact_id}"?' in err


def test_a_file_that_cannot_be_written_is_said(run: Run, small_plan: Path, tmp_path: Path) -> None:
    code, out, err = run("plot", small_plan, "demand", "-o", tmp_path / "nowhere" / "a.png")
    assert (code, out) == (2, "")
    assert "cannot be written" in err


def test_a_plan_that_was_changed_is_refused(run: Run, small_plan: Path, tmp_path: Path) -> None:
    import shutil

    here = tmp_path / "here"
    shutil.copytree(small_plan, here)
    (here / "traces.json").write_bytes((here / "traces.json").read_bytes() + b" ")
    code, _, err = run("plot", here, "demand")
    assert code == 2
    assert "traces.json: is not as the plan wrote it" in err
