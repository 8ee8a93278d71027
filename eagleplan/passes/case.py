"""What a constraint may ask: one satellite's passes over all sites, and the sky at any instant of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eagleplan.model import Constraints, Horizon, Satellite, Site
from eagleplan.orbit.places import SiteVectors
from eagleplan.orbit.sun_moon import SunMoon
from eagleplan.orbit.trajectory import IntArray, Track
from eagleplan.passes.look import elevation_deg
from eagleplan.units import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Spans (n,) are the passes of `satellite`: `site[i]` is the index of the site of pass i."""

    horizon: Horizon
    satellite: Satellite
    sites: Sequence[Site]
    vectors: SiteVectors
    track: Track
    sun_moon: SunMoon
    options: Constraints
    site: IntArray
    start_s: FloatArray
    end_s: FloatArray

    def of_sites(self, values: Sequence[float]) -> FloatArray:
        """A number of each site as a column (n,) over the passes."""
        return np.array(values, dtype=np.float64)[self.site]

    def over_site(self, site_id: str | None) -> IntArray:
        """Numbers of the passes over a site, or of all passes for None."""
        chosen = np.array([site_id in (None, site.site_id) for site in self.sites], dtype=np.bool_)
        return np.flatnonzero(chosen[self.site])

    def slant_km(self, place_km: FloatArray, span: IntArray) -> FloatArray:
        """Vectors (3, n) from the sites of passes `span` (n,) to Earth-fixed places (3, n)."""
        return place_km - np.take(self.vectors.position_km, self.site[span], axis=1)

    def elevation_deg(self, place_km: FloatArray, span: IntArray) -> FloatArray:
        """Geometric elevation (n,) of Earth-fixed places (3, n) at the sites of passes `span` (n,)."""
        return elevation_deg(self.vectors, self.site[span], place_km)
