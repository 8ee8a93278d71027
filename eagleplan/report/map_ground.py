"""What flies over a frame: tracks of contacts, and the circles in which a station sees a satellite."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from eagleplan.model import ContactTrace, Site
from eagleplan.orbit.places import geodetic, place_vectors
from eagleplan.report.index import PlanIndex
from eagleplan.report.map_shapes import Circle, Track
from eagleplan.report.map_view import View
from eagleplan.report.times import clock_text, day_text
from eagleplan.report.words import worth_text
from eagleplan.units import FloatArray

CIRCLE_STEP_DEG = 5.0
EARTH_RADIUS_KM = 6371.0088


def visibility_circle(site: Site, height_km: float) -> tuple[FloatArray, FloatArray]:
    """Latitudes and longitudes (n,) below a satellite at `height_km` that stands at the site's minimum elevation.

    One place every 5° of azimuth, from north over east back to north, on WGS84. Newton's iteration along each line of
    sight, from where it would end above a sphere; four steps leave less than a metre.
    """
    at = place_vectors(
        np.array([site.latitude_deg]), np.array([site.longitude_deg]), np.array([site.altitude_m], dtype=np.float64)
    )
    azimuth = np.radians(np.arange(0.0, 360.0 + CIRCLE_STEP_DEG / 2.0, CIRCLE_STEP_DEG))
    sin_el, cos_el = np.sin(np.radians(site.min_elevation_deg)), np.cos(np.radians(site.min_elevation_deg))
    direction = cos_el * (np.sin(azimuth) * at.east + np.cos(azimuth) * at.north) + sin_el * at.up
    top_km = EARTH_RADIUS_KM + height_km
    range_km = np.full(azimuth.shape, np.sqrt(top_km**2 - (EARTH_RADIUS_KM * cos_el) ** 2) - EARTH_RADIUS_KM * sin_el)
    for _ in range(4):
        longitude, latitude, height = geodetic(at.position_km + range_km * direction)
        up = place_vectors(latitude, longitude, np.zeros_like(latitude)).up
        range_km = range_km - (height - height_km) / np.einsum("in,in->n", up, direction)
    longitude, latitude, _ = geodetic(at.position_km + range_km * direction)
    return latitude, longitude


def circles(
    index: PlanIndex, traces: Sequence[ContactTrace], view: View, site_ids: Sequence[str]
) -> tuple[Circle, ...]:
    """One for each of the stations and each satellite that has a trace over it."""
    chosen = {contact.contact_id: contact for contact in index.contacts}
    heights: dict[tuple[str, str], list[float]] = defaultdict(list)
    for trace in traces:
        contact = chosen.get(trace.contact_id)
        if contact is not None and contact.site_id in site_ids and trace.track.t_s.size:
            heights[contact.site_id, contact.satellite_id] += trace.track.height_km[[0, -1]].tolist()
    found = []
    for (site_id, satellite_id), ends_km in sorted(heights.items()):
        site = index.sites[site_id]
        height_km = float(np.mean(ends_km))
        lines = view.line(*visibility_circle(site, height_km))
        if lines:
            found.append(
                Circle(
                    site_id=site_id,
                    satellite_id=satellite_id,
                    country=site.country,
                    min_elevation_deg=site.min_elevation_deg,
                    height_km=height_km,
                    lines=lines,
                )
            )
    return tuple(found)


def tracks(
    index: PlanIndex, traces: Sequence[ContactTrace], view: View, site_ids: Sequence[str] | None
) -> tuple[Track, ...]:
    """The tracks of the stations named, or of all of them, as far as they lie in the frame; in the order of time."""
    by_contact = {trace.contact_id: trace.track for trace in traces}
    found = []
    for contact in index.contacts:
        way = by_contact.get(contact.contact_id)
        if way is None or way.t_s.size < 2 or (site_ids is not None and contact.site_id not in site_ids):
            continue
        lines = view.line(way.latitude_deg, way.longitude_deg)
        if not lines:
            continue
        in_contact = (way.t_s >= contact.start_s) & (way.t_s <= contact.end_s)
        contact_lines = view.line(way.latitude_deg[in_contact], way.longitude_deg[in_contact])
        start_utc, end_utc = index.contact_utc(contact)
        site = index.sites[contact.site_id]
        found.append(
            Track(
                contact_id=contact.contact_id,
                site_id=contact.site_id,
                satellite_id=contact.satellite_id,
                country=site.country,
                lines=lines,
                contact_lines=contact_lines,
                title=(
                    f"{index.satellites[contact.satellite_id].name} over {site.name}\n"
                    f"{day_text(start_utc)}, {clock_text(start_utc)} to {clock_text(end_utc)} UTC\n"
                    f"up to {contact.max_elevation_deg:.0f}°, {worth_text(contact)}"
                ),
            )
        )
    return tuple(found)
