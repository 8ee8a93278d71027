"""From windows to the contacts that a schedule chooses from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from eagleplan.model import Contact, Reason, Satellite
from eagleplan.pipeline.assessment import CandidateCounts
from eagleplan.pipeline.cuts import CutRules, Parts, parts_of
from eagleplan.pipeline.dominance import dominated
from eagleplan.pipeline.spans import PART, Span
from eagleplan.pipeline.worth import Valued, Worth, contacts, worth
from eagleplan.scenario import Scenario

Kept = Mapping[str, Sequence[tuple[int, int]]]
"""Pass id -> (start_s, end_s) that are to be candidates whatever the grid says."""


def refusal(scenario: Scenario, contact: Contact) -> Reason | None:
    """Why a whole window is no candidate, or None."""
    if {contact.contact_id, contact.pass_id} & set(scenario.schedule.vetoes):
        return Reason(code="vetoed", text="vetoed by the scenario")
    if contact.key.secret_bits == 0:
        return Reason(code="no-key", text=f"no key: {contact.key.abort_reason}")
    if contact.expected_bits == 0:
        return Reason(code="no-key", text=f"no expected key: the clear probability is {contact.p_clear:.6f}")
    if contact.usable_s > scenario.horizon.end_s:
        satellite = next(s for s in scenario.satellites if s.satellite_id == contact.satellite_id)
        awaits = (
            "the delay of its key ends" if satellite.classical_contacts_s is None else "a classical contact follows"
        )
        return Reason(code="no-key", text=f"no key in time: {awaits} only after the horizon")
    return None


def candidates_of(
    scenario: Scenario, windows: Valued, whole: Worth, whole_contacts: Sequence[Contact], keep: Kept
) -> tuple[tuple[Contact, ...], CandidateCounts]:
    """Contacts by start and id: whole windows, and parts where windows stand in each other's way.

    `whole` is the worth of the windows themselves. Contacts that are pinned by name, and those of `keep`, are there
    whatever the grid says, and stay where they are dominated; pinned ones even where they give no key.
    """
    spans, options = windows.spans, scenario.schedule
    vetoes = set(options.vetoes)
    allowed = [i for i, span in enumerate(spans) if vetoes.isdisjoint({span.contact_id, span.of.pass_id})]
    rivals = [i for i in allowed if whole.secret_bits[i] > 0]
    limited = {satellite.satellite_id for satellite in scenario.satellites if _is_limited(satellite)}
    everywhere = [i for i in allowed if whole.secret_bits[i] == 0 or spans[i].of.satellite_id in limited]
    also = pinned_parts(spans, options.pins, options.min_contact_s)
    for i, span in enumerate(spans):
        also[i] = [*also.get(i, ()), *keep.get(span.of.pass_id, ())]
    parts = parts_of(spans, rivals, everywhere, also, _rules(scenario))
    parts = parts.at(np.flatnonzero(np.isin(parts.span, allowed)))
    found = worth(scenario, windows, parts)

    with_key = (found.expected_bits > 0) & (found.usable_s <= scenario.horizon.end_s)
    ids = _ids(spans, parts)
    pinned = np.isin(ids, options.pins)
    rows = np.flatnonzero((with_key | pinned) & ~np.isin(ids, options.vetoes))
    spare = dominated(parts.at(rows), found.secret_bits[rows], found.expected_bits[rows]) & ~pinned[rows]
    spare &= np.array([not _is_kept(parts, also, i) for i in rows.tolist()], dtype=np.bool_)
    rows = rows[~spare]
    chosen = contacts(windows, found, rows)
    by_id = {contact.contact_id: contact for contact in whole_contacts}
    chosen = [by_id.get(contact.contact_id, contact) for contact in chosen]
    counts = CandidateCounts(
        n_windows=len(allowed),
        n_cut_windows=int((np.bincount(parts.span, minlength=1) > 1).sum()),
        n_parts=len(parts.span) - len(allowed),
        n_no_key=len(parts.span) - int(with_key.sum()),
        n_dominated=int(spare.sum()),
        n_candidates=len(rows),
    )
    return tuple(sorted(chosen, key=lambda contact: (contact.start_s, contact.contact_id))), counts


def pinned_parts(spans: Sequence[Span], pins: Iterable[str], min_contact_s: int) -> dict[int, list[tuple[int, int]]]:
    """Span, by number -> (start_s, end_s) of the parts of it that are pinned by name, if they are long enough."""
    number = {span.contact_id: i for i, span in enumerate(spans)}
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for pin in pins:
        named = PART.fullmatch(pin)
        if named and (i := number.get(named["window"])) is not None:
            start_s, end_s = spans[i].start_s + int(named["first_s"]), spans[i].start_s + int(named["last_s"])
            if end_s - start_s >= min_contact_s and end_s <= spans[i].end_s and spans[i].id_of(start_s, end_s) == pin:
                found[i].append((start_s, end_s))
    return found


def _ids(spans: Sequence[Span], parts: Parts) -> list[str]:
    rows = zip(parts.span.tolist(), parts.start_s.tolist(), parts.end_s.tolist(), strict=True)
    return [spans[number].id_of(start_s, end_s) for number, start_s, end_s in rows]


def _is_kept(parts: Parts, also: Mapping[int, Sequence[tuple[int, int]]], i: int) -> bool:
    return (int(parts.start_s[i]), int(parts.end_s[i])) in also.get(int(parts.span[i]), ())


def _is_limited(satellite: Satellite) -> bool:
    """Whether the satellite may work for some seconds only, so that it may have to stop before a window ends."""
    return satellite.duty.max_contact_s_per_orbit is not None or satellite.duty.max_contact_s_per_day is not None


def _rules(scenario: Scenario) -> CutRules:
    options = scenario.schedule
    deadlines_s = tuple(sorted({demand.deadline_s - options.key_delay_s for demand in scenario.demands}))
    return CutRules(
        grid_s=options.cut_grid_s,
        min_contact_s=options.min_contact_s,
        changeover_s=options.changeover_s,
        set_up_s={site.site_id: site.limits.set_up_s for site in scenario.sites},
        instants_s={
            satellite.satellite_id: (
                deadlines_s
                if satellite.classical_contacts_s is None
                else tuple(start_s for start_s, _ in satellite.classical_contacts_s)
            )
            for satellite in scenario.satellites
        },
    )
