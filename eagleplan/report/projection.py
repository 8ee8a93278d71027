"""Lambert's azimuthal equal-area projection of the ellipsoid: true areas, and shapes hardly bent over a continent.

IOGP Guidance Note 7-2, method 9820 (Snyder, USGS Professional Paper 1395, equations 3-11, 3-12 and 24-16 to 24-20). On
a sphere of equal surface, places in Europe would come out up to 12 km away.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eagleplan.units import EARTH_EQUATORIAL_RADIUS_KM, EARTH_FLATTENING, FloatArray

_E2 = EARTH_FLATTENING * (2.0 - EARTH_FLATTENING)
_E = _E2**0.5

MAX_CENTRE_LATITUDE_DEG = 89.9
"""A centre nearer to a pole is moved here: the formulas of the oblique case divide by zero at it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LambertAzimuthal:
    """A plane that touches WGS84 at a centre; x east, y north in km, with the coordinates of the centre."""

    centre_latitude_deg: float
    centre_longitude_deg: float
    false_easting_km: float = 0.0
    false_northing_km: float = 0.0

    def plane_km(self, latitude_deg: FloatArray, longitude_deg: FloatArray) -> FloatArray:
        """Coordinates (2, n) of places (n,). The point opposite to the centre is a circle: its eastern end is taken."""
        centre_deg = np.clip(self.centre_latitude_deg, -MAX_CENTRE_LATITUDE_DEG, MAX_CENTRE_LATITUDE_DEG)
        pole = _authalic(np.array(1.0))
        sin_centre = float(np.sin(np.radians(centre_deg)))
        authalic_centre = np.arcsin(_authalic(np.array(sin_centre)) / pole)
        radius_km = EARTH_EQUATORIAL_RADIUS_KM * np.sqrt(pole / 2.0)
        stretch = (
            EARTH_EQUATORIAL_RADIUS_KM
            * np.cos(np.radians(centre_deg))
            / np.sqrt(1.0 - _E2 * sin_centre**2)
            / (radius_km * np.cos(authalic_centre))
        )
        sin_lat = np.clip(_authalic(np.sin(np.radians(latitude_deg))) / pole, -1.0, 1.0)
        cos_lat = np.sqrt(1.0 - sin_lat**2)
        east = np.radians(longitude_deg - self.centre_longitude_deg)
        nearness = 1.0 + np.sin(authalic_centre) * sin_lat + np.cos(authalic_centre) * cos_lat * np.cos(east)
        opposite = nearness < 1e-12
        scale_km = radius_km * np.sqrt(2.0 / np.where(opposite, 1.0, nearness))
        x_km = scale_km * stretch * cos_lat * np.sin(east)
        across = np.cos(authalic_centre) * sin_lat - np.sin(authalic_centre) * cos_lat * np.cos(east)
        return np.stack(
            (
                self.false_easting_km + np.where(opposite, 2.0 * radius_km * stretch, x_km),
                self.false_northing_km + np.where(opposite, 0.0, scale_km / stretch * across),
            )
        )


def _authalic(sin_latitude: FloatArray) -> FloatArray:
    """q of geodetic latitudes, which is proportional to the surface south of them (Snyder 3-12)."""
    s = np.asarray(sin_latitude, dtype=np.float64)
    return np.asarray((1.0 - _E2) * (s / (1.0 - _E2 * s * s) + np.arctanh(_E * s) / _E), dtype=np.float64)


EUROPE = LambertAzimuthal(
    centre_latitude_deg=52.0, centre_longitude_deg=10.0, false_easting_km=4321.0, false_northing_km=3210.0
)
"""ETRS89-extended / LAEA Europe (EPSG:3035), in km; GRS80, its ellipsoid, is WGS84 to a tenth of a millimetre."""


def unit_vectors(latitude_deg: FloatArray, longitude_deg: FloatArray) -> FloatArray:
    """Directions (3, n) of places (n,): their normals."""
    latitude, longitude = np.radians(latitude_deg), np.radians(longitude_deg)
    return np.stack((np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude)))


def mean_place(latitude_deg: FloatArray, longitude_deg: FloatArray) -> tuple[float, float]:
    """Latitude and longitude in the middle of places (n,), across the antimeridian too; the first if there is none."""
    mean = unit_vectors(latitude_deg, longitude_deg).mean(axis=1)
    if float(np.linalg.norm(mean)) < 1e-9:
        return float(latitude_deg[0]), float(longitude_deg[0])
    return (
        float(np.degrees(np.arctan2(mean[2], np.hypot(mean[0], mean[1])))),
        float(np.degrees(np.arctan2(mean[1], mean[0]))),
    )
