"""report.html as a browser without script and without network reads it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest

from eagleplan.model import Backup, Delivery, Pass, Plan
from eagleplan.report.html import anchor, report_html
from eagleplan.report.path_data import number_text
from eagleplan.report.plan_json import plan_json
from eagleplan.report.times import day_text, utc_of
from eagleplan.report.words import bits_text, percent_text, probability_text

HOSTILE = '<script>alert(1)</script> & Söhne, "A"'


VOID = {"meta", "br"}
CLOSED_BY_OTHERS = {"dt", "dd"}
"""HTML lets these end where the next one begins, or what holds them ends."""


class Page(HTMLParser):
    """Elements with their attributes, and the text that is not style or script."""

    def __init__(self, data: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.inside: list[str] = []
        self.parts: dict[str, list[str]] = {"": []}
        self.feed(data.decode("utf-8"))
        self.close()
        self.texts = {element_id: "".join(parts) for element_id, parts in self.parts.items()}
        self.text = self.texts.pop("")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in CLOSED_BY_OTHERS and self.open[-1] in CLOSED_BY_OTHERS:
            self._close()
        if tag not in VOID:
            self.open.append(tag)
            self.inside.append(dict(attrs).get("id") or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        while self.open[-1] != tag and self.open[-1] in CLOSED_BY_OTHERS:
            self._close()
        assert self.open[-1] == tag
        self._close()

    def _close(self) -> None:
        self.open.pop()
        self.inside.pop()

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in {"style", "script"}:
            for element_id in {"", *self.inside}:
                self.parts.setdefault(element_id, []).append(data)

    def with_class(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for _, attributes in self.elements if name in (attributes.get("class") or "").split()]

    def by_id(self, element_id: str) -> dict[str, str | None]:
        (found,) = [attributes for _, attributes in self.elements if attributes.get("id") == element_id]
        return found

    def marks(self, panel_id: str) -> dict[str, str]:
        """Contact id → path data of its mark in the first row of a panel that has it: its station's."""
        found: dict[str, str] = {}
        panel = ""
        for (tag, attributes), _, (_, path) in zip(self.elements, self.elements[1:], self.elements[2:], strict=False):
            if attributes.get("class") == "panel":
                panel = attributes.get("id") or ""
            href = attributes.get("href") or ""
            if tag == "a" and panel == panel_id and path.get("class") == "contact":
                found.setdefault(unquote(href)[len("#contact-") :], path["d"] or "")
        return found


@pytest.fixture(scope="module")
def page(plan: Plan) -> Page:
    return Page(report_html(plan))


def test_a_hostile_name_is_text(page: Page, plan: Plan) -> None:
    assert Counter(tag for tag, _ in page.elements)["script"] == 1, "the page's own"
    assert HOSTILE in page.text
    assert report_html(plan).count(b"<script") == 1


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
    assert {name for _, attributes in page.elements for name in attributes} == {
        name for _, attributes in Page(report_html(plan)).elements for name in attributes
    }, "no text becomes an attribute"


def test_hostile_ids_stay_ids(plan: Plan) -> None:
    """Sites, satellites, passes and contacts by any id: every link still leads to its one target."""
    bad = "\"' onclick=x ><b>%41&lt; #é"

    def renamed(planned: Pass) -> Pass:
        return replace(planned, pass_id=bad + planned.pass_id, site_id=bad + planned.site_id, satellite_id=bad)

    spoiled = replace(
        plan,
        satellites=(replace(plan.satellites[0], satellite_id=bad),),
        sites=tuple(replace(site, site_id=bad + site.site_id) for site in plan.sites),
        contacts=tuple(
            replace(
                c, contact_id=bad + c.contact_id, pass_id=bad + c.pass_id, site_id=bad + c.site_id, satellite_id=bad
            )
            for c in plan.contacts
        ),
        decisions=tuple(replace(d, planned_pass=renamed(d.planned_pass), contact=None) for d in plan.decisions),
        nights=(),
        closures=(),
        backups=(),
        deliveries=(),
        initial_stocks=(),
        discards=(),
    )
    page = Page(report_html(spoiled))
    ids = {a["id"] for _, a in page.elements if "id" in a}
    assert {f"contact-{contact.contact_id}" for contact in spoiled.contacts} <= ids
    assert all(unquote((a["href"] or "")[1:]) in ids for tag, a in page.elements if tag == "a")
    assert {a["data-site"] for _, a in page.elements if a.get("data-site")} == {s.site_id for s in spoiled.sites}
    assert not [name for _, a in page.elements for name in a if name.startswith("on")]


def test_it_is_whole_in_itself(page: Page, plan: Plan) -> None:
    text = report_html(plan).decode()
    assert not re.search(r"https?:|//[a-z]|@import|url\((?!#)|<link|\bsrc=", text)
    targets = [a["href"] for tag, a in page.elements if tag in {"a", "use"}]
    ids = Counter(a["id"] for _, a in page.elements if "id" in a)
    assert max(ids.values()) == 1
    assert {unquote(target[1:]) for target in targets if target} <= ids.keys()
    assert all(target and target.startswith("#") for target in targets)
    labels = {a["aria-labelledby"] for _, a in page.elements if "aria-labelledby" in a}
    assert labels <= ids.keys()


def test_the_policy_lets_its_own_style_and_script_pass_and_nothing_else(page: Page, plan: Plan) -> None:
    (policy,) = [a["content"] for tag, a in page.elements if a.get("http-equiv") == "Content-Security-Policy"]
    data = report_html(plan)
    hashes = {}
    for tag in (b"style", b"script"):
        (inner,) = re.findall(rb"<%s>(.*?)</%s>" % (tag, tag), data, re.DOTALL)
        hashes[tag.decode()] = "sha256-" + base64.b64encode(hashlib.sha256(inner).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src '{hashes['style']}'; script-src '{hashes['script']}'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert data.index(b"Content-Security-Policy") < data.index(b"<style>")
    names = {name for _, attributes in page.elements for name in attributes}
    assert "style" not in names, "the policy would drop it"
    assert not [name for name in names if name.startswith("on")]


def test_each_contact_is_in_the_list_and_in_the_timeline(page: Page, plan: Plan) -> None:
    expected = {contact.contact_id for contact in plan.contacts}
    items = [attributes for tag, attributes in page.elements if tag == "details" and attributes.get("class") == "item"]
    assert sorted(str(item["id"]) for item in items) == sorted(f"contact-{contact_id}" for contact_id in expected)
    assert page.marks("overview").keys() == expected
    by_night = [set(page.marks(f"night-{number}")) for number in range(1, 8)]
    assert set.union(*by_night) == expected
    assert sum(map(len, by_night)) == len(expected)
    sites = {site.site_id: site for site in plan.sites}
    for contact in plan.contacts:
        element_id = f"contact-{contact.contact_id}"
        item = page.by_id(element_id)
        text = page.texts[element_id]
        assert (item["data-site"], item["data-satellite"]) == (contact.site_id, contact.satellite_id)
        assert item["data-country"] == sites[contact.site_id].country
        start_utc = plan.horizon.start_utc + timedelta(seconds=contact.start_s)
        for shown in (
            f"{start_utc:%H:%M:%S}",
            sites[contact.site_id].name,
            bits_text(contact.expected_bits),
            contact.outcome or bits_text(contact.key.secret_bits),
            contact.outcome or probability_text(contact.p_clear),
            f"{contact.mean_loss_db:.1f} dB",
            f"{contact.max_elevation_deg:.0f}°",
            f"{100 * contact.key.qber_frac:.2f} %",
        ):
            assert shown in text


def test_marks_lie_where_their_times_say(page: Page, plan: Plan) -> None:
    """All windows of the fixture lie between 19:00 and 24:00 UTC, so a night's axis is these five hours."""
    assert re.findall(r"\b(19:00|00:00)\b", page.text)
    for contact in plan.contacts:
        night = 1 + contact.start_s // 86_400
        left, width = _span(page.marks(f"night-{night}")[contact.contact_id])
        hours = (contact.start_s % 86_400) / 3600.0
        assert left == pytest.approx(1000 * (hours - 19.0) / 5.0, abs=0.006)
        assert width == pytest.approx(1000 * contact.duration_s / 18_000, abs=0.006)
        left, width = _span(page.marks("overview")[contact.contact_id])
        middle = (contact.start_s + contact.duration_s / 2) / 604_800
        assert left + width / 2 == pytest.approx(1000 * middle, abs=0.01)
        assert width == 3.5, "too short to see, so drawn wider"


def _span(path: str) -> tuple[float, float]:
    """The left edge and the width of a box."""
    (found,) = re.findall(r"^M([\d.]+) \d+h([\d.]+)v\d+h-\2z$", path)
    return float(found[0]), float(found[1])


def test_windows_are_outlined_and_nights_shaded(page: Page, plan: Plan) -> None:
    n_windows = sum(len(d.planned_pass.windows) for d in plan.decisions)
    nights = range(1, 8)
    rows = [(panel, d) for panel, d in _paths(page, "window") if panel != "overview" and d.count("M") == 1]
    in_overview = sum(d.count("M") for panel, d in _paths(page, "window") if panel == "overview")
    assert len([panel for panel, _ in rows]) >= n_windows
    assert in_overview >= n_windows
    shaded = Counter(panel for panel, _ in _paths(page, "night"))
    assert shaded == dict.fromkeys(["overview", *(f"night-{number}" for number in nights)], len(plan.sites))
    without = Page(report_html(replace(plan, nights=())))
    assert not [panel for panel, _ in _paths(without, "night") if panel]


def _paths(page: Page, name: str) -> list[tuple[str, str]]:
    """Panel and path data of every path of a class; those of the legend have no path data."""
    found = []
    panel = ""
    for tag, attributes in page.elements:
        if attributes.get("class") == "panel":
            panel = attributes.get("id") or ""
        if tag == "path" and attributes.get("class") == name:
            found.append((panel, attributes.get("d") or ""))
    return found


def test_closures_and_backups_are_marked_with_what_they_are(page: Page, plan: Plan) -> None:
    closed = [panel for panel, _ in _paths(page, "closed")]
    assert closed == ["overview", "overview", "night-3"], "the payload is closed outside the hours of the nights"
    assert (
        "Closed: station-calendar\nGraz Lustbühel\nWed 2 Dec 2026, 07:33:20 – Thu 3 Dec 2026, 07:33:20 UTC\n"
        in page.text
    )
    assert "Closed: payload\nEagle-1-like\n" in page.text
    assert "graz.csv:4" in page.text
    backup = plan.backups[0]
    assert f"clear in {probability_text(backup.p_clear_if_clouded)} of such cases, 612 km away" in page.text
    assert len([panel for panel, _ in _paths(page, "backup") if panel == "overview"]) == 2 * len(plan.backups)
    bare = Page(report_html(replace(plan, closures=(), backups=())))
    assert _paths(bare, "closed") == _paths(bare, "backup") == []


def test_the_head_says_how_good_and_how_sure(page: Page, plan: Plan) -> None:
    wanted = sum(result.demand.bits for result in plan.demands)
    delivered = sum(result.delivered_bits for result in plan.demands)
    assert page.texts["met"] == percent_text(delivered / wanted)
    assert page.texts["met-mean"] == "45.1 %", "0.4512, rounded down"
    assert page.texts["met-range"] == "31 % – 60 %"
    guaranteed = [result for result in plan.demands if result.demand.guarantee_bits]
    kept = sum(result.guarantee_kept for result in guaranteed)
    assert page.texts["guarantees"] == f"{kept} of {len(guaranteed)}"
    assert page.texts["n-contacts"] == str(len(plan.contacts))
    assert "met-range" not in Page(report_html(replace(plan, sky_met=None))).texts


def test_a_guarantee_that_few_skies_keep_is_no_good_news(plan: Plan) -> None:
    """Kept by expected key, in 47 % of the skies, or in 95 %."""
    first = plan.demands[0]
    outlook = next(result.outlook for result in plan.demands if result.outlook)
    for p, shown in ((0.47, "alarm"), (0.95, "sound")):
        one = replace(
            plan, demands=(replace(first, outlook=replace(outlook, p_guarantee=p)),), notices=(), deliveries=()
        )
        page = Page(report_html(replace(one, guarantee_conflicts=())))
        assert page.texts["least-sure"] == percent_text(p)
        assert [len(page.with_class(name)) for name in ("alarm", "sound")] == [shown == "alarm", shown == "sound"]
    unkept = replace(first, guarantee_kept=False)
    assert not Page(report_html(replace(plan, demands=(unkept,), deliveries=()))).with_class("sound")


def test_demand_is_shown_with_bars(page: Page, plan: Plan) -> None:
    bars = [a["width"] for _, a in page.elements if a.get("class") in {"part", "all"} and "%" in (a.get("width") or "")]
    assert bars == ["47.2%", "100%", "28.5%", "33.3%", "0%"], "all demands, then each"
    for result in plan.demands:
        assert percent_text(result.met_frac) in page.text
        assert bits_text(result.demand.bits) in page.text
    assert "47.1 %" in page.text, "311 234 of 660 000 bits"
    assert "not kept" in page.text


def test_demand_is_what_the_file_states(page: Page, plan: Plan) -> None:
    for stated in json.loads(plan_json(plan))["demands"]:
        row = page.texts[f"demand-{stated['demand_id']}"]
        shown = [stated["delivered_bits"], stated["wanted_bits"], stated["guarantee_bits"]]
        if stated["outlook"]:
            shown += [stated["outlook"][name] for name in ("mean_bits", "p10_bits", "p50_bits", "p90_bits")]
        assert all(bits_text(bits) in row for bits in shown if bits)
        assert ("not kept" in row) == (not stated["guarantee_kept"])
        assert stated["limited_by"] in row


def test_demand_shows_the_way_of_its_key(page: Page, plan: Plan) -> None:
    assert "via de-ofn – eagle1 – at-graz: 200 kbit" in page.text
    assert "via gr-helmos – eagle1: 39.0 kbit, on Sat 5 Dec 2026, 18:53:20" in page.text
    assert "via hub-north: 1.00 kbit, on Sat 5 Dec 2026, 00:00:00" in page.text
    several = tuple(
        Delivery(demand_id="D01", at_s=at_s, path=("DE", f"n{n}", "AT"), bits=1000 + n)
        for n in range(5)
        for at_s in (100, 200)
    )
    text = Page(report_html(replace(plan, deliveries=several))).text
    assert text.index("via n4: 2.01 kbit in 2 deliveries, the last on Mon 30 Nov 2026, 00:03:20") < text.index("via n0")
    assert "3 more ways" in text
    direct = (Delivery(demand_id="D01", at_s=604_800, path=("DE", "AT"), bits=7),)
    assert "directly: 7 bit" in Page(report_html(replace(plan, deliveries=direct))).text


def test_demand_says_what_it_counts_on(plan: Plan, empty_plan: Plan) -> None:
    """The mean of the smaller of two stocks is below the smaller of their means: what is shown is optimistic."""
    assert "gets less than this on average" in report_html(plan).decode()
    assert "gets less than this on average" not in report_html(empty_plan).decode()


def test_what_was_left_out_is_there_with_its_reason(page: Page, plan: Plan) -> None:
    left_out = [d for d in plan.decisions if d.reason.code != "chosen"]
    rows = {a["id"]: a for tag, a in page.elements if tag == "tr" and (a.get("id") or "").startswith("pass-")}
    assert rows.keys() == {f"pass-{d.planned_pass.pass_id}" for d in left_out}
    for decision in left_out:
        planned = decision.planned_pass
        row = page.texts[f"pass-{planned.pass_id}"]
        assert decision.reason.text in row
        assert decision.reason.code in row
        assert f"{planned.max_elevation_deg:.0f}°" in row
        assert rows[f"pass-{planned.pass_id}"]["data-site"] == planned.site_id
        if decision.contact:
            assert bits_text(decision.contact.expected_bits) in row
    for code, n in Counter(d.reason.code for d in left_out).items():
        assert re.search(rf"\b{n} [A-Z][^\n]* {code}\n", page.text)
    assert page.text.count("cut by the end of the horizon") == 2


def test_warnings_assumptions_inputs_and_stamp_are_shown(page: Page, plan: Plan) -> None:
    for notice in plan.notices:
        assert f"{notice.notice_id} {notice.subject}: {notice.message}" in page.text
    for assumption in plan.assumptions:
        assert assumption.key in page.text
        assert assumption.source in page.text
    for file in plan.inputs:
        assert file.sha256 in page.text
    for verdict in plan.verdicts:
        assert verdict.subject in page.texts["verdict-table"]
    assert page.texts["verdict-table"].split() == ["Diffraction4000", "Micius241"], "a number a cell"
    for level in plan.proof.levels:
        assert str(level.objective) in page.text
        assert str(level.bound) in page.text
    assert "ortools 9.15" in page.text
    assert "proven optimal in guarantees; key at most 3.2 % from the best possible, from 412 candidates" in page.text
    assert "Mean gain +3.50 ± 0.21 percentage points" in page.text


def test_a_second_satellite_gets_its_own_column_row_and_filter(page: Page, plan: Plan) -> None:
    other = replace(plan.satellites[0], satellite_id="eagle2", name="Eagle-2-like")
    both = Page(report_html(replace(plan, satellites=(*plan.satellites, other))))
    rows = [a["data-satellite"] for a in both.with_class("row") if a.get("data-satellite")]
    assert rows == ["eagle1", "eagle2", *["eagle1"] * 7], "in the overview; nothing to show of the other in any night"
    assert not [a for a in page.with_class("row") if a.get("data-satellite")], "one needs no filter"
    assert both.text.count("Satellite Eagle-1-like") == len(plan.contacts)
    assert all(
        a.get("data-satellite") == "eagle1" for tag, a in both.elements if (a.get("id") or "").startswith("pass-")
    )


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


def test_five_hundred_contacts_stay_small(plan: Plan) -> None:
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
    data = report_html(replace(plan, contacts=many, backups=()))
    page = Page(data)
    assert len(page.with_class("item")) == len(many) == 540
    assert len(data) < 3_000_000


def test_a_contact_across_noon_is_shown_on_both_days_and_counted_once(plan: Plan) -> None:
    noon_s = 86_400 + 43_200
    contact = replace(plan.contacts[0], start_s=noon_s - 100, end_s=noon_s + 200)
    page = Page(report_html(replace(plan, contacts=(contact,), backups=())))
    shown = [number for number in range(1, 9) if page.marks(f"night-{number}")]
    assert len(shown) == 2
    assert page.text.count("· 1 contact") == 2, "the overview and the first of the two nights"


def test_a_part_of_a_plan_has_no_dead_links(plan: Plan) -> None:
    """An export of some contacts keeps every decision, so passes may be chosen whose contacts are not there."""
    page = Page(report_html(replace(plan, contacts=plan.contacts[:2], backups=())))
    ids = {a["id"] for _, a in page.elements if "id" in a}
    assert {unquote((a["href"] or "")[1:]) for tag, a in page.elements if tag == "a"} <= ids
    n_left_out = sum(d.reason.code != "chosen" for d in plan.decisions)
    assert f"All {n_left_out} passes that were not chosen" in page.text


def test_a_backup_leads_nowhere_but_says_for_whom(plan: Plan) -> None:
    """The timeline's links to a contact are its own marks, so a script can count them."""
    contact = plan.contacts[0]
    spare = plan.backups[0].backup
    one = replace(plan, contacts=(contact,), backups=(Backup(
        contact_id=contact.contact_id, backup=spare, distance_km=10.0, p_clear_if_clouded=0.5
    ),))  # fmt: skip
    page = Page(report_html(one))
    links = [
        a for tag, a in page.elements if tag == "a" and unquote(a["href"] or "") == f"#contact-{contact.contact_id}"
    ]
    assert len([a for a in links if "data-contact" not in a]) >= 4, "station and satellite, overview and night"
    name = next(site.name for site in plan.sites if site.site_id == contact.site_id)
    assert f"when cloud takes {name}: clear in 50 %" in page.text


def test_a_local_time_of_another_day_says_of_which(plan: Plan) -> None:
    """In Samoa an evening in Europe is the next morning."""
    contact = plan.contacts[0]
    day = day_text(utc_of(plan.horizon, contact.start_s))
    next_day = day_text(utc_of(plan.horizon, contact.start_s + 86_400))
    rows = {}
    for zone in ("Europe/Rome", "Pacific/Apia"):
        moved = replace(plan, sites=tuple(replace(site, time_zone=zone) for site in plan.sites))
        summary = (
            Page(report_html(moved)).texts[f"contact-{contact.contact_id}"].split(f"Contact {contact.contact_id}")[0]
        )
        rows[zone] = " ".join(summary.split())
    assert day in rows["Europe/Rome"]
    assert next_day not in rows["Europe/Rome"]
    assert f"{next_day}, Pacific/Apia" in rows["Pacific/Apia"]


def test_an_outcome_takes_the_place_of_what_was_hoped_for(plan: Plan) -> None:
    contact = replace(plan.contacts[0], outcome="clouded", is_whole=False, expected_bits=0)
    page = Page(report_html(replace(plan, contacts=(contact,), backups=())))
    row = page.texts[f"contact-{contact.contact_id}"].split(f"Contact {contact.contact_id}")[0]
    words = " ".join(row.split())
    assert "Clear-sky key – Clear –" in words
    assert words.endswith("Expected key 0 bit clouded")
    assert "part of a window" not in words


def test_texts_of_coordinates_and_fragments() -> None:
    assert [number_text(value) for value in (12.34, 12.0, -0.01, 0.05, 100.0)] == ["12.3", "12", "0", "0.1", "100"]
    assert number_text(0.125, 2) == "0.12"
    assert number_text(40.0, 0) == "40"
    assert anchor('a b"%é#') == "a%20b%22%25%C3%A9%23"


def test_twice_the_same_bytes(plan: Plan) -> None:
    assert report_html(plan) == report_html(plan)
