"""What a reader does with pointer and keys: open, point, sort, zoom; and whether the keyboard alone gets everywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import quote, unquote

from chromium import need_chromium
from playwright.sync_api import Locator, Page

from eagleplan.report.times import day_text
from eagleplan.report.words import bits_text, duration_text, probability_text

need_chromium()

Open = Callable[..., Page]
Row = Mapping[str, str]

FOCUSED = "document.activeElement.parentElement.id"


def mark_of(page: Page, row: Row) -> Locator:
    """The mark of a contact in its station's row of the night that is shown."""
    href = quote(f"contact-{row['contact_id']}", safe="")
    return page.locator(f'#nights .row[data-site] a[href="#{href}"]:visible')


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_click_on_a_mark_opens_its_sheet(open_page: Open, example, contact_rows) -> None:
    page = open_page(example.path)
    row = contact_rows[1]
    item = page.locator(".item").nth(1)
    assert item.get_attribute("id") == f"contact-{row['contact_id']}"
    assert not item.locator(".sheet").is_visible()
    mark_of(page, row).click()
    assert item.locator(".sheet").is_visible()
    assert page.evaluate(FOCUSED) == f"contact-{row['contact_id']}"
    assert unquote(page.url.split("#")[1]) == f"contact-{row['contact_id']}"
    top, height = page.evaluate("[document.activeElement.getBoundingClientRect().top, innerHeight]")
    bar = page.evaluate(
        "(() => { const box = document.querySelector('#filters').getBoundingClientRect(); return box.bottom; })()"
    )
    assert max(0, bar) - 1 <= top < height - 100, "in sight, and not below the filters"


def test_a_mark_is_opened_by_keyboard(open_page: Open, example, contact_rows) -> None:
    """One stop of the tab key in a panel; arrows move among the marks in the order of time; Enter opens."""
    page = open_page(example.path)
    assert page.locator('#overview a[href^="#contact-"][tabindex="0"]').count() == 1
    page.locator('#overview a[href^="#contact-"][tabindex="0"]').focus()
    for _ in contact_rows:
        page.keyboard.press("ArrowLeft")
    visited = []
    for _ in contact_rows:
        visited.append(unquote(page.evaluate("document.activeElement.getAttribute('href')")[1:]))
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
    rows = {f"contact-{row['contact_id']}": row for row in contact_rows}
    starts = [rows[one]["start_utc"] for one in visited]
    assert starts == sorted(starts)
    assert len(set(visited)) >= len(rows) // 2, "two steps at a time: by station and by satellite"
    page.keyboard.press("Enter")
    opened = page.evaluate(FOCUSED)
    assert opened in rows
    assert page.locator(".item[open]").get_attribute("id") == opened
    page.keyboard.press("Enter")
    assert page.locator(".item[open]").count() == 0, "the focus is on what opens and shuts the sheet"


def test_the_page_opens_at_a_contact_that_its_address_names(open_page: Open, example, contact_rows) -> None:
    row = contact_rows[-1]
    page = open_page(example.path, "#" + quote(f"contact-{row['contact_id']}", safe=""))
    assert page.evaluate(FOCUSED) == f"contact-{row['contact_id']}"
    assert page.locator(".item[open]").count() == 1


def test_the_card_tells_the_numbers_of_the_plan(open_page: Open, example, contact_rows) -> None:
    page = open_page(example.path)
    night = [row for row in contact_rows if row["night"] == contact_rows[0]["night"]]
    loss_db = {contact.contact_id: contact.mean_loss_db for contact in example.plan.contacts}
    assert len(night) >= 3
    for row in night:
        mark_of(page, row).locator(".contact").hover(force=True)
        card = page.locator("#hover-card")
        assert card.is_visible()
        text = " ".join(card.inner_text().split())
        for part in (
            row["site_name"],
            instant(row["start_utc"]).strftime("%H:%M:%S"),
            instant(row["end_utc"]).strftime("%H:%M:%S"),
            duration_text(float(row["duration_s"])),
            f"{float(row['max_elevation_deg']):.0f}°",
            f"{loss_db[row['contact_id']]:.1f} dB",
            bits_text(int(row["clear_sky_bits"])),
            bits_text(int(row["expected_bits"])),
            probability_text(float(row["p_clear"])),
        ):
            assert part in text, part
    page.keyboard.press("Escape")
    assert not page.locator("#hover-card").is_visible()


def test_the_card_of_a_window_says_why_it_is_not_used(open_page: Open, example, pass_rows) -> None:
    page = open_page(example.path)
    reasons = {f"pass-{row['pass_id']}": row["reason"] for row in pass_rows}
    links = page.locator('#nights a[href^="#pass-"]:visible')
    link = links.nth(links.count() - 1)
    pass_id = unquote(str(link.get_attribute("href"))[1:])
    link.locator(".window").hover(force=True)
    assert reasons[pass_id] in page.locator("#hover-card").inner_text()
    link.locator(".window").click(force=True)
    assert page.evaluate("document.activeElement.id") == pass_id
    assert page.locator("#all-passes").get_attribute("open") is not None


def exactly(_: object) -> float:
    return -1.0


COLUMNS: Mapping[str, tuple[Callable[[Row], Any], Callable[[Any], float]]] = {
    "Rise (UTC)": (lambda row: instant(row["rise_utc"]).timestamp(), exactly),
    "Site": (lambda row: row["site_name"].casefold(), exactly),
    "Duration": (lambda row: float(row["duration_s"]), lambda _: 1.0),
    "Elevation": (lambda row: float(row["max_elevation_deg"]), lambda _: 1.0),
    "Expected key": (lambda row: float(row["expected_bits"] or -1.0), lambda bits: 0.011 * abs(bits)),
    "Code": (lambda row: row["reason_code"], exactly),
    "Reason": (lambda row: row["reason"].casefold(), exactly),
}
"""Heading → what `passes.csv` has for it, and by how much two that the page shows as equal may differ."""


def test_passes_are_sorted_as_the_table_says(open_page: Open, example, pass_rows) -> None:
    page = open_page(example.path)
    page.locator("#all-passes > summary").click()
    left_out = {f"pass-{row['pass_id']}": row for row in pass_rows if not row["contact_ids"]}
    sorted_ = page.locator("th[aria-sort]")
    for heading, (value, slack) in COLUMNS.items():
        button = page.get_by_role("columnheader", name=heading).get_by_role("button")
        ways = set()
        for _ in range(2):
            button.click()
            way = sorted_.get_attribute("aria-sort")
            order = page.evaluate("""[...document.querySelectorAll('tr[id^="pass-"]')].map((row) => row.id)""")
            assert sorted(order) == sorted(left_out)
            values = [value(left_out[one]) for one in (reversed(order) if way == "descending" else order)]
            assert all(a <= b or (slack(a) > 0.0 and a - b <= slack(a)) for a, b in pairwise(values)), heading
            ways.add(way)
        assert ways == {"ascending", "descending"}


def test_each_night_shows_its_own_contacts(open_page: Open, example, contact_rows) -> None:
    page = open_page(example.path)
    links = page.locator(".choice a")
    seen = set()
    for number in range(links.count() - 1):
        links.nth(number).click()
        panels = page.locator("#nights > .panel:visible")
        assert panels.count() == 1
        assert "#" + str(panels.get_attribute("id")) == links.nth(number).get_attribute("href")
        assert page.locator(".choice a[aria-current]").count() == 1
        marks = {
            unquote(link.removeprefix("#contact-"))
            for link in panels.locator('.row[data-site] a[href^="#contact-"]').evaluate_all(
                "links => links.map((link) => link.getAttribute('href'))"
            )
        }
        evening = panels.locator("h3").inner_text().split(" – ")[0]
        assert marks == {
            row["contact_id"]
            for row in contact_rows
            if day_text(instant(row["start_utc"]) - timedelta(hours=12)) == evening
        }
        assert f"{len(marks)} contact" in panels.locator("h3").inner_text()
        seen |= marks
    assert seen == {row["contact_id"] for row in contact_rows}
    links.last.click()
    assert page.locator("#nights > .panel:visible").count() == links.count() - 1
    page.locator("#overview .axis a").first.click()
    assert page.locator("#nights > .panel:visible").count() == 1


STOPS = """() => [...document.querySelectorAll("a[href], button, select, summary, input, [tabindex]")]
  .filter((e) => e.checkVisibility() && e.tabIndex >= 0).map((e, n) => { e.dataset.stop = n; return n; })"""
STOP = """() => {
  const e = document.activeElement;
  const style = getComputedStyle(e);
  const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1.5;
  const inner = e.querySelector && e.querySelector("path, text");
  const shape = inner && getComputedStyle(inner);
  const box = e.getBoundingClientRect();
  return {
    stop: e.dataset.stop,
    what: e.outerHTML.slice(0, 120),
    visible: ring || (!!shape && shape.strokeWidth === "2.5px") || (!!shape && shape.outlineStyle !== "none"),
    inside: box.bottom > 0 && box.top < innerHeight,
  };
}"""


def test_the_tab_key_goes_everywhere_and_shows_where(open_page: Open, example) -> None:
    page = open_page(example.path)
    page.evaluate("for (const id of ['#all-passes', '.item']) document.querySelector(id).open = true")
    wanted = [str(stop) for stop in page.evaluate(STOPS)]
    visited = []
    for _ in wanted:
        page.keyboard.press("Tab")
        at = page.evaluate(STOP)
        if at.get("stop") is None:
            break
        visited.append(at["stop"])
        assert at["visible"], f"no sign of the focus on {at['what']}"
        assert at["inside"], f"out of sight: {at['what']}"
    missed = [
        page.locator(f'[data-stop="{stop}"]').evaluate("e => e.outerHTML.slice(0, 120)")
        for stop in wanted
        if stop not in visited
    ]
    assert missed == []
    assert visited == wanted, "in the order of the page"


def test_all_sheets_open_and_shut_together(open_page: Open, example, contact_rows) -> None:
    page = open_page(example.path)
    page.get_by_role("button", name="Open all sheets").click()
    assert page.locator(".item[open]").count() == len(contact_rows)
    page.get_by_role("button", name="Close all sheets").click()
    assert page.locator(".item[open]").count() == 0
