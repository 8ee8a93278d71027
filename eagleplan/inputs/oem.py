"""CCSDS Orbit Ephemeris Messages (502.0-B-3) in KVN and XML: an operator's own table of states.

Frames are reduced to the four that the planner knows, time scales to UTC. Covariances and accelerations are
skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Literal, cast

import numpy as np

from eagleplan.errors import InputError, Problem
from eagleplan.inputs.instants import ccsds_instant
from eagleplan.inputs.keyword_text import Entry, kvn_entry
from eagleplan.inputs.message_xml import read_messages
from eagleplan.inputs.table import finite, whole
from eagleplan.model import TabulatedEphemeris
from eagleplan.units import FloatArray, read_only

Frame = Literal["TEME", "ITRF", "GCRF", "EME2000"]
Interpolation = Literal["lagrange", "hermite"]

_FRAMES: Mapping[str, Frame] = {
    "TEME": "TEME",
    "GCRF": "GCRF",
    "ICRF": "GCRF",
    "EME2000": "EME2000",
    "J2000": "EME2000",
}
_METHODS: Mapping[str, tuple[Interpolation, int]] = {
    "LAGRANGE": ("lagrange", 7),
    "HERMITE": ("hermite", 7),
    "LINEAR": ("lagrange", 1),
}
"""Method, and the degree that is taken where the message gives none."""

_TAI_OFFSETS_S: Mapping[str, float] = {"TAI": 0.0, "TT": 32.184, "GPS": -19.0}
"""Time scale minus TAI; GPS started at TAI − 19 s (IS-GPS-200)."""

_EPOCH = "must be an epoch such as 2026-06-13T20:27:46.166112"
_STATE = ("EPOCH", "X", "Y", "Z", "X_DOT", "Y_DOT", "Z_DOT")


@dataclass(slots=True)
class _Segment:
    """One segment as written: its metadata, and (line, seven cells) of each state."""

    line: int | None
    meta: dict[str, Entry] = field(default_factory=dict)
    states: list[tuple[int | None, list[str]]] = field(default_factory=list)


def parse_oem(text: str, path: str) -> tuple[TabulatedEphemeris, ...]:
    """Every ephemeris message of the text; raises InputError with all problems."""
    problems: list[Problem] = []
    if text.lstrip("\ufeff \t\r\n").startswith("<"):
        messages = [list(_xml_segments(leaves)) for leaves in read_messages(text, path, "oem")]
    else:
        messages = _kvn_messages(text, path, problems)
    if not any(messages) and not problems:
        problems.append(Problem(path=path, message="the file holds no orbit ephemeris message"))
    found = [_ephemeris(segments, path, problems) for segments in messages if segments]
    if problems:
        raise InputError(sorted(problems, key=lambda problem: problem.line or 0))
    return tuple(cast("TabulatedEphemeris", ephemeris) for ephemeris in found)


def _kvn_messages(text: str, path: str, problems: list[Problem]) -> list[list[_Segment]]:
    messages: list[list[_Segment]] = []
    part = "header"
    for number, raw in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        line = raw.strip()
        if not line or line.startswith("COMMENT"):
            continue
        if line.startswith("CCSDS_OEM_VERS"):
            messages.append([])
            part = "header"
        elif line == "META_START":
            messages = messages or [[]]
            messages[-1].append(_Segment(line=number))
            part = "meta"
        elif line in ("META_STOP", "COVARIANCE_STOP"):
            part = "data"
        elif line == "COVARIANCE_START":
            part = "covariance"
        elif part == "meta":
            entry = kvn_entry(line, number)
            if entry is None:
                got = f"“{line[:40]}”"
                problems.append(Problem(path=path, line=number, message="must be KEYWORD = value", got=got))
            else:
                messages[-1][-1].meta.setdefault(*entry)
        elif part == "data":
            messages[-1][-1].states.append((number, line.split()))
    return messages


def _xml_segments(leaves: list[tuple[str, Entry]]) -> Iterator[_Segment]:
    segment: _Segment | None = None
    state: list[str] = []
    for name, entry in leaves:
        if name == "OBJECT_NAME":
            if segment is not None:
                yield segment
            segment, state = _Segment(line=entry.line), []
        if segment is None or name == "COMMENT":
            continue
        if name == "EPOCH":
            state = [entry.text]
        elif name in _STATE:
            state.append(entry.text)
            if name == "X":
                # Only now is it a state: covariances begin with an epoch too.
                segment.states.append((entry.line, state))
        elif not segment.states and not state:
            segment.meta.setdefault(name, entry)
    if segment is not None:
        yield segment


def _ephemeris(segments: list[_Segment], path: str, problems: list[Problem]) -> TabulatedEphemeris | None:
    """The message's table, or None with the reasons in `problems`."""
    before = len(problems)
    shared = [_metadata(segment, path, problems) for segment in segments]
    if len(set(shared)) > 1:
        message = "all segments must have the object, frame, time scale and interpolation of the first"
        other = next(segment for segment, meta in zip(segments, shared, strict=True) if meta != shared[0])
        problems.append(Problem(path=path, line=other.line, message=message))
    tables = [_states(segment, path, problems) for segment in segments]
    if len(problems) > before:
        return None
    meta = shared[0]
    instants = np.concatenate([instants for instants, _ in tables])
    states = np.concatenate([states for _, states in tables])
    shift_s = _utc_shift_s(meta.time_scale, instants[0])
    zero = instants[0]
    t_s = (instants - zero) / np.timedelta64(1, "s")
    starts = np.cumsum([0, *(len(instants) for instants, _ in tables)])
    useable = []
    for segment, first, end in zip(segments, starts[:-1], starts[1:], strict=True):
        useable.append(_useable(segment, zero, (t_s[first], t_s[end - 1]), meta, path, problems))
    for segment, (earlier, later) in zip(segments[1:], pairwise(useable), strict=True):
        if later[0] < earlier[1]:
            message = "the segment begins before the one before it ends"
            problems.append(Problem(path=path, line=segment.line, message=message))
    if len(problems) > before:
        return None
    microseconds = int((zero - np.datetime64(0, "ns")) / np.timedelta64(1, "us"))
    epoch_utc = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds, seconds=shift_s)
    return TabulatedEphemeris(
        name=meta.name,
        catalog_id=int(meta.object_id) if meta.object_id.isdecimal() else None,
        international_designator=meta.object_id,
        epoch_utc=epoch_utc,
        frame=meta.frame,
        t_s=read_only(t_s),
        position_km=read_only(states[:, :3]),
        velocity_km_s=read_only(states[:, 3:]),
        segment_starts=tuple(int(start) for start in starts[:-1]),
        useable_s=tuple(useable),
        interpolation=meta.interpolation,
        interpolation_degree=meta.degree,
        origin=path if segments[0].line is None else f"{path}:{segments[0].line}",
    )


@dataclass(frozen=True, slots=True)
class _Meta:
    """What all segments of a message share."""

    name: str
    object_id: str
    frame: Frame
    time_scale: str
    interpolation: Interpolation
    degree: int


def _metadata(segment: _Segment, path: str, problems: list[Problem]) -> _Meta:
    def value(key: str, known: Callable[[str], bool], rule: str, default: str | None = None) -> str:
        entry = segment.meta.get(key)
        if entry is None or not entry.text:
            if default is None:
                problems.append(Problem(path=path, line=segment.line, field=key, message="is required"))
            return default or ""
        text = entry.text if key.startswith("OBJECT") else entry.text.upper()
        if not known(text):
            problems.append(Problem(path=path, line=entry.line, field=key, message=rule, got=entry.text))
        return text

    name = value("OBJECT_NAME", bool, "is required")
    object_id = value("OBJECT_ID", bool, "is required")
    value("CENTER_NAME", lambda text: text == "EARTH", "must be EARTH")
    scales = ("UTC", *_TAI_OFFSETS_S)
    scale = value("TIME_SYSTEM", lambda text: text in scales, f"must be one of {', '.join(scales)}")
    frames = f"must be one of {', '.join(_FRAMES)}, ITRF"
    frame = value("REF_FRAME", lambda text: text in _FRAMES or text.startswith("ITRF"), frames)
    methods = f"must be one of {', '.join(_METHODS)}"
    method = value("INTERPOLATION", lambda text: text in _METHODS, methods, "HERMITE")
    interpolation, usual = _METHODS.get(method, ("hermite", 7))
    degrees = "must be a whole number from 1 to 30"
    degree = whole(value("INTERPOLATION_DEGREE", lambda text: 0 < (whole(text) or 0) <= 30, degrees, str(usual)))
    needed = (degree or 1) + 1 if interpolation == "lagrange" else -(-((degree or 1) + 1) // 2)
    if len(segment.states) < max(2, needed):
        message = f"a segment with this interpolation needs at least {max(2, needed)} states"
        problems.append(Problem(path=path, line=segment.line, message=message, got=str(len(segment.states))))
    return _Meta(
        name=name,
        object_id=object_id,
        frame=_FRAMES.get(frame, "ITRF"),
        time_scale=scale,
        interpolation=interpolation,
        degree=degree or 1,
    )


def _states(segment: _Segment, path: str, problems: list[Problem]) -> tuple[np.ndarray, FloatArray]:
    """Instants (n,) as datetime64[ns] in the message's time scale, and states (n, 6) in km and km/s."""
    before = len(problems)
    for line, cells in segment.states:
        # Three accelerations may follow; they are not needed.
        if len(cells) not in (7, 10):
            message = "a state must have an epoch and 6 or 9 numbers"
            problems.append(Problem(path=path, line=line, message=message, got=str(len(cells))))
        elif wrong := [cell for cell in cells[1:7] if finite(cell) is None]:
            problems.append(Problem(path=path, line=line, message="must be a finite number", got=wrong[0]))
        elif _instant(cells[0]) is None:
            problems.append(Problem(path=path, line=line, field="EPOCH", message=_EPOCH, got=cells[0]))
    if len(problems) > before or not segment.states:
        return np.empty(0, "datetime64[ns]"), np.empty((0, 6))
    times = np.array([_instant(cells[0]) for _, cells in segment.states], dtype="datetime64[ns]")
    states = np.array([cells[1:7] for _, cells in segment.states], dtype=np.float64)
    for at in np.flatnonzero(np.diff(times) <= np.timedelta64(0, "ns"))[:5]:
        line, cells = segment.states[int(at) + 1]
        message = "epochs must increase"
        problems.append(Problem(path=path, line=line, field="EPOCH", message=message, got=cells[0]))
    for at in np.flatnonzero(np.linalg.norm(states[:, :3], axis=1) < 6300.0)[:5]:
        line, _ = segment.states[int(at)]
        message = "the position must be outside the Earth (km)"
        got = f"{np.linalg.norm(states[at, :3]):.1f}"
        problems.append(Problem(path=path, line=line, message=message, got=got))
    return times, states


def _instant(raw: str) -> np.datetime64 | None:
    """To the nanosecond, as tables of states have more digits than a datetime."""
    whole_second, dot, fraction = raw.removesuffix("Z").partition(".")
    instant = ccsds_instant(whole_second)
    if instant is None or (dot and not fraction.isdecimal()):
        return None
    return np.datetime64(instant.replace(tzinfo=None), "ns") + np.timedelta64(int(f"{fraction:0<9.9}"), "ns")


def _useable(
    segment: _Segment,
    zero: np.datetime64,
    covered_s: tuple[float, float],
    meta: _Meta,
    path: str,
    problems: list[Problem],
) -> tuple[float, float]:
    span = [float(covered_s[0]), float(covered_s[1])]
    for at, key in enumerate(("USEABLE_START_TIME", "USEABLE_STOP_TIME")):
        entry = segment.meta.get(key)
        if entry is None or not entry.text:
            continue
        instant = _instant(entry.text)
        if instant is None:
            problems.append(Problem(path=path, line=entry.line, field=key, message=_EPOCH, got=entry.text))
            continue
        second = float((instant - zero) / np.timedelta64(1, "s"))
        if not covered_s[0] <= second <= covered_s[1]:
            message = "must lie within the segment's states"
            problems.append(Problem(path=path, line=entry.line, field=key, message=message, got=entry.text))
        span[at] = second
    if not span[0] < span[1]:
        problems.append(Problem(path=path, line=segment.line, message="the useable span must not be empty"))
    return span[0], span[1]


def _utc_shift_s(scale: str, instant: np.datetime64) -> float:
    """What to add to an instant in `scale` to have UTC, with the leap seconds of its day."""
    if scale == "UTC":
        return 0.0
    from erfa import dat

    day = instant.astype("datetime64[D]").item()
    return -float(dat(day.year, day.month, day.day, 0.0)) - _TAI_OFFSETS_S[scale]
