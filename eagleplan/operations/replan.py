"""A new plan from an old one: what is settled stays, what is new is taken in, and changes have a price."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from eagleplan import pipeline, report
from eagleplan.errors import InputError, Problem
from eagleplan.inputs.files import StoredFiles, read_file
from eagleplan.inputs.suggest import did_you_mean
from eagleplan.inputs.text import decode
from eagleplan.inputs.toml import parse_toml
from eagleplan.model import Plan
from eagleplan.operations import PRICE_FRAC
from eagleplan.operations.ledger import Book, write_ledger
from eagleplan.operations.lock import locked
from eagleplan.operations.outcomes import LEDGER, open_ledger, open_plan, with_outcomes
from eagleplan.pipeline import Progress
from eagleplan.scenario import load_scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What has become known since the plan was made; file names are paths, `elements` and `calendars` by id."""

    now_utc: datetime
    freeze_hours: float = 0.0
    outcomes: Path | None = None
    forecasts: Sequence[Path] = ()
    elements: Mapping[str, Path] = field(default_factory=dict)
    calendars: Mapping[str, Path] = field(default_factory=dict)
    drop_price_frac: float = PRICE_FRAC
    retime_price_frac: float = PRICE_FRAC
    add_price_frac: float = PRICE_FRAC
    settings: Mapping[str, Any] = field(default_factory=dict)


def replan(directory: Path, news: News, progress: Progress) -> tuple[Plan, dict[str, bytes]]:
    """The new plan, and the files of its directory.

    Outcomes in the ledger of `directory` count as those of `news` do, which are booked in the new plan's ledger. Raises
    InputError for what cannot be read, or names what the plan does not have.
    """
    folder = report.INPUTS_FOLDER
    stored = StoredFiles(directory / folder)
    path = stored.scenario_file
    document = parse_toml(decode(stored.read(path), path), path).override(stored.overrides)
    stamp = f"{news.now_utc:%Y%m%dT%H%M%SZ}"
    extra = {f"{stamp}/plan.json": read_file(directory / "plan.json")}
    overrides: dict[str, Any] = {
        "operations.earlier_plan_file": f"{stamp}/plan.json",
        "operations.now_utc": news.now_utc,
        "operations.freeze_hours": float(news.freeze_hours),
        "schedule.drop_price_frac": float(news.drop_price_frac),
        "schedule.retime_price_frac": float(news.retime_price_frac),
        "schedule.add_price_frac": float(news.add_price_frac),
        "weather.planned_utc": news.now_utc,
    }
    book = open_ledger(directory)
    settled_utc = book.settled_until_utc()
    if settled_utc is not None and news.now_utc < settled_utc:
        message = f"must not be before {settled_utc:%Y-%m-%dT%H:%M:%SZ}: the ledger is settled up to there"
        raise InputError(Problem(path="--now", message=message, got=f"{news.now_utc:%Y-%m-%dT%H:%M:%SZ}"))
    if news.outcomes is not None:
        shown = str(news.outcomes)
        with_outcomes(book, open_plan(directory), (decode(read_file(news.outcomes), shown), shown), news.now_utc)
    known = _outcomes(book)
    if known is not None:
        extra[f"{stamp}/outcomes.csv"] = known
        overrides["operations.outcomes_file"] = f"{stamp}/outcomes.csv"
    elif "operations.outcomes_file" in stored.overrides:
        # What the plan before knew is in its contacts.
        overrides["operations.outcomes_file"] = None
    if news.forecasts:
        entries = list(document.data.get("weather", {}).get("forecasts", []))
        for number, forecast in enumerate(news.forecasts):
            name = f"{stamp}/{number}-{forecast.name}"
            extra[name] = read_file(forecast)
            entries.append({"file": name})
        overrides["weather.forecasts"] = entries
    for satellite, elements in news.elements.items():
        overrides |= _new_elements(document.data, satellite, f"{stamp}/{satellite}-{elements.name}")
        extra[f"{stamp}/{satellite}-{elements.name}"] = read_file(elements)
    for site_id, calendar in news.calendars.items():
        name = f"{stamp}/{site_id}-{calendar.name}"
        extra[name] = read_file(calendar)
        overrides[f"sites.override.{site_id}.calendar_file"] = name
    scenario = load_scenario(stored, overrides=overrides | dict(news.settings), extra_files=extra)
    planned = pipeline.make_plan(scenario, progress)
    state_path = directory / report.CALENDAR_STATE_NAME
    files = pipeline.plan_files(scenario, planned, previous_calendar_state=read_file(state_path))
    if book.entries:
        # The books go on: what has been handed over stays so.
        files[LEDGER] = write_ledger(book.entries)
    return planned.plan, files


def write_replan(directory: Path, news: News, output: Path, *, force: bool, progress: Progress) -> Plan:
    """As `replan`, and write it, whole or not at all. Raises OutputError where the new directory is in use."""
    with locked(output, "eagleplan replan"):
        report.check_target(output, force=force)
        plan, files = replan(directory, news, progress)
        report.write_directory(output, files, force=force)
    return plan


def _outcomes(book: Book) -> bytes | None:
    """What the ledger knows of contacts, as a table of outcomes; None where it knows nothing."""
    reported = book.contacts()
    if not reported:
        return None
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("contact_id", "status", "secret_bits", "comment"))
    for contact_id, known in sorted(reported.items()):
        writer.writerow((contact_id, known.status, known.bits if known.status == "done" else "", known.comment))
    return text.getvalue().encode()


def _new_elements(data: Mapping[str, Any], satellite: str, name: str) -> dict[str, Any]:
    """The orbit of a satellite's table from a new file; which object of it, as before."""
    tables = data.get("satellites", {})
    if satellite not in tables:
        hint = did_you_mean(satellite, tables) or f"the scenario has {', '.join(sorted(tables))}"
        message = "no such satellite in the scenario"
        raise InputError(Problem(path="--elements", message=message, got=satellite, hint=hint))
    orbit = tables[satellite].get("orbit", {})
    new = {"kind": "file", "path": name}
    new |= {key: orbit[key] for key in ("catalog_id", "object_name") if key in orbit}
    return {f"satellites.{satellite}.orbit": new}
