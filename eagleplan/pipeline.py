"""The one place where the chain can be read: elements, passes, windows, budget, key, schedule, plan."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eagleplan import key, link, passes, report, schedule, weather
from eagleplan.errors import InputError, PlanRejectedError, Problem
from eagleplan.inputs.files import StoredFiles
from eagleplan.model import (
    Budget,
    Contact,
    KeyYield,
    Notice,
    Pass,
    PassDecision,
    Plan,
    PlanClaims,
    Profile,
    Reason,
    Site,
)
from eagleplan.orbit.earth_orientation import earth_orientation_source
from eagleplan.passes.nights import nights
from eagleplan.scenario import Scenario, load_scenario
from eagleplan.stamp import stamp
from eagleplan.units import FloatArray, db_from_frac

Progress = Callable[[str, float], None]


def _silent(stage: str, fraction: float) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The whole seconds [`start_s`, `end_s`) inside a window of a pass."""

    contact_id: str
    of: Pass
    start_s: int
    end_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """Everything that is known before a choice is made: each pass, its contacts, and why a pass has none.

    `contacts` holds one for every window that is long enough, with key or without; `profiles` and `budgets` belong to
    them one by one. `refusals` gives, by pass id, why a pass has no contact at all.
    """

    passes: tuple[Pass, ...]
    contacts: tuple[Contact, ...]
    profiles: tuple[Profile, ...]
    budgets: tuple[Budget, ...]
    refusals: Mapping[str, Reason]
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the independent check says of a stored plan; no violation means that it is accepted."""

    name: str
    n_contacts: int
    n_demands: int
    violations: tuple[schedule.Violation, ...]


def assess(scenario: Scenario, progress: Progress = _silent) -> Assessment:
    """Find every pass of a scenario and say what each of its windows is worth."""
    progress("passes", 0.0)
    search = passes.find_passes(
        scenario.satellites,
        scenario.sites,
        scenario.horizon,
        scenario.constraints,
        lambda done, total: progress("passes", done / total),
    )

    spans, refusals = _spans(search.passes, scenario.schedule.min_contact_s)
    sites = {site.site_id: site for site in scenario.sites}
    satellites = {satellite.satellite_id: satellite for satellite in scenario.satellites}

    progress("budget", 0.0)
    profiles = passes.profiles(
        [
            passes.ProfileSpan(
                satellite_id=span.of.satellite_id,
                site_id=span.of.site_id,
                start_s=span.start_s,
                end_s=span.end_s,
            )
            for span in spans
        ],
        search,
    )
    budgets = link.budgets(
        _link_windows(scenario, [(span.of, profile) for span, profile in zip(spans, profiles, strict=True)]),
        scenario.link,
    )
    progress("budget", 1.0)

    progress("key", 0.0)
    yields = key.secret_keys(
        [
            key.detections(
                budget.transmittance_frac,
                budget.background_per_detector_cps,
                satellites[span.of.satellite_id].source,
                sites[span.of.site_id].receiver.detector,
            )
            for span, budget in zip(spans, budgets, strict=True)
        ],
        scenario.security,
    )
    progress("key", 1.0)
    contacts = [
        _contact(span, profile, budget, worth, sites[span.of.site_id])
        for span, profile, budget, worth in zip(spans, profiles, budgets, yields, strict=True)
    ]
    return Assessment(
        passes=search.passes,
        contacts=tuple(contacts),
        profiles=profiles,
        budgets=budgets,
        refusals=refusals,
        notices=(*scenario.notices, *search.notices),
    )


def _link_windows(scenario: Scenario, ends: Sequence[tuple[Pass | Contact, Profile]]) -> list[link.LinkWindow]:
    sites = {site.site_id: site for site in scenario.sites}
    terminals = {satellite.satellite_id: satellite.terminal for satellite in scenario.satellites}
    return [
        link.LinkWindow(profile=profile, site=sites[of.site_id], terminal=terminals[of.satellite_id])
        for of, profile in ends
    ]


def fades(
    scenario: Scenario, assessment: Assessment, contacts: Sequence[int], *, p_below: float
) -> tuple[Mapping[str, FloatArray], ...]:
    """For each of the assessment's contacts asked for, fading term → loss exceeded a share `p_below` of the time."""
    windows = _link_windows(scenario, [(assessment.contacts[i], assessment.profiles[i]) for i in contacts])
    return link.fades(windows, scenario.link, p_below=p_below)


def _spans(found: Sequence[Pass], min_contact_s: int) -> tuple[list[Span], dict[str, Reason]]:
    spans: list[Span] = []
    refusals: dict[str, Reason] = {}
    for this in found:
        if not this.windows:
            refusals[this.pass_id] = Reason(
                code="no-window", text=f"no window: {this.blocked_by or 'elevation'} holds for the whole pass"
            )
            continue
        whole = [(math.ceil(window.start_s), math.floor(window.end_s)) for window in this.windows]
        usable = [(start_s, end_s) for start_s, end_s in whole if end_s - start_s >= min_contact_s]
        if not usable:
            longest_s = max(end_s - start_s for start_s, end_s in whole)
            refusals[this.pass_id] = Reason(
                code="too-short",
                text=f"longest window has {max(0, longest_s)} s, a contact needs {min_contact_s} s",
            )
        for number, (start_s, end_s) in enumerate(usable, 1):
            part = "" if len(usable) == 1 else f"-{number}"
            spans.append(Span(contact_id=this.pass_id + part, of=this, start_s=start_s, end_s=end_s))
    return spans, refusals


def _contact(span: Span, profile: Profile, budget: Budget, worth: KeyYield, site: Site) -> Contact:
    p_clear = weather.p_clear_of_contact(site.p_clear_zenith_annual, profile.elevation_deg)
    return Contact(
        contact_id=span.contact_id,
        pass_id=span.of.pass_id,
        satellite_id=span.of.satellite_id,
        site_id=span.of.site_id,
        start_s=span.start_s,
        end_s=span.end_s,
        max_elevation_deg=float(profile.elevation_deg.max()),
        mean_loss_db=float(db_from_frac(budget.transmittance_frac.mean())),
        min_loss_db=float(budget.total_db.min()),
        p_clear=p_clear,
        p_clear_origin="annual climatological prior",
        key=worth,
        expected_bits=math.floor(p_clear * worth.secret_bits),
    )


def _problem(scenario: Scenario, assessment: Assessment) -> schedule.Problem:
    return schedule.build_problem(
        [contact for contact in assessment.contacts if contact.expected_bits > 0],
        scenario.demands,
        scenario.network,
        changeover_s=scenario.schedule.changeover_s,
    )


def make_plan(scenario: Scenario, progress: Progress = _silent) -> Plan:
    """The main job: assess every pass, choose contacts, explain the rest, and have the result verified.

    Raises NoPlanError where the solver found nothing within its limits, and PlanRejectedError where the independent
    check does not accept what the solver returned: such a plan is never written.
    """
    assessment = assess(scenario, progress)
    problem = _problem(scenario, assessment)
    progress("schedule", 0.0)
    options = scenario.schedule
    solution = schedule.solve(
        problem,
        schedule.Limits(max_time_s=options.max_deterministic_time_s, workers=options.workers, seed=options.seed),
    )
    progress("schedule", 1.0)

    reasons = schedule.contact_reasons(problem, solution)
    by_id = {contact.contact_id: contact for contact in assessment.contacts}
    plan = Plan(
        name=scenario.name,
        horizon=scenario.horizon,
        satellites=scenario.satellites,
        sites=scenario.sites,
        demands=schedule.demand_results(scenario.demands, problem, solution),
        decisions=_decisions(assessment, reasons),
        contacts=tuple(by_id[contact_id] for contact_id in solution.chosen_ids),
        deliveries=solution.deliveries,
        initial_stocks=scenario.network.initial_stocks,
        proof=schedule.proof(solution),
        notices=assessment.notices,
        assumptions=scenario.assumptions,
        inputs=scenario.inputs,
        stamp=stamp() | earth_orientation_source(),
        nights=nights(scenario.sites, scenario.horizon),
    )
    found = _violations(problem, assessment, report.claims_of(plan))
    if found:
        raise PlanRejectedError(str(violation) for violation in found)
    return plan


def _decisions(assessment: Assessment, reasons: Mapping[str, Reason]) -> tuple[PassDecision, ...]:
    contacts: dict[str, list[Contact]] = {}
    for contact in assessment.contacts:
        contacts.setdefault(contact.pass_id, []).append(contact)
    decisions = []
    for this in assessment.passes:
        own = contacts.get(this.pass_id, [])
        if not own:
            decisions.append(PassDecision(planned_pass=this, reason=assessment.refusals[this.pass_id]))
            continue
        explained = [(contact, _reason_of(contact, reasons)) for contact in own]
        chosen = [pair for pair in explained if pair[1].code == "chosen"]
        contact, reason = max(chosen or explained, key=lambda pair: pair[0].expected_bits)
        decisions.append(PassDecision(planned_pass=this, reason=reason, contact=contact))
    return tuple(decisions)


def _reason_of(contact: Contact, reasons: Mapping[str, Reason]) -> Reason:
    if contact.key.secret_bits == 0:
        return Reason(code="no-key", text=f"no key: {contact.key.abort_reason}")
    if contact.expected_bits == 0:
        return Reason(code="no-key", text=f"no expected key: the clear probability is {contact.p_clear:.6f}")
    return reasons[contact.contact_id]


def verify_directory(directory: Path, progress: Progress = _silent) -> Verdict:
    """Recompute a plan's claims from the inputs stored beside it, without the solver.

    Raises InputError where the directory, its inputs or its plan cannot be read.
    """
    manifest_path = directory / report.MANIFEST_NAME
    manifest = report.read_manifest(_read(manifest_path), str(manifest_path))
    files = {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }
    plan_path = directory / "plan.json"
    claims = report.read_plan_claims(_read(plan_path), str(plan_path))
    scenario = load_scenario(StoredFiles(directory / "inputs"))
    assessment = assess(scenario, progress)
    problem = _problem(scenario, assessment)
    return Verdict(
        name=claims.name,
        n_contacts=len(claims.contacts),
        n_demands=len(claims.demands),
        violations=(
            *_horizon_violations(scenario, claims),
            *_violations(problem, assessment, claims),
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


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            Problem(
                path=str(path),
                message=f"cannot be read: {error.strerror}",
                hint="name a directory that `eagleplan plan -o` wrote",
            )
        ) from error


def _violations(
    problem: schedule.Problem, assessment: Assessment, claims: PlanClaims
) -> tuple[schedule.Violation, ...]:
    return (
        *schedule.violations(problem, claims),
        *schedule.yield_violations(assessment.contacts, claims),
    )
