"""Orbit files of any kind: what a file holds is told from its text, not from its name."""

from __future__ import annotations

import re

from eagleplan.errors import InputError, Problem
from eagleplan.inputs.suggest import did_you_mean
from eagleplan.model import MeanElements, TabulatedEphemeris

Orbit = MeanElements | TabulatedEphemeris

_TLE_LINE = re.compile(r"^1 [ 0-9A-Z]", re.MULTILINE)
_OEM = re.compile(r"^\s*CCSDS_OEM_VERS\s*=|<(\w+:)?oem[\s>]", re.MULTILINE)
_OMM = re.compile(r"\s*[<{\[]|(?s:.*)^\s*CCSDS_OMM_VERS|[^\n]*\b(NORAD_CAT_ID|EPOCH)\b", re.MULTILINE)


def parse_elements(text: str, path: str) -> tuple[Orbit, ...]:
    """Every orbit of a file: TLE, OMM (KVN, XML, JSON, CSV), OEM (KVN, XML).

    Raises InputError with all problems.
    """
    body = text.removeprefix("\ufeff")
    # A scenario needs one reader at most, and their imports are a part of every command's start.
    if _OEM.search(body):
        from eagleplan.inputs.oem import parse_oem

        return parse_oem(body, path)
    if _OMM.match(body):
        from eagleplan.inputs.omm import parse_omm

        return parse_omm(body, path)
    if _TLE_LINE.search(body):
        from eagleplan.inputs.tle import parse_tle

        return parse_tle(body, path)
    message = "is neither TLE nor a CCSDS orbit message"
    first = body.strip().split("\n")[0]
    raise InputError(Problem(path=path, line=1, message=message, got=f"“{first[:40]}”"))


def select_orbit(
    orbits: tuple[Orbit, ...], path: str, *, catalog_id: int | None = None, object_name: str | None = None
) -> Orbit:
    """The orbit of one object; of several element sets of it, the one with the latest epoch.

    Raises InputError if the choice fits no object, or more than one.
    """
    chosen = [
        orbit
        for orbit in orbits
        if catalog_id in (None, orbit.catalog_id)
        and (object_name is None or orbit.name.casefold() == object_name.casefold())
    ]
    wanted = " and ".join(
        [f"catalog_id {catalog_id}"] * (catalog_id is not None)
        + [f'object_name "{object_name}"'] * (object_name is not None)
    )
    if not chosen:
        hint = did_you_mean(object_name, (orbit.name for orbit in orbits)) if object_name else None
        raise InputError(Problem(path=path, message="holds no such object", got=wanted, hint=hint or _listed(orbits)))
    if len({(orbit.catalog_id, orbit.name) for orbit in chosen}) > 1:
        message = "holds several objects: choose one with catalog_id or object_name"
        raise InputError(Problem(path=path, message=message, got=wanted or None, hint=_listed(tuple(chosen))))
    return max(chosen, key=lambda orbit: orbit.epoch_utc)


def _listed(orbits: tuple[Orbit, ...]) -> str:
    names = [f"{orbit.catalog_id} {orbit.name}".strip() for orbit in orbits[:6]]
    return f"the file holds {', '.join(names)}{', …' if len(orbits) > 6 else ''}"
