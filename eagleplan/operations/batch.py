"""Week after week: one plan per ISO week, key carried over, resumable."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Literal

from eagleplan import pipeline, report
from eagleplan.errors import EagleplanError, InputError, Problem
from eagleplan.inputs.files import StoredFiles, UnreadableError, read_file
from eagleplan.inputs.outcomes import parse_outcomes
from eagleplan.inputs.suggest import did_you_mean
from eagleplan.inputs.text import decode
from eagleplan.inputs.toml import parse_toml
from eagleplan.model import PlanClaims
from eagleplan.operations.files import write_file
from eagleplan.operations.ledger import Book, write_ledger
from eagleplan.operations.lock import locked
from eagleplan.operations.outcomes import (
    LEDGER,
    PlanOnFile,
    checked_outcomes,
    open_ledger,
    open_plan,
    settle_or_refuse,
)
from eagleplan.operations.settle import EXPECTED, Made
from eagleplan.operations.weeks import ElementsFolder, Week, newest_named
from eagleplan.pipeline import Assessment
from eagleplan.scenario import Scenario, load_scenario
from eagleplan.units import SECONDS_PER_WEEK

LEDGER_FOLDER = "ledger"
TABLE_NAME = "batch.csv"
FAILED_FOLDER = "failed"

WeekStatus = Literal["planned", "there", "failed", "changed", "replanned"]
"""`there` was planned by an earlier run, from these very inputs; `changed` was planned from others, and left alone;
`replanned` was put there by a re-plan, and is never planned again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What to plan, and where what becomes known is found: folders that may grow between runs.

    `lead_hours` before a week begins it is planned: later elements and forecasts are not used. `outcomes` holds tables
    such as ``2026-W49.csv``.
    """

    scenario: Path
    weeks: Sequence[Week]
    directory: Path
    elements: Mapping[str, Path] = field(default_factory=dict)
    forecasts: Path | None = None
    outcomes: Path | None = None
    lead_hours: float = 12.0
    settings: Mapping[str, Any] = field(default_factory=dict)
    update: bool = False
    stop_on_error: bool = False
    n_jobs: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekResult:
    """One line of the table. `stock_bits` is left on all edges when the week is over."""

    week: str
    status: WeekStatus
    n_contacts: int = 0
    wanted_bits: int = 0
    delivered_bits: int = 0
    solver_status: str = ""
    n_outcomes: int = 0
    stock_bits: int = 0
    message: str = ""


def run_batch(batch: Batch, tell: Callable[[WeekResult], None]) -> tuple[WeekResult, ...]:
    """Plan every week that is not there yet, and tell each result as it comes.

    A failing week is kept apart, in ``failed/WEEK.txt``, and key is carried past it; with `stop_on_error` it ends the
    batch. A run that was killed leaves whole weeks, and the next one goes on after them. Raises OutputError where the
    directory is in use or cannot be written.
    """
    with locked(batch.directory, "eagleplan batch"), _assessor(batch.n_jobs) as assessor:
        return _Run(batch, tell, assessor).run()


class _Run:
    def __init__(self, batch: Batch, tell: Callable[[WeekResult], None], pool: ProcessPoolExecutor | None) -> None:
        self._batch = batch
        self._tell = tell
        self._pool = pool
        self._orbits = _orbits(batch.scenario)
        for satellite in batch.elements:
            if satellite not in self._orbits:
                hint = did_you_mean(satellite, self._orbits) or f"the scenario has {', '.join(sorted(self._orbits))}"
                message = "no such satellite in the scenario"
                raise InputError(Problem(path="--elements", message=message, got=satellite, hint=hint))
        self._elements = {satellite: ElementsFolder(folder) for satellite, folder in batch.elements.items()}
        self._ahead: dict[str, Future[Assessment]] = {}

    def run(self) -> tuple[WeekResult, ...]:
        batch = self._batch
        batch.directory.mkdir(parents=True, exist_ok=True)
        results: list[WeekResult] = []
        carried: list[dict[str, Any]] | None = None
        before: Path | None = None
        for number, week in enumerate(batch.weeks):
            self._look_ahead(batch.weeks[number + 1 : number + 1 + batch.n_jobs])
            try:
                result, book = self._week(week, carried, before)
            except EagleplanError as error:
                # Where the disk is full, the note of it cannot be written either, and the batch ends there.
                result, book = self._failed(week, error), None
            results.append(result)
            self._tell(result)
            if book is not None:
                carried = _carried(book, week.start_utc + timedelta(seconds=SECONDS_PER_WEEK))
                before = batch.directory / week.name
                self._keep(batch.directory / LEDGER_FOLDER / f"{week.name}.csv", write_ledger(book.entries))
            elif carried is not None:
                # Nobody made or used key in a week without a plan; it has grown older.
                carried = [stock | {"age_s": stock["age_s"] + int(SECONDS_PER_WEEK)} for stock in carried]
            if result.status == "failed" and batch.stop_on_error:
                break
        self._keep(batch.directory / TABLE_NAME, _table(results))
        return tuple(results)

    def _week(self, week: Week, carried: list[dict[str, Any]] | None, before: Path | None) -> tuple[WeekResult, Book]:
        """Plan the week, or find it planned; and settle it by what is known of it."""
        directory = self._batch.directory / week.name
        overrides, extra = self._inputs(week)
        extra |= _answers(directory)
        if carried is not None:
            # What the key managers hold now is the stock of the first week.
            overrides |= {"network.initial_stocks": carried, "kms.stores": []}
        scenario = load_scenario(
            self._batch.scenario, start_utc=week.start_utc, days=7.0, overrides=overrides, extra_files=extra
        )
        status: WeekStatus = "planned"
        if (directory / report.MANIFEST_NAME).exists():
            status = _status_of(directory, scenario)
        is_booked = (directory / LEDGER).exists()
        if status == "planned" or (status == "changed" and self._batch.update and not is_booked):
            status = "planned"
            with locked(directory, "eagleplan batch"):
                report.check_target(directory)
                planned = pipeline.make_plan(scenario, assessment=self._assessed(week))
                state = _calendar_state(directory, before)
                files = pipeline.plan_files(scenario, planned, previous_calendar_state=state)
                report.write_directory(directory, files)
        stored = open_plan(directory)
        book, n_outcomes = self._settled(week, directory, stored)
        (self._batch.directory / FAILED_FOLDER / f"{week.name}.txt").unlink(missing_ok=True)
        return _result(week, status, stored.claims, book, n_outcomes, is_booked=is_booked), book

    def _inputs(self, week: Week) -> tuple[dict[str, Any], dict[str, bytes]]:
        """What was known when the week was planned."""
        planned_utc = week.start_utc - timedelta(hours=self._batch.lead_hours)
        overrides: dict[str, Any] = {"weather.planned_utc": planned_utc}
        extra: dict[str, bytes] = {}
        for satellite, folder in self._elements.items():
            table = self._orbits.get(satellite, {})
            found = folder.newest(table, planned_utc)
            if found is None:
                message = f"holds no elements of {satellite} from before {planned_utc:%Y-%m-%dT%H:%M:%SZ}"
                raise InputError(Problem(path=str(self._batch.elements[satellite]), message=message))
            name = f"elements/{satellite}-{found.name}"
            extra[name] = read_file(found)
            kept = {key: table[key] for key in ("catalog_id", "object_name") if key in table}
            overrides[f"satellites.{satellite}.orbit"] = {"kind": "file", "path": name} | kept
        if self._batch.forecasts is not None:
            newest = newest_named(self._batch.forecasts, planned_utc)
            if newest is not None:
                extra[f"forecasts/{newest.name}"] = read_file(newest)
                overrides["weather.forecasts"] = [{"file": f"forecasts/{newest.name}"}]
        return overrides | dict(self._batch.settings), extra

    def _settled(self, week: Week, directory: Path, stored: PlanOnFile) -> tuple[Book, int]:
        """The week's ledger to its end: outcomes where they are known, and what the plan expects elsewhere."""
        book = open_ledger(directory)
        claims = stored.claims
        known = set(book.contacts()) | {contact.contact_id for contact in claims.contacts if contact.outcome}
        made: dict[str, Made] = {
            contact.contact_id: Made(contact_id=contact.contact_id, status=EXPECTED, bits=contact.expected_bits)
            for contact in claims.contacts
            if contact.contact_id not in known
        }
        path = directory / LEDGER
        if self._batch.outcomes is not None and (self._batch.outcomes / f"{week.name}.csv").exists():
            path = self._batch.outcomes / f"{week.name}.csv"
            outcomes = parse_outcomes(decode(read_file(path), str(path)), str(path))
            for one in checked_outcomes(claims.contacts, outcomes, str(path), claims.horizon.end_s):
                made[one.contact_id] = one
                known.add(one.contact_id)
        settle_or_refuse(book, stored, made.values(), claims.horizon.end_s, str(path))
        return book, len(known)

    def _failed(self, week: Week, error: EagleplanError) -> WeekResult:
        message = str(error)
        write_file(self._batch.directory / FAILED_FOLDER / f"{week.name}.txt", f"{message}\n".encode())
        return WeekResult(week=week.name, status="failed", message=message.splitlines()[0])

    def _keep(self, path: Path, data: bytes) -> None:
        """Write a file that follows from the rest, unless it is there as it should be."""
        if not path.exists() or read_file(path) != data:
            write_file(path, data)

    def _look_ahead(self, weeks: Sequence[Week]) -> None:
        """Have the passes and the key of coming weeks computed: neither depends on the stock that is carried."""
        if self._pool is None:
            return
        for week in weeks:
            if week.name in self._ahead or (self._batch.directory / week.name / report.MANIFEST_NAME).exists():
                continue
            try:
                overrides, extra = self._inputs(week)
            except EagleplanError:
                continue  # the week itself will say so
            # What key managers hold is stock too.
            overrides["kms.stores"] = []
            with suppress(BrokenProcessPool):
                self._ahead[week.name] = self._pool.submit(
                    _assess_week, self._batch.scenario, week.start_utc, overrides, extra
                )

    def _assessed(self, week: Week) -> Assessment | None:
        """What was computed ahead; None where nothing was, or that failed: the week itself will then say why."""
        ahead = self._ahead.pop(week.name, None)
        if ahead is None or ahead.exception() is not None:
            return None
        return ahead.result()


def _assess_week(
    scenario: Path, start_utc: datetime, overrides: Mapping[str, Any], extra: Mapping[str, bytes]
) -> Assessment:
    return pipeline.assess(
        load_scenario(scenario, start_utc=start_utc, days=7.0, overrides=overrides, extra_files=extra)
    )


@contextmanager
def _assessor(n_jobs: int) -> Iterator[ProcessPoolExecutor | None]:
    if n_jobs == 1:
        yield None
        return
    # A fresh interpreter holds none of this one's threads and locks.
    with ProcessPoolExecutor(n_jobs, mp_context=get_context("spawn")) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _orbits(scenario: Path) -> Mapping[str, Mapping[str, Any]]:
    """The orbit tables by satellite, as far as the file has any: what is wrong with it, the first week says."""
    tables = parse_toml(decode(read_file(scenario), str(scenario)), str(scenario)).data.get("satellites")
    orbits = {}
    for name, table in tables.items() if isinstance(tables, dict) else ():
        orbit = table.get("orbit") if isinstance(table, dict) else None
        orbits[name] = orbit if isinstance(orbit, dict) else {}
    return orbits


def _status_of(directory: Path, scenario: Scenario) -> WeekStatus:
    """What a plan that is there is to the scenario of its week; raises InputError if it cannot be read."""
    inputs = StoredFiles(directory / report.INPUTS_FOLDER)
    if "operations.earlier_plan_file" in inputs.overrides:
        return "replanned"
    stored = scenario.stored_inputs()
    there = {path.name for path in inputs.directory.iterdir()}
    same = there == set(stored) and all(read_file(inputs.directory / name) == data for name, data in stored.items())
    return "there" if same else "changed"


def _answers(directory: Path) -> dict[str, bytes]:
    """What key managers answered when the week was planned: its opening stays what it was."""
    if not (directory / report.MANIFEST_NAME).exists():
        return {}
    inputs = StoredFiles(directory / report.INPUTS_FOLDER)
    try:
        return {name: inputs.read(name) for name in inputs.entries if "://" in name}
    except UnreadableError as error:
        raise InputError(Problem(path=str(inputs.directory), message=str(error))) from None


def _calendar_state(directory: Path, before: Path | None) -> bytes | None:
    """What calendars were told of this week, if it is planned again, or else of the week before."""
    for folder in (directory, before):
        if folder is not None and (folder / report.CALENDAR_STATE_NAME).exists():
            return read_file(folder / report.CALENDAR_STATE_NAME)
    return None


def _carried(book: Book, at_utc: datetime) -> list[dict[str, Any]]:
    """What is in stock, lot by lot, as the scenario of the next week has it."""
    stocks = []
    for ends in book.edges():
        for made_utc, bits in book.lots(ends).items():
            age_s = max(0, round((at_utc - made_utc).total_seconds()))
            stocks.append({"end_a": ends[0], "end_b": ends[1], "bits": bits, "age_s": age_s})
    return stocks


def _result(
    week: Week, status: WeekStatus, claims: PlanClaims, book: Book, n_outcomes: int, *, is_booked: bool
) -> WeekResult:
    message = ""
    if status == "changed":
        message = "outcomes are booked: re-plan it" if is_booked else "--update plans it again"
    return WeekResult(
        week=week.name,
        status=status,
        n_contacts=len(claims.contacts),
        wanted_bits=sum(demand.wanted_bits for demand in claims.demands),
        delivered_bits=sum(entry.bits for entry in book.entries if entry.kind == "handed-over"),
        solver_status=claims.proof.status,
        n_outcomes=n_outcomes,
        stock_bits=sum(book.stock_bits(ends) for ends in book.edges()),
        message=message,
    )


def _table(results: Sequence[WeekResult]) -> bytes:
    """The table of what is there; which run planned a week is for the screen."""
    results = [replace(result, status="planned") if result.status == "there" else result for result in results]
    text = io.StringIO()
    names = WeekResult.__slots__
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([getattr(result, name) for name in names] for result in results)
    return text.getvalue().encode()
