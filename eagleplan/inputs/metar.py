"""Aerodrome reports (METAR, SPECI): what cloud an observer or a ceilometer at the ground sees.

A report without cloud is not a clear sky. CAVOK and NSC speak of cloud below 1500 m alone, NCD and CLR of what an
automatic ceilometer sees, up to about 3700 m; cirrus is above all of them. So a report can say that there is cloud,
never that there is none. The package ``metar`` parses the groups; it comes with the extra ``metar``.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime

from eagleplan.errors import InputError, Problem

COVER_OF_AMOUNT = {"FEW": 1.5 / 8, "SCT": 3.5 / 8, "BKN": 6.0 / 8, "OVC": 1.0, "VV": 1.0}
"""Middle of the oktas (FEW 1–2, SCT 3–4, BKN 5–7, OVC 8; WMO-No. 306, FM 15); VV is fog or snow."""

_REPORT = re.compile(
    r"(?:(?:METAR|SPECI) )?(?:COR )?(?P<station>[A-Z][A-Z0-9]{3}) (?P<day>\d\d)(?P<clock>\d{4})Z ", re.ASCII
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudLayer:
    """`cover_frac` of the sky at and below this layer; `base_m` over the aerodrome, None where it was not measured."""

    cover_frac: float
    base_m: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report; no layer means that none was seen from below, not that there is none."""

    station: str
    observed_utc: datetime
    layers: tuple[CloudLayer, ...]
    text: str
    line: int


def parse_metars(text: str, path: str, near_utc: datetime) -> tuple[Report, ...]:
    """The reports of a file, one a line, in its order; lines that begin with ``#`` are comments.

    A report gives day and time of day alone: of all months, the one that brings it nearest to `near_utc` is meant.
    Raises InputError with all problems, and where the package is not installed.
    """
    try:
        from metar import Metar
    except ImportError:
        message = "holds METARs, which need the package metar"
        raise InputError(Problem(path=path, message=message, hint="pip install 'eagleplan[metar]'")) from None
    reports: list[Report] = []
    problems: list[Problem] = []
    for line, raw in enumerate(text.splitlines(), 1):
        body = " ".join(raw.split("#")[0].rstrip(" =").split())
        if not body:
            continue
        head = _REPORT.match(f"{body} ")
        observed_utc = head and _observed(int(head["day"]), head["clock"], near_utc)
        if head is None or observed_utc is None:
            message = "must be one METAR: station, day and time with a Z, groups"
            problems.append(Problem(path=path, line=line, message=message, got=body[:40]))
            continue
        # Trends and remarks are forecasts and notes, not what is seen; the parser knows only some of them.
        seen = re.split(r" (?:TEMPO|BECMG|NOSIG|RMK)\b", body)[0]
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                parsed = Metar.Metar(seen, month=observed_utc.month, year=observed_utc.year)
        except (Metar.ParserError, ValueError, IndexError, AttributeError) as error:
            said = str(error).split(" while processing")[0]
            problems.append(Problem(path=path, line=line, message=f"cannot be parsed: {said}", got=body[:40]))
            continue
        layers = tuple(
            CloudLayer(cover_frac=COVER_OF_AMOUNT[amount], base_m=None if base is None else float(base.value("M")))
            for amount, base, _ in parsed.sky
            if amount in COVER_OF_AMOUNT
        )
        reports.append(
            Report(station=head["station"], observed_utc=observed_utc, layers=layers, text=body[:80], line=line)
        )
    if not reports and not problems:
        problems.append(Problem(path=path, message="holds no METAR"))
    if problems:
        raise InputError(problems)
    return tuple(reports)


def _observed(day: int, clock: str, near_utc: datetime) -> datetime | None:
    found: list[datetime] = []
    for months in (-1, 0, 1):
        month = near_utc.month - 1 + months
        try:
            found.append(
                datetime(near_utc.year + month // 12, month % 12 + 1, day, int(clock[:2]), int(clock[2:]), tzinfo=UTC)
            )
        except ValueError:
            continue
    return min(found, key=lambda instant: abs(instant - near_utc), default=None)
