"""What must hold, besides elevation, for a pass to be used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Sunlight = Literal["any", "sunlit", "not-umbra", "not-sunlit", "umbra"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedTimes:
    """The times at which one rule lets contacts happen: spans in seconds since the horizon's start.

    `start_s` and `end_s` are sorted, and the spans do not touch; where a source lists what is forbidden,
    they are the rest of the horizon. The rule holds for the passes of `satellite_id` over `site_id`, None
    meaning every one. `constraint` names what takes the blame: "laser-clearance", "laser-blackout",
    "station-calendar" or "payload".
    """

    constraint: str
    satellite_id: str | None = None
    site_id: str | None = None
    start_s: tuple[float, ...]
    end_s: tuple[float, ...]
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForbiddenSector:
    """A part of the sky of a site (None: of every site) into which its terminal must not point.

    Azimuth runs clockwise from `azimuth_from_deg` to `azimuth_to_deg`, through north where the second is
    the smaller; 0 to 360 is the whole round. Elevations are geometric.
    """

    site_id: str | None = None
    azimuth_from_deg: float
    azimuth_to_deg: float
    elevation_from_deg: float
    elevation_to_deg: float
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraints:
    """Options of the operating constraints; the defaults forbid nothing. The Sun's highest elevation
    belongs to each `Site`.

    `sunlight` says where the satellite must be: "sunlit" (the whole Sun in view), "not-umbra", "not-sunlit"
    (penumbra or umbra), "umbra", or "any". Separations are angles between the satellite and the Sun's or
    Moon's centre as the site sees them. Above `max_moon_illuminated_frac` of its disc, the Moon must be
    below the site's horizon.
    """

    sunlight: Sunlight = "any"
    min_sun_separation_deg: float = 0.0
    min_moon_separation_deg: float = 0.0
    max_moon_illuminated_frac: float = 1.0
    times: tuple[AllowedTimes, ...] = ()
    sectors: tuple[ForbiddenSector, ...] = ()
