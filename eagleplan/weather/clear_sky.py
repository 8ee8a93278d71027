"""The chance of a cloud-free line of sight, from a site's climatological prior.

A slanted line of sight crosses more cloud than the zenith: with cloud fraction N and sight-line factor
f = √(1 + β² cot² el), the chance is E[(1 − N)^f] over the distribution of N (Kauth & Penquite 1967,
J. Appl. Meteorol. 6:1005, β = 1, where f is 1/sin el). It is an expectation of the power, not the power of the mean:
hourly cloud cover is U-shaped, and (1 − E N)^f would be far too small.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from eagleplan.units import FloatArray

CONCENTRATION = 0.5
"""a + b of the Beta distribution of the clear fraction: a = p/2, b = (1 − p)/2 is U-shaped, as hourly cover is."""


def p_clear_at(p_clear_zenith: float, elevation_deg: npt.ArrayLike) -> FloatArray:
    """Chance of a clear line of sight at each elevation, shape of `elevation_deg`.

    With the clear fraction X ~ Beta(a, b), E[X^f] = Γ(a + f) Γ(a + b) / (Γ(a) Γ(a + b + f)); at the zenith this is p.
    Raises ValueError for a probability outside [0, 1] or an elevation outside (0, 90]°.
    """
    elevation = np.asarray(elevation_deg, dtype=np.float64)
    if not 0.0 <= p_clear_zenith <= 1.0:
        raise ValueError(f"p_clear_zenith must be in [0, 1] (got {p_clear_zenith})")
    if np.any(elevation <= 0.0) or np.any(elevation > 90.0):
        raise ValueError("elevation_deg must be in (0, 90]")
    if p_clear_zenith in (0.0, 1.0):
        return np.full(elevation.shape, p_clear_zenith)
    from scipy.special import gammaln

    a = CONCENTRATION * p_clear_zenith
    total = CONCENTRATION
    f = 1.0 / np.sin(np.radians(elevation))
    log_expectation = gammaln(a + f) + gammaln(total) - gammaln(a) - gammaln(total + f)
    return np.asarray(np.exp(log_expectation), dtype=np.float64)


def p_clear_of_contact(p_clear_zenith: float, elevation_deg: npt.ArrayLike) -> float:
    """Clear probability of a whole contact: the mean over its seconds, rounded to 1e-6.

    Cloud is taken to be there for the whole contact or not at all; six decimals are far below what a climatology knows,
    and make the plan's bits the same on every machine.
    """
    return round(float(np.mean(p_clear_at(p_clear_zenith, elevation_deg))), 6)
