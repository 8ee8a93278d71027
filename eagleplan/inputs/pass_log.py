"""The log of a pass: what loss was measured at what range and elevation."""

from __future__ import annotations

from dataclasses import dataclass

from eagleplan.inputs.table import raise_problems, read_rows
from eagleplan.units import FloatArray, read_only


@dataclass(frozen=True, slots=True, kw_only=True)
class PassLog:
    """Samples (n,): range and its rate, apparent elevation, loss from the telescope exit to a detector
    click."""

    range_km: FloatArray
    range_rate_km_s: FloatArray | None
    elevation_deg: FloatArray
    loss_db: FloatArray


def parse_pass_log(text: str, path: str) -> PassLog:
    """A CSV with `range_km`, `elevation_deg`, `loss_db` and, for adaptive optics, `range_rate_km_s`.

    Raises InputError with all problems; other columns are passed over.
    """
    columns = ("range_km", "elevation_deg", "loss_db")
    rows, problems = read_rows(text, path, required=columns, others_allowed=True)
    samples = [
        (
            row.number("range_km", above=0.0),
            row.number("elevation_deg", above=0.0, maximum=90.0),
            row.number("loss_db", minimum=0.0),
        )
        for row in rows
    ]
    has_rate = "range_rate_km_s" in rows[0].cells
    rates_km_s = [row.number("range_rate_km_s") for row in rows] if has_rate else None
    raise_problems(rows, problems)
    range_km, elevation_deg, loss_db = (read_only(values) for values in zip(*samples, strict=True))
    return PassLog(
        range_km=range_km,
        range_rate_km_s=None if rates_km_s is None else read_only(rates_km_s),
        elevation_deg=elevation_deg,
        loss_db=loss_db,
    )
