"""Instants as text: UTC for machines, and civil time at a site for the people who work there."""

from __future__ import annotations

import functools
import importlib.resources
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from eagleplan.model import Horizon

_HALF_MILLISECOND = timedelta(microseconds=500)


def iso_utc(instant_utc: datetime) -> str:
    """ISO 8601 with Z, rounded to the millisecond: ``2026-11-30T20:31:05.250Z``."""
    rounded = (instant_utc + _HALF_MILLISECOND).astimezone(UTC)
    return rounded.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def utc_of(horizon: Horizon, t_s: float) -> datetime:
    """The instant `t_s` seconds after the horizon's start, rounded to the millisecond like the seconds in a file."""
    return horizon.start_utc + timedelta(milliseconds=round(round(t_s, 3) * 1000.0))


@functools.cache
def zone(name: str) -> ZoneInfo:
    """The rules of an IANA time zone, from the `tzdata` package, so that every machine has the same.

    Raises ZoneInfoNotFoundError for a name that is none.
    """
    *folders, file = name.split("/")
    try:
        package = importlib.resources.files(".".join(["tzdata", "zoneinfo", *folders]))
        with package.joinpath(file).open("rb") as rules:
            return ZoneInfo.from_file(rules, key=name)
    except (ImportError, OSError, ValueError):
        raise ZoneInfoNotFoundError(f"no time zone is called {name!r}") from None


def local(instant_utc: datetime, zone_name: str) -> datetime:
    """The same instant in a site's civil time."""
    return instant_utc.astimezone(zone(zone_name))


def iso_local(instant_utc: datetime, zone_name: str) -> str:
    """Civil time with its offset, to the second: ``2026-11-30T21:31:05+01:00``."""
    return local(instant_utc, zone_name).isoformat(timespec="seconds")


def day_text(instant: datetime) -> str:
    """``Mon 30 Nov 2026``, in English whatever the locale."""
    return f"{_WEEKDAYS[instant.weekday()]} {instant.day} {_MONTHS[instant.month - 1]} {instant.year}"


def clock_text(instant: datetime) -> str:
    """``20:31:05``, rounded down to the second."""
    return f"{instant:%H:%M:%S}"


def clock_from(instant: datetime, before: datetime) -> str:
    """The clock of `instant`, after its day where that is not the day of `before`: ``Tue 1 Dec 2026, 00:01:06``."""
    return clock_text(instant) if instant.date() == before.date() else f"{day_text(instant)}, {clock_text(instant)}"


_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
