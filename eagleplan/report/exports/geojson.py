"""GeoJSON (RFC 7946): ground tracks of satellites and of contacts, and the stations, for maps."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from eagleplan.model import Plan
from eagleplan.orbit.places import geodetic
from eagleplan.report.exports.ephemeris import Motion, grid_s, motions
from eagleplan.report.index import PlanIndex
from eagleplan.report.times import iso_utc
from eagleplan.units import FloatArray

TRACK_STEP_S = 60
CONTACT_STEP_S = 10

_Line = list[tuple[float, float]]


def geojson(plan: Plan) -> bytes:
    """A feature per site, per contact and per satellite. Raises InputError where a satellite cannot be propagated.

    Lines are cut where they cross the antimeridian. Positions are where the satellite stands in the zenith.
    """
    index = PlanIndex(plan)
    moving = motions(plan, [satellite.satellite_id for satellite in plan.satellites])
    features = [*_sites(plan), *_contacts(index, moving), *_satellites(plan, moving)]
    collection = {"type": "FeatureCollection", "features": features}
    return (json.dumps(collection, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()


def _sites(plan: Plan) -> Iterator[dict[str, Any]]:
    for site in plan.sites:
        point = {"type": "Point", "coordinates": [site.longitude_deg, site.latitude_deg, site.altitude_m]}
        yield _feature(
            f"site/{site.site_id}", point, kind="site", site_id=site.site_id, name=site.name, country=site.country
        )


def _contacts(index: PlanIndex, moving: Mapping[str, Motion]) -> Iterator[dict[str, Any]]:
    for contact in index.contacts:
        start_utc, end_utc = index.contact_utc(contact)
        inner = grid_s(contact.start_s + 1e-3, contact.end_s - 1e-3, CONTACT_STEP_S)
        t_s = np.concatenate(([contact.start_s], inner, [contact.end_s])).astype(np.float64)
        yield _feature(
            f"contact/{contact.contact_id}",
            _lines(_track(moving[contact.satellite_id], t_s)),
            kind="contact",
            contact_id=contact.contact_id,
            satellite_id=contact.satellite_id,
            site_id=contact.site_id,
            start_utc=iso_utc(start_utc),
            end_utc=iso_utc(end_utc),
            max_elevation_deg=round(contact.max_elevation_deg, 2),
            p_clear=round(contact.p_clear, 6),
            expected_bits=contact.expected_bits,
        )


def _satellites(plan: Plan, moving: Mapping[str, Motion]) -> Iterator[dict[str, Any]]:
    for satellite in plan.satellites:
        motion = moving[satellite.satellite_id]
        pieces: list[_Line] = []
        for start_s, end_s in motion.runs_s:
            t_s = grid_s(max(start_s, 0.0), min(end_s, plan.horizon.duration_s), TRACK_STEP_S)
            if len(t_s) > 1:
                pieces += _track(motion, t_s)
        yield _feature(
            f"satellite/{satellite.satellite_id}",
            _lines(pieces),
            kind="satellite",
            satellite_id=satellite.satellite_id,
            name=satellite.name,
        )


def _feature(feature_id: str, geometry: dict[str, Any], **properties: object) -> dict[str, Any]:
    return {"type": "Feature", "id": feature_id, "geometry": geometry, "properties": properties}


def _lines(pieces: list[_Line]) -> dict[str, Any]:
    if len(pieces) == 1:
        return {"type": "LineString", "coordinates": [list(point) for point in pieces[0]]}
    return {"type": "MultiLineString", "coordinates": [[list(point) for point in piece] for piece in pieces]}


def _track(motion: Motion, t_s: FloatArray) -> list[_Line]:
    """Longitude and latitude below the satellite, in pieces that do not cross the antimeridian."""
    longitude, latitude, _ = geodetic(motion.states(t_s)[0])
    points = list(zip(longitude.round(5).tolist(), latitude.round(5).tolist(), strict=True))
    pieces: list[_Line] = [[points[0]]]
    for before, after in pairwise(points):
        if abs(after[0] - before[0]) > 180.0:
            edge = 180.0 if before[0] > 0.0 else -180.0
            ahead = after[0] + 2.0 * edge
            share = (edge - before[0]) / (ahead - before[0])
            crossing = round(before[1] + share * (after[1] - before[1]), 5)
            pieces[-1].append((edge, crossing))
            pieces.append([(-edge, crossing)])
        pieces[-1].append(after)
    return pieces
