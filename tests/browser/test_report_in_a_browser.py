"""The page as it opens: complete, quiet, offline, with and without script; and what its filters leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import unquote

import pytest
from chromium import need_chromium
from playwright.sync_api import Page
from wide_plans import HOSTILE_ID, HOSTILE_NAME

need_chromium()

Open = Callable[..., Page]
Row = Mapping[str, str]

SHOWN = """() => {
  const seen = (element) => element.checkVisibility();
  const all = (selector) => [...document.querySelectorAll(selector)].filter(seen);
  const links = (selector) => all(selector).map((link) => decodeURIComponent(link.hash || link.href.baseVal).slice(1));
  return {
    items: all(".item").map((item) => item.id),
    site_marks: links('#overview .row[data-site] a[href^="#contact-"]'),
    satellite_marks: links('#overview .row:not([data-site]) a[href^="#contact-"]'),
    night_marks: links('#nights .row[data-site] a[href^="#contact-"]'),
    tracks: links(".map-track"),
    passes: all('tr[id^="pass-"]').map((row) => row.id),
    windows: links('#nights a[href^="#pass-"]'),
    output: (document.querySelector("#filters output") || {}).textContent,
  };
}"""


def shown(page: Page) -> dict[str, Any]:
    """Ids of what can be seen: contacts, passes, and what marks them in the timeline and on the map."""
    found: dict[str, Any] = page.evaluate(SHOWN)
    return found


def everything_open(page: Page) -> Page:
    page.locator("#all-passes > summary").click()
    page.get_by_role("link", name="All nights").click()
    return page


def ids(kind: str, rows: Iterable[Row], name: str) -> list[str]:
    return sorted(f"{kind}-{row[name]}" for row in rows)


def check(found: Mapping[str, Any], contacts: list[Row], passes: list[Row]) -> None:
    """Exactly these contacts, and of the passes those that were not chosen."""
    wanted = ids("contact", contacts, "contact_id")
    left_out = ids("pass", (row for row in passes if not row["contact_ids"]), "pass_id")
    assert sorted(found["items"]) == wanted
    assert sorted(found["site_marks"]) == wanted
    assert sorted(found["satellite_marks"]) == wanted
    assert set(found["night_marks"]) == set(wanted)
    assert set(found["tracks"]) <= set(wanted)
    assert sorted(found["passes"]) == left_out
    assert set(found["windows"]) == {
        f"pass-{row['pass_id']}" for row in passes if not row["contact_ids"] and row["windows_utc"]
    }
    assert (
        found["output"]
        == f"{len(wanted)} of {found['n_items']} contacts, {len(left_out)} of {found['n_passes']} passes not chosen"
    )


def test_every_contact_of_the_table_is_there(open_page: Open, example, contact_rows, pass_rows) -> None:
    page = everything_open(open_page(example.path))
    counts = {"n_items": len(contact_rows), "n_passes": sum(not row["contact_ids"] for row in pass_rows)}
    check(shown(page) | counts, contact_rows, pass_rows)
    assert page.locator("#n-contacts").inner_text() == str(len(contact_rows)), "as the head says"
    assert set(shown(page)["tracks"]) == set(ids("contact", contact_rows, "contact_id"))


@pytest.mark.parametrize("kind", ["country", "site"])
def test_a_filter_leaves_what_the_tables_say(open_page: Open, example, contact_rows, pass_rows, kind: str) -> None:
    page = everything_open(open_page(example.path))
    column = {"country": "country", "site": "site_id"}[kind]
    counts = {"n_items": len(contact_rows), "n_passes": sum(not row["contact_ids"] for row in pass_rows)}
    field = page.get_by_role("combobox", name=kind.capitalize())
    values = field.evaluate("select => [...select.options].map((option) => option.value)")
    assert sorted(values) == sorted({"", *(row[column] for row in pass_rows)})
    for value in values:
        field.select_option(value)
        contacts, passes = ([row for row in rows if value in ("", row[column])] for rows in (contact_rows, pass_rows))
        check(shown(page) | counts, contacts, passes)
    field.select_option(contact_rows[0][column])
    page.get_by_role("button", name="Show all").click()
    check(shown(page) | counts, contact_rows, pass_rows)
    assert field.input_value() == ""


def test_filters_by_satellite_and_site_together(open_page: Open, three_satellites) -> None:
    plan = three_satellites.plan
    page = everything_open(open_page(three_satellites.path))
    contacts_of = Counter((contact.satellite_id, contact.site_id) for contact in plan.contacts)
    flown = {contact.pass_id for contact in plan.contacts}
    for satellite in plan.satellites:
        page.get_by_role("combobox", name="Satellite").select_option(satellite.satellite_id)
        for site in plan.sites[:3]:
            page.get_by_role("combobox", name="Site").select_option(site.site_id)
            found = shown(page)
            both = (satellite.satellite_id, site.site_id)
            wanted = sorted(f"contact-{c.contact_id}" for c in plan.contacts if (c.satellite_id, c.site_id) == both)
            assert len(wanted) == contacts_of[both]
            for marks in ("items", "site_marks", "satellite_marks"):
                assert sorted(found[marks]) == wanted
            passes = [decision.planned_pass for decision in plan.decisions]
            assert sorted(found["passes"]) == sorted(
                f"pass-{p.pass_id}" for p in passes if (p.satellite_id, p.site_id) == both and p.pass_id not in flown
            )
        page.get_by_role("combobox", name="Site").select_option("")
    page.get_by_role("button", name="Show all").click()
    assert len(shown(page)["items"]) == len(plan.contacts)


def test_a_link_to_what_a_filter_hides_brings_it_back(open_page: Open, example, contact_rows) -> None:
    page = open_page(example.path)
    other = next(row for row in contact_rows if row["country"] != contact_rows[0]["country"])
    page.get_by_role("combobox", name="Country").select_option(other["country"])
    page.evaluate("id => { location.hash = encodeURIComponent('contact-' + id) }", contact_rows[0]["contact_id"])
    page.wait_for_function(
        "id => document.activeElement.parentElement.id === 'contact-' + id", arg=contact_rows[0]["contact_id"]
    )
    assert len(shown(page)["items"]) == len(contact_rows)


def test_without_script_nothing_is_missing(open_page: Open, example, contact_rows, pass_rows) -> None:
    page = open_page(example.path, java_script_enabled=False)
    page.locator("#all-passes > summary").click()
    found = shown(page)
    wanted = ids("contact", contact_rows, "contact_id")
    assert sorted(found["items"]) == sorted(found["site_marks"]) == wanted
    assert set(found["night_marks"]) == set(wanted)
    assert sorted(found["passes"]) == ids("pass", (row for row in pass_rows if not row["contact_ids"]), "pass_id")
    assert found["output"] is None, "no filter that would do nothing"
    assert page.locator("button:visible, select:visible").count() == 0
    item = page.locator(".item").first
    item.locator("summary").click()
    assert item.locator(".s-sky").is_visible()
    assert item.get_by_text("Protocol", exact=True).is_visible()
    mark = page.locator('#nights .row[data-site] a[href^="#contact-"]').last
    fragment = mark.get_attribute("href")
    mark.click()
    assert page.url.endswith(str(fragment))
    assert page.locator(":target").get_attribute("id") == unquote(str(fragment)[1:])
    assert page.locator(":target").evaluate(
        "(e) => { const box = e.getBoundingClientRect(); return box.top >= -1 && box.top < innerHeight }"
    )


def test_hostile_names_are_text_and_run_nothing(open_page: Open, hostile) -> None:
    page = open_page(hostile.path)
    assert page.locator("h1").inner_text() == HOSTILE_NAME
    assert page.title().startswith(HOSTILE_NAME)
    assert page.evaluate("document.scripts.length") == 1
    attributes = page.evaluate(
        "[...new Set([...document.querySelectorAll('*')].flatMap((e) => e.getAttributeNames()))]"
    )
    assert [name for name in attributes if name.startswith("on")] == []
    assert sorted(shown(page)["items"]) == sorted(f"contact-{c.contact_id}" for c in hostile.plan.contacts)
    by_site = Counter(contact.site_id for contact in hostile.plan.contacts)
    site_id, n_contacts = by_site.most_common(1)[0]
    assert site_id.startswith(HOSTILE_ID)
    page.get_by_role("combobox", name="Site").select_option(site_id)
    assert len(shown(page)["items"]) == n_contacts
    mark = page.locator('#overview .row[data-site] a[href^="#contact-"]:visible').first
    mark.hover()
    mark.click()
    opened = page.evaluate("document.activeElement.parentElement.id")
    assert opened in {f"contact-{c.contact_id}" for c in hostile.plan.contacts if c.site_id == site_id}
    assert page.locator(".item[open]").count() == 1


@pytest.mark.parametrize("which", ["example", "hostile", "single", "nothing"])
def test_every_link_has_its_one_target(open_page: Open, request: pytest.FixtureRequest, which: str) -> None:
    page = open_page(request.getfixturevalue(which).path)
    found = page.evaluate(
        """() => {
          const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
          const links = [...document.querySelectorAll("a")].map((link) => link.getAttribute("href"));
          return { ids, links };
        }"""
    )
    assert [one for one, n in Counter(found["ids"]).items() if n > 1] == []
    assert {link for link in found["links"] if not link.startswith("#")} == set(), "nothing leads out of the page"
    assert {unquote(link[1:]) for link in found["links"]} <= set(found["ids"])


def test_a_plan_of_nothing_says_so(open_page: Open, nothing) -> None:
    page = open_page(nothing.path)
    assert page.locator(".item").count() == 0
    assert page.locator("#n-contacts").inner_text() == "0"
    nothing_there = (
        "No demand was given.",
        "No pass has a window, and no contact was chosen.",
        "No contact was chosen.",
    )
    for text in (*nothing_there, "There was no pass."):
        assert page.get_by_text(text, exact=True).is_visible(), text


def test_one_contact_has_its_sheet(open_page: Open, single) -> None:
    page = open_page(single.path)
    (contact,) = single.plan.contacts
    assert shown(page)["items"] == [f"contact-{contact.contact_id}"]
    page.locator(".item > summary").click()
    assert page.locator(".item .s-sky").is_visible()


def test_thirty_stations_stay_below_two_megabytes(open_page: Open, thirty_sites) -> None:
    assert len(thirty_sites.plan.sites) == 30
    assert len(thirty_sites.plan.contacts) == 75
    assert thirty_sites.path.stat().st_size < 2_000_000
    page = open_page(thirty_sites.path)
    assert len(shown(page)["items"]) == 75
    assert page.locator("#overview .row[data-site]").count() == 30


def test_five_hundred_contacts_can_be_filtered(open_page: Open, five_hundred) -> None:
    plan = five_hundred.plan
    page = open_page(five_hundred.path)
    assert len(shown(page)["items"]) == len(plan.contacts) == 500
    satellite_id = plan.satellites[7].satellite_id
    page.get_by_role("combobox", name="Satellite").select_option(satellite_id)
    wanted = sorted(f"contact-{c.contact_id}" for c in plan.contacts if c.satellite_id == satellite_id)
    found = shown(page)
    assert sorted(found["items"]) == sorted(found["site_marks"]) == wanted
    assert (
        page.locator("#overview .row:not([data-site]):visible >> nth=-1").inner_text().strip()
        == plan.satellites[7].name
    )
