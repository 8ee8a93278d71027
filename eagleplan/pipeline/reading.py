"""A stored plan as a plan again, for exports: nothing is computed anew."""

from __future__ import annotations

from pathlib import Path

from eagleplan import report
from eagleplan.errors import InputError, Problem
from eagleplan.inputs.files import NO_PLAN_HINT, StoredFiles, read_file
from eagleplan.report.exports import Source
from eagleplan.scenario import load_scenario
from eagleplan.stamp import sha256_hex

PLAN_NAME = "plan.json"


def read_directory(directory: Path) -> Source:
    """The plan of a directory that `plan` wrote, with satellites and sites from the inputs stored in it.

    Raises InputError where the directory holds no plan, where the files that are read are not as its manifest says, or
    where the inputs do not belong to it.
    """
    manifest_path = directory / report.MANIFEST_NAME
    manifest = report.read_manifest(read_file(manifest_path, hint=NO_PLAN_HINT), str(manifest_path))
    data = {name: read_file(directory / name, hint=NO_PLAN_HINT) for name in (PLAN_NAME, report.CALENDAR_STATE_NAME)}
    changed = [
        Problem(
            path=str(directory / name),
            message="is not as the plan wrote it",
            hint=f"`eagleplan verify {directory}` says what has become of it",
        )
        for name, content in data.items()
        if name not in manifest.files or manifest.files[name].sha256 != sha256_hex(content)
    ]
    if changed:
        raise InputError(changed)
    scenario = load_scenario(StoredFiles(directory / report.INPUTS_FOLDER))
    state_path = str(directory / report.CALENDAR_STATE_NAME)
    return Source(
        plan=report.read_plan(data[PLAN_NAME], scenario.satellites, scenario.sites, str(directory / PLAN_NAME)),
        told=report.read_calendar_state(data[report.CALENDAR_STATE_NAME], state_path),
    )
