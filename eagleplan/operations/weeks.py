"""ISO weeks, and what was known at the time when each was planned."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from eagleplan.errors import InputError, Problem
from eagleplan.inputs.elements import parse_elements
from eagleplan.inputs.files import read_file
from eagleplan.inputs.text import decode
from eagleplan.model import MeanElements

_WEEK = re.compile(r"(\d{4})-?W(\d{2})", re.ASCII)
_INSTANT = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)T(\d\d):?(\d\d)(?::?(\d\d))?Z", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """An ISO week: from Monday, 00:00 UTC, on."""

    name: str
    start_utc: datetime


def weeks_from(first: str, n_weeks: int) -> tuple[Week, ...]:
    """`n_weeks` weeks from ``2026-W49`` on; raises InputError where that is no week."""
    found = _WEEK.fullmatch(first)
    try:
        if found is None:
            raise ValueError("no week")
        monday = date.fromisocalendar(int(found[1]), int(found[2]), 1)
    except ValueError:
        raise InputError(Problem(path="--from", message="must be an ISO week such as 2026-W49", got=first)) from None
    weeks = []
    for number in range(n_weeks):
        try:
            day = monday + timedelta(weeks=number)
        except OverflowError:
            raise InputError(Problem(path="--weeks", message="go past the year 9999", got=str(n_weeks))) from None
        year, week, _ = day.isocalendar()
        start_utc = datetime(day.year, day.month, day.day, tzinfo=UTC)
        weeks.append(Week(name=f"{year}-W{week:02d}", start_utc=start_utc))
    return tuple(weeks)


def newest_named(folder: Path, by_utc: datetime) -> Path | None:
    """The file whose name holds the latest instant (as in ``icon-20261130T0600Z.json``) that is not after `by_utc`.

    Raises InputError where the folder cannot be read, or holds no file with an instant in its name.
    """
    dated = [(instant, path) for path in _files(folder) if (instant := _instant_of(path.name)) is not None]
    if not dated:
        message = "holds no file with an instant in its name"
        raise InputError(Problem(path=str(folder), message=message, hint="as in icon-20261130T0600Z.json"))
    known = [pair for pair in dated if pair[0] <= by_utc]
    return max(known)[1] if known else None


ELEMENTS_SUFFIXES = (".tle", ".3le", ".2le", ".txt", ".omm", ".xml", ".kvn", ".json", ".csv")


class ElementsFolder:
    """Element files by the newest epoch that they hold of each object; each is read once.

    A file that holds an epoch after the planning cannot have been there then. Files of other names than elements have
    are left alone.
    """

    def __init__(self, folder: Path) -> None:
        """Raises InputError where the folder or one of its files cannot be read."""
        self._newest: dict[tuple[Path, int, str], datetime] = {}
        for path in _files(folder):
            if path.suffix.lower() not in ELEMENTS_SUFFIXES:
                continue
            for orbit in parse_elements(decode(read_file(path), str(path)), str(path)):
                if isinstance(orbit, MeanElements):
                    of = (path, orbit.catalog_id, orbit.name)
                    self._newest[of] = max(orbit.epoch_utc, self._newest.get(of, orbit.epoch_utc))
        if not self._newest:
            hint = f"files of elements are named {', '.join(ELEMENTS_SUFFIXES)}"
            raise InputError(Problem(path=str(folder), message="holds no elements", hint=hint))

    def newest(self, orbit: Mapping[str, Any], by_utc: datetime) -> Path | None:
        """The file with the newest elements of a scenario's orbit table whose epoch is not after `by_utc`."""
        wanted = [
            (epoch_utc, path)
            for (path, catalog_id, name), epoch_utc in self._newest.items()
            if epoch_utc <= by_utc
            and orbit.get("catalog_id", catalog_id) == catalog_id
            and str(orbit.get("object_name", name)).casefold() == name.casefold()
        ]
        return max(wanted)[1] if wanted else None


def _files(folder: Path) -> Sequence[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    except OSError as error:
        raise InputError(Problem(path=str(folder), message=f"cannot be read: {error.strerror}")) from error


def _instant_of(name: str) -> datetime | None:
    found = _INSTANT.search(name)
    if found is None:
        return None
    try:
        return datetime(*(int(part or 0) for part in found.groups()), tzinfo=UTC)  # type: ignore[arg-type,misc]
    except ValueError:
        return None
