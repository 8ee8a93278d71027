"""Tables that tests of operations read and write."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path


def contacts_of(directory: Path) -> list[dict[str, str]]:
    """The rows of a plan's contacts."""
    return list(csv.DictReader(io.StringIO((directory / "contacts.csv").read_text())))


def outcomes_table(rows: Iterable[tuple[str, str, int | None]]) -> str:
    """An outcomes table of (contact id, status, secret bits)."""
    lines = ["contact_id,status,secret_bits"]
    lines += [f"{contact_id},{status},{'' if bits is None else bits}" for contact_id, status, bits in rows]
    return "\n".join(lines) + "\n"
