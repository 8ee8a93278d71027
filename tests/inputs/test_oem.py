"""Orbit ephemeris messages: read as ccsds-ndm reads them, in KVN and XML; everything wrong with a line is
said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from ccsds_ndm.ndm_io import NDMFileFormats as Formats
from ccsds_ndm.ndm_io import NdmIo

from eagleplan.errors import InputError
from eagleplan.inputs.elements import parse_elements
from eagleplan.inputs.oem import parse_oem
from eagleplan.model import TabulatedEphemeris

HEADER = "CCSDS_OEM_VERS = 2.0\nCREATION_DATE = 2026-06-13T00:00:00\nORIGINATOR = TEST\n"


def segment(start: str = "2026-06-15T00:00:00", n: int = 9, step_s: float = 60.0, **changed: str) -> str:
    """A circular orbit of 6878 km in the plane x-y, one state a minute."""
    first = datetime.fromisoformat(start)
    times = [first + timedelta(seconds=step_s * k) for k in range(n)]
    meta = {
        "OBJECT_NAME": "EAGLE-1",
        "OBJECT_ID": "2027-001A",
        "CENTER_NAME": "EARTH",
        "REF_FRAME": "ITRF2020",
        "TIME_SYSTEM": "UTC",
        "START_TIME": times[0].isoformat(),
        "STOP_TIME": times[-1].isoformat(),
        "INTERPOLATION": "HERMITE",
        "INTERPOLATION_DEGREE": "7",
    } | changed
    lines = [
        "META_START",
        *(f"{key} = {value}" for key, value in meta.items() if value),
        "META_STOP",
        "COMMENT = x",
    ]
    for time in times:
        angle = 0.00110678 * (time - first).total_seconds()
        x, y = 6878.137 * np.cos(angle), 6878.137 * np.sin(angle)
        vx, vy = -7.612608 * np.sin(angle), 7.612608 * np.cos(angle)
        lines.append(f"{time.isoformat()} {x:.9f} {y:.9f} 0.0 {vx:.12f} {vy:.12f} 0.0")
    return "\n".join(lines) + "\n"


def one(text: str) -> TabulatedEphemeris:
    (ephemeris,) = parse_oem(text, "x.oem")
    return ephemeris


def problems_of(text: str) -> list[tuple[int | None, str | None, str, str | None]]:
    with pytest.raises(InputError) as caught:
        parse_oem(text, "x.oem")
    return [(p.line, p.field, p.message, p.got) for p in caught.value.problems]


def test_values() -> None:
    ephemeris = one(HEADER + segment())
    assert (ephemeris.name, ephemeris.international_designator, ephemeris.catalog_id) == (
        "EAGLE-1",
        "2027-001A",
        None,
    )
    assert (ephemeris.frame, ephemeris.interpolation, ephemeris.interpolation_degree) == (
        "ITRF",
        "hermite",
        7,
    )
    assert ephemeris.epoch_utc == datetime(2026, 6, 15, tzinfo=UTC)
    np.testing.assert_array_equal(ephemeris.t_s, np.arange(9) * 60.0)
    np.testing.assert_allclose(np.linalg.norm(ephemeris.position_km, axis=1), 6878.137, rtol=1e-12)
    assert ephemeris.velocity_km_s.shape == (9, 3)
    assert (ephemeris.segment_starts, ephemeris.useable_s) == ((0,), ((0.0, 480.0),))
    assert ephemeris.origin == "x.oem:4"


def test_agrees_with_an_independent_reader_in_both_formats() -> None:
    text = HEADER + segment() + segment(start="2026-06-15T00:08:00", USEABLE_START_TIME="2026-06-15T00:09:30.5")
    theirs = NdmIo().from_string(text)
    xml = NdmIo().to_string(theirs, Formats.XML)
    kvn = NdmIo().to_string(theirs, Formats.KVN)
    states = [state for part in theirs.body.segment for state in part.data.state_vector]
    for written in (text, xml, kvn):
        ours = one(written)
        assert ours.segment_starts == (0, 9)
        assert ours.useable_s == ((0.0, 480.0), (570.5, 960.0))
        for k, state in enumerate(states):
            assert ours.epoch_utc + timedelta(seconds=ours.t_s[k]) == datetime.fromisoformat(f"{state.epoch}+00:00")
            assert tuple(ours.position_km[k]) == (state.x.value, state.y.value, state.z.value)
            assert tuple(ours.velocity_km_s[k]) == (state.x_dot.value, state.y_dot.value, state.z_dot.value)
        assert [type(orbit) for orbit in parse_elements(written, "x")] == [TabulatedEphemeris]


def test_covariances_comments_and_accelerations_are_skipped() -> None:
    plain = one(HEADER + segment())
    text = segment().replace("META_STOP\n", "META_STOP\nCOMMENT one\n\n")
    lines = [f"{line} 0.0 0.0 0.0" if line.startswith("2026-") else line for line in text.split("\n")]
    covariance = "COVARIANCE_START\nEPOCH = 2026-06-15T00:00:00\n 1.0\n 0.1 1.0\nCOVARIANCE_STOP\n"
    rich = one(HEADER + "\n".join(lines) + covariance)
    np.testing.assert_array_equal(rich.position_km, plain.position_km)


def test_covariances_in_xml_are_no_states() -> None:
    covariance = "COVARIANCE_START\nEPOCH = 2026-06-15T00:00:00\n" + "".join(
        " ".join(["1.0"] * k) + "\n" for k in range(1, 7)
    )
    text = HEADER + segment() + covariance + "COVARIANCE_STOP\n" + segment(start="2026-06-15T00:08:00")
    xml = NdmIo().to_string(NdmIo().from_string(text), Formats.XML)
    assert "covarianceMatrix" in xml
    assert len(one(xml).t_s) == 18


@pytest.mark.parametrize(("scale", "offset_s"), [("UTC", 0.0), ("TAI", 37.0), ("TT", 69.184), ("GPS", 18.0)])
def test_time_scales(scale: str, offset_s: float) -> None:
    """TAI − UTC is 37 s since 2017; TT = TAI + 32.184 s; GPS = TAI − 19 s."""
    ephemeris = one(HEADER + segment(TIME_SYSTEM=scale))
    assert ephemeris.epoch_utc == datetime(2026, 6, 15, tzinfo=UTC) - timedelta(seconds=offset_s)


@pytest.mark.parametrize(
    ("written", "frame"),
    [
        ("TEME", "TEME"),
        ("ITRF-97", "ITRF"),
        ("ITRF2000", "ITRF"),
        ("ICRF", "GCRF"),
        ("GCRF", "GCRF"),
        ("EME2000", "EME2000"),
    ],
)
def test_frames(written: str, frame: str) -> None:
    assert one(HEADER + segment(REF_FRAME=written)).frame == frame


@pytest.mark.parametrize(
    ("method", "degree", "expected"),
    [
        ("LAGRANGE", "8", ("lagrange", 8)),
        ("LINEAR", "", ("lagrange", 1)),
        ("", "", ("hermite", 7)),
        ("Hermite", "5", ("hermite", 5)),
    ],
)
def test_interpolations(method: str, degree: str, expected: tuple[str, int]) -> None:
    ephemeris = one(HEADER + segment(INTERPOLATION=method, INTERPOLATION_DEGREE=degree))
    assert (ephemeris.interpolation, ephemeris.interpolation_degree) == expected


def test_nanoseconds_and_days_of_the_year() -> None:
    text = (
        segment(n=9, step_s=0.25)
        .replace("2026-06-15T", "2026-166T")
        .replace("00:00:00.250000 ", "00:00:00.250000125Z ")
    )
    ephemeris = one(HEADER + text)
    assert ephemeris.epoch_utc == datetime(2026, 6, 15, tzinfo=UTC)
    assert ephemeris.t_s[1] == 0.250000125


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (
            {"REF_FRAME": "TOD"},
            (8, "REF_FRAME", "must be one of TEME, GCRF, ICRF, EME2000, J2000, ITRF", "TOD"),
        ),
        ({"TIME_SYSTEM": "UT1"}, (9, "TIME_SYSTEM", "must be one of UTC, TAI, TT, GPS", "UT1")),
        ({"CENTER_NAME": "MOON"}, (7, "CENTER_NAME", "must be EARTH", "MOON")),
        (
            {"INTERPOLATION": "SPLINE"},
            (12, "INTERPOLATION", "must be one of LAGRANGE, HERMITE, LINEAR", "SPLINE"),
        ),
        (
            {"INTERPOLATION_DEGREE": "0"},
            (13, "INTERPOLATION_DEGREE", "must be a whole number from 1 to 30", "0"),
        ),
        ({"OBJECT_ID": ""}, (4, "OBJECT_ID", "is required", None)),
        (
            {"USEABLE_STOP_TIME": "2026-06-15T01:00:00"},
            (14, "USEABLE_STOP_TIME", "must lie within the segment's states", "2026-06-15T01:00:00"),
        ),
        (
            {"USEABLE_START_TIME": "noon"},
            (14, "USEABLE_START_TIME", "must be an epoch such as 2026-06-13T20:27:46.166112", "noon"),
        ),
    ],
)
def test_wrong_metadata(changed: dict[str, str], expected: tuple[int, str, str, str | None]) -> None:
    assert problems_of(HEADER + segment(**changed)) == [expected]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("6878.137000000 ", "nan ", (16, None, "must be a finite number", "nan")),
        ("6878.137000000 ", "", (16, None, "a state must have an epoch and 6 or 9 numbers", "6")),
        ("6878.137000000 ", "68.78 ", (16, None, "the position must be outside the Earth (km)", "68.8")),
        (
            "2026-06-15T00:01:00 ",
            "2026-06-15T24:01:00 ",
            (17, "EPOCH", "must be an epoch such as 2026-06-13T20:27:46.166112", "2026-06-15T24:01:00"),
        ),
        (
            "2026-06-15T00:01:00 ",
            "2026-06-15T00:00:00 ",
            (17, "EPOCH", "epochs must increase", "2026-06-15T00:00:00"),
        ),
    ],
)
def test_wrong_states(old: str, new: str, expected: tuple[int, str | None, str, str | None]) -> None:
    text = HEADER + segment().replace(old, new, 1)
    assert expected in problems_of(text)


def test_too_few_states_for_the_interpolation() -> None:
    assert problems_of(HEADER + segment(n=3)) == [
        (4, None, "a segment with this interpolation needs at least 4 states", "3")
    ]
    assert one(HEADER + segment(n=4)).t_s.shape == (4,)


def test_segments_that_overlap_or_differ() -> None:
    second = segment(start="2026-06-15T00:05:00")
    assert problems_of(HEADER + segment() + second) == [
        (25, None, "the segment begins before the one before it ends", None)
    ]
    other = segment(start="2026-06-15T00:08:00", REF_FRAME="TEME")
    assert problems_of(HEADER + segment() + other)[0][2].startswith("all segments must have the object, frame")


def test_text_that_is_no_message() -> None:
    assert problems_of("hello\n") == [(None, None, "the file holds no orbit ephemeris message", None)]
    assert problems_of(HEADER) == [(None, None, "the file holds no orbit ephemeris message", None)]
    spoilt = HEADER + segment().replace("CENTER_NAME = EARTH", "CENTER_NAME EARTH")
    assert (7, None, "must be KEYWORD = value", "“CENTER_NAME EARTH”") in problems_of(spoilt)
