"""Satellites and their orbits as rows."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from eagleplan.cli.rows import Cell

if TYPE_CHECKING:
    from eagleplan.model import MeanElements, Notice, TabulatedEphemeris


def scenario_rows(scenario: Path) -> tuple[list[dict[str, Cell]], tuple[Notice, ...]]:
    """The satellites of a scenario as they are at the start of its horizon, and the scenario's notices."""
    from eagleplan.scenario import load_scenario

    loaded = load_scenario(scenario, with_link=False)
    at_utc = loaded.horizon.start_utc
    rows = [_row(s.satellite_id, s.name, s.orbit, at_utc) for s in loaded.satellites]
    return rows, loaded.notices


def catalogue_rows() -> tuple[list[dict[str, Cell]], tuple[Notice, ...]]:
    """The packaged element sets, each at its own epoch but for the age, which is today's."""
    from eagleplan.inputs.elements import parse_elements
    from eagleplan.inputs.text import decode
    from eagleplan.resources import data_path

    now_utc = datetime.now(UTC)
    rows = []
    for path in sorted(data_path("tle").glob("*.tle")):
        for elements in parse_elements(decode(path.read_bytes(), str(path)), str(path)):
            row = _row(path.name, elements.name, elements, elements.epoch_utc)
            row["age_days"] = round((now_utc - elements.epoch_utc).total_seconds() / 86_400.0, 2)
            rows.append(row)
    return rows, ()


def _row(satellite_id: str, name: str, orbit: MeanElements | TabulatedEphemeris, at_utc: datetime) -> dict[str, Cell]:
    from eagleplan.model import MeanElements
    from eagleplan.orbit.summary import orbit_summary

    shape = orbit_summary(orbit, at_utc)
    minutes = round(shape.ltan_hours * 60.0) % 1440
    return {
        "satellite_id": satellite_id,
        "name": name,
        "catalog_id": orbit.catalog_id,
        "kind": orbit.kind if isinstance(orbit, MeanElements) else "oem",
        "epoch_utc": shape.epoch_utc.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "age_days": round(shape.age_days, 2),
        "altitude_km": round(shape.altitude_km, 1),
        "perigee_altitude_km": round(shape.perigee_altitude_km, 1),
        "apogee_altitude_km": round(shape.apogee_altitude_km, 1),
        "inclination_deg": round(shape.inclination_deg, 4),
        "period_s": round(shape.period_s, 1),
        "ltan": f"{minutes // 60:02d}:{minutes % 60:02d}",
        "ltan_drift_s_per_month": round(shape.ltan_drift_s_per_month, 1),
        "along_track_median_km": _rounded(shape.along_track_median_km),
        "along_track_p90_km": _rounded(shape.along_track_p90_km),
        "origin": orbit.origin,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
