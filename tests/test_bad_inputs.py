"""Every kind of bad input, as a planner meets it: a message with its place, exit code 2, and nothing written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from eagleplan.resources import data_path, example_path

Run = Callable[..., tuple[int, str, str]]
Files = dict[str, bytes]

DEMAND = "eagle1-week-demand.csv"
NO_NODE = "is neither a site that the scenario uses, nor a country code, nor in network.nodes"
HEADER = "demand_id,node_a,node_b,bits_per_week\n"
LINE_1 = "1 60476U 24149J   26164.74550080  .00023281  00000+0  46145-3 0  9999"
LINE_2 = "2 60476  97.3785 251.1126 0001636 204.7287 155.3885 15.47049550101937"
OTHER_LINE_2 = "2 60477  97.3785 251.1126 0001636 204.7287 155.3885 15.47049550101938"


def _scenario(old: str = "", new: str = "") -> bytes:
    text = example_path("eagle1-week.toml").read_text(encoding="utf-8")
    assert old in text
    return text.replace(old, new, 1).encode()


def _at(start: str) -> str:
    """Where the example's line that begins so stands."""
    lines = example_path("eagle1-week.toml").read_text(encoding="utf-8").splitlines()
    return f"week.toml:{next(i for i, line in enumerate(lines, 1) if line.startswith(start))}"


def _demand(*rows: str) -> Files:
    return {DEMAND: (HEADER + "".join(f"{row}\n" for row in rows)).encode()}


def _tle(*lines: str) -> Files:
    text = example_path("eagle1-week.toml").read_text(encoding="utf-8")
    (orbit,) = (line for line in text.splitlines() if line.startswith("orbit = "))
    return {
        "week.toml": _scenario(orbit, 'orbit = { kind = "file", path = "qube.tle" }'),
        "qube.tle": "".join(f"{line}\n" for line in lines).encode(),
    }


def _sites(column: int, cell: str) -> Files:
    rows = data_path("ogs_sites.csv").read_text(encoding="utf-8").splitlines()
    header = next(i for i, row in enumerate(rows) if row.startswith("site_id,"))
    cells = rows[header + 1].split(",")
    cells[column] = cell
    rows[header + 1] = ",".join(cells)
    return {
        "week.toml": _scenario("[sites]\n", '[sites]\nfile = "sites.csv"\n'),
        "sites.csv": "\n".join(rows[header:]).encode(),
    }


CASES: dict[str, tuple[Files, str]] = {
    "empty scenario": ({"week.toml": b""}, "week.toml: the file is empty"),
    "empty demand": ({DEMAND: b""}, f"{DEMAND}: the file is empty"),
    "empty elements": (_tle(), "qube.tle: the file is empty"),
    "byte-order mark and CRLF, and a country that is none": (
        {DEMAND: b"\xef\xbb\xbf" + (HEADER + "a,DE,XX,9\n").replace("\n", "\r\n").encode()},
        f"{DEMAND}:2: node_b: {NO_NODE} (got XX)",
    ),
    "UTF-16": ({DEMAND: (HEADER + "a,DE,FR,9\n").encode("utf-16")}, f"{DEMAND}:1: must be UTF-8 (got UTF-16)"),
    "Latin-1": ({DEMAND: (HEADER + "ä,DE,FR,9\n").encode("latin-1")}, f"{DEMAND}:2: must be UTF-8 (got byte 0xe4"),
    "twice the same id": (
        _demand("a,DE,FR,9", "a,IT,GR,9"),
        f"{DEMAND}:3: demand_id: is already on line 2 (got a)",
    ),
    "NaN bits": (_demand("a,DE,FR,nan"), f"{DEMAND}:2: bits_per_week: must be a whole number (got nan)"),
    "NaN elevation": (
        {"week.toml": _scenario("min_elevation_deg = 20.0", "min_elevation_deg = nan")},
        f"{_at('min_elevation_deg')}: sites.min_elevation_deg: must be a finite number (got nan)",
    ),
    "latitude 91": (_sites(3, "91"), "sites.csv:2: latitude_deg: must be <= 90 (got 91)"),
    "unknown country of a site": (
        _sites(2, "XX"),
        "sites.csv:2: country: must be an ISO 3166-1 alpha-2 code (got XX)",
    ),
    "country without a site": (
        _demand("a,DE,BE,9"),
        f"{DEMAND}:2: node_b: the scenario uses no site of this country, and no fibre reaches it (got BE)",
    ),
    "unknown node": (
        _demand("a,at-gras,DE,9"),
        f"{DEMAND}:2: node_a: {NO_NODE} (got at-gras)",
    ),
    "a pair with itself": (_demand("a,DE,DE,9"), f"{DEMAND}:2: node_b: must differ from node_a"),
    "a site with its own country": (
        _demand("a,AT,at-graz,9"),
        f"{DEMAND}:2: node_b: is the only station of AT: the two need no key between them (got at-graz)",
    ),
    "a deadline after the week": (
        {DEMAND: b"demand_id,node_a,node_b,bits,deadline_after_hours\na,DE,FR,9,169\n"},
        f"{DEMAND}:2: deadline_after_hours: must lie within the horizon "
        "(2026-11-30 00:00 to 2026-12-07 00:00 UTC) (got 169)",
    ),
    "trust in nobody known": (
        {DEMAND: b"demand_id,node_a,node_b,bits,trusted_nodes\na,DE,FR,9,AT at-gras\n"},
        f"{DEMAND}:2: trusted_nodes: is no site, country or terrestrial node of the scenario (got at-gras)",
    ),
    "two amounts": (
        {DEMAND: b"demand_id,node_a,node_b,bits,bits_per_week\na,DE,FR,9,9\n"},
        f"{DEMAND}:2: bits: must be empty where bits_per_week is given (got 9)",
    ),
    "fibre to a node that nobody named": (
        {
            "week.toml": _scenario(
                "[network]\n",
                '[network]\nfibre = [{ link_id = "x", node_a = "DE", node_b = "frankfrt", rate_bps = 1 }]\n',
            )
        },
        "network.fibre[0].node_b: is neither a site in use, nor a country code, nor in network.nodes",
    ),
    "an objective that nobody knows": (
        {"week.toml": _scenario('["guarantees", "fairness"', '["guarantees", "fairnes"')},
        f'{_at("objectives")}: schedule.objectives[1]: no such objective (got "fairnes")',
    ),
    "TLE checksum": (_tle(LINE_1[:-1] + "8", LINE_2), "qube.tle:1: checksum: checksum must be 9 (got 8)"),
    "TLE length": (_tle(LINE_1, LINE_2[:-2]), "qube.tle:2: must have 69 columns (got 67 columns)"),
    "TLE number": (
        _tle(LINE_1, OTHER_LINE_2),
        "qube.tle:2: catalog_id: must be 60476 as on line 1 of the set (got 60477)",
    ),
    "unknown key": ({"week.toml": _scenario("days = 7", "dayz = 7")}, f"{_at('days')}: horizon.dayz: unknown key"),
    "unknown table": ({"week.toml": _scenario("[network]", "[netwrk]")}, f"{_at('[network]')}: netwrk: unknown key"),
    "no file": ({"week.toml": _scenario(DEMAND, "none.csv")}, 'demand.file: no such file (got "none.csv")'),
}


@pytest.mark.parametrize(("files", "message"), CASES.values(), ids=CASES.keys())
def test_bad_input_is_named_and_nothing_is_written(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: Files, message: str
) -> None:
    written = {"week.toml": _scenario(), DEMAND: example_path(DEMAND).read_bytes()} | files
    for name, data in written.items():
        (tmp_path / name).write_bytes(data)
    monkeypatch.chdir(tmp_path)
    code, out, err = run("plan", "week.toml", "-o", "out")
    assert (code, out) == (2, "")
    assert f" {message}" in err
    assert err.startswith("error: ")
    assert "Traceback" not in err
    assert {path.name for path in tmp_path.iterdir()} == written.keys()
