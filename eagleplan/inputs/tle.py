"""Two-line element sets, with or without a name line, any number in a file.

Layout: NORAD's 69 columns as in Hoots and Roehrich, Spacetrack Report No. 3; Alpha-5 numbers as Space-Track
defines them (A0000 = 100000 to Z9999 = 339999, without I and O).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from eagleplan.errors import InputError, Problem
from eagleplan.model import MeanElements

LINE_LENGTH = 69
_ALPHA5 = "ABCDEFGHJKLMNPQRSTUVWXYZ"


def checksum(line: str) -> int:
    """Sum of the digits of the first 68 columns, a minus counting one, modulo 10."""
    return sum(int(c) if c.isdecimal() else c == "-" for c in line[:68]) % 10


def parse_tle(text: str, path: str) -> tuple[MeanElements, ...]:
    """Every element set of the text; raises InputError with all problems.

    Checked: 69 columns, line numbers, checksums, the same satellite number on both lines, every field's form
    and range. Blank lines and lines that begin with ``#`` are skipped. `origin` is ``path:line`` of the first
    line.
    """
    problems: list[Problem] = []
    found: list[MeanElements] = []
    name: tuple[int, str] | None = None
    first: tuple[int, str] | None = None

    def orphan(line: int) -> None:
        problems.append(Problem(path=path, line=line, message="line 1 of an element set has no line 2 after it"))

    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.rstrip()
        if not line or line.startswith("#"):
            continue
        if re.match(r"2 [ 0-9A-Z]", line) and first is not None:
            wanted = _lines(path, first, (number, line), problems)
            if wanted is not None:
                found.append(_elements(path, name[1] if name else "", first[0], *wanted))
            name = first = None
        elif re.match(r"1 [ 0-9A-Z]", line) and len(line) > 24:
            if first is not None:
                orphan(first[0])
                name = None
            first = (number, line)
        elif re.match(r"2 [ 0-9]{5} ", line) and len(line) > 24:
            problems.append(Problem(path=path, line=number, message="line 2 of an element set has no line 1 before it"))
            name = None
        else:
            if first is not None:
                orphan(first[0])
                first = None
            elif name is not None:
                problems.append(_not_elements(path, *name))
            name = (number, line.removeprefix("0 ").strip())
    if first is not None:
        orphan(first[0])
    elif name is not None:
        problems.append(_not_elements(path, *name))
    if not problems and not found:
        problems.append(Problem(path=path, message="the file holds no element set"))
    if problems:
        raise InputError(sorted(problems, key=lambda problem: problem.line or 0))
    return tuple(found)


def _not_elements(path: str, line: int, text: str) -> Problem:
    return Problem(path=path, line=line, message="is not part of an element set", got=f"“{text[:40]}”")


def _lines(
    path: str, first: tuple[int, str], second: tuple[int, str], problems: list[Problem]
) -> tuple[dict[str, str], dict[str, str]] | None:
    """The fields of both lines, or None with the reasons in `problems`."""
    before = len(problems)
    fields = []
    for (number, line), pattern in ((first, _LINE_1), (second, _LINE_2)):
        if len(line) != LINE_LENGTH or not line.isascii():
            got = f"{len(line)} columns" if line.isascii() else "a character that is not ASCII"
            problems.append(Problem(path=path, line=number, message=f"must have {LINE_LENGTH} columns", got=got))
            continue
        if not line[68].isdigit() or int(line[68]) != checksum(line):
            message = f"checksum must be {checksum(line)}"
            problems.append(Problem(path=path, line=number, field="checksum", message=message, got=line[68]))
        values, wrong = _columns(line, pattern)
        problems.extend(
            Problem(path=path, line=number, field=field, message=message, got=f"“{got}”")
            for field, message, got in wrong
        )
        fields.append(values)
    if len(fields) == 2 and fields[0].get("catalog_id") != fields[1].get("catalog_id"):
        problems.append(
            Problem(
                path=path,
                line=second[0],
                field="catalog_id",
                message=f"must be {fields[0].get('catalog_id', '').strip()} as on line 1 of the set",
                got=fields[1].get("catalog_id", "").strip(),
            )
        )
    return (fields[0], fields[1]) if len(problems) == before else None


_DIGITS_3_4 = r"[ \d]{3}\.\d{4}"
_POWER = r"[ +-]\d{5}[+ -]\d"
_Layout = tuple[tuple[str, int, int, str, str], ...]

_NUMBER = ("catalog_id", 2, 7, rf"[ \d]{{4}}\d|[{_ALPHA5}]\d{{4}}", "must be a satellite number")
_LINE_1: _Layout = (
    _NUMBER,
    ("classification", 7, 8, r"[UCS ]", "must be U, C or S"),
    ("international_designator", 9, 17, r"\d{5}[A-Z]{1,3} *| {8}", "must be a designator such as 98067A"),
    ("epoch", 18, 32, r"\d\d(?=[ \d]*\d)[ \d]{3}\.\d{8}", "must be an epoch such as 26164.85261773"),
    ("mean_motion_dot", 33, 43, r"[ +-]?\d?\.\d{7,8}", "must be such as -.00000218"),
    ("mean_motion_ddot", 44, 52, _POWER, "must be such as 00000-0"),
    ("bstar", 53, 61, _POWER, "must be such as 45518-3"),
    ("ephemeris_type", 62, 63, r"[0 2]", "must be 0 or 2 (SGP4)"),
    ("element_set_number", 64, 68, r"[ \d]{4}", "must be a whole number"),
)
_LINE_2: _Layout = (
    _NUMBER,
    ("inclination_deg", 8, 16, _DIGITS_3_4, "must be an angle such as  97.4666"),
    ("raan_deg", 17, 25, _DIGITS_3_4, "must be an angle such as 320.5145"),
    ("eccentricity", 26, 33, r"[ \d]{6}\d", "must be seven digits"),
    ("arg_perigee_deg", 34, 42, _DIGITS_3_4, "must be an angle such as 132.5077"),
    ("mean_anomaly_deg", 43, 51, _DIGITS_3_4, "must be an angle such as 227.7796"),
    ("mean_motion", 52, 63, r"[ \d]\d\.\d{8}", "must be revolutions per day such as 15.01129924"),
    ("revolution_number", 63, 68, r"[ \d]{5}", "must be a whole number"),
)
_HIGHEST = {"inclination_deg": 180.0, "raan_deg": 360.0, "arg_perigee_deg": 360.0, "mean_anomaly_deg": 360.0}


def _columns(line: str, layout: _Layout) -> tuple[dict[str, str], list[tuple[str, str, str]]]:
    """Field → columns as written, and (field, message, got) of what is wrong."""
    values: dict[str, str] = {}
    wrong: list[tuple[str, str, str]] = []
    last_end = 1
    for field, start, end, pattern, message in layout:
        value = line[start:end]
        values[field] = value
        if line[last_end:start].strip():
            wrong.append((field, f"column {start} must be blank", line[last_end:end]))
        elif not re.fullmatch(pattern, value, re.ASCII):
            wrong.append((field, message, value))
        elif field in _HIGHEST and float(value.replace(" ", "")) > _HIGHEST[field]:
            wrong.append((field, f"must be <= {_HIGHEST[field]:g}", value.strip()))
        elif field == "mean_motion" and not float(value) > 0.0:
            wrong.append((field, "must be > 0", value.strip()))
        elif field == "epoch" and not 1.0 <= float(value[2:].replace(" ", "0")) < 367.0:
            wrong.append((field, "must be a day of the year from 1 to 366", value))
        last_end = end
    return values, wrong


def _elements(path: str, name: str, line: int, one: dict[str, str], two: dict[str, str]) -> MeanElements:
    catalog_id = alpha5_number(one["catalog_id"])
    return MeanElements(
        name=name or str(catalog_id),
        catalog_id=catalog_id,
        epoch_utc=_epoch(one["epoch"]),
        mean_motion_rev_per_day=float(two["mean_motion"]),
        eccentricity=int(two["eccentricity"].replace(" ", "0")) / 1e7,
        inclination_deg=_angle(two["inclination_deg"]),
        raan_deg=_angle(two["raan_deg"]),
        arg_perigee_deg=_angle(two["arg_perigee_deg"]),
        mean_anomaly_deg=_angle(two["mean_anomaly_deg"]),
        bstar_per_earth_radius=_power(one["bstar"]),
        mean_motion_dot_rev_per_day2=float(one["mean_motion_dot"].replace(" ", "")),
        mean_motion_ddot_rev_per_day3=_power(one["mean_motion_ddot"]),
        revolution_number=int(two["revolution_number"].strip() or 0),
        international_designator=_designator(one["international_designator"].strip()),
        element_set_number=int(one["element_set_number"].strip() or 0),
        kind="tle",
        origin=f"{path}:{line}",
    )


def alpha5_number(columns: str) -> int:
    """Satellite number of five columns, the first of which may be a letter."""
    head = columns.strip()[0]
    if head.isdigit():
        return int(columns)
    return (10 + _ALPHA5.index(head)) * 10_000 + int(columns[1:])


def _angle(columns: str) -> float:
    return float(columns.replace(" ", ""))


def _power(columns: str) -> float:
    """``-11606-4`` is -0.11606e-4: the decimal point is assumed, and so is the E."""
    sign, digits = columns[0].replace(" ", "+"), columns[1:6].replace(" ", "0")
    return float(f"{sign}.{digits}e{columns[6:8].replace(' ', '+')}")


def _epoch(columns: str) -> datetime:
    """Two digits of the year (57 to 99 are 19xx) and the day of the year from 1, to the microsecond."""
    year = int(columns[:2])
    day, fraction = columns[2:].replace(" ", "0").split(".")
    start = datetime(year + (1900 if year >= 57 else 2000), 1, 1, tzinfo=UTC)
    # 1e-8 day is 864 µs: whole numbers keep the digits of the file.
    return start + timedelta(days=int(day) - 1, microseconds=int(fraction) * 864)


def _designator(columns: str) -> str:
    """``98067A`` as COSPAR writes it, ``1998-067A``."""
    if not columns:
        return ""
    century = "19" if int(columns[:2]) >= 57 else "20"
    return f"{century}{columns[:2]}-{columns[2:]}"
