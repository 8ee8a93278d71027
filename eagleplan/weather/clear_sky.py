"""The chance of a cloud-free line of sight, from the cloud cover of the sky.

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


def sight_line_factor(elevation_deg: npt.ArrayLike) -> FloatArray:
    """f = 1/sin el, shape of `elevation_deg`; raises ValueError for an elevation outside (0, 90]°."""
    elevation = np.asarray(elevation_deg, dtype=np.float64)
    if np.any(elevation <= 0.0) or np.any(elevation > 90.0):
        raise ValueError("elevation_deg must be in (0, 90]")
    return np.asarray(1.0 / np.sin(np.radians(elevation)), dtype=np.float64)


def p_clear_at(p_clear_zenith: npt.ArrayLike, elevation_deg: npt.ArrayLike) -> FloatArray:
    """Chance of a clear line of sight where the clear fraction is uncertain, in the arguments' common shape.

    With the clear fraction X ~ Beta(a, b), E[X^f] = Γ(a + f) Γ(a + b) / (Γ(a) Γ(a + b + f)); at the zenith this is p.
    Raises ValueError for a probability outside [0, 1] or an elevation outside (0, 90]°.
    """
    return p_clear_along(p_clear_zenith, sight_line_factor(elevation_deg))


def p_clear_along(p_clear_zenith: npt.ArrayLike, factor: FloatArray) -> FloatArray:
    """As `p_clear_at`, for lines of sight whose `sight_line_factor` is known."""
    from scipy.special import gammaln

    p, f = np.broadcast_arrays(np.asarray(p_clear_zenith, dtype=np.float64), factor)
    if not np.all((p >= 0.0) & (p <= 1.0)):
        raise ValueError(f"p_clear_zenith must be in [0, 1] (got {p_clear_zenith!r})")
    a = CONCENTRATION * np.where(p > 0.0, p, 1.0)
    total = CONCENTRATION
    log_expectation = gammaln(a + f) + gammaln(total) - gammaln(a) - gammaln(total + f)
    # Where p is 1, a is the total and the expectation 1 by itself; where p is 0, Γ(a) has no value.
    return np.asarray(np.where(p > 0.0, np.exp(np.minimum(log_expectation, 0.0)), 0.0), dtype=np.float64)
