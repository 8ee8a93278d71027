"""Forecasts as GRIB: total, low, middle and high cloud cover, by ensemble member and step.

The messages are read with ecCodes itself, the library under cfgrib, since it takes bytes: a plan keeps its inputs as
bytes, and cfgrib wants a path and writes an index beside it. ecCodes comes with the extra ``grib``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np

from eagleplan.errors import InputError, Problem
from eagleplan.inputs.forecast import LAYERS, MAX_DISTANCE_KM, CloudSeries, uneven_steps
from eagleplan.units import read_only

_LAYER_OF_NUMBER = {1: "total", 3: "low", 4: "mid", 5: "high"}
"""WMO's GRIB2 code table 4.2, discipline 0 (meteorology), category 6 (cloud): all in per cent."""

_LAYER_OF_NAME = {"tcc": "total", "lcc": "low", "mcc": "mid", "hcc": "high"}
"""ecCodes' names, for GRIB1 and for the numbers of single centres; ECMWF's own are fractions."""

_SCALE = {"%": 0.01, "(0 - 1)": 1.0}

_MISSING = 9999.0


@dataclass(slots=True)
class _Run:
    issued_utc: datetime
    values: dict[str, dict[int, dict[datetime, dict[str, float]]]] = field(default_factory=dict)
    """layer → member → valid time → site → cover fraction"""


def parse_grib(data: bytes, path: str, places: Mapping[str, tuple[float, float]]) -> tuple[CloudSeries, ...]:
    """Cloud cover at the grid point nearest to each place (site id → latitude, longitude in degrees), one series a
    place.

    Per cent or fraction, as the message's units say; other quantities are passed over. Raises InputError with all
    problems, and where ecCodes is not installed.
    """
    try:
        import eccodes
    except (ImportError, RuntimeError) as error:
        message = f"is GRIB, which needs ecCodes: {error}"
        raise InputError(Problem(path=path, message=message, hint="pip install 'eagleplan[grib]'")) from None
    problems: list[Problem] = []
    runs: dict[datetime, _Run] = {}
    indices: dict[str, dict[str, int]] = {}
    for number, encoded in enumerate(_messages(data, path), 1):
        handle = eccodes.codes_new_from_message(encoded)
        try:
            _read(eccodes, handle, places, indices, runs)
        except (eccodes.CodesInternalError, ValueError) as error:
            problems.append(Problem(path=path, field=f"message {number}", message=str(error)))
        finally:
            eccodes.codes_release(handle)
    if not problems and not runs:
        problems.append(Problem(path=path, message="holds no cloud cover (tcc, lcc, mcc, hcc)"))
    if len(runs) > 1:
        listed = ", ".join(f"{issued:%Y-%m-%dT%H:%MZ}" for issued in sorted(runs))
        problems.append(Problem(path=path, message="must hold one run", got=listed))
    found: list[CloudSeries] = []
    for run in runs.values():
        _check(run, lambda where, text: problems.append(Problem(path=path, field=where, message=text)))
        if not problems:
            series = [_series(run, site_id) for site_id in _reached(run, places)]
            # Where every value is missing, the site lies outside the model; where only some are, hours are lost.
            found = [one for one in series if not all(np.isnan(cover).all() for cover in one.cover_frac.values())]
            for one in found:
                if any(np.isnan(cover).any() for cover in one.cover_frac.values()):
                    problems.append(
                        Problem(path=path, field=str(one.place), message="values are missing over the site")
                    )
            if not found:
                problems.append(Problem(path=path, message="covers none of the sites"))
    if problems:
        raise InputError(problems)
    return tuple(found)


def _messages(data: bytes, path: str) -> Iterator[bytes]:
    at = data.find(b"GRIB")
    if at < 0:
        hint = "decompress it first" if data[:3] in (b"BZh", b"\x1f\x8b\x08") else None
        raise InputError(Problem(path=path, message="is not GRIB", hint=hint))
    while at >= 0:
        edition = data[at + 7] if len(data) > at + 7 else 0
        length = int.from_bytes(data[at + 8 : at + 16] if edition == 2 else data[at + 4 : at + 7], "big")
        message = data[at : at + length]
        if edition not in (1, 2) or length < 16 or not message.endswith(b"7777"):
            raise InputError(Problem(path=path, field=f"byte {at}", message="is a GRIB message that is cut or broken"))
        yield message
        at = data.find(b"GRIB", at + length)


def _read(
    eccodes: Any,
    handle: Any,
    places: Mapping[str, tuple[float, float]],
    indices: dict[str, dict[str, int]],
    runs: dict[datetime, _Run],
) -> None:
    layer, scale = _layer_and_scale(eccodes, handle)
    if layer is None:
        return

    def instant(day: str, clock: str) -> datetime:
        date, time = eccodes.codes_get_long(handle, day), eccodes.codes_get_long(handle, clock)
        return datetime(date // 10000, date // 100 % 100, date % 100, time // 100, time % 100, tzinfo=UTC)

    issued_utc = instant("dataDate", "dataTime")
    valid_utc = instant("validityDate", "validityTime")
    member = eccodes.codes_get_long(handle, "number") if eccodes.codes_is_defined(handle, "number") else 0
    grid = eccodes.codes_get_string(handle, "md5GridSection")
    if grid not in indices:
        indices[grid] = _nearest(eccodes, handle, places)
    eccodes.codes_set(handle, "missingValue", _MISSING)
    values = eccodes.codes_get_values(handle)
    run = runs.setdefault(issued_utc, _Run(issued_utc))
    at_time = run.values.setdefault(layer, {}).setdefault(member, {}).setdefault(valid_utc, {})
    for site_id, index in indices[grid].items():
        cover = float(values[index])
        if cover == _MISSING:
            cover = math.nan
        elif not -1e-6 <= cover * scale <= 1.0 + 1e-6:
            got = f"(got {100 * cover * scale:g} % over {site_id})"
            raise ValueError(f"{layer} cloud cover must be between 0 and 100 % {got}")
        if site_id in at_time:
            raise ValueError(
                f"gives {layer} cloud cover of {valid_utc:%Y-%m-%dT%H:%MZ}, member {member}, a second time"
            )
        # Packing rounds a full cover to a hair above one.
        at_time[site_id] = float(np.clip(cover * scale, 0.0, 1.0))


def _nearest(eccodes: Any, handle: Any, places: Mapping[str, tuple[float, float]]) -> dict[str, int]:
    """Site → index of its grid point; without the sites that a regional model does not reach."""
    found: dict[str, int] = {}
    for site_id, (latitude, longitude) in places.items():
        try:
            point = eccodes.codes_grib_find_nearest(handle, latitude, longitude)[0]
        except eccodes.OutOfAreaError:
            continue
        if point.distance <= MAX_DISTANCE_KM:
            found[site_id] = point.index
    return found


def _layer_and_scale(eccodes: Any, handle: Any) -> tuple[str | None, float]:
    """Which cloud a message holds, and what makes a fraction of its values; None for anything else."""
    if eccodes.codes_get_long(handle, "edition") == 2:
        table = [eccodes.codes_get_long(handle, key) for key in ("discipline", "parameterCategory")]
        number = eccodes.codes_get_long(handle, "parameterNumber")
        if table == [0, 6] and number in _LAYER_OF_NUMBER:
            return _LAYER_OF_NUMBER[number], 0.01
    layer = _LAYER_OF_NAME.get(eccodes.codes_get_string(handle, "shortName"))
    units = eccodes.codes_get_string(handle, "units")
    if layer is not None and units not in _SCALE:
        raise ValueError(f"{layer} cloud cover has unknown units ({units})")
    return layer, _SCALE.get(units, 1.0)


def _check(run: _Run, wrong: Callable[[str, str], None]) -> None:
    layers = [layer for layer in LAYERS if layer in run.values]
    if layers and len(layers) < len(LAYERS):
        missing = ", ".join(layer for layer in LAYERS if layer not in layers)
        wrong("layers", f"{missing} cloud is missing: the three layers come together")
    series = {
        (layer, member): sorted(times) for layer, members in run.values.items() for member, times in members.items()
    }
    (first_layer, first_member), reference = next(iter(series.items()))
    for (layer, member), times in series.items():
        if times != reference:
            wrong(f"{layer}, member {member}", f"must have the times of {first_layer}, member {first_member}")
    if len({tuple(sorted(members)) for members in run.values.values()}) > 1:
        wrong("number", "every layer must have the same members")
    for i, message in uneven_steps(reference):
        wrong(f"{reference[i]:%Y-%m-%dT%H:%MZ}", message)


def _reached(run: _Run, places: Mapping[str, tuple[float, float]]) -> list[str]:
    """The sites that have a value in every message."""
    messages = [sites for members in run.values.values() for times in members.values() for sites in times.values()]
    return [site_id for site_id in places if all(site_id in sites for sites in messages)]


def _series(run: _Run, site_id: str) -> CloudSeries:
    times = sorted(next(iter(next(iter(run.values.values())).values())))
    return CloudSeries(
        place=site_id,
        issued_utc=run.issued_utc,
        times_utc=tuple(times),
        cover_frac={
            layer: read_only(
                np.array([[members[member][time][site_id] for time in times] for member in sorted(members)])
            )
            for layer, members in run.values.items()
        },
    )
