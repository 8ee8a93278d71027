"""Elements for orbits that nobody has flown yet: Sun-synchronous, Keplerian, Walker constellations.

All are mean elements for SGP4, so that a design orbit runs through the same propagator as a catalogued one.

Size: `altitude_km` is the geocentric distance, averaged over a revolution, less the Earth's equatorial
radius (WGS84, 6378.137 km). SGP4's distance is a(1 − e cos E), which averages a(1 + e²/2) over time, and
first-order short-period terms with the constant part (3/4) J2 (R/p)² √(1 − e²) (1 − 3 cos² i) (Hoots and
Roehrich 1980, Spacetrack Report 3). The semi-major axis follows from there, the Brouwer mean motion from
the axis, and the Kozai mean motion, which element sets carry, by inverting SGP4's own recovery of one from
the other.

Plane: the inclination of a Sun-synchronous orbit is the one at which the node moves, by SGP4's secular
rate, with the mean Sun. The local time of the ascending node (LTAN) is mean solar time: UT1 plus the node's
longitude.
"""

from __future__ import annotations

import math
from datetime import datetime

from eagleplan.errors import InputError, Problem
from eagleplan.model import MeanElements
from eagleplan.orbit.sgp4_orbit import EARTH_RADIUS_KM, J2, MU_KM3_S2, satrec
from eagleplan.orbit.turn import mean_sun_deg
from eagleplan.units import EARTH_EQUATORIAL_RADIUS_KM, SECONDS_PER_DAY

MEAN_SUN_DEG_PER_DAY = 0.985_647_36
"""Motion of the mean Sun in right ascension: 360° in a tropical year of 365.242 19 days (Aoki et al. 1982).
"""

_DEFAULT_ECCENTRICITY = 0.001
_DEFAULT_PERIGEE_DEG = 90.0


def sun_synchronous_elements(
    altitude_km: float,
    ltan: str,
    epoch_utc: datetime,
    *,
    name: str = "SSO",
    eccentricity: float = _DEFAULT_ECCENTRICITY,
    arg_perigee_deg: float = _DEFAULT_PERIGEE_DEG,
    mean_anomaly_deg: float = 0.0,
    bstar_per_earth_radius: float = 0.0,
) -> MeanElements:
    """A Sun-synchronous orbit of mean altitude `altitude_km` that goes north over the equator at `ltan`
    ("22:30").

    The defaults are the near-frozen eccentricity and perigee of real Earth observers, and no drag, so that
    the local time holds. Raises InputError where no such orbit exists.
    """
    origin = f"sso, {altitude_km:g} km, LTAN {ltan}"
    raan_deg = mean_sun_deg(epoch_utc) + 15.0 * (_hours(ltan, origin) - 12.0)

    def elements(inclination_deg: float) -> MeanElements:
        return keplerian_elements(
            altitude_km,
            inclination_deg,
            raan_deg,
            epoch_utc,
            name=name,
            eccentricity=eccentricity,
            arg_perigee_deg=arg_perigee_deg,
            mean_anomaly_deg=mean_anomaly_deg,
            bstar_per_earth_radius=bstar_per_earth_radius,
            origin=origin,
        )

    def drift(inclination_deg: float) -> float:
        return node_rate_deg_per_day(elements(inclination_deg)) - MEAN_SUN_DEG_PER_DAY

    low, high = 90.0, 180.0
    if drift(high) < 0.0:
        raise _refused(origin, "no Sun-synchronous orbit is this high", f"{altitude_km:g} km")
    # The node's rate grows with the inclination from 0 at the poles; halving 50 times leaves 1e-13°.
    for _ in range(50):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if drift(middle) < 0.0 else (low, middle)
    return elements(high)


def keplerian_elements(
    altitude_km: float,
    inclination_deg: float,
    raan_deg: float,
    epoch_utc: datetime,
    *,
    name: str = "KEPLER",
    eccentricity: float = 0.0,
    arg_perigee_deg: float = 0.0,
    mean_anomaly_deg: float = 0.0,
    bstar_per_earth_radius: float = 0.0,
    origin: str = "kepler",
) -> MeanElements:
    """An orbit of mean altitude `altitude_km` (averaged over time, see above) with these mean angles.

    Raises InputError for an orbit that is not an ellipse above the ground.
    """
    if not 0.0 <= eccentricity < 1.0:
        raise _refused(origin, "the eccentricity must be at least 0 and below 1", f"{eccentricity:g}")
    axis_km = _semi_major_axis_km(altitude_km, eccentricity, inclination_deg)
    if axis_km * (1.0 - eccentricity) <= EARTH_EQUATORIAL_RADIUS_KM:
        perigee_km = axis_km * (1.0 - eccentricity) - EARTH_EQUATORIAL_RADIUS_KM
        raise _refused(origin, "the perigee must be above the ground", f"{perigee_km:.0f} km")
    return MeanElements(
        name=name,
        catalog_id=0,
        epoch_utc=epoch_utc,
        mean_motion_rev_per_day=_kozai_rev_per_day(axis_km, eccentricity, inclination_deg),
        eccentricity=eccentricity,
        inclination_deg=inclination_deg,
        raan_deg=raan_deg % 360.0,
        arg_perigee_deg=arg_perigee_deg % 360.0,
        mean_anomaly_deg=mean_anomaly_deg % 360.0,
        bstar_per_earth_radius=bstar_per_earth_radius,
        mean_motion_dot_rev_per_day2=0.0,
        mean_motion_ddot_rev_per_day3=0.0,
        revolution_number=0,
        international_designator="",
        element_set_number=0,
        kind="design",
        origin=origin,
    )


def walker(
    altitude_km: float,
    inclination_deg: float,
    n_satellites: int,
    n_planes: int,
    phasing: int,
    epoch_utc: datetime,
    *,
    name: str = "WALKER",
    raan_deg: float = 0.0,
    spread_deg: float = 360.0,
) -> tuple[MeanElements, ...]:
    """A Walker constellation i:t/p/f, plane by plane: t satellites in p planes with f units of 360°/t
    between planes.

    `spread_deg` is the arc of nodes over which the planes are spread: 360 for a delta, 180 for a star
    pattern (Walker 1984, J. Br. Interplanet. Soc. 37:559). Raises InputError where t is no multiple of p or
    f is not below p.
    """
    origin = f"walker, {inclination_deg:g}:{n_satellites}/{n_planes}/{phasing}, {altitude_km:g} km"
    if n_satellites < 1 or n_planes < 1 or n_satellites % n_planes:
        raise _refused(origin, "the number of satellites must be a multiple of the number of planes")
    if not 0 <= phasing < n_planes:
        raise _refused(origin, "the phasing must be at least 0 and below the number of planes", str(phasing))
    in_plane = n_satellites // n_planes
    return tuple(
        keplerian_elements(
            altitude_km,
            inclination_deg,
            raan_deg + plane * spread_deg / n_planes,
            epoch_utc,
            name=f"{name} {plane + 1}-{slot + 1}",
            mean_anomaly_deg=360.0 * (slot / in_plane + phasing * plane / n_satellites),
            origin=origin,
        )
        for plane in range(n_planes)
        for slot in range(in_plane)
    )


def node_rate_deg_per_day(elements: MeanElements) -> float:
    """Secular motion of the ascending node by SGP4 (J2, J2² and J4)."""
    return math.degrees(satrec(elements).nodedot) * 1440.0


def mean_distance_km(axis_km: float, eccentricity: float, inclination_deg: float) -> float:
    """SGP4's geocentric distance averaged over a revolution, from the Brouwer mean semi-major axis."""
    e2 = eccentricity * eccentricity
    p_km = axis_km * (1.0 - e2)
    shape = 0.75 * J2 * math.sqrt(1.0 - e2) * (1.0 - 3.0 * math.cos(math.radians(inclination_deg)) ** 2)
    return axis_km * (1.0 + 0.5 * e2 + shape * (EARTH_RADIUS_KM / p_km) ** 2)


def _semi_major_axis_km(altitude_km: float, eccentricity: float, inclination_deg: float) -> float:
    """Brouwer mean semi-major axis at which SGP4's distance averages `altitude_km` over the equatorial radius."""
    wanted_km = altitude_km + EARTH_EQUATORIAL_RADIUS_KM
    axis_km = wanted_km
    for _ in range(20):
        axis_km *= wanted_km / mean_distance_km(axis_km, eccentricity, inclination_deg)
    return axis_km


def _kozai_rev_per_day(axis_km: float, eccentricity: float, inclination_deg: float) -> float:
    """The mean motion of an element set from which SGP4 recovers the Brouwer mean motion of this axis."""
    to_rev_per_day = SECONDS_PER_DAY / (2.0 * math.pi)
    brouwer = math.sqrt(MU_KM3_S2 / axis_km**3) * to_rev_per_day
    cos2 = math.cos(math.radians(inclination_deg)) ** 2
    bulge = 0.75 * J2 * (3.0 * cos2 - 1.0) / (1.0 - eccentricity**2) ** 1.5
    kozai = brouwer
    for _ in range(20):
        first_km = (MU_KM3_S2 / (kozai / to_rev_per_day) ** 2) ** (1.0 / 3.0)
        d1 = bulge * (EARTH_RADIUS_KM / first_km) ** 2
        second_km = first_km * (1.0 - d1 * (1.0 / 3.0 + d1 * (1.0 + 134.0 * d1 / 81.0)))
        kozai = brouwer * (1.0 + bulge * (EARTH_RADIUS_KM / second_km) ** 2)
    return kozai


def _hours(ltan: str, origin: str) -> float:
    parts = ltan.split(":")
    if len(parts) in (2, 3) and all(part.isdigit() for part in parts):
        numbers = [int(part) for part in parts]
        if numbers[0] < 24 and max(numbers[1:]) < 60:
            return sum(number / 60.0**power for power, number in enumerate(numbers))
    raise _refused(origin, "the local time of the ascending node must look like 22:30", f'"{ltan}"')


def _refused(origin: str, message: str, got: str | None = None) -> InputError:
    return InputError(Problem(path=origin, message=message, got=got))
