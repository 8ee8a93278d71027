"""Tables of times and horizon masks: what is read, and every way in which they can be wrong."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from eagleplan.errors import InputError
from eagleplan.inputs.horizon_mask import parse_horizon_mask
from eagleplan.inputs.windows import parse_windows

HEADER = "start_utc,end_utc,site_id,satellite_id,rule,reason"


def problems(parse, text: str) -> list[tuple[int | None, str | None, str, str | None]]:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError) as caught:
        parse(text, "t.csv")
    return [(p.line, p.field, p.message, p.got) for p in caught.value.problems]


def test_windows() -> None:
    text = (
        f"{HEADER}\n2026-11-30T18:00:00Z,2026-12-01T02:00Z,at-graz,,forbid,ED-R 1\n"
        "2026-335T00:00:00Z,2026-12-02T00:00:00Z,,qube,,\n"
    )
    first, second = parse_windows(text, "t.csv")
    assert (first.start_utc, first.end_utc) == (
        datetime(2026, 11, 30, 18, tzinfo=UTC),
        datetime(2026, 12, 1, 2, tzinfo=UTC),
    )
    assert (first.site_id, first.satellite_id, first.rule, first.reason, first.line) == (
        "at-graz",
        None,
        "forbid",
        "ED-R 1",
        2,
    )
    assert (second.start_utc, second.site_id, second.satellite_id, second.rule) == (
        datetime(2026, 12, 1, tzinfo=UTC),
        None,
        "qube",
        None,
    )
    (short,) = parse_windows("start_utc,end_utc\n2026-11-30T18:00:00Z,2026-11-30T19:00:00Z\n", "t.csv")
    assert short.rule is None


@pytest.mark.parametrize(
    ("row", "field", "message"),
    [
        (
            "2026-11-30T18:00:00,2026-12-01T02:00:00Z,,,,",
            "start_utc",
            "must be UTC and end in Z, such as 2026-11-30T18:00:00Z",
        ),
        (
            "2026-11-30T18:00:00+01:00,2026-12-01T02:00:00Z,,,,",
            "start_utc",
            "must be UTC and end in Z, such as 2026-11-30T18:00:00Z",
        ),
        ("2026-11-30T18:00:00Z,2026-11-30T18:00:00Z,,,,", "end_utc", "must be after start_utc"),
        ("2026-11-30T18:00:00Z,2026-11-29T18:00:00Z,,,,", "end_utc", "must be after start_utc"),
        ("2026-11-30T18:00:00Z,,,,,", "end_utc", "is required"),
        ("2026-11-30T18:00:00Z,2026-12-01T02:00:00Z,,,allow,", "rule", "must be one of forbid, permit"),
    ],
)
def test_a_wrong_window(row: str, field: str, message: str) -> None:
    assert [p[:3] for p in problems(parse_windows, f"{HEADER}\n{row}\n")] == [(2, field, message)]


def test_a_mask() -> None:
    mask = parse_horizon_mask("azimuth_deg,elevation_deg\n10,5\n90.5,12.5\n359,-1\n", "t.csv")
    np.testing.assert_array_equal(mask.azimuth_deg, [10.0, 90.5, 359.0])
    np.testing.assert_array_equal(mask.elevation_deg, [5.0, 12.5, -1.0])
    with pytest.raises(ValueError, match="read-only"):
        mask.azimuth_deg[0] = 1.0


@pytest.mark.parametrize(
    ("rows", "azimuths", "elevations"),
    [
        ("0,5\n180,9\n360,5\n", [0.0, 180.0], [5.0, 9.0]),
        ("90,7\n360,5\n", [0.0, 90.0], [5.0, 7.0]),
        ("0,5\n", [0.0], [5.0]),
        ("360,5\n", [0.0], [5.0]),
    ],
)
def test_360_degrees_are_0_degrees(rows: str, azimuths: list[float], elevations: list[float]) -> None:
    mask = parse_horizon_mask(f"azimuth_deg,elevation_deg\n{rows}", "t.csv")
    np.testing.assert_array_equal(mask.azimuth_deg, azimuths)
    np.testing.assert_array_equal(mask.elevation_deg, elevations)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            "10,5\n10,20\n",
            (3, "azimuth_deg", "must be above the 10 of line 2: a mask is a function of azimuth", "10"),
        ),
        (
            "10,5\n50,6\n40,7\n",
            (4, "azimuth_deg", "must be above the 50 of line 3: a mask is a function of azimuth", "40"),
        ),
        ("0,5\n360,6\n", (3, "elevation_deg", "must be the 5 of azimuth 0", "6")),
        ("-10,5\n", (2, "azimuth_deg", "must be >= 0", "-10")),
        ("361,5\n", (2, "azimuth_deg", "must be <= 360", "361")),
        ("10,91\n", (2, "elevation_deg", "must be <= 90", "91")),
        ("10,nan\n", (2, "elevation_deg", "must be a finite number", "nan")),
    ],
)
def test_a_mask_that_is_no_function_of_azimuth(rows: str, expected: tuple[int, str, str, str]) -> None:
    assert problems(parse_horizon_mask, f"azimuth_deg,elevation_deg\n{rows}") == [expected]
