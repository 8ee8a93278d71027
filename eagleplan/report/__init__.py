"""A plan as files: `FORMATS` maps a file's name to the function that makes its bytes, `EXPORTS` goes further."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from eagleplan.model import ContactTrace, Plan
from eagleplan.report.calendar_state import CALENDAR_STATE_NAME, read_calendar_state
from eagleplan.report.claims import claims_of, read_plan_claims
from eagleplan.report.directory import check_target, write_directory
from eagleplan.report.html import report_html
from eagleplan.report.ics import calendars
from eagleplan.report.manifest import MANIFEST_NAME, Manifest, changed_files, manifest_json, read_manifest
from eagleplan.report.plan_json import plan_json
from eagleplan.report.plan_reader import as_stored, read_plan
from eagleplan.report.summary import print_summary
from eagleplan.report.tables import contacts_csv, demand_csv, passes_csv
from eagleplan.report.traces_json import TRACES_NAME, read_traces, traces_as_stored, traces_json

Format = Callable[[Plan, Sequence[ContactTrace]], bytes]


def _of_plan(make: Callable[[Plan], bytes]) -> Format:
    return lambda plan, _traces: make(plan)


FORMATS: Mapping[str, Format] = {
    "plan.json": _of_plan(plan_json),
    TRACES_NAME: traces_json,
    "contacts.csv": _of_plan(contacts_csv),
    "passes.csv": _of_plan(passes_csv),
    "demand.csv": _of_plan(demand_csv),
    "report.html": report_html,
}
"""File name → what makes it of a plan and its traces. Every one of them is written by `plan`."""

INPUTS_FOLDER = "inputs"
OPERATIONS_FOLDER = "operations"
"""Where the ledger of a plan lies, in its directory; it is no part of the plan."""

__all__ = [
    "CALENDAR_STATE_NAME",
    "FORMATS",
    "INPUTS_FOLDER",
    "MANIFEST_NAME",
    "OPERATIONS_FOLDER",
    "TRACES_NAME",
    "Format",
    "Manifest",
    "as_stored",
    "calendars",
    "changed_files",
    "check_target",
    "claims_of",
    "plan_json",
    "print_summary",
    "read_calendar_state",
    "read_manifest",
    "read_plan",
    "read_plan_claims",
    "read_traces",
    "render",
    "traces_as_stored",
    "traces_json",
    "write_directory",
]


def render(
    plan: Plan,
    traces: Sequence[ContactTrace] = (),
    stored_inputs: Mapping[str, bytes] | None = None,
    *,
    previous_calendar_state: bytes | None = None,
    tentative_below_p: float = 0.0,
) -> dict[str, bytes]:
    """Path → bytes of all that a plan's directory holds: every format, calendars, the inputs verbatim, the manifest.

    `stored_inputs` maps plain file names to bytes; they come to lie in ``inputs/``. Every format speaks of the plan as
    ``plan.json`` states it, and of `traces` as ``traces.json`` does, so that a stored plan gives the same files again.
    `previous_calendar_state` and `tentative_below_p` are for `calendars`.
    """
    traces = traces_as_stored(plan, traces)
    plan = as_stored(plan)
    files = {name: make(plan, traces) for name, make in FORMATS.items()}
    files |= calendars(plan, previous_calendar_state, tentative_below_p=tentative_below_p)
    for name, data in sorted((stored_inputs or {}).items()):
        files[f"{INPUTS_FOLDER}/{name}"] = data
    files[MANIFEST_NAME] = manifest_json(plan, files)
    return files
