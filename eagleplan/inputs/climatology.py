"""The monthly course of the clear sky: by site, or by region for sites without a row of their own."""

from __future__ import annotations

from dataclasses import dataclass

from eagleplan.inputs.table import Row, raise_problems, read_rows
from eagleplan.model import Site

MONTH_COLUMNS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
BOUNDS = ("latitude_from_deg", "latitude_to_deg", "longitude_from_deg", "longitude_to_deg")
GIVES = ("factor", "p_clear_zenith")

_MEAN_TOLERANCE = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyRow:
    """A year's course for one site, or for a box of latitude and longitude (east positive).

    With `is_factor`, `months` multiply the site's annual prior and have a mean of 1; else they are the site's clear
    probabilities themselves, and the annual prior does not matter.
    """

    name: str
    site_id: str | None
    latitude_from_deg: float
    latitude_to_deg: float
    longitude_from_deg: float
    longitude_to_deg: float
    is_factor: bool
    months: tuple[float, ...]
    source: str
    line: int

    def holds(self, site: Site) -> bool:
        """Whether the row is for this site."""
        if self.site_id is not None:
            return self.site_id == site.site_id
        east = (site.longitude_deg + 180.0) % 360.0 - 180.0
        return (
            self.latitude_from_deg <= site.latitude_deg <= self.latitude_to_deg
            and self.longitude_from_deg <= east <= self.longitude_to_deg
        )


def parse_climatology(text: str, path: str) -> tuple[MonthlyRow, ...]:
    """The rows, those of single sites first, else in the file's order; raises InputError with all problems."""
    rows, problems = read_rows(
        text, path, required=("gives", *MONTH_COLUMNS), optional=("region", "site_id", *BOUNDS, "source")
    )
    first_line: dict[str, int] = {}
    for row in rows:
        site_id = row.cells.get("site_id", "")
        if site_id in first_line:
            row.wrong("site_id", f"is already on line {first_line[site_id]}", site_id)
        elif site_id:
            first_line[site_id] = row.line
    found = [_row(row) for row in rows]
    raise_problems(rows, problems)
    return tuple(sorted(found, key=lambda row: row.site_id is None))


def _row(row: Row) -> MonthlyRow:
    site_id = row.cells.get("site_id") or None
    is_factor = row.choice("gives", GIVES) != "p_clear_zenith"
    months = tuple(row.number(month, minimum=0.0, maximum=12.0 if is_factor else 1.0) for month in MONTH_COLUMNS)
    mean = sum(months) / len(months)
    if is_factor and not row.bad and abs(mean - 1.0) > _MEAN_TOLERANCE:
        hint = "else the annual prior times the factors is no annual mean"
        row.wrong("gives", "the factors of a year must have a mean of 1", f"{mean:.3f}", hint)
    bounds = {}
    for column, most in zip(BOUNDS, (90.0, 90.0, 180.0, 180.0), strict=True):
        if site_id is not None and row.has(column):
            row.wrong(column, "must be empty where site_id is given", row.cells[column])
        default = -most if "_from_" in column else most
        value = row.optional_number(column, minimum=-most, maximum=most)
        bounds[column] = default if value is None else value
    for name in ("latitude", "longitude"):
        if bounds[f"{name}_from_deg"] > bounds[f"{name}_to_deg"]:
            row.wrong(f"{name}_to_deg", f"must not be less than {name}_from_deg", row.cells.get(f"{name}_to_deg"))
    if not is_factor and site_id is None:
        row.wrong("gives", "p_clear_zenith is for one site: name it in site_id", "p_clear_zenith")
    return MonthlyRow(
        name=row.cells.get("region") or site_id or f"line {row.line}",
        site_id=site_id,
        is_factor=is_factor,
        months=months,
        source=row.cells.get("source", ""),
        line=row.line,
        **bounds,
    )
