"""``traces.json``: how the chosen contacts go, for drawings; rounded by the rules of ``plan.json``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, Self, TypeVar

import numpy as np
from pydantic import Field, model_validator

from eagleplan.model import ContactTrace, KeyGrowth, LinkTrace, Plan, SkyTrack
from eagleplan.report.document import HorizonPart
from eagleplan.report.index import PlanIndex
from eagleplan.report.part import Degrees, Fraction, Part, restore
from eagleplan.report.reading import read_document
from eagleplan.units import FloatArray, read_only

TRACES_NAME = "traces.json"
SCHEMA_VERSION: Literal[1] = 1
KIND: Literal["eagleplan-traces"] = "eagleplan-traces"

Series = Annotated[tuple[float, ...], Field(min_length=1)]
WholeSeries = Annotated[tuple[int, ...], Field(min_length=1)]


class SeriesPart(Part):
    """Series that belong together, one value for each instant of `t_s`."""

    @model_validator(mode="after")
    def _have_one_length(self) -> Self:
        found = {name: value for name, value in _flat(self) if isinstance(value, tuple)}
        n = len(found["t_s"])
        wrong = [f"{name} has {len(series)}" for name, series in found.items() if len(series) != n]
        if wrong:
            raise ValueError(f"must have {n} values in every series, as t_s: {', '.join(wrong)}")
        return self


class TrackPart(SeriesPart):
    """From rise to set."""

    t_s: Series
    azimuth_deg: Series
    elevation_deg: Series
    """Geometric, as every elevation here."""
    latitude_deg: Series
    """WGS84, of the point below the satellite."""
    longitude_deg: Series
    height_km: Series


class LinkPart(SeriesPart):
    """The window that the contact lies in, at the middles of whole seconds."""

    t_s: Series
    elevation_deg: Series
    range_km: Series
    terms_db: Mapping[str, Series]
    """In the order of the light."""
    background_per_detector_cps: Series
    """Clicks that no signal photon causes; to 3 decimals."""


class GrowthPart(SeriesPart):
    """What the proof would grant if the contact ended then."""

    t_s: WholeSeries
    secret_bits: WholeSeries
    sifted_bits: Series
    first_key_s: int | None
    """First whole second with key; null where there is none."""


class TracePart(Part):
    contact_id: str
    track: TrackPart
    link: LinkPart | None
    growth: GrowthPart | None
    """Null where the outcome of the contact is known."""
    sun_azimuth_deg: Degrees
    """At the middle of the contact, as the next four."""
    sun_elevation_deg: Degrees
    moon_azimuth_deg: Degrees
    moon_elevation_deg: Degrees
    moon_illuminated_frac: Fraction


class TracesDocument(Part):
    """How the chosen contacts of a plan go; seconds count from the horizon's start."""

    kind: Literal["eagleplan-traces"]
    schema_version: Literal[1]
    name: str
    horizon: HorizonPart
    contacts: tuple[TracePart, ...]
    """In the order of the plan's contacts."""


_Part = TypeVar("_Part", bound=SeriesPart)
_Model = TypeVar("_Model", SkyTrack, LinkTrace, KeyGrowth)


def traces_json(plan: Plan, traces: Sequence[ContactTrace]) -> bytes:
    """UTF-8, a series a line; raises ValueError if a trace holds a NaN or an infinity."""
    content = traces_document(plan, traces).model_dump(mode="json")
    return ("".join(_lines(content)) + "\n").encode()


def read_traces(data: bytes, path: str = TRACES_NAME) -> tuple[ContactTrace, ...]:
    """The traces of a ``traces.json``, exactly; raises InputError with everything that is wrong with its shape."""
    return _traces(read_document(data, path, TracesDocument, KIND, SCHEMA_VERSION))


def traces_as_stored(plan: Plan, traces: Sequence[ContactTrace]) -> tuple[ContactTrace, ...]:
    """The traces as their file states them, with the file's order and rounding."""
    return _traces(traces_document(plan, traces))


def traces_document(plan: Plan, traces: Sequence[ContactTrace]) -> TracesDocument:
    """The traces in the shape of their file; raises ValueError for one of a contact that the plan does not have."""
    place = {contact.contact_id: number for number, contact in enumerate(PlanIndex(plan).contacts)}
    strangers = sorted({trace.contact_id for trace in traces} - place.keys())
    if strangers:
        raise ValueError(f"traces of contacts that the plan does not have: {', '.join(strangers)}")
    return TracesDocument.of(
        plan,
        kind=KIND,
        schema_version=SCHEMA_VERSION,
        horizon=HorizonPart.of(plan.horizon),
        contacts=tuple(_trace(trace) for trace in sorted(traces, key=lambda trace: place[trace.contact_id])),
    )


def _trace(trace: ContactTrace) -> TracePart:
    link, growth = trace.link, trace.growth
    return TracePart.of(
        trace,
        track=_rounded(TrackPart, trace.track),
        link=None
        if link is None
        else _rounded(LinkPart, link, terms_db={name: _series(loss, 4) for name, loss in link.terms_db.items()}),
        growth=None
        if growth is None
        else GrowthPart.of(
            growth,
            t_s=tuple(growth.t_s.astype(np.int64).tolist()),
            secret_bits=tuple(growth.secret_bits.astype(np.int64).tolist()),
            sifted_bits=_series(growth.sifted_bits, 3),
        ),
    )


def _rounded(kind: type[_Part], source: object, **more: object) -> _Part:
    series = {
        name: _series(getattr(source, name), 4 if name.endswith("_deg") else 3)
        for name in kind.model_fields
        if name not in more
    }
    return kind.of(source, **series, **more)


def _series(values: FloatArray, digits: int) -> tuple[float, ...]:
    return tuple((np.round(values, digits) + 0.0).tolist())


def _traces(document: TracesDocument) -> tuple[ContactTrace, ...]:
    return tuple(
        restore(
            ContactTrace,
            part,
            track=_restored(SkyTrack, part.track),
            link=None
            if part.link is None
            else _restored(
                LinkTrace,
                part.link,
                terms_db={name: read_only(loss) for name, loss in part.link.terms_db.items()},
            ),
            growth=None if part.growth is None else _restored(KeyGrowth, part.growth),
        )
        for part in document.contacts
    )


def _restored(kind: type[_Model], part: SeriesPart, **more: object) -> _Model:
    series = {name: read_only(value) for name, value in _flat(part) if isinstance(value, tuple) and "." not in name}
    return restore(kind, part, **series, **more)


def _flat(part: SeriesPart) -> Iterator[tuple[str, object]]:
    """Field → value, with the series of a table under ``table.name``."""
    for name in type(part).model_fields:
        value = getattr(part, name)
        if isinstance(value, Mapping):
            yield from ((f"{name}.{key}", series) for key, series in value.items())
        else:
            yield name, value


def _lines(value: Any, indent: str = "\n") -> Iterator[str]:
    """JSON, indented by two spaces, with every list of numbers on one line."""
    deeper = indent + "  "
    if isinstance(value, Mapping) and value:
        for number, (name, inner) in enumerate(value.items()):
            yield ("," if number else "{") + deeper + json.dumps(name, ensure_ascii=False) + ": "
            yield from _lines(inner, deeper)
        yield indent + "}"
    elif isinstance(value, list) and value and isinstance(value[0], Mapping):
        for number, inner in enumerate(value):
            yield ("," if number else "[") + deeper
            yield from _lines(inner, deeper)
        yield indent + "]"
    else:
        yield json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
