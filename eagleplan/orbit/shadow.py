"""The Earth's shadow: how much of the Sun a satellite sees past the limb of the oblate Earth."""

from __future__ import annotations

import numpy as np

from eagleplan.units import EARTH_EQUATORIAL_RADIUS_KM, EARTH_FLATTENING, SUN_RADIUS_KM, FloatArray


def limb_distance(position_km: FloatArray, sun_km: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Angle in rad of the Sun's centre above the Earth's limb, and the Sun's angular radius, shapes (n,).

    `position_km` and `sun_km` (3, n) are geocentric, in one frame whose z axis is the Earth's. The sunlight
    is whole where the first exceeds the second, and gone (umbra) where it is below its negative. The oblate
    Earth is made a sphere by stretching z by 1/(1 − f), which moves shadow entry by up to 6 s; the
    atmosphere, which bends and dims the last light over some 10 s, is left out.
    """
    stretch = np.array([1.0, 1.0, 1.0 / (1.0 - EARTH_FLATTENING)])[:, None]
    place, sun = position_km * stretch, sun_km * stretch
    distance = np.sqrt(np.einsum("in,in->n", place, place))
    to_sun = sun - place
    sun_distance = np.sqrt(np.einsum("in,in->n", to_sun, to_sun))
    # The angle between the Earth's centre and the Sun from its sine and cosine, so that it is good near 0
    # and 180°.
    cosine = -np.einsum("in,in->n", place, to_sun)
    sine = np.sqrt(np.einsum("in,in->n", *(np.cross(place, to_sun, axis=0),) * 2))
    separation = np.arctan2(sine, cosine)
    earth_radius = np.arcsin(np.minimum(EARTH_EQUATORIAL_RADIUS_KM / distance, 1.0))
    return separation - earth_radius, np.arcsin(SUN_RADIUS_KM / sun_distance)


def sunlit_frac(position_km: FloatArray, sun_km: FloatArray) -> FloatArray:
    """Part of the Sun's disc (n,) that is not behind the Earth: 1 in sunlight, 0 in umbra.

    In penumbra the limb is taken as straight over the Sun's half degree.
    """
    above, radius = limb_distance(position_km, sun_km)
    x = np.clip(above / radius, -1.0, 1.0)
    return (0.5 * np.pi + np.arcsin(x) + x * np.sqrt(1.0 - x * x)) / np.pi
