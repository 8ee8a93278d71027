"""A stored plan as a plan again, for exports: nothing is computed anew."""

from __future__ import annotations

from pathlib import Path

from eagleplan import report
from eagleplan.errors import InputError, Problem
from eagleplan.inputs.files import NO_PLAN_HINT, StoredFiles, read_file
from eagleplan.model import ContactTrace, Plan
from eagleplan.report.exports import Source
from eagleplan.scenario import load_scenario
from eagleplan.stamp import sha256_hex

PLAN_NAME = "plan.json"


def read_directory(directory: Path) -> Source:
    """The plan of a directory that `plan` wrote and its traces, with satellites and sites from the stored inputs.

    Raises InputError where the directory holds no plan, where the files that are read are not as its manifest says, or
    where the inputs do not belong to it.
    """
    manifest_path = directory / report.MANIFEST_NAME
    manifest = report.read_manifest(read_file(manifest_path, hint=NO_PLAN_HINT), str(manifest_path))
    names = (PLAN_NAME, report.TRACES_NAME, report.CALENDAR_STATE_NAME)
    data = {name: read_file(directory / name, hint=NO_PLAN_HINT) for name in names}
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
    plan = report.read_plan(data[PLAN_NAME], scenario.satellites, scenario.sites, str(directory / PLAN_NAME))
    return Source(
        plan=plan,
        traces=_traces(plan, data[report.TRACES_NAME], str(directory / report.TRACES_NAME)),
        told=report.read_calendar_state(data[report.CALENDAR_STATE_NAME], state_path),
    )


def _traces(plan: Plan, data: bytes, path: str) -> tuple[ContactTrace, ...]:
    """The traces of `plan`: one for each of its contacts, in their order."""
    found = report.read_traces(data, path)
    ids = [contact.contact_id for contact in plan.contacts]
    if [trace.contact_id for trace in found] != ids:
        message = "must have the chosen contacts of the plan, in their order"
        raise InputError(Problem(path=path, field="contacts", message=message))
    return found
