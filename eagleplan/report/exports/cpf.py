"""ILRS Consolidated Prediction Format, version 2: what telescope mounts of laser stations are steered by.

One file per contact, with Earth-fixed positions at a common epoch (no light time) in metres, for interpolation with a
polynomial of degree 9 through the ten nearest positions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import numpy as np

from eagleplan.model import Contact, Plan, Satellite
from eagleplan.report.calendar_entries import calendar_stamp_utc
from eagleplan.report.exports.ephemeris import Motion, motions
from eagleplan.report.index import PlanIndex
from eagleplan.units import SECONDS_PER_DAY, FloatArray

STEP_S = 30
POINTS = 10
"""Positions that an interpolation takes: five before and five after the instant."""

_FINER_S = (15, 10, 5, 2, 1)
_MJD_ZERO = datetime(1858, 11, 17, tzinfo=UTC)


def cpf_files(plan: Plan) -> Mapping[str, bytes]:
    """``CONTACT.cpf`` for every chosen contact. Raises InputError where a satellite cannot be propagated."""
    index = PlanIndex(plan)
    moving = motions(plan, sorted({contact.satellite_id for contact in index.contacts}))
    files = {}
    for contact in index.contacts:
        lines = _lines(contact, index.satellites[contact.satellite_id], moving[contact.satellite_id], index)
        files[f"{contact.contact_id}.cpf"] = "".join(f"{line}\n" for line in lines).encode("ascii")
    return files


def _lines(contact: Contact, satellite: Satellite, motion: Motion, index: PlanIndex) -> Iterator[str]:
    t_s = _instants_s(contact, motion)
    position_m = motion.states(t_s)[0] * 1e3
    made = calendar_stamp_utc(index.plan)
    first, last = index.utc(float(t_s[0])), index.utc(float(t_s[-1]))
    catalog_id = satellite.orbit.catalog_id or 0
    step_s = int(t_s[1] - t_s[0])
    yield f"H1 CPF  2 EGP {made:%Y %m %d %H} {made:%j} 01 {_target(satellite):<10} {_note(contact)}"
    yield (
        f"H2 {_cospar(satellite.orbit.international_designator):>8} {-1:4d} {catalog_id:8d} "
        f"{first:%Y %m %d %H %M %S} {last:%Y %m %d %H %M %S} {step_s:5d} 1 0  0 0 0  1"
    )
    yield "H9"
    for instant, (x, y, z) in zip(t_s.tolist(), position_m.T.tolist(), strict=True):
        day, second = divmod((index.utc(instant) - _MJD_ZERO).total_seconds(), SECONDS_PER_DAY)
        yield f"10 0 {int(day):5d} {second:13.6f}  0 {x:17.3f} {y:17.3f} {z:17.3f}"
    yield "99"


def _instants_s(contact: Contact, motion: Motion) -> FloatArray:
    """Every 30 s from five steps before the contact to five after it, or finer where the ephemeris ends too soon."""
    known_s = motion.run_around((contact.start_s + contact.end_s) / 2.0)
    for step_s in (STEP_S, *_FINER_S):
        before = int(min(POINTS // 2, (contact.start_s - known_s[0]) // step_s))
        first_s = contact.start_s - before * step_s
        n_points = int(-(-(contact.end_s - first_s) // step_s)) + POINTS // 2 + 1
        n_points = min(n_points, int((known_s[1] - first_s) // step_s) + 1)
        if n_points >= POINTS and first_s + (n_points - 1) * step_s >= contact.end_s:
            break
    return first_s + step_s * np.arange(n_points, dtype=np.float64)


def _target(satellite: Satellite) -> str:
    return re.sub(r"[^a-z0-9]", "", satellite.satellite_id.lower())[:10] or "satellite"


def _note(contact: Contact) -> str:
    return re.sub(r"[^A-Za-z0-9-]", "", contact.site_id)[:10]


def _cospar(designator: str) -> str:
    """``1976-039A`` as the ILRS writes it: 7603901; 0 where there is none, as for an orbit that is only wished for."""
    match = re.fullmatch(r"\d\d(\d\d)-(\d{3})([A-Z]{1,3})", designator)
    if match is None:
        return "0"
    year, launch, piece = match.groups()
    # A to Z without I and O, then AA …
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    number = 0
    for letter in piece:
        number = number * len(letters) + letters.find(letter) + 1
    return f"{year}{launch}{number:02d}"
