"""A real browser, offline: Debian's Chromium, driven over pipes. Without one every test here is skipped and says so."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright

from eagleplan.model import ContactTrace, Plan
from eagleplan.pipeline.reading import read_directory
from eagleplan.report.html import report_html

sys.path.insert(0, str(Path(__file__).parent))

from chromium import CHROMIUM
from wide_plans import empty_plan, hostile_plan, one_contact, wide_plan

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
Row = dict[str, str]


@dataclass(frozen=True)
class Written:
    """A report on disk and what it was made from."""

    path: Path
    plan: Plan
    traces: tuple[ContactTrace, ...]


@dataclass
class Watch:
    """What a page said, and what it asked for besides its own file."""

    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def listen(self, context: BrowserContext, page: Page) -> None:
        def refuse(route: Route) -> None:
            route.abort()

        context.route(lambda url: not url.startswith("file:"), refuse)
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))


@pytest.fixture(scope="module", autouse=True)
def browser() -> Iterator[Browser]:
    """One for each module: while Playwright runs, its event loop is the thread's, and other tests run theirs."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """`open_page(path, **options of the context)`: a page without network, that may not complain."""
    opened: list[tuple[BrowserContext, Watch, str]] = []

    def call(path: Path, fragment: str = "", **options: Any) -> Page:
        options = {"viewport": {"width": 1280, "height": 900}, "offline": True} | options
        context = browser.new_context(**options)
        page = context.new_page()
        watch = Watch()
        watch.listen(context, page)
        opened.append((context, watch, path.as_uri()))
        page.set_default_timeout(20_000)
        page.goto(path.as_uri() + fragment)
        return page

    yield call
    for context, watch, uri in opened:
        context.close()
        assert watch.complaints == []
        assert {url.split("#")[0] for url in watch.requests} == {uri}


@pytest.fixture(scope="session")
def example(example_plan: Path) -> Written:
    """The example week as the command wrote it."""
    source = read_directory(example_plan)
    return Written(example_plan / "report.html", source.plan, source.traces)


@pytest.fixture(scope="session")
def contact_rows(example_plan: Path) -> list[Row]:
    return _table(example_plan / "contacts.csv")


@pytest.fixture(scope="session")
def pass_rows(example_plan: Path) -> list[Row]:
    return _table(example_plan / "passes.csv")


@pytest.fixture(scope="session")
def thirty_sites(example: Written, tmp_path_factory: pytest.TempPathFactory) -> Written:
    """A week of 30 stations and 75 contacts of one satellite."""
    made = wide_plan(example.plan, example.traces, n_sites=30, n_satellites=1, n_copies=3, n_contacts=75)
    return _written(tmp_path_factory.mktemp("pages") / "thirty.html", *made)


@pytest.fixture(scope="session")
def three_satellites(example: Written, tmp_path_factory: pytest.TempPathFactory) -> Written:
    """Few contacts, but three satellites."""
    made = wide_plan(example.plan, example.traces, n_sites=13, n_satellites=3, n_copies=3, n_contacts=24)
    return _written(tmp_path_factory.mktemp("pages") / "three.html", *made)


@pytest.fixture(scope="session")
def five_hundred(example: Written, tmp_path_factory: pytest.TempPathFactory) -> Written:
    """500 contacts of 24 satellites with 30 stations, chosen from some 5,000 passes."""
    made = wide_plan(example.plan, example.traces, n_sites=30, n_satellites=24, n_copies=24, n_contacts=500)
    return _written(tmp_path_factory.mktemp("pages") / "five-hundred.html", *made)


@pytest.fixture(scope="session")
def hostile(example: Written, tmp_path_factory: pytest.TempPathFactory) -> Written:
    return _written(tmp_path_factory.mktemp("pages") / "hostile.html", *hostile_plan(example.plan, example.traces))


@pytest.fixture(scope="session")
def single(example: Written, tmp_path_factory: pytest.TempPathFactory) -> Written:
    return _written(tmp_path_factory.mktemp("pages") / "one.html", *one_contact(example.plan, example.traces))


@pytest.fixture(scope="session")
def nothing(example: Written, tmp_path_factory: pytest.TempPathFactory) -> Written:
    return _written(tmp_path_factory.mktemp("pages") / "nothing.html", empty_plan(example.plan), ())


def _written(path: Path, plan: Plan, traces: tuple[ContactTrace, ...]) -> Written:
    path.write_bytes(report_html(plan, traces))
    return Written(path, plan, traces)


def _table(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
