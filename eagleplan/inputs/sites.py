"""The site catalogue: optical ground stations, one a row."""

from __future__ import annotations

import re
import typing
from dataclasses import dataclass

from eagleplan.inputs.countries import COUNTRY_CODES, country_hint
from eagleplan.inputs.table import Row, raise_problems, read_rows, unique
from eagleplan.inputs.time_zones import RULE, is_time_zone, time_zone_hint
from eagleplan.model.site import SiteStatus

REQUIRED = ("site_id", "name", "country", "latitude_deg", "longitude_deg", "altitude_m", "status")
OPTIONAL = (
    "aperture_m",
    "min_elevation_deg",
    "max_sun_elevation_deg",
    "time_zone",
    "receiver",
    "position",
    "source",
)
_STATUSES = typing.get_args(SiteStatus)
_SITE_ID = re.compile(r"[a-z0-9][a-z0-9-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteEntry:
    """A row of the catalogue; what it leaves open (None) the scenario decides.

    `position_listed` is False where the coordinates were not found in any public list.
    """

    site_id: str
    name: str
    country: str
    latitude_deg: float
    longitude_deg: float
    altitude_m: float
    status: SiteStatus
    aperture_m: float | None
    min_elevation_deg: float | None
    max_sun_elevation_deg: float | None
    time_zone: str | None
    receiver: str | None
    position_listed: bool
    source: str
    origin: str


def parse_sites(text: str, path: str) -> tuple[SiteEntry, ...]:
    """The sites of a CSV table, in its order; raises InputError with all problems."""
    rows, problems = read_rows(text, path, required=REQUIRED, optional=OPTIONAL)
    unique(rows, "site_id")
    entries = [_entry(row) for row in rows]
    raise_problems(rows, problems)
    return tuple(entries)


def _entry(row: Row) -> SiteEntry:
    site_id = row.text("site_id")
    if site_id and not _SITE_ID.fullmatch(site_id):
        row.wrong("site_id", "must be lower-case letters, digits and hyphens", site_id)
    country = row.text("country")
    if country and country not in COUNTRY_CODES:
        row.wrong("country", "must be an ISO 3166-1 alpha-2 code", country, country_hint(country))
    zone = row.cells.get("time_zone") or None
    if zone and not is_time_zone(zone):
        row.wrong("time_zone", RULE, zone, time_zone_hint(zone))
    if row.has("position"):
        row.choice("position", ("listed", "unconfirmed"))
    return SiteEntry(
        site_id=site_id,
        name=row.text("name"),
        country=country,
        latitude_deg=row.number("latitude_deg", minimum=-90.0, maximum=90.0),
        longitude_deg=row.number("longitude_deg", minimum=-180.0, maximum=180.0),
        altitude_m=row.number("altitude_m", minimum=-500.0, maximum=9000.0),
        status=typing.cast("SiteStatus", row.choice("status", _STATUSES)),
        aperture_m=row.optional_number("aperture_m", above=0.0, maximum=50.0),
        min_elevation_deg=row.optional_number("min_elevation_deg", minimum=0.0, maximum=89.0),
        max_sun_elevation_deg=row.optional_number("max_sun_elevation_deg", minimum=-90.0, maximum=90.0),
        time_zone=zone,
        receiver=row.cells.get("receiver") or None,
        position_listed=row.cells.get("position", "") != "unconfirmed",
        source=row.cells.get("source", ""),
        origin=f"{row.path}:{row.line}",
    )
