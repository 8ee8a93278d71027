"""Elements to positions in the Earth-fixed frame; the Sun, the Moon and the Earth's shadow."""

from eagleplan.orbit.design import keplerian_elements, sun_synchronous_elements, walker
from eagleplan.orbit.summary import OrbitSummary, orbit_summary

__all__ = ["OrbitSummary", "keplerian_elements", "orbit_summary", "sun_synchronous_elements", "walker"]
