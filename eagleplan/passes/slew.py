"""How long a terminal takes to turn from one station to the next.

The satellite's attitude is held in the local orbital frame: one axis to the Earth's centre, one against the orbit's
angular momentum, one ahead. What the terminal has to turn through is the angle, in that frame, between the direction to
the first station when its contact ends and the direction to the next when its own begins. To follow a station that it
looks at, it is always quick enough: so what can be reached at one second can be reached at every later one, and a
contact that ends earlier never reaches the next station later.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eagleplan.orbit.places import SiteVectors, dot, site_vectors
from eagleplan.orbit.trajectory import Track, Turns, track
from eagleplan.orbit.turn import EARTH_RATE_RAD_S
from eagleplan.passes.find import PassSearch
from eagleplan.units import FloatArray

Seconds = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """From the ends `end_s`, ascending, of contacts of a satellite with one site to another site."""

    satellite_id: str
    site_from: str
    site_to: str
    end_s: tuple[int, ...]


def slew_seconds(
    hops: Sequence[Hop], search: PassSearch, *, rate_deg_s: float, acquisition_s: int
) -> tuple[Seconds, ...]:
    """Whole seconds from each end of each hop to the earliest start of a contact with its next site.

    A slew is the angle over `rate_deg_s`; `acquisition_s` comes on top. Raises InputError where a satellite cannot be
    propagated.
    """
    number = {site.site_id: index for index, site in enumerate(search.sites)}
    vectors = site_vectors(search.sites)
    turns = Turns(search.horizon)
    paths = {
        satellite.satellite_id: track(satellite, search.horizon, turns)
        for satellite in search.satellites
        if any(hop.satellite_id == satellite.satellite_id for hop in hops)
    }
    last_s = math.floor(search.horizon.duration_s)
    cosines = np.cos(np.radians(np.minimum(rate_deg_s * np.arange(math.ceil(180.0 / rate_deg_s) + 1), 180.0)))
    return tuple(
        _seconds(paths[hop.satellite_id], vectors, number, hop, cosines, acquisition_s, last_s) for hop in hops
    )


def _seconds(
    path: Track,
    vectors: SiteVectors,
    number: dict[str, int],
    hop: Hop,
    cosines: FloatArray,
    acquisition_s: int,
    last_s: int,
) -> Seconds:
    end_s = np.array(hop.end_s, dtype=np.int64)
    moments_s = end_s[:, np.newaxis] + acquisition_s + np.arange(len(cosines))
    at_s, place = np.unique(moments_s, return_inverse=True)
    # No contact begins behind the horizon, where the satellite's way is not known.
    seen_from = directions(path, vectors, number[hop.site_from], end_s.astype(np.float64))
    seen_to = directions(path, vectors, number[hop.site_to], np.minimum(at_s, last_s).astype(np.float64))
    reached = np.einsum("in,inm->nm", seen_from, seen_to[:, place.reshape(moments_s.shape)]) >= cosines
    reached[:, -1] = True
    start_s = end_s + acquisition_s + reached.argmax(axis=1)
    return np.minimum.accumulate(start_s[::-1])[::-1] - end_s


def directions(path: Track, vectors: SiteVectors, site: int, t_s: FloatArray) -> FloatArray:
    """Unit vectors (3, n) from the satellite to a site at `t_s` (n,), in the local orbital frame: ahead, against the
    angular momentum, to the Earth's centre."""
    position, velocity = path.position_and_velocity(t_s)
    inertial = velocity + EARTH_RATE_RAD_S * np.stack([-position[1], position[0], np.zeros(len(t_s))])
    down = -_unit(position)
    aside = -_unit(np.cross(position, inertial, axis=0))
    ahead = np.cross(aside, down, axis=0)
    line = _unit(vectors.position_km[:, site, np.newaxis] - position)
    return np.stack([dot(axis, line) for axis in (ahead, aside, down)])


def _unit(vector: FloatArray) -> FloatArray:
    return np.asarray(vector / np.sqrt(dot(vector, vector)))
