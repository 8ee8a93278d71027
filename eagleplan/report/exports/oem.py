"""CCSDS Orbit Ephemeris Messages (502.0-B) in KVN: a satellite's states over the horizon, Earth-fixed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from eagleplan.model import Plan, Satellite
from eagleplan.report.calendar_entries import calendar_stamp_utc
from eagleplan.report.exports.ephemeris import Motion, grid_s, motions
from eagleplan.report.times import iso_utc, utc_of

STEP_S = 60
DEGREE = 9
"""With 60 s between states this follows a low orbit to better than a millimetre."""

_BEYOND = DEGREE // 2 + 1


def oem_files(plan: Plan) -> Mapping[str, bytes]:
    """``SATELLITE.oem`` for every satellite. Raises InputError where one cannot be propagated."""
    moving = motions(plan, [satellite.satellite_id for satellite in plan.satellites])
    return {
        f"{satellite.satellite_id}.oem": "".join(
            f"{line}\n" for line in _message(satellite, moving[satellite.satellite_id], plan)
        ).encode()
        for satellite in plan.satellites
    }


def _message(satellite: Satellite, motion: Motion, plan: Plan) -> Iterator[str]:
    yield "CCSDS_OEM_VERS = 2.0"
    yield f"CREATION_DATE = {_epoch(calendar_stamp_utc(plan))}"
    yield "ORIGINATOR = EAGLEPLAN"
    for start_s, end_s in motion.runs_s:
        first_s, last_s = max(start_s, 0.0), min(end_s, plan.horizon.duration_s)
        if last_s > first_s:
            yield from _segment(satellite, motion, plan, (first_s, last_s), (start_s, end_s))


def _segment(
    satellite: Satellite, motion: Motion, plan: Plan, useable_s: tuple[float, float], known_s: tuple[float, float]
) -> Iterator[str]:
    beyond_s = _BEYOND * STEP_S
    t_s = grid_s(max(known_s[0], useable_s[0] - beyond_s), min(known_s[1], useable_s[1] + beyond_s), STEP_S)
    position, velocity = motion.states(t_s)
    orbit = satellite.orbit
    first_s, last_s = max(useable_s[0], float(t_s[0])), min(useable_s[1], float(t_s[-1]))
    yield ""
    yield "META_START"
    yield f"OBJECT_NAME = {' '.join(orbit.name.split()) or satellite.satellite_id}"
    yield f"OBJECT_ID = {orbit.international_designator or satellite.satellite_id}"
    yield "CENTER_NAME = EARTH"
    yield "REF_FRAME = ITRF2020"
    yield "TIME_SYSTEM = UTC"
    yield f"START_TIME = {_epoch(utc_of(plan.horizon, float(t_s[0])))}"
    yield f"USEABLE_START_TIME = {_epoch(utc_of(plan.horizon, first_s))}"
    yield f"USEABLE_STOP_TIME = {_epoch(utc_of(plan.horizon, last_s))}"
    yield f"STOP_TIME = {_epoch(utc_of(plan.horizon, float(t_s[-1])))}"
    yield "INTERPOLATION = LAGRANGE"
    yield f"INTERPOLATION_DEGREE = {DEGREE}"
    yield "META_STOP"
    for instant, place, pace in zip(t_s.tolist(), position.T.tolist(), velocity.T.tolist(), strict=True):
        numbers = [*(f"{value:.6f}" for value in place), *(f"{value:.9f}" for value in pace)]
        yield " ".join([_epoch(utc_of(plan.horizon, instant)), *numbers])


def _epoch(instant_utc: datetime) -> str:
    """CCSDS calendar format A; the time system stands in the metadata."""
    return iso_utc(instant_utc).removesuffix("Z")
