"""Sites in the Earth-fixed frame (WGS84)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eagleplan.model import Site
from eagleplan.units import EARTH_EQUATORIAL_RADIUS_KM, EARTH_FLATTENING, FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteVectors:
    """Earth-fixed positions and local axes of sites, each (3, n); `up` is normal to the WGS84 ellipsoid."""

    position_km: FloatArray
    up: FloatArray
    east: FloatArray
    north: FloatArray

    @property
    def count(self) -> int:
        return int(self.up.shape[1])

    def part(self, first: int, end: int) -> SiteVectors:
        """Sites number `first` to `end` − 1."""
        few = slice(first, end)
        return SiteVectors(
            position_km=self.position_km[:, few],
            up=self.up[:, few],
            east=self.east[:, few],
            north=self.north[:, few],
        )


def site_vectors(sites: Sequence[Site]) -> SiteVectors:
    """Positions and axes of `sites`."""
    return place_vectors(
        np.array([site.latitude_deg for site in sites]),
        np.array([site.longitude_deg for site in sites]),
        np.array([site.altitude_m for site in sites]),
    )


def place_vectors(latitude_deg: FloatArray, longitude_deg: FloatArray, altitude_m: FloatArray) -> SiteVectors:
    """Positions and axes of places (n,) given by geodetic latitude, longitude and height above WGS84."""
    latitude, longitude = np.radians(latitude_deg), np.radians(longitude_deg)
    sin_lat, cos_lat = np.sin(latitude), np.cos(latitude)
    sin_lon, cos_lon = np.sin(longitude), np.cos(longitude)
    e2 = EARTH_FLATTENING * (2.0 - EARTH_FLATTENING)
    normal_km = EARTH_EQUATORIAL_RADIUS_KM / np.sqrt(1.0 - e2 * sin_lat * sin_lat)
    height_km = altitude_m * 1e-3
    level_km = (normal_km + height_km) * cos_lat
    axial_km = (normal_km * (1.0 - e2) + height_km) * sin_lat
    return SiteVectors(
        position_km=np.stack((level_km * cos_lon, level_km * sin_lon, axial_km)),
        up=np.stack((cos_lat * cos_lon, cos_lat * sin_lon, sin_lat)),
        east=np.stack((-sin_lon, cos_lon, np.zeros_like(latitude))),
        north=np.stack((-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat)),
    )


def geodetic(position_km: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Longitude and latitude in degrees and height above WGS84 in km, each (n,), of positions (3, n).

    Latitude by fixed-point iteration on the normal's foot; seven steps leave less than a millimetre from the ground to
    far beyond any orbit.
    """
    x, y, z = position_km
    e2 = EARTH_FLATTENING * (2.0 - EARTH_FLATTENING)
    axis = np.hypot(x, y)
    latitude = np.arctan2(z, axis * (1.0 - e2))
    for _ in range(7):
        normal = EARTH_EQUATORIAL_RADIUS_KM / np.sqrt(1.0 - e2 * np.sin(latitude) ** 2)
        latitude = np.arctan2(z + e2 * normal * np.sin(latitude), axis)
    normal = EARTH_EQUATORIAL_RADIUS_KM / np.sqrt(1.0 - e2 * np.sin(latitude) ** 2)
    height = axis * np.cos(latitude) + z * np.sin(latitude) - normal * (1.0 - e2 * np.sin(latitude) ** 2)
    return np.degrees(np.arctan2(y, x)), np.degrees(latitude), height


def dot(a: FloatArray, b: FloatArray) -> FloatArray:
    """Scalar products (n,) of vectors (3, n)."""
    return np.asarray(np.einsum("in,in->n", a, b), dtype=np.float64)
