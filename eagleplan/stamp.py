"""Who made a plan: the versions behind it, and the only clock that may show in an output.

Outputs carry no time of day of their own, so that the same inputs give the same bytes. A run that wants one
names it in the environment variable SOURCE_DATE_EPOCH (seconds since 1970-01-01T00:00:00Z, see
reproducible-builds.org).
"""

from __future__ import annotations

import hashlib
import os
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

from eagleplan import __version__
from eagleplan.errors import InputError, Problem

LIBRARIES = ("numpy", "scipy", "sgp4", "skyfield", "astropy", "ortools")
"""The libraries whose version can change a number in a plan."""

SOURCE_DATE_VARIABLE = "SOURCE_DATE_EPOCH"


def versions() -> dict[str, str]:
    """Versions of eagleplan, Python and `LIBRARIES`, from the packages' metadata: nothing is imported."""
    found = {"eagleplan": __version__, "python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def source_date_utc() -> datetime | None:
    """The instant that SOURCE_DATE_EPOCH names, None without one; raises InputError if it names none."""
    text = os.environ.get(SOURCE_DATE_VARIABLE)
    if text is None or text == "":
        return None
    try:
        return datetime.fromtimestamp(int(text), tz=UTC)
    except (ValueError, OverflowError, OSError):
        message = "must be whole seconds since 1970-01-01T00:00:00Z"
        raise InputError(Problem(path=SOURCE_DATE_VARIABLE, message=message, got=repr(text))) from None


def stamp() -> dict[str, str]:
    """What every output of a plan repeats: the versions, and `created_utc` where SOURCE_DATE_EPOCH is set."""
    entries = versions()
    instant_utc = source_date_utc()
    if instant_utc is not None:
        entries["created_utc"] = instant_utc.strftime("%Y-%m-%dT%H:%M:%SZ")
    return entries


def sha256_hex(data: bytes) -> str:
    """SHA-256 of `data` in lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()
