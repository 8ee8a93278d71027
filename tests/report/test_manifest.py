"""manifest.json names everything in the directory, and notices when something in it changes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from eagleplan.errors import InputError
from eagleplan.model import Plan, TabulatedEphemeris
from eagleplan.report import changed_files, read_manifest, render

SCENARIO = b'name = "week"\n'


@pytest.fixture
def files(plan: Plan) -> dict[str, bytes]:
    scenario = replace(plan.inputs[0], sha256=hashlib.sha256(SCENARIO).hexdigest())
    stored = {"00-week.toml": SCENARIO, "index.json": b"{}\n"}
    return render(replace(plan, inputs=(scenario, *plan.inputs[1:])), (), stored)


def test_it_lists_every_file_but_itself_with_its_hash(files: dict[str, bytes], plan: Plan) -> None:
    manifest = json.loads(files["manifest.json"])
    assert manifest["files"].keys() == files.keys() - {"manifest.json"}
    assert manifest["files"].keys() == {*render(plan)} - {"manifest.json"} | {
        "inputs/00-week.toml",
        "inputs/index.json",
    }
    for path, entry in manifest["files"].items():
        assert entry["sha256"] == hashlib.sha256(files[path]).hexdigest()
        assert entry["n_bytes"] == len(files[path])


def test_it_says_what_the_plan_was_made_with(files: dict[str, bytes], plan: Plan) -> None:
    manifest = json.loads(files["manifest.json"])
    assert manifest["stamp"] == plan.stamp
    assert "created_utc" not in manifest["stamp"]
    assert manifest["orbits"] == [
        {
            "satellite_id": "eagle1",
            "kind": "design",
            "epoch_utc": "2026-11-29T12:00:00.000Z",
            "age_at_start_days": 0.5,
            "age_at_end_days": 7.5,
            "origin": "design orbit: sso 500 km, LTAN 22:30",
        }
    ]
    assert (manifest["solver"]["status"], manifest["solver"]["seed"]) == ("feasible", 1)
    assert [entry["stored"] for entry in manifest["inputs"]] == ["inputs/00-week.toml", None]


def test_an_ephemeris_counts_from_its_first_state(plan: Plan) -> None:
    instants = np.array([3600.0, 3660.0])
    orbit = TabulatedEphemeris(
        name="eagle1",
        catalog_id=None,
        international_designator="",
        epoch_utc=datetime(2026, 11, 29, 23, tzinfo=UTC),
        frame="ITRF",
        t_s=instants,
        position_km=np.zeros((2, 3)),
        velocity_km_s=np.zeros((2, 3)),
        segment_starts=(0,),
        interpolation="lagrange",
        interpolation_degree=7,
        origin="eagle1.oem:1",
    )
    with_oem = replace(plan, satellites=(replace(plan.satellites[0], orbit=orbit),))
    entry = json.loads(render(with_oem)["manifest.json"])["orbits"][0]
    assert (entry["kind"], entry["age_at_start_days"]) == ("ephemeris", 0.0)


def test_a_change_is_noticed(files: dict[str, bytes]) -> None:
    manifest = read_manifest(files["manifest.json"])
    assert changed_files(manifest, files) == ()
    changed = {**files, "contacts.csv": files["contacts.csv"] + b"\n", "stranger.txt": b""}
    del changed["inputs/index.json"]
    assert changed_files(manifest, changed) == ("contacts.csv", "inputs/index.json", "stranger.txt")


def test_a_broken_manifest_is_told_so(files: dict[str, bytes]) -> None:
    content = json.loads(files["manifest.json"])
    content["files"]["plan.json"]["sha256"] = "xyz"
    del content["solver"]["seed"]
    with pytest.raises(InputError) as caught:
        read_manifest(json.dumps(content).encode(), "out/manifest.json")
    assert [problem.field for problem in caught.value.problems] == ["solver.seed", "files.plan.json.sha256"]
