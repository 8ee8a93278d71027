"""From files and tables to the times at which contacts are allowed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eagleplan.model import AllowedTimes, Horizon
from eagleplan.scenario import load_scenario
from eagleplan.scenario.spans import complement, intersection, union

T = "small.toml"
HOUR = 3600.0
WEEK = 7 * 24 * HOUR

edges = st.tuples(st.integers(-5, 25), st.integers(-5, 25)).map(lambda pair: (float(pair[0]), float(pair[1])))
many = st.lists(edges, max_size=6)


def inside(spans, second: float) -> bool:  # type: ignore[no-untyped-def]
    return any(first <= second < last for first, last in spans)


@given(many, many)
def test_spans_are_sets_of_seconds(one, other) -> None:  # type: ignore[no-untyped-def]
    a, b = union(one, 0.0, 20.0), union(other, 0.0, 20.0)
    for spans in (a, b, complement(a, 0.0, 20.0), intersection(a, b)):
        flat = [edge for span in spans for edge in span]
        assert flat == sorted(set(flat))
    for second in np.arange(0.0, 20.0, 0.5):
        assert inside(a, second) == inside(one, second)
        assert inside(complement(a, 0.0, 20.0), second) != inside(a, second)
        assert inside(intersection(a, b), second) == (inside(a, second) and inside(b, second))


def write(path: Path, name: str, text: str) -> None:
    (path.parent / name).write_text(text)


def spans(times: AllowedTimes) -> list[tuple[float, float]]:
    """In hours, as whole numbers where they are."""
    return [(start / HOUR, end / HOUR) for start, end in zip(times.start_s, times.end_s, strict=True)]


def clock(horizon: Horizon, times: AllowedTimes) -> list[str]:
    ends = zip(times.start_s, times.end_s, strict=True)
    return [f"{horizon.utc(start):%d %H:%M}-{horizon.utc(end):%d %H:%M}" for start, end in ends]


def test_blackouts_are_forbidden_and_the_rest_is_allowed(small) -> None:  # type: ignore[no-untyped-def]
    path = small((T, "[weather]", '[constraints]\nblackouts_file = "notam.csv"\n[weather]'))
    write(
        path,
        "notam.csv",
        "start_utc,end_utc,site_id,satellite_id,rule\n"
        "2026-06-15T02:00:00Z,2026-06-15T04:00:00Z,at-graz,,\n"
        "2026-06-15T03:00:00Z,2026-06-15T06:00:00Z,at-graz,,forbid\n"
        "2026-06-14T00:00:00Z,2026-06-15T01:00:00Z,,,\n"
        "2026-06-16T00:00:00Z,2026-06-17T00:00:00Z,de-oph,qube,permit\n",
    )
    graz, everywhere, oph = load_scenario(path).constraints.times
    assert {times.constraint for times in (graz, everywhere, oph)} == {"laser-blackout"}
    assert (graz.site_id, graz.satellite_id, spans(graz)) == ("at-graz", None, [(0.0, 2.0), (6.0, 168.0)])
    assert (everywhere.site_id, spans(everywhere)) == (None, [(1.0, 168.0)])
    assert (oph.site_id, oph.satellite_id, spans(oph)) == ("de-oph", "qube", [(24.0, 48.0)])
    assert graz.origin == "notam.csv"


def test_blackouts_of_unknown_sites_and_satellites(small, problems) -> None:  # type: ignore[no-untyped-def]
    path = small((T, "[weather]", '[constraints]\nblackouts_file = "notam.csv"\n[weather]'))
    write(
        path,
        "notam.csv",
        "start_utc,end_utc,site_id,satellite_id\n2026-06-15T02:00:00Z,2026-06-15T04:00:00Z,at-gratz,cube\n",
    )
    assert problems(path) == [
        ("notam.csv", 2, "site_id", "is not known to the scenario", "at-gratz"),
        ("notam.csv", 2, "satellite_id", "is not known to the scenario", "cube"),
    ]


def test_lists_that_are_over_are_said(small) -> None:  # type: ignore[no-untyped-def]
    path = small((T, "[weather]", '[constraints]\nblackouts_file = "notam.csv"\n[weather]'))
    write(path, "notam.csv", "start_utc,end_utc\n2026-06-01T02:00:00Z,2026-06-02T04:00:00Z\n")
    scenario = load_scenario(path)
    assert [n.subject for n in scenario.notices if n.notice_id == "W-WINDOWS-OUTSIDE"] == ["notam.csv"]
    write(
        path,
        "notam.csv",
        "start_utc,end_utc\n2026-06-01T02:00:00Z,2026-06-02T04:00:00Z\n2026-07-01T02:00:00Z,2026-07-02T04:00:00Z\n",
    )
    scenario = load_scenario(path)
    assert [n for n in scenario.notices if n.notice_id == "W-WINDOWS-OUTSIDE"] == []
    assert [spans(times) for times in scenario.constraints.times] == [[(0.0, 168.0)]]


_NIGHT = '[[constraints.weekly]]\nrule = "forbid"\nfrom_local = "22:00"\nto_local = "03:00"\n'
WEEKLY = """[[constraints.weekly]]
rule = "{rule}"
site_id = "de-oph"
from_local = "{start}"
to_local = "{end}"
{more}
[weather]"""


def weekly(small, start_utc: datetime, days: float, **words: str) -> tuple[Horizon, AllowedTimes]:  # type: ignore[no-untyped-def]
    path = small((T, "[weather]", WEEKLY.format(**({"rule": "permit", "more": ""} | words))))
    scenario = load_scenario(path, start_utc=start_utc, days=days)
    (times,) = scenario.constraints.times
    assert (times.site_id, times.constraint) == ("de-oph", "laser-blackout")
    return scenario.horizon, times


@pytest.mark.parametrize(("month", "utc"), [(10, "17:30-{} 01:00"), (11, "18:30-{} 02:00")])
def test_local_hours_move_with_the_clock(small, month: int, utc: str) -> None:  # type: ignore[no-untyped-def]
    """A German area was active from 19:30 to 03:00 local time: 17:30 UTC in October, 18:30 UTC in
    November."""
    start = datetime(2025, month, 7, 12, tzinfo=UTC)
    horizon, times = weekly(small, start, 1.0, start="19:30", end="03:00")
    assert clock(horizon, times) == [f"07 {utc.format('08')}"]


def test_a_week_in_which_the_clocks_go_back(small) -> None:  # type: ignore[no-untyped-def]
    """2026-10-25 at 01:00 UTC; 02:30 comes twice, at 00:30 and at 01:30 UTC."""
    start = datetime(2026, 10, 24, tzinfo=UTC)
    horizon, times = weekly(small, start, 3.0, start="22:00", end="02:30")
    assert clock(horizon, times) == [
        "24 00:00-24 00:30",
        "24 20:00-25 00:30",
        "25 21:00-26 01:30",
        "26 21:00-27 00:00",
    ]
    horizon, times = weekly(small, start, 3.0, rule="forbid", start="22:00", end="02:30")
    assert clock(horizon, times) == ["24 00:30-24 20:00", "25 01:30-25 21:00", "26 01:30-26 21:00"]
    horizon, times = weekly(small, start, 3.0, start="02:30", end="05:00")
    assert clock(horizon, times) == ["24 00:30-24 03:00", "25 01:30-25 04:00", "26 01:30-26 04:00"]


def test_a_week_in_which_the_clocks_go_forward(small) -> None:  # type: ignore[no-untyped-def]
    """2027-03-28 at 01:00 UTC; 02:30 does not come, and reads as 00:30 or 01:30 UTC."""
    start = datetime(2027, 3, 27, tzinfo=UTC)
    horizon, times = weekly(small, start, 2.0, start="02:30", end="05:00")
    assert clock(horizon, times) == ["27 01:30-27 04:00", "28 01:30-28 03:00"]
    horizon, times = weekly(small, start, 2.0, rule="forbid", start="02:30", end="05:00")
    assert clock(horizon, times) == ["27 00:00-27 01:30", "27 04:00-28 00:30", "28 03:00-29 00:00"]


def test_days_of_the_week_and_dates(small) -> None:  # type: ignore[no-untyped-def]
    """A window belongs to the day on which it begins. 2026-06-15 is a Monday; Berlin is two hours ahead."""
    start = datetime(2026, 6, 15, tzinfo=UTC)
    horizon, times = weekly(small, start, 7.0, start="22:00", end="02:00", more='weekdays = ["tue", "sun"]')
    assert clock(horizon, times) == ["16 20:00-17 00:00", "21 20:00-22 00:00"]
    horizon, times = weekly(
        small, start, 7.0, start="22:00", end="02:00", more="from_date = 2026-06-17\nuntil_date = 2026-06-18"
    )
    assert clock(horizon, times) == ["17 20:00-18 00:00", "18 20:00-19 00:00"]
    horizon, times = weekly(small, start, 1.0, start="00:00", end="00:00", more='time_zone = "UTC"')
    assert clock(horizon, times) == ["15 00:00-16 00:00"]


def test_a_weekly_window_of_all_sites_has_each_sites_own_hours(small) -> None:  # type: ignore[no-untyped-def]
    table = WEEKLY.format(rule="permit", start="22:00", end="23:00", more="").replace('site_id = "de-oph"\n', "")
    times = load_scenario(small((T, "[weather]", table)), days=1.0).constraints.times
    # The last site has no time zone of its own: UTC, which is listed as assumed.
    assert [(t.site_id, spans(t)) for t in times] == [
        ("at-graz", [(20.0, 21.0)]),
        ("de-oph", [(20.0, 21.0)]),
        ("fr-one", [(20.0, 21.0)]),
        ("fr-two", [(22.0, 23.0)]),
    ]


def test_calendars_in_both_formats_and_both_rules(small) -> None:  # type: ignore[no-untyped-def]
    path = small(
        (
            T,
            "[weather]",
            '[sites.override.at-graz]\ncalendar_file = "graz.ics"\n'
            '[sites.override.de-oph]\ncalendar_file = "staff.csv"\ncalendar_rule = "permit"\n[weather]',
        )
    )
    write(
        path,
        "graz.ics",
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VEVENT\nUID:1\nDTSTART;VALUE=DATE:20260617\n"
        "SUMMARY:mirror coating\nEND:VEVENT\nEND:VCALENDAR\n",
    )
    write(
        path,
        "staff.csv",
        "start_utc,end_utc,site_id\n2026-06-15T20:00:00Z,2026-06-16T02:00:00Z,\n"
        "2026-06-18T20:00:00Z,2026-06-19T02:00:00Z,de-oph\n2026-06-17T20:00:00Z,2026-06-18T02:00:00Z,at-graz\n",
    )
    graz, oph = load_scenario(path).constraints.times
    assert (graz.constraint, graz.site_id, spans(graz)) == (
        "station-calendar",
        "at-graz",
        [(0.0, 46.0), (70.0, 168.0)],
    )
    assert (oph.site_id, spans(oph)) == ("de-oph", [(20.0, 26.0), (92.0, 98.0)])


def test_a_calendar_with_an_end_before_its_start(small, problems) -> None:  # type: ignore[no-untyped-def]
    path = small((T, "[weather]", '[sites.override.at-graz]\ncalendar_file = "graz.ics"\n[weather]'))
    write(
        path,
        "graz.ics",
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VEVENT\nUID:1\nDTSTART:20260617T100000Z\n"
        "DTEND:20260617T090000Z\nEND:VEVENT\nEND:VCALENDAR\n",
    )
    assert problems(path) == [("graz.ics", 4, "DTEND", "must be after DTSTART", "2026-06-17 09:00:00+00:00")]
    write(path, "graz.ics", "start_utc,end_utc\n2026-06-17T10:00:00Z,2026-06-17T09:00:00Z\n")
    assert problems(path) == [("graz.ics", 2, "end_utc", "must be after start_utc", "2026-06-17T09:00:00Z")]


def test_staff_that_is_never_there_allows_nothing_and_says_so(small) -> None:  # type: ignore[no-untyped-def]
    path = small(
        (
            T,
            "[weather]",
            '[sites.override.at-graz]\ncalendar_file = "s.csv"\ncalendar_rule = "permit"\n[weather]',
        )
    )
    write(path, "s.csv", "start_utc,end_utc\n2027-06-17T10:00:00Z,2027-06-17T19:00:00Z\n")
    scenario = load_scenario(path)
    assert [spans(times) for times in scenario.constraints.times] == [[]]
    assert "nothing is allowed" in next(n.message for n in scenario.notices if n.notice_id == "W-WINDOWS-OUTSIDE")


def test_payload_availability(small) -> None:  # type: ignore[no-untyped-def]
    path = small((T, 'profile = "eagle1-like"', 'profile = "eagle1-like"\navailability_file = "payload.csv"'))
    write(
        path,
        "payload.csv",
        "start_utc,end_utc,rule\n2026-06-15T00:00:00Z,2026-06-20T00:00:00Z,\n"
        "2026-06-17T00:00:00Z,2026-06-18T00:00:00Z,forbid\n",
    )
    on, off = load_scenario(path).constraints.times
    assert {(t.constraint, t.satellite_id, t.site_id) for t in (on, off)} == {("payload", "qube", None)}
    assert (spans(on), spans(off)) == ([(0.0, 120.0)], [(0.0, 48.0), (72.0, 168.0)])


CLEARANCE = """\
Mission ID: X
Laser Owner/Operator: OEAW
Mission Start Date/Time (UTC): 2026 Jun 15 18:00:00
Mission Stop Date/Time (UTC): 2026 Jun 16 04:00:00
Type of Windows in this report: Authorized Shoot(Open) Windows
Comment: For Execution
Number of Targets: 2

YYYY MMM dd (DDD) HHMM SS    YYYY MMM dd (DDD) HHMM SS      MM:SS
2026 Jun 15 (166) 1800 00    2026 Jun 15 (166) 2000 00    0120:00
2026 Jun 15 (166) 2100 00    2026 Jun 16 (167) 0400 00    0420:00
Source Geometry: (WGS-84)
Method: Fixed Point
Latitude: 47.0671 degrees N
Longitude: 15.4933 degrees E
Altitude: 0.5394 km
Target Geometry: (WGS-84) 1
Method: Fixed Field of View
Azimuth Range: 0.0 to 200.0 degrees
Elevation Range: 20.0 to 90.0 degrees

YYYY MMM dd (DDD) HHMM SS    YYYY MMM dd (DDD) HHMM SS      MM:SS
2026 Jun 15 (166) 1900 00    2026 Jun 16 (167) 0300 00    0480:00
Source Geometry: (WGS-84)
Method: Fixed Point
Latitude: 47.0671 degrees N
Longitude: 15.4933 degrees E
Altitude: 0.5394 km
Target Geometry: (WGS-84) 2
Method: Fixed Field of View
Azimuth Range: 180.0 to 360.0 degrees
Elevation Range: 20.0 to 90.0 degrees
"""
CLEAR = (T, "[weather]", '[[constraints.laser_clearance]]\nfile = "pam.txt"\nsite_id = "at-graz"\n[weather]')


def test_clearance_forbids_all_that_it_does_not_list(small) -> None:  # type: ignore[no-untyped-def]
    """Open is what is open in every target; outside the mission nothing is."""
    path = small(CLEAR)
    write(path, "pam.txt", CLEARANCE)
    (times,) = load_scenario(path).constraints.times
    assert (times.constraint, times.site_id, times.satellite_id) == ("laser-clearance", "at-graz", None)
    assert spans(times) == [(19.0, 20.0), (21.0, 27.0)]


def test_clearances_of_one_site_add_up_and_margins_shrink_them(small) -> None:  # type: ignore[no-untyped-def]
    second = '[[constraints.laser_clearance]]\nfile = "pam2.txt"\nsite_id = "at-graz"\nmargin_s = 36.0\n[weather]'
    path = small((T, CLEAR[1], CLEAR[2].replace("[weather]", second)))
    write(path, "pam.txt", CLEARANCE)
    write(
        path,
        "pam2.txt",
        CLEARANCE.replace("Jun 15 (166)", "Jun 17 (168)")
        .replace("Jun 16 (167)", "Jun 18 (169)")
        .replace("2026 Jun 15 18", "2026 Jun 17 18")
        .replace("2026 Jun 16 04", "2026 Jun 18 04"),
    )
    (times,) = load_scenario(path).constraints.times
    np.testing.assert_allclose(spans(times), [(19, 20), (21, 27), (67.01, 67.99), (69.01, 74.99)], atol=1e-9)
    assert times.origin == "pam.txt, pam2.txt"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "47.0671 degrees N",
            "47.1671 degrees N",
            "the report's source lies 11.1 km from at-graz: it is another site's",
        ),
        ("15.4933 degrees E", "15.4933 degrees W", "it is another site's"),
        ("2026 Jun", "2027 Jun", "the report's mission lies outside the horizon"),
        ("200.0 degrees", "170.0 degrees", "the report's targets together must cover the sky above 25°"),
        ("20.0 to 90.0", "30.0 to 90.0", "the report's targets together must cover the sky above 25°"),
    ],
)
def test_a_clearance_that_is_not_ours(small, problems, old: str, new: str, message: str) -> None:  # type: ignore[no-untyped-def]
    path = small(CLEAR)
    write(path, "pam.txt", CLEARANCE.replace(old, new))
    (found,) = problems(path)
    assert found[:3] == (T, 17, "constraints.laser_clearance[0].file")
    assert message in found[3]


def test_a_clearance_for_another_operator_and_practice(small, problems) -> None:  # type: ignore[no-untyped-def]
    path = small((T, CLEAR[1], CLEAR[2].replace("site_id", 'operator = "DLR"\nsite_id')))
    write(path, "pam.txt", CLEARANCE)
    (found,) = problems(path)
    assert found[3:] == ("the report is for another operator than DLR", "OEAW")
    write(path, "pam.txt", CLEARANCE.replace("For Execution", "Practice"))
    assert ("pam.txt", 6, "Comment") in [p[:3] for p in problems(path)]


def test_sectors_and_masks(small) -> None:  # type: ignore[no-untyped-def]
    path = small(
        (
            T,
            "[weather]",
            '[sites.override.at-graz]\nhorizon_mask_file = "mask.csv"\n'
            '[[constraints.sectors]]\nsite_id = "at-graz"\nazimuth_from_deg = 350\nazimuth_to_deg = 10\n'
            "[[constraints.sectors]]\nelevation_from_deg = 85\n[weather]",
        )
    )
    write(path, "mask.csv", "azimuth_deg,elevation_deg\n0,10\n180,30\n")
    scenario = load_scenario(path)
    north, zenith = scenario.constraints.sectors
    assert (north.site_id, north.azimuth_from_deg, north.azimuth_to_deg) == ("at-graz", 350.0, 10.0)
    assert (zenith.site_id, zenith.azimuth_to_deg, zenith.elevation_from_deg) == (None, 360.0, 85.0)
    mask = scenario.sites[0].horizon_mask
    assert mask is not None
    np.testing.assert_array_equal(mask.elevation_deg, [10.0, 30.0])
    assert scenario.sites[1].horizon_mask is None
    assert ("horizon-mask", "mask.csv") in [(file.role, file.path) for file in scenario.inputs]


@pytest.mark.parametrize(
    ("table", "line", "field", "message"),
    [
        (
            '[[constraints.sectors]]\nsite_id = "x"\n',
            17,
            "constraints.sectors[0].site_id",
            "no such site in use",
        ),
        (
            "[[constraints.sectors]]\nelevation_from_deg = 50\nelevation_to_deg = 40\n",
            18,
            "constraints.sectors[0].elevation_to_deg",
            "must be above elevation_from_deg",
        ),
        (
            "[[constraints.sectors]]\nazimuth_from_deg = 50\nazimuth_to_deg = 50\n",
            18,
            "constraints.sectors[0].azimuth_to_deg",
            "must differ from azimuth_from_deg (0 and 360 are the whole round)",
        ),
        (
            '[[constraints.weekly]]\nrule = "forbid"\nfrom_local = "25:00"\nto_local = "03:00"\n',
            18,
            "constraints.weekly[0].from_local",
            "must be a time of day such as 22:30",
        ),
        (
            _NIGHT + 'time_zone = "Berlin"\n',
            20,
            "constraints.weekly[0].time_zone",
            "must be an IANA time zone such as Europe/Berlin",
        ),
        (
            _NIGHT + 'weekdays = ["monday"]\n',
            20,
            "constraints.weekly[0].weekdays[0]",
            'must be "mon", "tue", "wed", "thu", "fri", "sat" or "sun"',
        ),
        (
            _NIGHT + "from_date = 2026-07-01\nuntil_date = 2026-06-01\n",
            21,
            "constraints.weekly[0].until_date",
            "must not be before from_date",
        ),
        ("[constraints]\nblackout_file = 'x'\n", 17, "constraints.blackout_file", "unknown key"),
    ],
)
def test_wrong_tables(small, problems, table: str, line: int, field: str, message: str) -> None:  # type: ignore[no-untyped-def]
    found = problems(small((T, "[weather]", f"{table}[weather]")))
    assert (T, line, field, message) in [p[:4] for p in found]


def test_times_of_a_constellation(small) -> None:  # type: ignore[no-untyped-def]
    path = small(
        (T, 'kind = "file", path = "qube.tle"', 'kind = "walker", altitude_km = 600, pattern = "53:4/2/1"'),
        (T, 'profile = "eagle1-like"', 'profile = "eagle1-like"\navailability_file = "payload.csv"'),
    )
    write(path, "payload.csv", "start_utc,end_utc\n2026-06-15T00:00:00Z,2026-06-16T00:00:00Z\n")
    scenario = load_scenario(path)
    ids = ["qube-1-1", "qube-1-2", "qube-2-1", "qube-2-2"]
    assert [satellite.satellite_id for satellite in scenario.satellites] == ids
    assert [times.satellite_id for times in scenario.constraints.times] == ids
    assert [satellite.orbit.raan_deg for satellite in scenario.satellites] == [0.0, 0.0, 180.0, 180.0]  # type: ignore[union-attr]


_KEPLER = 'kind = "kepler", altitude_km = 600, inclination_deg = 51.6, raan_deg = 33, eccentricity = 0.01'


def test_kepler_and_sso_orbits(small) -> None:  # type: ignore[no-untyped-def]
    file = 'kind = "file", path = "qube.tle"'
    kepler = load_scenario(
        small(
            (
                T,
                file,
                _KEPLER,
            )
        )
    )
    orbit = kepler.satellites[0].orbit
    assert (orbit.inclination_deg, orbit.raan_deg, orbit.eccentricity) == (51.6, 33.0, 0.01)  # type: ignore[union-attr]
    assert orbit.epoch_utc == kepler.horizon.start_utc
    sso = load_scenario(small((T, file, 'kind = "sso", altitude_km = 600, ltan = "10:30"')))
    assert sso.satellites[0].orbit.inclination_deg == pytest.approx(97.8, abs=0.1)  # type: ignore[union-attr]


def test_an_ephemeris_and_its_span(small, problems) -> None:  # type: ignore[no-untyped-def]
    path = small((T, 'path = "qube.tle"', 'path = "q.oem"'))
    head = (
        "CCSDS_OEM_VERS = 2.0\nMETA_START\nOBJECT_NAME = Q\nOBJECT_ID = 2027-001A\nCENTER_NAME = EARTH\n"
        "REF_FRAME = GCRF\nTIME_SYSTEM = UTC\nINTERPOLATION = HERMITE\nINTERPOLATION_DEGREE = 3\nMETA_STOP\n"
    )
    first = datetime(2026, 6, 15, tzinfo=UTC)
    rows = [f"{first + timedelta(hours=12 * k):%Y-%m-%dT%H:%M:%S} 6878.0 0.0 0.0 0.0 7.6 0.0\n" for k in range(15)]
    write(path, "q.oem", head + "".join(rows))
    assert "W-EPHEMERIS-SPAN" not in [n.notice_id for n in load_scenario(path).notices]
    write(path, "q.oem", head + "".join(rows[:10]))
    assert "W-EPHEMERIS-SPAN" in [n.notice_id for n in load_scenario(path).notices]
    write(path, "q.oem", head + "".join(rows).replace("2026-06", "2026-04"))
    (found,) = problems(path)
    assert found[:4] == (
        T,
        9,
        "satellites.qube.orbit",
        "q.oem covers no part of the horizon, and is never extrapolated",
    )
