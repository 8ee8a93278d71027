"""report.html as a browser without script and without network reads it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from eagleplan.model import Plan
from eagleplan.report.html import report_html
from eagleplan.report.words import bits_text, percent_text

HOSTILE = '<script>alert(1)</script> & Söhne, "A"'


class Page(HTMLParser):
    """Elements with their attributes, and the text under each section's heading."""

    def __init__(self, data: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(data.decode("utf-8"))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.text += data

    def with_class(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for _, attributes in self.elements if name in (attributes.get("class") or "").split()]


@pytest.fixture(scope="module")
def page(plan: Plan) -> Page:
    return Page(report_html(plan))


def test_a_hostile_name_is_text(page: Page, plan: Plan) -> None:
    assert "script" not in {tag for tag, _ in page.elements}
    assert HOSTILE in page.text
    assert b"<script" not in report_html(plan)


def test_every_text_of_the_plan_is_escaped(plan: Plan) -> None:
    bad = "\"><img src=x onerror=alert(1)>'&amp;"
    spoiled = replace(
        plan,
        name=bad,
        sites=tuple(replace(site, name=bad, country=bad) for site in plan.sites),
        satellites=tuple(replace(s, name=bad, orbit=replace(s.orbit, origin=bad)) for s in plan.satellites),
        demands=tuple(
            replace(r, limited_by=bad, demand=replace(r.demand, node_a=bad, demand_id=bad)) for r in plan.demands
        ),
        deliveries=(),
        contacts=tuple(replace(c, contact_id=f"{bad}{n}") for n, c in enumerate(plan.contacts)),
        decisions=tuple(replace(d, reason=replace(d.reason, text=bad)) for d in plan.decisions),
        notices=tuple(replace(n, notice_id=bad, subject=bad, message=bad) for n in plan.notices),
        assumptions=tuple(replace(a, key=bad, value=bad, source=bad) for a in plan.assumptions),
        inputs=tuple(replace(f, role=bad, path=bad, sha256=bad) for f in plan.inputs),
        proof=replace(plan.proof, solver=bad, levels=tuple(replace(v, name=bad) for v in plan.proof.levels)),
        stamp={bad: bad},
    )
    page = Page(report_html(spoiled))
    assert "img" not in {tag for tag, _ in page.elements}
    assert page.text.count(bad) > 50


def test_it_is_whole_in_itself(page: Page, plan: Plan) -> None:
    text = report_html(plan).decode()
    assert not re.search(r"https?:|//[a-z]|@import|url\(|<link|\bsrc=", text)
    targets = [a["href"] for tag, a in page.elements if tag == "a"]
    ids = Counter(a["id"] for _, a in page.elements if "id" in a)
    assert max(ids.values()) == 1
    assert {target[1:] for target in targets if target} <= ids.keys()
    assert all(target and target.startswith("#") for target in targets)


def test_each_contact_is_in_the_table_and_in_the_timeline(page: Page, plan: Plan) -> None:
    expected = {f"contact-{contact.contact_id}" for contact in plan.contacts}
    rows = {a["id"] for tag, a in page.elements if tag == "tr" and "id" in a}
    links = [a["href"] for tag, a in page.elements if tag == "a" and (a["href"] or "").startswith("#contact-")]
    assert rows == expected
    assert sorted(link[1:] for link in links if link) == sorted(expected)
    for contact in plan.contacts:
        assert bits_text(contact.expected_bits) in page.text


def test_marks_lie_where_their_times_say(page: Page, plan: Plan) -> None:
    """All windows of the fixture lie between 19:00 and 24:00 UTC, so the axis is these five hours."""
    assert re.findall(r"\b(19:00|00:00)\b", page.text)
    marks = {}
    for (tag, link), (_, mark) in zip(page.elements, page.elements[1:], strict=False):
        if tag == "a" and (link["href"] or "").startswith("#contact-"):
            marks[str(link["href"])[len("#contact-") :]] = mark
    assert len(marks) == len(plan.contacts)
    for contact in plan.contacts:
        hours = (contact.start_s % 86_400) / 3600.0
        mark = marks[contact.contact_id]
        assert float(mark["x"] or 0) == pytest.approx(230 + 870 * (hours - 19.0) / 5.0, abs=0.02)
        assert float(mark["width"] or 0) == pytest.approx(870 * contact.duration_s / 18_000, abs=0.02)


def test_windows_are_outlined_and_nights_shaded(page: Page, plan: Plan) -> None:
    n_windows = sum(len(d.planned_pass.windows) for d in plan.decisions)
    assert len(page.with_class("window")) == n_windows + 1, "and one in the legend"
    assert len(page.with_class("night")) == 7 * len(plan.sites) + 1
    assert Page(report_html(replace(plan, nights=()))).with_class("night") == []


def test_demand_is_shown_with_bars(page: Page, plan: Plan) -> None:
    widths = [str(a["style"]) for tag, a in page.elements if tag == "i"]
    assert widths == ["width:100.0%", "width:28.5%", "width:33.3%", "width:0.0%"]
    for result in plan.demands:
        assert percent_text(result.met_frac) in page.text
        assert bits_text(result.demand.bits) in page.text
    assert "47.1 %" in page.text, "311 234 of 660 000 bits"
    assert "not kept" in page.text


def test_demand_says_what_it_counts_on(plan: Plan, empty_plan: Plan) -> None:
    """The mean of the smaller of two stocks is below the smaller of their means: what is shown is optimistic."""
    assert "gets less than this on average" in report_html(plan).decode()
    assert "gets less than this on average" not in report_html(empty_plan).decode()


def test_what_was_left_out_is_there_with_its_reason(page: Page, plan: Plan) -> None:
    left_out = [d for d in plan.decisions if d.reason.code != "chosen"]
    assert page.text.count("The terminal was busy with another site.") >= sum(
        d.reason.code == "conflict" for d in left_out
    )
    assert page.text.count("The Sun stands above -6° at the site.") == 42
    assert len([tag for tag, _ in page.elements if tag == "details"]) == 3
    assert page.text.count("cut by the end of the horizon") == 2


def test_warnings_assumptions_inputs_and_stamp_are_shown(page: Page, plan: Plan) -> None:
    for notice in plan.notices:
        assert f"{notice.notice_id} {notice.subject}: {notice.message}" in page.text
    for assumption in plan.assumptions:
        assert assumption.key in page.text
        assert assumption.source in page.text
    for file in plan.inputs:
        assert file.sha256 in page.text
    assert "ortools 9.15" in page.text
    assert "proven optimal in guarantees; key at most 3.2 % from the best possible, from 412 candidates" in page.text
    assert "Mean gain +3.50 ± 0.21 percentage points" in page.text


def test_a_second_satellite_gets_its_own_column(plan: Plan) -> None:
    other = replace(plan.satellites[0], satellite_id="eagle2", name="Eagle-2-like")
    assert "Satellite" in Page(report_html(replace(plan, satellites=(*plan.satellites, other)))).text
    assert report_html(plan).count(b"<td>Eagle-1-like</td>") == 0
    both = report_html(replace(plan, satellites=(*plan.satellites, other)))
    assert both.count(b"<td>Eagle-1-like</td>") == len(plan.decisions) + 1, "one pass has two contacts"


def test_an_empty_plan_says_so(empty_plan: Plan) -> None:
    page = Page(report_html(empty_plan))
    for sentence in (
        "No demand was given.",
        "No contact was chosen.",
        "There was no pass.",
        "No pass has a window",
    ):
        assert sentence in page.text
    assert "no demand given" in page.text


def test_a_week_of_five_hundred_contacts_stays_small(plan: Plan) -> None:
    many = tuple(
        replace(
            contact,
            contact_id=f"{contact.contact_id}-{n}",
            start_s=contact.start_s + n,
            end_s=contact.end_s + n,
        )
        for contact in plan.contacts
        for n in range(36)
    )
    data = report_html(replace(plan, contacts=many))
    assert len(Page(data).with_class("contact")) == len(many) + 1 == 541
    assert len(data) < 1_000_000


def test_a_contact_across_noon_is_shown_on_both_days_and_counted_once(plan: Plan) -> None:
    noon_s = 86_400 + 43_200
    contact = replace(plan.contacts[0], start_s=noon_s - 100, end_s=noon_s + 200)
    page = Page(report_html(replace(plan, contacts=(contact,))))
    links = [a for tag, a in page.elements if tag == "a" and (a["href"] or "").startswith("#contact-")]
    assert len(links) == 2
    assert page.text.count("· 1 contact") == 1


def test_twice_the_same_bytes(plan: Plan) -> None:
    assert report_html(plan) == report_html(plan)
