"""Lines of a timeline in a terminal: each character stands for what its time holds."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console, RenderableType

from eagleplan.model import Closure, Plan
from eagleplan.report.agenda import agenda
from eagleplan.report.evenings import MARKS, Choice, Line, Span, cells, evenings
from eagleplan.report.index import PlanIndex
from eagleplan.report.situation import Report, Ways, countdown_text, situation, wait_text

HOUR_S = 3600.0


def _printed(page: RenderableType, width: int) -> str:
    file = io.StringIO()
    Console(file=file, width=width).print(page)
    return file.getvalue()


@st.composite
def _lines(draw: st.DrawFn) -> Line:
    spans = []
    for _ in range(draw(st.integers(0, 6))):
        start_s = draw(st.integers(-500, 4000))
        length_s = draw(st.integers(1, 2000))
        spans.append(
            Span(mark=draw(st.sampled_from(MARKS[1:])), start_s=float(start_s), end_s=float(start_s + length_s))
        )
    return Line(label="x", spans=tuple(spans), n_contacts=0, expected_bits=0)


@given(line=_lines(), step_s=st.sampled_from([60.0, 300.0]), n_cells=st.integers(1, 20))
def test_a_character_is_the_greatest_mark_at_its_middle_or_within_it(line: Line, step_s: float, n_cells: int) -> None:
    expected = []
    for number in range(n_cells):
        left, middle, right = number * step_s, (number + 0.5) * step_s, (number + 1) * step_s
        held = ["day"]
        for span in line.spans:
            covers_some = any(span.start_s <= (k + 0.5) * step_s < span.end_s for k in range(-20, 120))
            within = left <= (span.start_s + span.end_s) / 2.0 < right
            if span.start_s <= middle < span.end_s or (not covers_some and within):
                held.append(span.mark)
        expected.append(max(held, key=MARKS.index))  # type: ignore[arg-type]
    assert cells(line, 0.0, step_s, n_cells) == expected


def test_every_contact_is_in_its_night_and_row(plan: Plan) -> None:
    index = PlanIndex(plan)
    found = {evening.night: evening for evening in evenings(index, Choice())}
    n_drawn = 0
    for evening in found.values():
        for line in evening.lines:
            own = [
                contact
                for contact in plan.contacts
                if contact.site_id == line.label and index.passes[contact.pass_id].night == evening.night
            ]
            spans = sorted((s.start_s, s.end_s) for s in line.spans if s.mark == "contact")
            assert spans == sorted((contact.start_s, contact.end_s) for contact in own)
            assert line.expected_bits == sum(contact.expected_bits for contact in own)
            assert all(evening.start_s <= start_s < end_s <= evening.end_s for start_s, end_s in spans)
            n_drawn += len(own)
    assert n_drawn == len(plan.contacts)
    lengths = {evening.end_s - evening.start_s for evening in found.values()}
    assert len(lengths) == 1
    assert lengths.pop() % HOUR_S == 0.0


def test_a_named_site_is_shown_though_it_has_windows_alone(plan: Plan) -> None:
    index = PlanIndex(plan)
    site_id = plan.sites[0].site_id
    nights = {
        d.planned_pass.night for d in plan.decisions if d.planned_pass.site_id == site_id and d.planned_pass.windows
    }
    found = evenings(index, Choice(site_ids=frozenset([site_id])))
    assert {evening.night for evening in found} == nights
    assert all([line.label for line in evening.lines] == [site_id] for evening in found)
    every = evenings(index, Choice())
    for evening in every:
        named = next(one for one in evenings(index, Choice(night=evening.night)))
        assert len(named.lines) == len(evening.lines) + evening.n_idle


def test_by_satellite_one_line_has_all_its_contacts(plan: Plan) -> None:
    found = evenings(PlanIndex(plan), Choice(by="satellite"))
    assert sum(line.n_contacts for evening in found for line in evening.lines) == len(plan.contacts)
    assert {line.label for evening in found for line in evening.lines} == {"eagle1"}


def test_what_came_to_nothing_and_what_is_closed_is_marked(plan: Plan) -> None:
    contact = next(contact for contact in plan.contacts if contact.start_s > 86_400)
    closure = Closure(
        constraint="calendar",
        satellite_id=None,
        site_id=contact.site_id,
        start_s=contact.start_s - 3000.0,
        end_s=contact.start_s - 1000.0,
        origin="",
    )
    index = PlanIndex(replace(plan, closures=(closure,)))
    now = situation(index, Ways(index), 0.0, reports={contact.contact_id: Report(status="clouded", secret_bits=0)})
    text = _printed(agenda(index, Choice(site_ids=frozenset([contact.site_id])), now, 120), 120)
    drawn = [line for line in text.splitlines() if line.startswith(contact.site_id)]
    assert sum("x" in line.removeprefix(contact.site_id) for line in drawn) == 1
    assert sum("─" in line for line in drawn) == 1


def test_an_empty_plan_and_one_of_five_hundred_contacts(plan: Plan) -> None:
    empty = PlanIndex(replace(plan, contacts=(), decisions=(), backups=(), deliveries=(), demands=()))
    many = PlanIndex(
        replace(
            plan,
            contacts=tuple(
                replace(contact, contact_id=f"{contact.contact_id}-{number}", start_s=contact.start_s + number)
                for contact in plan.contacts
                for number in range(500 // len(plan.contacts) + 1)
            ),
        )
    )
    for index, said in ((empty, "No window of the plan"), (many, "more in contacts.csv")):
        text = _printed(agenda(index, Choice(), situation(index, Ways(index), 1000.0), 80), 80)
        assert said in text
        assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize(
    ("wait_s", "waited", "countdown"),
    [
        (0.9, "0 s", "T-00:00:00"),
        (59.99, "59 s", "T-00:00:59"),
        (1862.0, "31 min 02 s", "T-00:31:02"),
        (7500.0, "2 h 05 min", "T-02:05:00"),
        (86_399.9, "23 h 59 min", "T-23:59:59"),
        (187_200.0, "2 d 04 h", "T-2 d 04:00:00"),
    ],
)
def test_a_countdown_never_says_more_than_is_left(wait_s: float, waited: str, countdown: str) -> None:
    assert wait_text(wait_s) == waited
    assert countdown_text(wait_s) == countdown
