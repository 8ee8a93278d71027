"""Pins and vetoes that name nothing, or that cannot be kept, as errors of the scenario."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from eagleplan import schedule
from eagleplan.errors import InputError, Problem
from eagleplan.inputs.text import decode
from eagleplan.inputs.toml import parse_toml
from eagleplan.model import Contact
from eagleplan.pipeline.assessment import Assessment
from eagleplan.pipeline.spans import PART
from eagleplan.scenario import Scenario


def check_pins(scenario: Scenario, assessment: Assessment) -> None:
    """Raise InputError for every pin or veto that names no pass and no contact, or that nothing can fulfil."""
    contacts = (*assessment.settled, *assessment.contacts, *(one for one in assessment.candidates if not one.is_whole))
    faults = schedule.pin_faults(contacts, assessment.passes, scenario.schedule, scenario.sites)
    if faults:
        windows = {contact.contact_id: contact for contact in assessment.contacts}
        shortest_s = scenario.schedule.min_contact_s
        raise InputError(
            _problem(
                scenario, fault.ids[0], fault.message, _hint_for_part(fault.ids[0], windows, shortest_s) or fault.hint
            )
            for fault in faults
        )


def refuse_pin_conflict(scenario: Scenario, problem: schedule.Problem) -> None:
    """Raise InputError naming a smallest set of pins that cannot all be flown."""
    pins = schedule.pin_conflict(problem)
    if len(pins) == 1:
        raise InputError([_problem(scenario, pins[0], "cannot be flown at all: limits leave no room for it")])
    if pins:
        raise InputError(
            _problem(scenario, pin, f"cannot be flown together with {_quoted(other for other in pins if other != pin)}")
            for pin in pins
        )


def _problem(scenario: Scenario, name: str, message: str, hint: str | None = None) -> Problem:
    """A problem of a pin or a veto, where it stands in the scenario."""
    path = scenario.scenario_file
    document = parse_toml(decode(scenario.files[path], path), path).override(scenario.overrides)
    for table in ("pins", "vetoes"):
        listed: tuple[str, ...] = getattr(scenario.schedule, table)
        if name in listed:
            return document.problem(("schedule", table, listed.index(name)), message, got=f'"{name}"', hint=hint)
    raise ValueError(f"{name} is neither pinned nor vetoed")


def _hint_for_part(name: str, windows: Mapping[str, Contact], shortest_s: int) -> str | None:
    """What a part of one of `windows` may be called, where `name` looks like one."""
    named = PART.fullmatch(name)
    window = windows.get(named["window"]) if named else None
    if window is None:
        return None
    return f"a part runs over whole seconds from 0 to {window.duration_s}, for {shortest_s} at least"


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
