"""Light, dark, narrow, on paper, and for readers who do not see the page: measured, not compared with pictures."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from io import BytesIO
from itertools import pairwise
from typing import Any

import pytest
from chromium import need_chromium
from playwright.sync_api import Page
from pypdf import PdfReader

need_chromium()

Open = Callable[..., Page]
Row = Mapping[str, str]

CONTRAST = """() => {
  const parse = (text) => {
    const inner = text.match(/^(rgba?|color)\\(([^)]*)\\)/);
    if (!inner) return null;
    const parts = inner[2].replace("srgb", "").split(/[ ,/]+/).filter(Boolean).map(Number);
    const scale = inner[1] === "color" ? 255 : 1;
    return [parts[0] * scale, parts[1] * scale, parts[2] * scale, parts.length > 3 ? parts[3] : 1];
  };
  const faded = (colour, share) => [...colour.slice(0, 3), colour[3] * share];
  const over = (top, below) => [0, 1, 2].map((n) => top[3] * top[n] + (1 - top[3]) * below[n]).concat(1);
  const linear = (value) => {
    const s = value / 255;
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  };
  const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const contrast = (a, b) => {
    const [less, more] = [light(a), light(b)].sort((p, q) => p - q);
    return (more + 0.05) / (less + 0.05);
  };
  const above = function* (element) { for (let at = element; at; at = at.parentElement) yield at; };
  const ground = (element) => {
    const paints = [];
    for (const at of above(element)) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour && colour[3]) paints.push(colour);
      if (colour && colour[3] === 1) break;
    }
    return paints.reverse().reduce((below, top) => over(top, below));
  };
  const opacity = (element) =>
    [...above(element)].reduce((whole, at) => whole * Number(getComputedStyle(at).opacity), 1);
  /* What lies beneath the middle of a text in a drawing: its own halo, or the shapes that are filled there. */
  const beneath = (text, svg, style) => {
    const below = ground(svg);
    if (style.paintOrder.startsWith("stroke") && style.stroke !== "none") return over(parse(style.stroke), below);
    text.scrollIntoView({ block: "center", inline: "center" });
    const box = text.getBoundingClientRect();
    const middle = new DOMPoint(box.x + box.width / 2, box.y + box.height / 2);
    const isFilled = (shape) => shape.ownerSVGElement === svg && shape.isPointInFill
      && shape.isPointInFill(middle.matrixTransform(shape.getScreenCTM().inverse()));
    return document.elementsFromPoint(middle.x, middle.y).filter(isFilled).reverse().reduce((under, shape) => {
      const paint = getComputedStyle(shape);
      const fill = parse(paint.fill);
      return fill ? over(faded(fill, Number(paint.fillOpacity) * opacity(shape)), under) : under;
    }, below);
  };
  const name = (element) => `${element.tagName}.${element.getAttribute("class") || ""}`;
  const worst = new Map();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !element.checkVisibility()) continue;
    if (["SCRIPT", "STYLE", "TITLE", "OPTION"].includes(element.tagName.toUpperCase())) continue;
    const style = getComputedStyle(element);
    if (style.visibility !== "visible" || style.clipPath !== "none") continue;
    const svg = element.ownerSVGElement;
    const below = svg ? beneath(element, svg, style) : ground(element);
    const share = (svg ? Number(style.fillOpacity) : 1) * opacity(element);
    const colour = over(faded(parse(svg ? style.fill : style.color), share), below);
    const found = contrast(colour, below);
    const key = `${name(element)} in ${name(element.parentElement)}`;
    if (!worst.has(key) || worst.get(key)[0] > found) worst.set(key, [found, node.data.trim().slice(0, 40)]);
  }
  return [...worst].map(([key, value]) => [key, ...value]);
}"""
"""Per kind of text the one that stands out least: its kind, its contrast by WCAG's formula, how it begins."""

BLACK = """() => {
  const isBlack = (shape) => {
    const style = getComputedStyle(shape);
    const box = shape.getBBox();
    const isFilled = box.width && box.height && Number(style.fillOpacity) > 0;
    return (isFilled && style.fill === "rgb(0, 0, 0)") || style.stroke === "rgb(0, 0, 0)";
  };
  return [...document.querySelectorAll("svg :is(path, rect, circle, text)")]
    .filter((shape) => shape.checkVisibility() && isBlack(shape)).map((shape) => shape.outerHTML.slice(0, 120));
}"""


def all_open(page: Page) -> Page:
    """Everything that can be opened, by hand of the script: a sheet, the passes, the stations, every night."""
    page.evaluate(
        """() => {
          for (const details of document.querySelectorAll("details:not(.item)")) details.open = true;
          for (const item of [...document.querySelectorAll(".item")].slice(0, 2)) item.open = true;
        }"""
    )
    if page.locator(".choice").count():
        page.get_by_role("link", name="All nights").click()
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(open_page: Open, example, scheme: str) -> None:
    """WCAG 2.2, 1.4.3: a contrast of 4.5 or more, of every text on the page against what lies beneath its middle."""
    page = all_open(open_page(example.path, color_scheme=scheme))
    found = page.evaluate(CONTRAST)
    assert len(found) > 40
    assert [entry for entry in found if entry[1] < 4.5] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_shape_is_left_in_the_colour_of_no_rule(open_page: Open, example, scheme: str) -> None:
    """A shape that no rule of style fits is black: invisible on a dark page. None is, on either."""
    page = all_open(open_page(example.path, color_scheme=scheme))
    assert page.evaluate(BLACK) == []


def test_dark_is_dark_and_light_is_light(open_page: Open, example) -> None:
    grounds = {}
    for scheme in ("light", "dark"):
        page = open_page(example.path, color_scheme=scheme)
        text = page.evaluate("getComputedStyle(document.body).backgroundColor")
        grounds[scheme] = sum(int(part) for part in re.findall(r"\d+", text)[:3]) / 3
    assert grounds["dark"] < 60 < 200 < grounds["light"]


@pytest.mark.parametrize("which", ["example", "three_satellites", "hostile", "nothing"])
def test_nothing_is_wider_than_a_narrow_screen(open_page: Open, request: pytest.FixtureRequest, which: str) -> None:
    page = all_open(open_page(request.getfixturevalue(which).path, viewport={"width": 400, "height": 800}))
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    cut = page.evaluate(
        """() => [...document.querySelectorAll("h1, h2, h3, p, li, dd, dt, summary, figcaption")]
          .filter((e) => e.checkVisibility() && !e.closest(".scroll"))
          .filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
          .map((e) => e.outerHTML.slice(0, 100))"""
    )
    assert cut == []


def test_nothing_moves(open_page: Open, example) -> None:
    """For readers whom motion makes ill, and for the rest: the page has none to be switched off."""
    page = open_page(example.path, reduced_motion="reduce")
    moving = page.evaluate(
        """() => [...document.querySelectorAll("*")].filter((e) => {
          const style = getComputedStyle(e);
          return style.animationName !== "none" || style.transitionDuration !== "0s" || style.scrollBehavior !== "auto";
        }).map((e) => e.outerHTML.slice(0, 100))"""
    )
    assert moving == []


def test_headings_tables_and_figures_have_names(open_page: Open, example) -> None:
    page = all_open(open_page(example.path))
    assert page.evaluate("document.documentElement.lang") == "en"
    levels = page.evaluate(
        """[...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].map((h) => Number(h.tagName[1]))"""
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels)), "no level is skipped"
    nameless = page.evaluate(
        """() => {
          const named = (e) => (e.textContent.trim() || e.getAttribute("aria-label") || "").length > 0;
          const count = (selector, isWrong) => [...document.querySelectorAll(selector)].filter(isWrong).length;
          return {
            images: count('svg[role="img"]', () => true),
            drawings: count("svg[role]", (e) => !(e.getAttribute("aria-label") || "").trim()),
            heads: count("th", (e) => !["row", "col"].includes(e.scope)),
            tables: count("table", (e) => !e.tHead),
            fields: count("select, input", (e) => !e.labels.length),
            controls: count("button, a", (e) => !named(e)),
            sections: count("section", (e) => !document.getElementById(e.getAttribute("aria-labelledby"))),
          };
        }"""
    )
    assert nameless.pop("images") > 36
    assert nameless == dict.fromkeys(nameless, 0)


def test_a_mark_has_its_name_for_a_screen_reader(open_page: Open, example, contact_rows) -> None:
    """Without script it is its title; the script keeps it when it takes the browser's tooltip away."""
    page = open_page(example.path)
    mark = page.locator('#nights .panel:visible .row[data-site] a[href^="#contact-"]').first
    names = {row["site_name"] for row in contact_rows}
    mark.hover(force=True)
    name = mark.get_attribute("aria-label") or mark.locator("title").text_content() or ""
    assert any(site in name for site in names)


def on_paper(page: Page) -> tuple[int, str]:
    """Print the page as PDF: how many sheets it takes, and the words on them."""
    sheets = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True))).pages
    return len(sheets), " ".join(" ".join(sheet.extract_text() for sheet in sheets).split())


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_contact_is_printed(open_page: Open, example, contact_rows, scheme: str) -> None:
    page = open_page(example.path, color_scheme=scheme)
    n_sheets, words = on_paper(page)
    assert 4 <= n_sheets <= 20
    for row in contact_rows:
        start, end = (datetime.fromisoformat(row[name]).strftime("%H:%M:%S") for name in ("start_utc", "end_utc"))
        assert f"{start} – {end}" in words, row["contact_id"]
    for heading in ("Demand", "Map", "Timeline", "Contacts", "Passes not chosen", "Assumptions", "SHA-256"):
        assert heading in words


def test_what_is_opened_is_printed_too(open_page: Open, example, contact_rows) -> None:
    page = open_page(example.path)
    page.locator(".item > summary").nth(2).click()
    page.locator("#all-passes > summary").click()
    n_sheets, words = on_paper(page)
    assert n_sheets <= 30
    assert f"Contact {contact_rows[2]['contact_id']}" in words
    assert f"Contact {contact_rows[3]['contact_id']}" not in words


def test_paper_is_white_in_dark_rooms_too(open_page: Open, example) -> None:
    page = open_page(example.path, color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    found: list[list[Any]] = page.evaluate(CONTRAST)
    assert [entry for entry in found if entry[1] < 4.5] == []


def test_no_cell_of_the_list_of_contacts_is_cut_or_runs_into_the_next(open_page: Open, three_satellites) -> None:
    page = open_page(three_satellites.path)
    for width in (400, 700, 1000, 1160, 1280, 1600):
        page.set_viewport_size({"width": width, "height": 800})
        n_cells, wrong = page.evaluate(
            """() => {
              const list = document.querySelector(".list").getBoundingClientRect();
              const rows = [...document.querySelectorAll(".contact-row")].filter((row) => row.checkVisibility());
              const cells = rows.flatMap((row) => [...row.querySelectorAll(":scope > span")]);
              const edge = (e) => e.getBoundingClientRect().right;
              const isWide = (e) => e.scrollWidth > e.clientWidth + 1 || edge(e) > list.right + 1;
              return [cells.length, cells.filter(isWide).map((e) => e.textContent)];
            }"""
        )
        assert n_cells >= 24 * 11
        assert wrong == [], width
