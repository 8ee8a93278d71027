"""Where a satellite stands in a site's sky."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eagleplan.orbit.places import SiteVectors, dot
from eagleplan.orbit.trajectory import IntArray
from eagleplan.units import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Direction and distance, shapes (n,): azimuth from north over east, geometric elevation, range."""

    azimuth_deg: FloatArray
    elevation_deg: FloatArray
    range_km: FloatArray


def look(sites: SiteVectors, site: IntArray, position_km: FloatArray) -> Look:
    """Directions from sites `site` (n,) to Earth-fixed positions (3, n)."""
    slant = position_km - np.take(sites.position_km, site, axis=1)
    up = dot(np.take(sites.up, site, axis=1), slant)
    east = dot(np.take(sites.east, site, axis=1), slant)
    north = dot(np.take(sites.north, site, axis=1), slant)
    level2 = east * east + north * north
    azimuth_deg = np.degrees(np.arctan2(east, north))
    return Look(
        # Not by a modulus alone, which turns −1e-15 into 360.
        azimuth_deg=np.where(azimuth_deg < 0.0, azimuth_deg + 360.0, azimuth_deg) % 360.0,
        elevation_deg=np.degrees(np.arctan2(up, np.sqrt(level2))),
        range_km=np.sqrt(level2 + up * up),
    )


def elevation_deg(sites: SiteVectors, site: IntArray, position_km: FloatArray) -> FloatArray:
    """Geometric elevation alone, by its tangent: near the zenith the sine has lost the angle."""
    slant = position_km - np.take(sites.position_km, site, axis=1)
    axis = np.take(sites.up, site, axis=1)
    up = dot(axis, slant)
    level = slant - up * axis
    return np.degrees(np.arctan2(up, np.sqrt(dot(level, level))))


def angle_deg(a: FloatArray, b: FloatArray) -> FloatArray:
    """Angles (n,) between vectors (3, n); good to 1e-8° except within 1e-6° of 0 and 180°."""
    cosine = dot(a, b) / np.sqrt(dot(a, a) * dot(b, b))
    return np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))
