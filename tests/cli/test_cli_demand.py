"""Tunnels that refresh keys become demand, less what is in stock."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from eagleplan.inputs.demand import parse_demand
from eagleplan.resources import example_path

Run = Callable[..., tuple[int, str, str]]

HEAD = "tunnel_id,node_a,node_b,key_bits,refresh_interval_s,reserve_days,stock_bits,priority,mode\n"


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_example_by_hand(run: Run) -> None:
    code, out, err = run("demand", "from-vpn", example_path("tunnels.csv"))
    assert code == 0
    rows = {row["demand_id"]: row for row in rows_of(out)}
    # A key every 300 s for 7 + 2 days is 2,592 keys; 120,000 bits are there.
    assert int(rows["de-fr-ministries"]["bits"]) == 2592 * 256 - 120_000
    # Every 1,200 s for 7 + 1 days: 576 keys.
    assert int(rows["nl-it-operations"]["bits"]) == 576 * 256
    assert rows["nl-it-operations"]["mode"] == "pqc_ok"
    assert "at-hr-grid: has enough in stock" in err
    assert "at-hr-grid" not in rows


def test_what_runs_dry_in_the_horizon_can_be_guaranteed(run: Run) -> None:
    _, out, _ = run("demand", "from-vpn", example_path("tunnels.csv"), "--guarantee", "--days", "1")
    rows = {row["demand_id"]: row for row in rows_of(out)}
    assert rows["de-fr-ministries"]["guarantee_bits"] == "0"  # 288 keys are fewer than the stock
    assert int(rows["nl-it-operations"]["guarantee_bits"]) == 72 * 256


def test_the_table_is_a_demand_table(run: Run, tmp_path: Path) -> None:
    made = tmp_path / "demand.csv"
    assert run("demand", "from-vpn", example_path("tunnels.csv"), "-o", made)[:2] == (0, "")
    entries = parse_demand(made.read_text(), str(made))
    assert [entry.demand_id for entry in entries] == ["de-fr-ministries", "nl-it-operations"]
    assert entries[0].bits(7.0) == 2592 * 256 - 120_000


def test_awkward_names_survive(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text(HEAD + '"a,""b""",DE,FR,256,300,,,,\n')
    _, out, _ = run("demand", "from-vpn", table)
    assert rows_of(out)[0]["demand_id"] == 'a,"b"'


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("t,DE,DE,256,300,,,,", "t.csv:2: node_b: must differ from node_a"),
        ("t,DE,FR,0,300,,,,", "t.csv:2: key_bits: must be >= 1"),
        ("t,DE,FR,256,0,,,,", "t.csv:2: refresh_interval_s: must be >= 1"),
        ("t,DE,FR,256,300,-1,,,", "t.csv:2: reserve_days: must be >= 0"),
        ("t,DE,FR,256,300,,-5,,", "t.csv:2: stock_bits: must be >= 0"),
        ("t,DE,FR,256,300,,,,qkd", "t.csv:2: mode: must be one of"),
        ("t,DE,FR,256.5,300,,,,", "t.csv:2: key_bits: must be a whole number"),
        ("t,DE,FR,256,300,,,", "t.csv:2: must have 9 cells"),
    ],
)
def test_a_wrong_row_is_named(run: Run, tmp_path: Path, row: str, said: str) -> None:
    (tmp_path / "t.csv").write_text(HEAD + row + "\n")
    code, out, err = run("demand", "from-vpn", tmp_path / "t.csv")
    assert (code, out) == (2, "")
    assert said in err


def test_a_file_that_is_not_there(run: Run, tmp_path: Path) -> None:
    code, _, err = run("demand", "from-vpn", tmp_path / "gone.csv")
    assert code == 2
    assert "gone.csv: cannot be read: No such file or directory" in err
