"""CZML for Cesium: satellites on their ways, stations, and a line between the two for as long as a contact lasts."""

from __future__ import annotations

import json
from typing import Any

from eagleplan.model import Contact, Plan, Satellite
from eagleplan.report.exports.ephemeris import Motion, grid_s, motions
from eagleplan.report.index import PlanIndex
from eagleplan.report.times import iso_utc, utc_of
from eagleplan.report.words import bits_text, probability_text

STEP_S = 60
DEGREE = 7

_SATELLITE_RGBA = [86, 180, 233, 255]
_SITE_RGBA = [230, 159, 0, 255]
_LINK_RGBA = [0, 158, 115, 255]
_WHITE_RGBA = [255, 255, 255, 255]


def czml(plan: Plan) -> bytes:
    """Earth-fixed positions in metres every minute. Raises InputError where a satellite cannot be propagated."""
    index = PlanIndex(plan)
    span = _interval(plan, 0.0, plan.horizon.duration_s)
    moving = motions(plan, [satellite.satellite_id for satellite in plan.satellites])
    packets: list[dict[str, Any]] = [
        {
            "id": "document",
            "name": plan.name,
            "version": "1.0",
            "clock": {"interval": span, "currentTime": span.partition("/")[0], "multiplier": 60},
        },
        *(_satellite(satellite, moving[satellite.satellite_id], plan) for satellite in plan.satellites),
        *(
            {
                "id": f"site/{site.site_id}",
                "name": site.name,
                "position": {"cartographicDegrees": [site.longitude_deg, site.latitude_deg, site.altitude_m]},
                "point": {"pixelSize": 8, "color": {"rgba": _SITE_RGBA}},
                "label": _label(site.name),
            }
            for site in plan.sites
        ),
        *(_contact(contact, index) for contact in index.contacts),
    ]
    return (json.dumps(packets, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()


def _satellite(satellite: Satellite, motion: Motion, plan: Plan) -> dict[str, Any]:
    positions = [
        _positions(motion, max(start_s, -DEGREE * STEP_S), min(end_s, plan.horizon.duration_s + DEGREE * STEP_S), plan)
        for start_s, end_s in motion.runs_s
    ]
    return {
        "id": f"satellite/{satellite.satellite_id}",
        "name": satellite.name,
        "availability": [position["interval"] for position in positions],
        "position": positions,
        "point": {"pixelSize": 6, "color": {"rgba": _SATELLITE_RGBA}},
        "label": _label(satellite.name),
        "path": {
            "width": 1,
            "leadTime": 2700,
            "trailTime": 2700,
            "resolution": STEP_S,
            "material": {"solidColor": {"color": {"rgba": _SATELLITE_RGBA}}},
        },
    }


def _positions(motion: Motion, start_s: float, end_s: float, plan: Plan) -> dict[str, Any]:
    t_s = grid_s(start_s, end_s, STEP_S)
    position, _ = motion.states(t_s)
    samples: list[float] = []
    for instant, place_km in zip(t_s.tolist(), position.T.tolist(), strict=True):
        samples += [instant, *(round(value * 1e3, 3) for value in place_km)]
    return {
        "interval": _interval(plan, float(t_s[0]), float(t_s[-1])),
        "epoch": iso_utc(plan.horizon.start_utc),
        "referenceFrame": "FIXED",
        "interpolationAlgorithm": "LAGRANGE",
        "interpolationDegree": DEGREE,
        "cartesian": samples,
    }


def _contact(contact: Contact, index: PlanIndex) -> dict[str, Any]:
    site, satellite = index.sites[contact.site_id], index.satellites[contact.satellite_id]
    return {
        "id": f"contact/{contact.contact_id}",
        "name": f"{satellite.name} – {site.name}",
        "description": (
            f"{contact.contact_id}: expected {bits_text(contact.expected_bits)}, "
            f"clear {probability_text(contact.p_clear)}"
        ),
        "availability": _interval(index.plan, contact.start_s, contact.end_s),
        "polyline": {
            "positions": {
                "references": [
                    f"satellite/{contact.satellite_id}#position",
                    f"site/{contact.site_id}#position",
                ]
            },
            "arcType": "NONE",
            "width": 2,
            "material": {"solidColor": {"color": {"rgba": _LINK_RGBA}}},
        },
    }


def _label(text: str) -> dict[str, Any]:
    return {
        "text": text,
        "font": "11pt sans-serif",
        "fillColor": {"rgba": _WHITE_RGBA},
        "pixelOffset": {"cartesian2": [0, -16]},
    }


def _interval(plan: Plan, start_s: float, end_s: float) -> str:
    return f"{iso_utc(utc_of(plan.horizon, start_s))}/{iso_utc(utc_of(plan.horizon, end_s))}"
