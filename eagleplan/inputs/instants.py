"""Instants as CCSDS messages and tables write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_INSTANT = re.compile(r"(\d{4})-(?:(\d\d)-(\d\d)|(\d{3}))[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d*))?)?(Z?)", re.ASCII)


def ccsds_instant(raw: str) -> datetime | None:
    """UTC instant of ``2026-06-13T20:27:46.17`` or ``2026-164T20:27:46Z`` (CCSDS 301.0-B, ASCII codes A and
    B).

    Fractions are rounded to the microsecond. None if it is no such instant: other zones are refused.
    """
    found = _INSTANT.fullmatch(raw.strip())
    if found is None:
        return None
    year, month, day, day_of_year, hour, minute, second, fraction, _ = found.groups()
    microseconds = round(float(f"0.{fraction or 0}") * 1e6)
    try:
        start = datetime(int(year), int(month or 1), int(day or 1), int(hour), int(minute), tzinfo=UTC)
    except ValueError:
        return None
    if int(second or 0) > 59 or (day_of_year and not 1 <= int(day_of_year) <= 366):
        return None
    instant = start + timedelta(
        days=int(day_of_year) - 1 if day_of_year else 0, seconds=int(second or 0), microseconds=microseconds
    )
    return instant if not day_of_year or int(day_of_year) < 366 or instant.year == start.year else None


def utc_instant(raw: str) -> datetime | None:
    """As `ccsds_instant`, of tables of our own: the Z is required, so that nobody need guess the zone."""
    return ccsds_instant(raw) if raw.rstrip().endswith("Z") else None
