"""Pointing tables: where the light of a satellite comes from, second by second of a contact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from eagleplan.model import Contact, Plan
from eagleplan.orbit.places import SiteVectors, dot, site_vectors
from eagleplan.report.exports.ephemeris import Motion, motions
from eagleplan.report.index import PlanIndex
from eagleplan.report.times import iso_utc
from eagleplan.units import SPEED_OF_LIGHT_KM_S, FloatArray

LEAD_S = 30
"""So long before and after the contact the table goes on, for the mount to find its pace."""

COLUMNS = (
    "utc",
    "in_contact",
    "azimuth_deg",
    "elevation_deg",
    "azimuth_rate_deg_s",
    "elevation_rate_deg_s",
    "range_km",
    "range_rate_km_s",
    "doppler_hz",
)


def pointing_files(plan: Plan) -> Mapping[str, bytes]:
    """``CONTACT.csv`` for every chosen contact. Raises InputError where a satellite cannot be propagated."""
    index = PlanIndex(plan)
    moving = motions(plan, sorted({contact.satellite_id for contact in index.contacts}))
    return {
        f"{contact.contact_id}.csv": "".join(
            f"{line}\n" for line in _lines(contact, moving[contact.satellite_id], index)
        ).encode()
        for contact in index.contacts
    }


def _lines(contact: Contact, motion: Motion, index: PlanIndex) -> Iterator[str]:
    known_s = motion.run_around((contact.start_s + contact.end_s) / 2.0)
    first_s, last_s = max(contact.start_s - LEAD_S, int(known_s[0]) + 1), min(contact.end_s + LEAD_S, int(known_s[1]))
    t_s = np.arange(first_s, last_s + 1, dtype=np.float64)
    columns = directions(site_vectors([index.sites[contact.site_id]]), motion, t_s)
    wavelength_km = index.satellites[contact.satellite_id].terminal.wavelength_nm * 1e-12
    yield ",".join(COLUMNS)
    for row in zip(t_s.tolist(), *(column.tolist() for column in columns), strict=True):
        instant, azimuth, elevation, azimuth_rate, elevation_rate, distance, pace = row
        azimuth = round(azimuth, 6) % 360.0
        inside = "true" if contact.start_s <= instant <= contact.end_s else "false"
        yield (
            f"{iso_utc(index.utc(instant))},{inside},{azimuth:.6f},{elevation:.6f},{azimuth_rate:.6f},"
            f"{elevation_rate:.6f},{distance:.6f},{pace:.6f},{-pace / wavelength_km:.0f}"
        )


def directions(site: SiteVectors, motion: Motion, t_s: FloatArray) -> tuple[FloatArray, ...]:
    """Azimuth and elevation in degrees, their rates in degrees/s, range in km, range rate in km/s; each (n,).

    The light that arrives at t left the satellite range / c before: seen from the turning Earth, that puts the
    satellite where it was then (light time and aberration in one, good to a microradian). Elevation is without
    refraction: a mount has its own model for it.
    """
    position, velocity = motion.states(t_s)
    for _ in range(2):
        slant = position - site.position_km
        distance = np.sqrt(dot(slant, slant))
        position, velocity = motion.states(t_s - distance / SPEED_OF_LIGHT_KM_S)
    slant = position - site.position_km
    distance = np.sqrt(dot(slant, slant))
    north, east, up = (dot(np.broadcast_to(axis, slant.shape), slant) for axis in (site.north, site.east, site.up))
    level2 = north * north + east * east
    pace = dot(slant, velocity) / distance
    # Light that leaves later arrives later still while the range grows: the seen motion is slower by 1 + pace / c.
    slowing = 1.0 / (1.0 + pace / SPEED_OF_LIGHT_KM_S)
    to_north, to_east, to_up = (
        dot(np.broadcast_to(axis, slant.shape), velocity) * slowing for axis in (site.north, site.east, site.up)
    )
    azimuth_rate = (to_east * north - east * to_north) / level2
    elevation_rate = (to_up - up * pace * slowing / distance) / np.sqrt(level2)
    return (
        np.degrees(np.arctan2(east, north)) % 360.0,
        np.degrees(np.arctan2(up, np.sqrt(level2))),
        np.degrees(azimuth_rate),
        np.degrees(elevation_rate),
        distance,
        pace * slowing,
    )
