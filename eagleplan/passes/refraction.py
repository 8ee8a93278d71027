"""How the air lifts what is seen through it."""

from __future__ import annotations

import numpy as np

from eagleplan.units import FloatArray

_LOWEST_DEG = -1.0


def refraction_deg(elevation_deg: FloatArray, altitude_m: FloatArray | float) -> FloatArray:
    """Apparent minus geometric elevation in a standard atmosphere, for visible light.

    Saemundsson 1986, Sky & Telescope 72:70 (for 1010 hPa and 10 °C), scaled with the pressure and
    temperature of the International Standard Atmosphere at the site's height. Light at 1550 nm bends about
    1.5 % less. Below −1°, where the formula ends, its value there is held.
    """
    temperature_k = 288.15 - 0.0065 * np.asarray(altitude_m, dtype=np.float64)
    pressure_hpa = 1013.25 * (temperature_k / 288.15) ** 5.255_88
    h = np.maximum(elevation_deg, _LOWEST_DEG)
    # The formula's tangent passes its pole at 89.9°; refraction is zero in the zenith.
    angle = np.radians(np.minimum(h + 10.3 / (h + 5.11), 90.0))
    minutes = 1.02 * np.cos(angle) / np.sin(angle)
    return np.asarray(minutes / 60.0 * (pressure_hpa / 1010.0) * (283.15 / temperature_k))


def apparent_elevation_deg(elevation_deg: FloatArray, altitude_m: FloatArray | float) -> FloatArray:
    """Where a telescope must point to see what stands at this geometric elevation."""
    return elevation_deg + refraction_deg(elevation_deg, altitude_m)
