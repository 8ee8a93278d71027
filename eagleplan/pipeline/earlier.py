"""Starting from an earlier plan: what is settled stays, what may change keeps its name.

New elements move passes by seconds. A pass that culminates near an earlier one of its satellite and site is that pass,
and keeps its id; contacts move with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from eagleplan import schedule
from eagleplan.model import Contact, EarlierContact, EarlierPlan, Notice, Pass, ScheduleOptions, Window
from eagleplan.passes import PassSearch
from eagleplan.pipeline.candidates import Kept
from eagleplan.pipeline.spans import Span
from eagleplan.pipeline.worth import contacts, valued, wholes, worth
from eagleplan.scenario import Scenario

SAME_PASS_S = 600.0
"""Passes of one satellite over one site lie an orbit apart; elements that miss by more name another object."""

FREEZE = "freeze"


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What an earlier plan leaves of a search: nothing is changed where there is none.

    `open_passes` are the passes with what is open of their windows. `contacts` stay as they are. `keep` says, by
    pass id, where earlier contacts that may still change would lie now.
    """

    search: PassSearch
    open_passes: tuple[Pass, ...]
    contacts: tuple[Contact, ...] = ()
    keep: Kept = field(default_factory=dict)
    previous: schedule.Previous | None = None
    names: Mapping[tuple[str, int, int], str] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()

    def named(self, candidates: Sequence[Contact]) -> tuple[Contact, ...]:
        """The candidates, those that are an earlier contact under its id."""
        given = set(self.names.values()) | {contact.contact_id for contact in self.contacts}
        found = []
        for contact in candidates:
            name = self.names.get((contact.pass_id, contact.start_s, contact.end_s))
            if name is None and contact.contact_id in given:
                # A window that moved would lend the name of an earlier part to another one.
                name = f"{contact.contact_id}-at{contact.start_s}"
            found.append(contact if name is None else replace(contact, contact_id=name))
        return tuple(sorted(found, key=lambda contact: (contact.start_s, contact.contact_id)))


def past_of(scenario: Scenario, search: PassSearch) -> Past:
    """What the scenario's earlier plan leaves of `search`."""
    earlier = scenario.earlier
    if earlier is None:
        return Past(search=search, open_passes=search.passes)
    search = with_earlier_ids(search, earlier)
    opened = open_passes(search.passes, earlier)
    spans = moved(earlier, search.passes)
    keep = kept(earlier, spans)
    contacts, notices = settled(scenario, search, earlier)
    return Past(
        search=search,
        open_passes=opened,
        contacts=contacts,
        keep=keep,
        previous=previous(keep, scenario.schedule),
        names={
            (contact.pass_id, *spans[contact.contact_id]): contact.contact_id
            for contact in earlier.contacts
            if contact.contact_id in spans
        },
        notices=notices,
    )


def with_earlier_ids(search: PassSearch, earlier: EarlierPlan) -> PassSearch:
    """The passes under the ids that the earlier plan gave them; a new pass never takes the id of another."""
    known = defaultdict(list)
    for old in earlier.passes:
        known[old.satellite_id, old.site_id].append(old)
    taken = {old.pass_id for old in earlier.passes}
    renamed = []
    for this in search.passes:
        near = min(
            known[this.satellite_id, this.site_id],
            key=lambda old: abs(old.culmination_s - this.culmination_s),
            default=None,
        )
        if near is not None and abs(near.culmination_s - this.culmination_s) < SAME_PASS_S:
            renamed.append(replace(this, pass_id=near.pass_id))
        else:
            renamed.append(replace(this, pass_id=f"{this.pass_id}-new") if this.pass_id in taken else this)
    return replace(search, passes=tuple(renamed))


def open_passes(passes: Iterable[Pass], earlier: EarlierPlan) -> tuple[Pass, ...]:
    """The passes with the parts of their windows in which something may still be planned."""
    found = []
    for this in passes:
        windows = tuple(
            window
            if window.start_s >= earlier.fixed_until_s
            else Window(
                start_s=float(earlier.fixed_until_s),
                end_s=window.end_s,
                start_bound=FREEZE,
                end_bound=window.end_bound,
            )
            for window in this.windows
            if window.end_s > earlier.fixed_until_s
        )
        blocked_by = FREEZE if this.windows and not windows else this.blocked_by
        found.append(replace(this, windows=windows, blocked_by=blocked_by))
    return tuple(found)


def moved(earlier: EarlierPlan, passes: Sequence[Pass]) -> Mapping[str, tuple[int, int]]:
    """Contact id → where a contact that may still change lies after its pass moved; not those without a window."""
    found = {}
    for contact, this, shift_s in _pairs(earlier, passes):
        if contact.start_s < earlier.fixed_until_s:
            continue
        start_s, end_s = contact.start_s + shift_s, contact.end_s + shift_s
        clipped = _clipped(this, max(start_s, earlier.fixed_until_s), end_s)
        if clipped is not None:
            found[contact.contact_id] = clipped
    return found


def kept(earlier: EarlierPlan, spans: Mapping[str, tuple[int, int]]) -> Kept:
    """Pass id → the spans of its earlier contacts."""
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for contact in earlier.contacts:
        if contact.contact_id in spans:
            found[contact.pass_id].append(spans[contact.contact_id])
    return found


def previous(keep: Kept, options: ScheduleOptions) -> schedule.Previous:
    """What a change costs. A contact whose window is gone costs nothing: nobody chose to drop it."""
    return schedule.Previous(
        contacts={pass_id: tuple(sorted(found)) for pass_id, found in sorted(keep.items())},
        drop_price_frac=options.drop_price_frac,
        retime_price_frac=options.retime_price_frac,
        add_price_frac=options.add_price_frac,
    )


def settled(
    scenario: Scenario, search: PassSearch, earlier: EarlierPlan
) -> tuple[tuple[Contact, ...], tuple[Notice, ...]]:
    """The contacts that start before the freeze ends, valued anew; outcomes go before any forecast."""
    fixed: list[tuple[EarlierContact, Span]] = []
    notices: list[Notice] = []
    found = {contact.contact_id: (this, shift_s) for contact, this, shift_s in _pairs(earlier, search.passes)}
    for contact in earlier.contacts:
        if contact.start_s >= earlier.fixed_until_s:
            continue
        if contact.contact_id not in found:
            notices.append(_lost(contact, "its pass is gone: the elements or the sites have changed"))
            continue
        this, shift_s = found[contact.contact_id]
        span: tuple[int, int] | None = (contact.start_s, contact.end_s)
        if contact.start_s >= earlier.now_s:
            span = _clipped(this, contact.start_s + shift_s, contact.end_s + shift_s)
            if contact.outcome is None and span is None:
                notices.append(_lost(contact, f"its window is gone: {this.blocked_by or 'a constraint holds'}"))
                continue
        start_s, end_s = span or (contact.start_s, contact.end_s)
        fixed.append((contact, Span(contact_id=contact.contact_id, of=this, start_s=start_s, end_s=end_s)))
    unknown = [contact.contact_id for contact, _ in fixed if contact.end_s <= earlier.now_s and contact.outcome is None]
    if unknown:
        message = "no outcome is known: counted as expected"
        notices.append(Notice(notice_id="W-OUTCOME-MISSING", subject=", ".join(unknown), message=message))
    if not fixed:
        return (), tuple(notices)
    spans = _apart([span for _, span in fixed], scenario.schedule.changeover_s)
    windows = valued(scenario, spans, search)
    made = contacts(windows, worth(scenario, windows, wholes(spans)), np.arange(len(spans)))
    known = (_as_known(contact, old) for contact, (old, _) in zip(made, fixed, strict=True))
    return tuple(sorted(known, key=lambda contact: (contact.start_s, contact.contact_id))), tuple(notices)


def _apart(spans: Sequence[Span], changeover_s: int) -> list[Span]:
    """The spans, cut short where passes of one satellite moved closer together than its terminal can follow."""
    found = list(spans)
    order = sorted(range(len(spans)), key=lambda i: spans[i].start_s)
    for place, i in enumerate(order):
        for j in order[place + 1 :]:
            if found[j].of.satellite_id == found[i].of.satellite_id:
                latest_s = found[j].start_s - changeover_s
                if found[i].start_s < latest_s < found[i].end_s:
                    found[i] = replace(found[i], end_s=latest_s)
                break
    return found


def _as_known(contact: Contact, earlier: EarlierContact) -> Contact:
    """The contact with the bits that came of it."""
    if earlier.outcome is None:
        return replace(contact, is_whole=False)
    bits = earlier.secret_bits or 0
    return replace(
        contact,
        is_whole=False,
        p_clear=0.0 if earlier.outcome == "clouded" else 1.0,
        p_clear_origin="outcome",
        forecast_age_s=None,
        forecast_lead_s=None,
        outcome=earlier.outcome,
        expected_bits=bits,
        key=replace(
            contact.key,
            secret_bits=bits,
            abort_reason=None if bits else f"the contact was {earlier.outcome}",
        ),
    )


def _pairs(earlier: EarlierPlan, passes: Sequence[Pass]) -> list[tuple[EarlierContact, Pass, int]]:
    """Each earlier contact whose pass is still there, that pass, and by how many whole seconds it moved."""
    by_id = {this.pass_id: this for this in passes}
    old = {this.pass_id: this for this in earlier.passes}
    return [
        (contact, this, round(this.culmination_s - old[contact.pass_id].culmination_s))
        for contact in earlier.contacts
        if contact.pass_id in old and (this := by_id.get(contact.pass_id)) is not None
    ]


def _clipped(this: Pass, start_s: int, end_s: int) -> tuple[int, int] | None:
    """The whole seconds of [start_s, end_s) inside a window, the longest if several; None where there are none."""
    inside = [
        (max(start_s, int(-(-window.start_s // 1))), min(end_s, int(window.end_s // 1))) for window in this.windows
    ]
    longest = max(inside, key=lambda span: span[1] - span[0], default=(0, 0))
    return longest if longest[1] > longest[0] else None


def _lost(contact: EarlierContact, why: str) -> Notice:
    return Notice(notice_id="W-FROZEN-LOST", subject=contact.contact_id, message=f"cannot be flown any more: {why}")
