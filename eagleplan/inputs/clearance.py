"""Predictive-avoidance reports of the US Laser Clearinghouse: the times at which a laser may be switched on.

The report lists open windows, and all that it doesn't list is closed. The layout follows the reports that
observatories and public parsers have published; targets are understood where they are fields of view.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from eagleplan.errors import InputError, Problem

_MONTHS = {m: n for n, m in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), start=1)}  # noqa: SIM905
_HEAD = re.compile(r"\s*([A-Z][A-Za-z/ ]*?(?: *\([A-Z:]+\))?):\s*(.*?)\s*")
_HEAD_TIME = re.compile(r"(\d{4}) ([A-Z][a-z]{2}) +(\d{1,2}) (\d{2}):(\d{2}):(\d{2})")
_ROW = re.compile(
    r"\s*(\d{4}) ([A-Z][a-z]{2}) +(\d{1,2}) ?\((\d{3})\) (\d{2})(\d{2}) (\d{2})"
    r"\s+(\d{4}) ([A-Z][a-z]{2}) +(\d{1,2}) ?\((\d{3})\) (\d{2})(\d{2}) (\d{2})\s+(\d+):(\d{2})\s*"
)
_DEGREES = re.compile(r"(\d+(?:\.\d*)?) degrees ([NSEW])")
_RANGE = re.compile(r"(-?\d+(?:\.\d*)?) to (-?\d+(?:\.\d*)?) degrees")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearanceTarget:
    """A rectangle of the sky and the (start, end) instants at which it is open."""

    line: int
    azimuth_deg: tuple[float, float]
    elevation_deg: tuple[float, float]
    windows_utc: tuple[tuple[datetime, datetime], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearance:
    """A report that is meant for execution."""

    mission_id: str
    operator: str
    start_utc: datetime
    end_utc: datetime
    latitude_deg: float
    longitude_deg: float
    altitude_m: float
    targets: tuple[ClearanceTarget, ...]


@dataclass(slots=True)
class _Target:
    """A target as written: where its table begins, its windows, its two geometries as (line, value)."""

    line: int
    windows: list[tuple[datetime, datetime]]
    source: dict[str, tuple[int, str]]
    target: dict[str, tuple[int, str]]


class _Report:
    def __init__(self, path: str) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self.head: dict[str, tuple[int, str]] = {}
        self.targets: list[_Target] = []

    def wrong(self, line: int | None, field: str | None, message: str, got: str | None = None) -> None:
        self.problems.append(Problem(path=self.path, line=line, field=field, message=message, got=got))

    def headed(self, name: str) -> tuple[int | None, str]:
        if name not in self.head:
            self.wrong(None, name, "is missing from the report's header")
            return None, ""
        return self.head[name]

    def instant(self, name: str) -> datetime:
        line, text = self.headed(name)
        found = _HEAD_TIME.match(text)
        instant = _utc(*found.groups()) if found else None
        if text and instant is None:
            self.wrong(line, name, "must be a time such as 2026 Nov 30 18:00:00", text)
        return instant or datetime.min.replace(tzinfo=UTC)


def parse_clearance(text: str, path: str) -> Clearance:
    """A report; raises InputError with all problems.

    Refused: practice reports, reports of closed windows, targets that are not fields of view, windows outside
    the mission or that contradict themselves (day of year, duration), a number of targets that does not fit.
    """
    report = _Report(path)
    _read_lines(report, text)
    start_utc = report.instant("Mission Start Date/Time (UTC)")
    end_utc = report.instant("Mission Stop Date/Time (UTC)")
    if not report.problems and not start_utc < end_utc:
        line = report.head["Mission Stop Date/Time (UTC)"][0]
        report.wrong(line, "Mission Stop Date/Time (UTC)", "must be after the mission's start")
    at, kind = report.headed("Type of Windows in this report")
    if kind and not re.search(r"authorized shoot|open", kind, re.IGNORECASE):
        report.wrong(at, "Type of Windows in this report", "must be authorized shoot (open) windows", kind)
    at, comment = report.headed("Comment")
    if comment and not re.match(r"for execution\b", comment, re.IGNORECASE):
        report.wrong(at, "Comment", 'must say "For Execution"; a practice report allows nothing', comment)
    at, number = report.headed("Number of Targets")
    if number and number != str(len(report.targets)):
        report.wrong(at, "Number of Targets", f"must be the {len(report.targets)} targets that follow", number)
    sources = [_source(report, target) for target in report.targets]
    if len(set(sources)) > 1:
        report.wrong(report.targets[0].line, None, "all targets must have one source")
    targets = [_target(report, target, start_utc, end_utc) for target in report.targets]
    if not report.targets and not report.problems:
        report.wrong(None, None, "the report holds no target")
    if report.problems:
        raise InputError(sorted(report.problems, key=lambda problem: problem.line or 0))
    latitude_deg, longitude_deg, altitude_m = sources[0]
    return Clearance(
        mission_id=report.headed("Mission ID")[1],
        operator=report.headed("Laser Owner/Operator")[1],
        start_utc=start_utc,
        end_utc=end_utc,
        latitude_deg=latitude_deg,
        longitude_deg=longitude_deg,
        altitude_m=altitude_m,
        targets=tuple(targets),
    )


def _read_lines(report: _Report, text: str) -> None:
    part = report.head
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip().startswith("YYYY MMM dd"):
            report.targets.append(_Target(line=number, windows=[], source={}, target={}))
            part = {}
        elif report.targets and (row := _ROW.fullmatch(line)):
            _window(report, number, line, row.groups())
        elif report.targets and line.strip().startswith("Source Geometry"):
            part = report.targets[-1].source
        elif report.targets and line.strip().startswith("Target Geometry"):
            part = report.targets[-1].target
        elif report.targets and re.match(r"\s*\d{4} [A-Z][a-z]{2} ", line):
            report.wrong(number, None, "must be a window: start, stop, duration", f"“{line.strip()[:60]}”")
        elif found := _HEAD.fullmatch(line):
            part.setdefault(" ".join(found[1].split()), (number, found[2]))


def _utc(year: str, month: str, day: str, hour: str, minute: str, second: str) -> datetime | None:
    try:
        return datetime(int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    except (KeyError, ValueError):
        return None


def _window(report: _Report, line: int, raw: str, cells: tuple[str, ...]) -> None:
    ends = []
    for year, month, day, day_of_year, hour, minute, second in (cells[:7], cells[7:14]):
        instant = _utc(year, month, day, hour, minute, second)
        if instant is None or instant.timetuple().tm_yday != int(day_of_year):
            report.wrong(line, None, "must be a date, and its day of the year", f"“{raw.strip()[:60]}”")
            return
        ends.append(instant)
    if not ends[0] < ends[1]:
        report.wrong(line, None, "the window must end after it starts", f"“{raw.strip()[:60]}”")
    elif ends[1] - ends[0] != timedelta(minutes=int(cells[14]), seconds=int(cells[15])):
        report.wrong(line, None, "the duration must be that of the window", f"{cells[14]}:{cells[15]}")
    else:
        report.targets[-1].windows.append((ends[0], ends[1]))


def _source(report: _Report, target: _Target) -> tuple[float, float, float]:
    """Latitude, longitude (degrees, north and east positive) and altitude (m) of the laser."""
    method = target.source.get("Method", (target.line, ""))
    if method[1] != "Fixed Point":
        report.wrong(method[0], "Method", "the source must be a fixed point", method[1])
        return 0.0, 0.0, 0.0
    values = []
    for name, ends in (("Latitude", "NS"), ("Longitude", "EW")):
        line, text = target.source.get(name, (target.line, ""))
        found = _DEGREES.match(text)
        if found is None or found[2] not in ends:
            report.wrong(line, name, f"must be degrees {ends[0]} or {ends[1]}", text)
            return 0.0, 0.0, 0.0
        values.append(float(found[1]) * (1.0 if found[2] in "NE" else -1.0))
    line, text = target.source.get("Altitude", (target.line, ""))
    found = re.match(r"(-?\d+(?:\.\d*)?) km", text)
    if found is None:
        report.wrong(line, "Altitude", "must be in km", text)
        return 0.0, 0.0, 0.0
    latitude_deg, longitude_deg = values
    # East longitudes may run to 360.
    return latitude_deg, longitude_deg - 360.0 * (longitude_deg > 180.0), 1000.0 * float(found[1])


def _target(report: _Report, target: _Target, start_utc: datetime, end_utc: datetime) -> ClearanceTarget:
    line, method = target.target.get("Method", (target.line, ""))
    ranges = {"Azimuth Range": (0.0, 360.0), "Elevation Range": (0.0, 90.0)}
    if method != "Fixed Field of View":
        report.wrong(line, "Method", "the target must be a fixed field of view: a satellite crosses the sky", method)
    else:
        for name in ranges:
            at, text = target.target.get(name, (line, ""))
            found = _RANGE.match(text)
            if found is None or not -90.0 <= float(found[1]) < float(found[2]) <= 360.0:
                report.wrong(at, name, "must be a range such as 0.0 to 360.0 degrees", text)
            else:
                ranges[name] = (float(found[1]), float(found[2]))
    outside = [window for window in target.windows if window[0] < start_utc or window[1] > end_utc]
    if outside and not report.problems:
        got = f"{outside[0][0]:%Y %b %d %H:%M:%S}"
        report.wrong(target.line, None, "a window of the target lies outside the mission", got)
    return ClearanceTarget(
        line=target.line,
        azimuth_deg=ranges["Azimuth Range"],
        elevation_deg=ranges["Elevation Range"],
        windows_utc=tuple(target.windows),
    )
