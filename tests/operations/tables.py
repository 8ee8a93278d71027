"""Tables, elements and a small scenario that tests of operations read and write."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from eagleplan.inputs.tle import checksum
from eagleplan.resources import data_path


def contacts_of(directory: Path) -> list[dict[str, str]]:
    """The rows of a plan's contacts."""
    return list(csv.DictReader(io.StringIO((directory / "contacts.csv").read_text())))


def outcomes_table(rows: Iterable[tuple[str, str, int | None]]) -> str:
    """An outcomes table of (contact id, status, secret bits)."""
    lines = ["contact_id,status,secret_bits"]
    lines += [f"{contact_id},{status},{'' if bits is None else bits}" for contact_id, status, bits in rows]
    return "\n".join(lines) + "\n"


SCENARIO = """
schema_version = 1
name = "week"
[satellites.eagle1]
orbit = { kind = "sso", altitude_km = 500.0, ltan = "22:30", epoch_utc = 2026-12-20T12:00:00Z }
[sites]
use = ["it-matera", "gr-helmos", "at-graz"]
[network]
max_age_s = 518_400
delivery_interval_s = 86_400
[demand]
file = "demand.csv"
[weather]
n_outlook_skies = 20
[schedule]
cut_grid_s = 0
"""
DEMAND = "demand_id,node_a,node_b,bits\ngr-it,GR,IT,1500000\nat-it,AT,IT,200000\n"


def write_scenario(folder: Path, text: str = SCENARIO) -> Path:
    """A scenario of three stations, and its demand."""
    folder.mkdir(exist_ok=True)
    (folder / "week.toml").write_text(text)
    (folder / "demand.csv").write_text(DEMAND)
    return folder / "week.toml"


FLYING_LAPTOP = 42831


def tle_at(epoch: datetime) -> str:
    """The packaged elements of one satellite at another epoch."""
    lines = data_path("tle", "quantum-and-optical-2026-06.tle").read_text().splitlines()
    at = lines.index("FLYING LAPTOP")
    day = (epoch - datetime(epoch.year, 1, 1, tzinfo=UTC)) / timedelta(days=1) + 1.0
    first = f"{lines[at + 1][:18]}{epoch.year % 100:02d}{day:012.8f}{lines[at + 1][32:68]}"
    return "\n".join([lines[at], f"{first}{checksum(first)}", lines[at + 2]]) + "\n"


def june(day: int, hour: int = 0) -> datetime:
    """An instant in June 2026, the month of the packaged elements."""
    return datetime(2026, 6, day, hour, tzinfo=UTC)
