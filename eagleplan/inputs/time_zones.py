"""Names of time zones in the IANA database."""

from __future__ import annotations

from zoneinfo import ZoneInfo, available_timezones

from eagleplan.inputs.suggest import did_you_mean

RULE = "must be an IANA time zone such as Europe/Berlin"


def is_time_zone(name: str) -> bool:
    """Whether the database has a zone of this name. (Listing all of them takes a hundred times as long.)"""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def time_zone_hint(name: str) -> str | None:
    """The nearest name that the database has."""
    return did_you_mean(name, available_timezones())
