"""A stored plan: what it was made from, what it claims, and whether that holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from eagleplan import report, schedule
from eagleplan.inputs.files import NO_PLAN_HINT, StoredFiles, read_file
from eagleplan.model import PlanClaims
from eagleplan.pipeline.assess import assess
from eagleplan.pipeline.assessment import Assessment
from eagleplan.pipeline.plan import offered, problem_of
from eagleplan.pipeline.progress import Progress, silent
from eagleplan.scenario import Scenario, load_scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the independent check says of a stored plan; no violation means that it is accepted."""

    name: str
    n_contacts: int
    n_demands: int
    violations: tuple[schedule.Violation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPlan:
    """A plan's directory read back: its claims, and everything that follows from the inputs stored with it."""

    claims: PlanClaims
    scenario: Scenario
    assessment: Assessment
    problem: schedule.Problem


def load_stored(directory: Path, progress: Progress = silent) -> StoredPlan:
    """Read a plan's directory and assess its stored inputs anew.

    Raises InputError where the directory, its inputs or its plan cannot be read.
    """
    plan_path = directory / "plan.json"
    claims = report.read_plan_claims(read_file(plan_path, hint=NO_PLAN_HINT), str(plan_path))
    scenario = load_scenario(StoredFiles(directory / "inputs"))
    assessment = assess(scenario, progress)
    return StoredPlan(claims=claims, scenario=scenario, assessment=assessment, problem=problem_of(scenario, assessment))


def verify_directory(directory: Path, progress: Progress = silent) -> Verdict:
    """Recompute a plan's claims from the inputs stored beside it, without the solver.

    Raises InputError where the directory, its inputs or its plan cannot be read.
    """
    manifest_path = directory / report.MANIFEST_NAME
    manifest = report.read_manifest(read_file(manifest_path, hint=NO_PLAN_HINT), str(manifest_path))
    files = {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        # What happens to a plan is written beside it; it is no claim of the plan's.
        if path.is_file() and not path.is_relative_to(directory / report.OPERATIONS_FOLDER)
    }
    stored = load_stored(directory, progress)
    claims, scenario = stored.claims, stored.scenario
    return Verdict(
        name=claims.name,
        n_contacts=len(claims.contacts),
        n_demands=len(claims.demands),
        violations=(
            *_horizon_violations(scenario, claims),
            *schedule.violations(stored.problem, claims, scenario.schedule),
            *schedule.yield_violations(offered(scenario, stored.assessment), claims),
            *(
                schedule.Violation(code="V-FILE", subject=path, message=_what_became_of(path, manifest, files))
                for path in report.changed_files(manifest, files)
            ),
        ),
    )


def _horizon_violations(scenario: Scenario, claims: PlanClaims) -> tuple[schedule.Violation, ...]:
    if claims.horizon == scenario.horizon:
        return ()
    message = f"the inputs are for {scenario.horizon.days:g} days from {scenario.horizon.start_utc:%Y-%m-%dT%H:%M:%SZ}"
    return (schedule.Violation(code="V-HORIZON", subject=claims.name, message=message),)


def _what_became_of(path: str, manifest: report.Manifest, files: Mapping[str, bytes]) -> str:
    if path not in files:
        return "is missing"
    if path not in manifest.files:
        return "is not a file of the plan"
    return "is not as the plan wrote it"
