"""Forecasts in the shape of Open-Meteo's answers: one location, or a list of them.

A location has `latitude`, `longitude`, `utc_offset_seconds`, `hourly_units` and `hourly`, in which `time` stands beside
`cloud_cover` in per cent and, if asked for, `cloud_cover_low`, `_mid`, `_high`. An ensemble's answer has the control
run under these names and the members under `cloud_cover_member01` and so on. Times are local to `utc_offset_seconds`,
or with `timeformat=unixtime` seconds of UTC. The answer does not say when the run was made.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from eagleplan.errors import InputError, Problem
from eagleplan.inputs.forecast import LAYERS, CloudSeries, uneven_steps
from eagleplan.units import FloatArray, read_only

_VARIABLE = re.compile(r"cloud_?cover(?:_(low|mid|high))?(?:_member(\d+))?")
_LOCAL_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?", re.ASCII)
_HINT = "ask for hourly=cloud_cover,cloud_cover_low,cloud_cover_mid,cloud_cover_high, of one model"

_Values = FloatArray
"""Per cent at each time; NaN where the answer has null."""

_NUMBERS = {int, float, type(None)}


def parse_open_meteo(text: str, path: str) -> tuple[CloudSeries, ...]:
    """The locations of the answer, in its order; raises InputError with all problems, each with its JSON path."""
    try:
        # NaN and Infinity are no JSON: as words they are refused like any other word.
        content = json.loads(text, parse_constant=str)
    except json.JSONDecodeError as error:
        message = f"is not JSON: {error.msg[:1].lower()}{error.msg[1:]}"
        raise InputError(Problem(path=path, line=error.lineno, message=message)) from None
    except (RecursionError, ValueError) as error:
        raise InputError(Problem(path=path, message=f"is not JSON that can be read: {error}")) from None
    if isinstance(content, Mapping) and content.get("error"):
        raise InputError(Problem(path=path, message=f"is the service's refusal: {content.get('reason', 'no reason')}"))
    problems: list[Problem] = []
    if isinstance(content, list):
        found = [_Location(path, f"[{i}]", problems).read(one) for i, one in enumerate(content)]
        if not content:
            problems.append(Problem(path=path, message="holds no location"))
    else:
        found = [_Location(path, "", problems).read(content)]
    if problems:
        raise InputError(problems)
    return tuple(series for series in found if series is not None)


class _Location:
    """One location on its way to a series; problems are collected with their JSON paths."""

    def __init__(self, path: str, at: str, problems: list[Problem]) -> None:
        self._path, self._at, self._problems = path, at, problems

    def wrong(self, field: str, message: str, got: object = None, hint: str | None = None) -> None:
        where = f"{self._at}.{field}".lstrip(".") if field else self._at or None
        shown = None if got is None else json.dumps(got, ensure_ascii=False)[:60]
        self._problems.append(Problem(path=self._path, field=where, message=message, got=shown, hint=hint))

    def read(self, content: object) -> CloudSeries | None:
        before = len(self._problems)
        if not isinstance(content, Mapping):
            self.wrong("", "must be an object", content)
            return None
        hourly = content.get("hourly")
        if not isinstance(hourly, Mapping):
            self.wrong("hourly", "must be an object", hourly, _HINT)
            return None
        units = content.get("hourly_units", {})
        place = (self._degrees(content, "latitude", 90.0), self._degrees(content, "longitude", 360.0))
        times = self._times(hourly.get("time"), units if isinstance(units, Mapping) else {}, content)
        variables = self._variables(hourly, units if isinstance(units, Mapping) else {}, len(times))
        if times:
            for i, message in uneven_steps(times):
                self.wrong(f"hourly.time[{i}]", message, hourly["time"][i])
        kept = self._kept(variables, len(times))
        if len(self._problems) > before or kept is None:
            return None
        return CloudSeries(
            place=place,
            issued_utc=None,
            times_utc=tuple(times[kept]),
            cover_frac={
                layer: read_only(np.array([members[n][kept] for n in sorted(members)]) / 100.0)
                for layer, members in variables.items()
            },
            field=self._at or None,
        )

    def _degrees(self, content: Mapping[str, Any], name: str, most: float) -> float:
        value = content.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= most:
            self.wrong(name, f"must be a number of degrees within ±{most:g}", value)
            return 0.0
        return float(value)

    def _times(self, raw: object, units: Mapping[str, Any], content: Mapping[str, Any]) -> list[datetime]:
        if not isinstance(raw, list) or not raw:
            self.wrong("hourly.time", "must be a list of times", raw)
            return []
        unix = units.get("time") == "unixtime" or (not isinstance(raw[0], str) and "time" not in units)
        offset = 0 if unix else content.get("utc_offset_seconds")
        if isinstance(offset, bool) or not isinstance(offset, int | float) or not abs(offset) <= 86_400:
            self.wrong("utc_offset_seconds", "is needed: the times of the file have no zone of their own", offset)
            return []
        times: list[datetime] = []
        for i, value in enumerate(raw):
            instant = _unix(value) if unix else _local(value, float(offset))
            if instant is None:
                expected = "seconds since 1970" if unix else "a time such as 2026-11-30T18:00"
                self.wrong(f"hourly.time[{i}]", f"must be {expected}", value)
            else:
                times.append(instant)
        return times if len(times) == len(raw) else []

    def _variables(
        self, hourly: Mapping[str, Any], units: Mapping[str, Any], n_times: int
    ) -> dict[str, dict[int, _Values]]:
        """Layer → member → values in per cent."""
        found: dict[str, dict[int, _Values]] = {}
        for name, values in hourly.items():
            if not name.replace("_", "").startswith("cloudcover"):
                continue
            matched = _VARIABLE.fullmatch(name)
            if matched is None:
                self.wrong(f"hourly.{name}", "is no cloud cover of a layer or member", hint=_HINT)
                continue
            if units.get(name, "%") != "%":
                self.wrong(f"hourly_units.{name}", 'must be "%"', units[name])
            if not isinstance(values, list) or (n_times and len(values) != n_times):
                n = len(values) if isinstance(values, list) else values
                self.wrong(f"hourly.{name}", f"must hold {n_times} values, one for each time", n)
                continue
            layer = matched[1] or "total"
            found.setdefault(layer, {})[int(matched[2] or 0)] = self._per_cent(name, values)
        layers = [layer for layer in LAYERS if layer in found]
        if not found:
            self.wrong("hourly.cloud_cover", "is missing", hint=_HINT)
        elif layers and len(layers) < len(LAYERS):
            for layer in LAYERS:
                if layer not in found:
                    self.wrong(f"hourly.cloud_cover_{layer}", "is missing: the three layers come together", hint=_HINT)
        else:
            self._same_members(found)
        return found

    def _same_members(self, found: Mapping[str, Mapping[int, _Values]]) -> None:
        first, reference = next(iter(found.items()))
        for layer, members in found.items():
            for member in sorted(set(members) ^ set(reference)):
                lacking = layer if member not in members else first
                self.wrong(f"hourly.{_name(lacking, member)}", "is missing")

    def _per_cent(self, name: str, values: list[Any]) -> _Values:
        kinds = set(map(type, values))
        numbers = values if kinds <= _NUMBERS else [value if type(value) in _NUMBERS else -1.0 for value in values]
        checked = np.array(numbers, dtype=np.float64)
        for i in np.flatnonzero((checked < 0.0) | (checked > 100.0)).tolist():
            self.wrong(f"hourly.{name}[{i}]", "must be between 0 and 100 %", values[i])
        return checked

    def _kept(self, variables: Mapping[str, Mapping[int, _Values]], n_times: int) -> slice | None:
        """The times from the first to the last with a value of every variable: a model may end before the answer."""
        series = [(layer, member, values) for layer, members in variables.items() for member, values in members.items()]
        if not n_times or any(len(values) != n_times for _, _, values in series):
            return None
        complete = np.flatnonzero(~np.any([np.isnan(values) for _, _, values in series], axis=0))
        if not len(complete):
            self.wrong("hourly", "holds no hour with a value of every variable")
            return None
        kept = slice(int(complete[0]), int(complete[-1]) + 1)
        for layer, member, values in series:
            for i in (kept.start + np.flatnonzero(np.isnan(values[kept]))).tolist():
                self.wrong(
                    f"hourly.{_name(layer, member)}[{i}]", "is missing between hours that have a value", hint=_HOLES
                )
        return kept


_HOLES = "a run may begin late or end early, but has no holes"


def _name(layer: str, member: int) -> str:
    return "cloud_cover" + ("" if layer == "total" else f"_{layer}") + (f"_member{member:02d}" if member else "")


def _unix(value: object) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e11:
        return None
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=math.floor(value))


def _local(value: object, offset_s: float) -> datetime | None:
    if not isinstance(value, str) or not _LOCAL_TIME.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value).replace(tzinfo=UTC) - timedelta(seconds=offset_s)
    except ValueError:
        return None
