"""`traces.json` holds traces whole, rounded once, small, and is refused where it makes no sense."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from eagleplan.errors import InputError
from eagleplan.model import Contact, ContactTrace, KeyGrowth, LinkTrace, Plan, SkyTrack
from eagleplan.report import read_traces, render, traces_as_stored, traces_json
from eagleplan.report.traces_json import GrowthPart, LinkPart, TracePart, TrackPart
from eagleplan.units import FloatArray, read_only

HALF_DEG, HALF_DB, HALF_MILLI = 5.001e-5, 5.001e-5, 5.001e-4


def _trace(contact: Contact, number: int) -> ContactTrace:
    rng = np.random.default_rng(number)

    def series(n: int, low: float, high: float) -> FloatArray:
        return read_only(np.sort(rng.uniform(low, high, n)))

    def seconds(n: int) -> FloatArray:
        return read_only(np.linspace(contact.start_s, contact.end_s, n).round())

    return ContactTrace(
        contact_id=contact.contact_id,
        track=SkyTrack(
            t_s=series(9, contact.start_s - 99.0, contact.end_s + 99.0),
            azimuth_deg=series(9, 0.0, 359.0),
            elevation_deg=series(9, 10.0, 89.0),
            latitude_deg=series(9, 30.0, 60.0),
            longitude_deg=series(9, -20.0, 20.0),
            height_km=series(9, 490.0, 510.0),
        ),
        link=None
        if number == 1
        else LinkTrace(
            t_s=seconds(7) + 0.5,
            elevation_deg=series(7, 20.0, 80.0),
            range_km=series(7, 500.0, 1500.0),
            terms_db={"diffraction": series(7, 10.0, 20.0), "a term, \u201equoted\u201c": series(7, 0.0, 1.0)},
            background_per_detector_cps=series(7, 100.0, 5e5),
        ),
        growth=None
        if number == 2
        else KeyGrowth(
            t_s=seconds(5),
            secret_bits=read_only([0.0, 0.0, 2.0**40 + 1.0, 12_345.0, contact.key.secret_bits]),
            sifted_bits=series(5, 0.0, 1e6),
            first_key_s=None if number == 3 else contact.start_s + 20,
        ),
        sun_azimuth_deg=123.456789,
        sun_elevation_deg=-33.333333,
        moon_azimuth_deg=12.0,
        moon_elevation_deg=-0.00000001,
        moon_illuminated_frac=0.123456789,
    )


@pytest.fixture(scope="module")
def traces(plan: Plan) -> tuple[ContactTrace, ...]:
    return tuple(_trace(contact, number) for number, contact in enumerate(plan.contacts))


def _leaves(value: object, prefix: str = "") -> dict[str, object]:
    """Every number, text and array of traces by its path."""
    if isinstance(value, ContactTrace | SkyTrack | LinkTrace | KeyGrowth):
        value = {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, dict):
        return {
            path: leaf for name, inner in value.items() for path, leaf in _leaves(inner, f"{prefix}.{name}").items()
        }
    return {prefix: value}


def _same(ours: object, theirs: object) -> bool:
    if isinstance(ours, np.ndarray) and isinstance(theirs, np.ndarray):
        return np.array_equal(ours, theirs)
    return ours == theirs


def test_what_is_read_is_what_was_stored(plan: Plan, traces: tuple[ContactTrace, ...]) -> None:
    stored, read = traces_as_stored(plan, traces), read_traces(traces_json(plan, traces))
    assert [trace.contact_id for trace in read] == [
        c.contact_id for c in sorted(plan.contacts, key=lambda c: c.start_s)
    ]
    for ours, theirs in zip(read, stored, strict=True):
        right = _leaves(theirs)
        assert _leaves(ours).keys() == right.keys()
        for path, leaf in _leaves(ours).items():
            assert _same(leaf, right[path]), path
    assert traces_json(plan, read) == traces_json(plan, traces)
    assert traces_json(plan, traces_as_stored(plan, stored)) == traces_json(plan, traces)


def test_nothing_but_digits_is_lost(plan: Plan, traces: tuple[ContactTrace, ...]) -> None:
    read = {trace.contact_id: trace for trace in read_traces(traces_json(plan, traces))}
    for trace in traces:
        right = _leaves(trace)
        for path, leaf in _leaves(read[trace.contact_id]).items():
            if isinstance(leaf, np.ndarray):
                half = HALF_DEG if path.endswith("_deg") else HALF_DB if "terms_db" in path else HALF_MILLI
                assert np.abs(leaf - right[path]).max() <= half, path
                assert not leaf.flags.writeable
            elif not isinstance(leaf, float):
                assert leaf == right[path], path
        was = trace.growth.secret_bits if trace.growth else None
        growth = read[trace.contact_id].growth
        assert was is None or (growth is not None and np.array_equal(growth.secret_bits, was)), "bits are exact"


def test_the_file_has_a_place_for_every_field() -> None:
    pairs: list[tuple[Any, Any]] = [
        (ContactTrace, TracePart),
        (SkyTrack, TrackPart),
        (LinkTrace, LinkPart),
        (KeyGrowth, GrowthPart),
    ]
    for kind, part in pairs:
        assert {field.name for field in fields(kind)} == part.model_fields.keys()


def test_the_order_of_traces_does_not_show(plan: Plan, traces: tuple[ContactTrace, ...]) -> None:
    assert traces_json(plan, traces[::-1]) == traces_json(plan, traces)
    assert render(plan, traces[::-1])["traces.json"] == traces_json(plan, traces)


def test_a_series_is_a_line(plan: Plan, traces: tuple[ContactTrace, ...]) -> None:
    text = traces_json(plan, traces).decode()
    content = json.loads(text)
    lines = [line.strip() for line in text.splitlines()]
    for contact in content["contacts"]:
        for name, series in contact["track"].items():
            assert any(line.rstrip(",") == f'"{name}": {json.dumps(series, separators=(",", ":"))}' for line in lines)
    assert text.endswith("}\n")
    assert "-0.0," not in text
    assert '"moon_elevation_deg": 0.0' in text


def test_no_trace_at_all(plan: Plan, empty_plan: Plan) -> None:
    assert read_traces(traces_json(plan, ())) == ()
    assert read_traces(render(empty_plan)["traces.json"]) == ()


def test_a_trace_of_no_contact_of_the_plan_is_a_bug(plan: Plan, traces: tuple[ContactTrace, ...]) -> None:
    with pytest.raises(ValueError, match="the plan does not have: stray"):
        traces_json(plan, (replace(traces[0], contact_id="stray"),))


@pytest.mark.parametrize("wrong", [float("nan"), float("inf")])
def test_what_is_no_number_is_never_written(plan: Plan, traces: tuple[ContactTrace, ...], wrong: float) -> None:
    track = replace(traces[0].track, height_km=read_only(np.full(9, wrong)))
    with pytest.raises(ValueError, match="height_km"):
        traces_json(plan, (replace(traces[0], track=track),))


def _spoiled(plan: Plan, traces: tuple[ContactTrace, ...], change: Callable[[Any], object]) -> bytes:
    content = json.loads(traces_json(plan, traces))
    change(content)
    return json.dumps(content).encode()


def test_a_broken_file_is_told_every_fault(plan: Plan, traces: tuple[ContactTrace, ...]) -> None:
    def spoil(content: Any) -> None:
        first, second, third = content["contacts"][:3]
        first["track"]["height_km"].pop()
        second["sun_azimuth_deg"] = "north"
        third["track"]["t_s"][2] = None
        del content["contacts"][3]["track"]["azimuth_deg"]
        content["contacts"][4]["track"]["spin_deg"] = [1.0]

    with pytest.raises(InputError) as caught:
        read_traces(_spoiled(plan, traces, spoil), "out/traces.json")
    faults = {problem.field: problem.message for problem in caught.value.problems}
    assert {problem.path for problem in caught.value.problems} == {"out/traces.json"}
    assert faults == {
        "contacts[0].track": "must have 9 values in every series, as t_s: height_km has 8",
        "contacts[1].sun_azimuth_deg": "must be a number",
        "contacts[2].track.t_s[2]": "must be a number",
        "contacts[3].track.azimuth_deg": "is missing",
        "contacts[4].track.spin_deg": "is unknown",
    }


def test_series_of_terms_have_the_length_of_the_others(plan: Plan, traces: tuple[ContactTrace, ...]) -> None:
    linked = next(trace for trace in traces_as_stored(plan, traces) if trace.link)

    def spoil(content: Any) -> None:
        part = next(part for part in content["contacts"] if part["contact_id"] == linked.contact_id)
        part["link"]["terms_db"]["diffraction"].append(1.0)

    with pytest.raises(InputError, match=r"as t_s: terms_db\.diffraction has 8"):
        read_traces(_spoiled(plan, traces, spoil))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"{", "is not JSON"),
        (b"\xff\xfe", "is not UTF-8"),
        (b'{"kind": "eagleplan-plan"}', "must be 'eagleplan-traces'"),
        (b'{"kind": "eagleplan-traces", "schema_version": 9}', "must be 1"),
    ],
)
def test_what_is_none_of_ours_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_traces(data)
