"""How much more air lies along a slant path than towards the zenith."""

from __future__ import annotations

import numpy as np

from eagleplan.units import FloatArray


def kasten_young_airmass(apparent_elevation_deg: FloatArray) -> FloatArray:
    """Relative optical air mass at an apparent elevation of 0° or more.

    Source: Kasten and Young, Applied Optics 28:4735 (1989), eq. 3 and table I.
    """
    elevation_deg = np.asarray(apparent_elevation_deg, dtype=np.float64)
    return 1.0 / (np.sin(np.deg2rad(elevation_deg)) + 0.50572 * (elevation_deg + 6.07995) ** -1.6364)
