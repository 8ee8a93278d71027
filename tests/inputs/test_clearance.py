"""Laser Clearinghouse reports: open windows are read, and whatever is not meant for us is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from eagleplan.errors import InputError
from eagleplan.inputs.clearance import parse_clearance

REPORT = """\
Classification: UNCLASSIFIED

Date:    2026 Nov 27 10:44:28
Subject: LCH Authorized Shoot (Open) Windows

1. The attached information (made up for this test) holds windows.

Mission ID:                      GRAZ_TEST_1
Laser Owner/Operator:            OEAW
Report Date/Time (UTC):          2026 Nov 27 10:44:28
Mission Name:                    GRAZ_TEST_1
Mission Start Date/Time (UTC):   2026 Nov 30 16:00:00
Mission Stop  Date/Time (UTC):   2026 Dec 01 06:00:00
Mission Duration   (HH:MM:SS):   14:00:00
Type of Windows in this report:  Authorized Shoot(Open) Windows
Comment:                         For Execution
                                 Report file 1 of 1
Number of Targets:               2


YYYY MMM dd (DDD) HHMM SS    YYYY MMM dd (DDD) HHMM SS      MM:SS
-------------------------    -------------------------    -------
2026 Nov 30 (334) 1600 00    2026 Nov 30 (334) 1747 08    0107:08
2026 Nov 30 (334) 1752 09    2026 Dec 01 (335) 0600 00    0727:51

Percent =  99.41%

Source Geometry: (WGS-84)
---------------
Method: Fixed Point
Latitude:  47.067100 degrees N
Longitude: 15.493300 degrees E
Altitude:  0.5394 km

Target Geometry: (WGS-84) 1
---------------
Method: Fixed Field of View
Azimuth Range:   0.0 to 180.0 degrees
Elevation Range: 20.0 to 90.0 degrees


YYYY MMM dd (DDD) HHMM SS    YYYY MMM dd (DDD) HHMM SS      MM:SS
-------------------------    -------------------------    -------
2026 Nov 30 (334) 1600 00    2026 Dec 01 (335) 0600 00    0840:00

Percent = 100.00%

Source Geometry: (WGS-84)
---------------
Method: Fixed Point
Latitude:  47.067100 degrees N
Longitude: 15.493300 degrees E
Altitude:  0.5394 km

Target Geometry: (WGS-84) 2
---------------
Method: Fixed Field of View
Azimuth Range:   180.0 to 360.0 degrees
Elevation Range: 20.0 to 90.0 degrees
"""


def problems_of(old: str, new: str, count: int = -1) -> list[tuple[int | None, str | None, str, str | None]]:
    assert old in REPORT
    with pytest.raises(InputError) as caught:
        parse_clearance(REPORT.replace(old, new, count), "pam.txt")
    return [(p.line, p.field, p.message, p.got) for p in caught.value.problems]


def test_a_report() -> None:
    report = parse_clearance(REPORT, "pam.txt")
    assert (report.mission_id, report.operator) == ("GRAZ_TEST_1", "OEAW")
    assert report.start_utc == datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert report.end_utc == datetime(2026, 12, 1, 6, tzinfo=UTC)
    assert (report.latitude_deg, report.longitude_deg, report.altitude_m) == (47.0671, 15.4933, 539.4)
    east, west = report.targets
    assert (east.azimuth_deg, east.elevation_deg, west.azimuth_deg) == (
        (0.0, 180.0),
        (20.0, 90.0),
        (180.0, 360.0),
    )
    assert east.windows_utc == (
        (datetime(2026, 11, 30, 16, tzinfo=UTC), datetime(2026, 11, 30, 17, 47, 8, tzinfo=UTC)),
        (datetime(2026, 11, 30, 17, 52, 9, tzinfo=UTC), datetime(2026, 12, 1, 6, tzinfo=UTC)),
    )
    assert len(west.windows_utc) == 1


def test_a_target_without_a_window_is_closed() -> None:
    closed = REPORT.replace("2026 Nov 30 (334) 1600 00    2026 Dec 01 (335) 0600 00    0840:00\n", "")
    assert [len(target.windows_utc) for target in parse_clearance(closed, "pam.txt").targets] == [2, 0]


def test_southern_and_western_sources() -> None:
    report = parse_clearance(REPORT.replace("degrees N", "degrees S").replace("degrees E", "degrees W"), "pam.txt")
    assert (report.latitude_deg, report.longitude_deg) == (-47.0671, -15.4933)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "For Execution",
            "Practice",
            (16, "Comment", 'must say "For Execution"; a practice report allows nothing', "Practice"),
        ),
        (
            "Authorized Shoot(Open) Windows\n",
            "Closed Windows\n",
            (
                15,
                "Type of Windows in this report",
                "must be authorized shoot (open) windows",
                "Closed Windows",
            ),
        ),
        (
            "Targets:               2",
            "Targets:               3",
            (18, "Number of Targets", "must be the 2 targets that follow", "3"),
        ),
        ("(334) 1747", "(333) 1747", (23, None, "must be a date, and its day of the year", None)),
        (
            "Nov 30 (334) 1747",
            "Nov 31 (335) 1747",
            (23, None, "must be a date, and its day of the year", None),
        ),
        ("0107:08", "0107:09", (23, None, "the duration must be that of the window", "0107:09")),
        ("1747 08    0107:08", "1559 59    0107:08", (23, None, "the window must end after it starts", None)),
        ("1747 08    0107:08", "1747 08", (23, None, "must be a window: start, stop, duration", None)),
        (
            "Mission Stop  Date/Time (UTC):   2026 Dec 01 06:00:00",
            "Mission Stop  Date/Time (UTC):   2026 Dec 01 05:00:00",
            (21, None, "a window of the target lies outside the mission", "2026 Nov 30 17:52:09"),
        ),
        (
            "2026 Dec 01 06:00:00",
            "2026 Nov 29 06:00:00",
            (13, "Mission Stop Date/Time (UTC)", "must be after the mission's start", None),
        ),
        (
            "2026 Nov 30 16:00:00",
            "tomorrow",
            (12, "Mission Start Date/Time (UTC)", "must be a time such as 2026 Nov 30 18:00:00", "tomorrow"),
        ),
        (
            "Comment:       ",
            "Remark:        ",
            (None, "Comment", "is missing from the report's header", None),
        ),
        (
            "47.067100 degrees N",
            "47.067100 degrees",
            (31, "Latitude", "must be degrees N or S", "47.067100 degrees"),
        ),
        (
            "Method: Fixed Point",
            "Method: Moving",
            (30, "Method", "the source must be a fixed point", "Moving"),
        ),
        (
            "0.0 to 180.0 degrees",
            "180.0 to 0.0 degrees",
            (38, "Azimuth Range", "must be a range such as 0.0 to 360.0 degrees", "180.0 to 0.0 degrees"),
        ),
        ("47.067100", "47.0.6", (31, "Latitude", "must be degrees N or S", "47.0.6 degrees N")),
        ("0.5394 km", "0.5.4 km", (33, "Altitude", "must be in km", "0.5.4 km")),
        (
            "0.0 to 180.0 degrees",
            "0.0.1 to 180.0 degrees",
            (38, "Azimuth Range", "must be a range such as 0.0 to 360.0 degrees", "0.0.1 to 180.0 degrees"),
        ),
    ],
)
def test_a_report_that_is_refused(old: str, new: str, expected: tuple[int | None, str | None, str, str | None]) -> None:
    found = problems_of(old, new, 1)
    assert expected[:3] in [p[:3] for p in found]
    if expected[3] is not None:
        assert expected in found


def test_targets_in_the_fixed_sky_are_refused() -> None:
    """A star is no satellite: its windows say nothing of the sky that a satellite crosses."""
    found = problems_of("Method: Fixed Field of View", "Method: Right Ascension And Declination", 1)
    assert (37, "Method") in [p[:2] for p in found]


def test_two_sources_are_refused() -> None:
    text = REPORT.replace("47.067100", "48.067100", 1)
    with pytest.raises(InputError, match="all targets must have one source"):
        parse_clearance(text, "pam.txt")


def test_text_that_is_no_report() -> None:
    with pytest.raises(InputError, match="Mission Start Date/Time"):
        parse_clearance("hello\n", "pam.txt")
