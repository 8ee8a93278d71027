"""Two-line elements: checked against sgp4's own reader, and against everything that can be wrong with a
line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sgp4.api import WGS72, Satrec
from sgp4.exporter import export_tle

from eagleplan.errors import InputError
from eagleplan.inputs.tle import checksum, parse_tle
from eagleplan.resources import data_path

ISS = (
    "1 25544U 98067A   08264.51782528 -.00002182  00000-0 -11606-4 0  2927",
    "2 25544  51.6416 247.4627 0006703 130.5360 325.0288 15.72125391563537",
)


def with_checksum(line: str) -> str:
    return line[:68] + str(checksum(line))


def problems_of(text: str) -> list[tuple[int | None, str | None, str, str | None]]:
    with pytest.raises(InputError) as caught:
        parse_tle(text, "x.tle")
    return [(p.line, p.field, p.message, p.got) for p in caught.value.problems]


def test_values_of_the_well_known_example() -> None:
    """The ISS set of 2008-09-20, which most descriptions of the format take apart column by column."""
    (elements,) = parse_tle("\n".join(ISS), "iss.tle")
    assert elements.catalog_id == 25544
    assert elements.international_designator == "1998-067A"
    assert elements.epoch_utc == datetime(2008, 9, 20, 12, 25, 40, 104192, tzinfo=UTC)
    assert elements.mean_motion_dot_rev_per_day2 == -0.00002182
    assert elements.mean_motion_ddot_rev_per_day3 == 0.0
    assert elements.bstar_per_earth_radius == pytest.approx(-0.11606e-4, rel=1e-15)
    assert elements.inclination_deg == 51.6416
    assert elements.raan_deg == 247.4627
    assert elements.eccentricity == 0.0006703
    assert elements.arg_perigee_deg == 130.5360
    assert elements.mean_anomaly_deg == 325.0288
    assert elements.mean_motion_rev_per_day == 15.72125391
    assert elements.revolution_number == 56353
    assert elements.element_set_number == 292
    assert (elements.name, elements.kind, elements.origin) == ("25544", "tle", "iss.tle:1")


@st.composite
def records(draw: st.DrawFn) -> tuple[Satrec, str, str]:
    """An element set as sgp4 writes it, for any orbit that the format can hold."""
    days = draw(st.integers(2922, 39000)) + draw(st.integers(0, 99_999_999)) / 1e8
    record = Satrec()
    record.sgp4init(
        WGS72,
        "i",
        # sgp4 2.27 writes 18 and 23 as I and O, the two letters that Alpha-5 leaves out.
        draw(st.integers(1, 339_999).filter(lambda number: number // 10_000 not in (18, 23))),
        days,
        draw(st.sampled_from([0.0, 1.2345e-4, -9.8765e-6, 0.55e-1])),
        0.0,
        0.0,
        draw(st.integers(0, 900_000)) / 1e7,
        draw(st.floats(0.0, 6.283)),
        draw(st.floats(0.0, 3.1415)),
        draw(st.floats(0.0, 6.283)),
        draw(st.floats(0.0044, 0.0715)),
        draw(st.floats(0.0, 6.283)),
    )
    record.classification = "U"
    record.intldesg = draw(st.sampled_from(["98067A", "24149J", "26100AV", "98067QH"]))
    record.elnum = draw(st.integers(0, 999))
    record.revnum = draw(st.integers(0, 99_999))
    record.ephtype = 0
    return record, *export_tle(record)


@given(records())
def test_reads_what_sgp4_writes_and_as_sgp4_reads_it(drawn: tuple[Satrec, str, str]) -> None:
    _, one, two = drawn
    (ours,) = parse_tle(f"{one}\n{two}\n", "x.tle")
    theirs = Satrec.twoline2rv(one, two)
    turn = 360.0 / 6.283185307179586
    assert ours.catalog_id == theirs.satnum
    assert ours.inclination_deg == pytest.approx(theirs.inclo * turn, abs=1e-10)
    assert ours.raan_deg == pytest.approx(theirs.nodeo * turn, abs=1e-10)
    assert ours.arg_perigee_deg == pytest.approx(theirs.argpo * turn, abs=1e-10)
    assert ours.mean_anomaly_deg == pytest.approx(theirs.mo * turn, abs=1e-10)
    assert ours.eccentricity == pytest.approx(theirs.ecco, abs=1e-15)
    assert ours.mean_motion_rev_per_day == pytest.approx(theirs.no_kozai * 1440.0 * turn / 360.0, rel=1e-14)
    assert ours.bstar_per_earth_radius == pytest.approx(theirs.bstar, rel=1e-12)
    assert ours.revolution_number == theirs.revnum
    days = (theirs.jdsatepoch - 2433281.5) + theirs.jdsatepochF
    off = ours.epoch_utc - datetime(1949, 12, 31, tzinfo=UTC) - timedelta(days=days)
    assert abs(off) < timedelta(milliseconds=1)


@pytest.mark.parametrize("files", sorted(data_path("tle").glob("*.tle")), ids=lambda path: path.name)
def test_every_packaged_set_is_whole(files) -> None:  # type: ignore[no-untyped-def]
    sets = parse_tle(files.read_text(), files.name)
    assert sets
    for elements in sets:
        assert f"| {elements.catalog_id} |" in data_path("tle", "README.md").read_text()
        assert f"{elements.epoch_utc:%Y-%m-%d %H:%M}" in data_path("tle", "README.md").read_text()


@pytest.mark.parametrize(
    ("columns", "number"), [("A0000", 100_000), ("E8493", 148_493), ("J2931", 182_931), ("Z9999", 339_999)]
)
def test_alpha5_numbers(columns: str, number: int) -> None:
    """Space-Track's own table of examples: E8493 is 148493, J2931 is 182931."""
    one = with_checksum(ISS[0].replace("25544", columns))
    two = with_checksum(ISS[1].replace("25544", columns))
    assert parse_tle(f"{one}\n{two}", "x")[0].catalog_id == number


def test_names_comments_blank_lines_and_line_ends() -> None:
    text = f"# two sets\r\n0 ISS (ZARYA)\r\n{ISS[0]}\r\n{ISS[1]}  \r\n\r\nSECOND\n{ISS[0]}\n{ISS[1]}\n"
    first, second = parse_tle(text, "x.tle")
    assert (first.name, first.origin) == ("ISS (ZARYA)", "x.tle:3")
    assert (second.name, second.origin) == ("SECOND", "x.tle:7")


def test_wrong_checksum() -> None:
    text = f"{ISS[0][:68]}0\n{ISS[1]}"
    assert problems_of(text) == [(1, "checksum", "checksum must be 7", "0")]


def test_short_line() -> None:
    text = f"{ISS[0]}\n{ISS[1][:60]}"
    assert problems_of(text) == [(2, None, "must have 69 columns", "60 columns")]


def test_numbers_of_the_two_lines_differ() -> None:
    text = f"{ISS[0]}\n{with_checksum(ISS[1].replace('25544', '25545'))}"
    assert problems_of(text) == [(2, "catalog_id", "must be 25544 as on line 1 of the set", "25545")]


@pytest.mark.parametrize(
    ("line", "old", "new", "field"),
    [
        (0, "08264.51782528", "08367.51782528", "epoch"),
        (0, "08264.51782528", "08264,51782528", "epoch"),
        (0, "-11606-4", "-1l606-4", "bstar"),
        (0, "25544U", "2554IU", "catalog_id"),
        (1, " 51.6416", "191.6416", "inclination_deg"),
        (1, " 51.6416", " 51,6416", "inclination_deg"),
        (1, "0006703", "000.703", "eccentricity"),
        (1, "15.72125391", "00.00000000", "mean_motion"),
    ],
)
def test_a_field_that_is_no_field(line: int, old: str, new: str, field: str) -> None:
    lines = list(ISS)
    lines[line] = with_checksum(lines[line].replace(old, new))
    found = problems_of("\n".join(lines))
    assert (line + 1, field) in [(at, name) for at, name, _, _ in found]


def test_shifted_columns_are_seen() -> None:
    """A blank too many in front of the inclination keeps the length if one goes at the end."""
    two = ISS[1].replace("25544  51", "25544   51")[:69]
    found = problems_of(f"{ISS[0]}\n{with_checksum(two)}")
    assert {field for _, field, _, _ in found} >= {"inclination_deg", "raan_deg"}


def test_all_problems_of_a_file_at_once() -> None:
    text = f"{ISS[0][:68]}0\n{ISS[1]}\nNAME\n{ISS[0]}\nhello\n{ISS[1]}\n"
    found = problems_of(text)
    assert [(line, message) for line, _, message, _ in found] == [
        (1, "checksum must be 7"),
        (4, "line 1 of an element set has no line 2 after it"),
        (6, "line 2 of an element set has no line 1 before it"),
    ]


def test_text_that_is_no_element_set() -> None:
    assert problems_of("hello\n") == [(1, None, "is not part of an element set", "“hello”")]
    assert problems_of("# nothing\n") == [(None, None, "the file holds no element set", None)]
