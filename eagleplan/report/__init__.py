"""A plan as files: `FORMATS` maps a file's name to the function that makes its bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from eagleplan.model import Plan
from eagleplan.report.claims import claims_of, read_plan_claims
from eagleplan.report.directory import check_target, write_directory
from eagleplan.report.html import report_html
from eagleplan.report.ics import schedule_ics
from eagleplan.report.manifest import MANIFEST_NAME, Manifest, changed_files, manifest_json, read_manifest
from eagleplan.report.plan_json import plan_json
from eagleplan.report.summary import print_summary
from eagleplan.report.tables import contacts_csv, demand_csv, passes_csv

Format = Callable[[Plan], bytes]

FORMATS: Mapping[str, Format] = {
    "plan.json": plan_json,
    "contacts.csv": contacts_csv,
    "passes.csv": passes_csv,
    "demand.csv": demand_csv,
    "schedule.ics": schedule_ics,
    "report.html": report_html,
}
"""File name → format. Every one of them is written by `plan`."""

INPUTS_FOLDER = "inputs"

__all__ = [
    "FORMATS",
    "INPUTS_FOLDER",
    "MANIFEST_NAME",
    "Format",
    "Manifest",
    "changed_files",
    "check_target",
    "claims_of",
    "print_summary",
    "read_manifest",
    "read_plan_claims",
    "render",
    "write_directory",
]


def render(plan: Plan, stored_inputs: Mapping[str, bytes] | None = None) -> dict[str, bytes]:
    """Path → bytes of all that a plan's directory holds: every format, the inputs verbatim, the manifest.

    `stored_inputs` maps plain file names to bytes; they come to lie in ``inputs/``.
    """
    files = {name: make(plan) for name, make in FORMATS.items()}
    for name, data in sorted((stored_inputs or {}).items()):
        files[f"{INPUTS_FOLDER}/{name}"] = data
    files[MANIFEST_NAME] = manifest_json(plan, files)
    return files
