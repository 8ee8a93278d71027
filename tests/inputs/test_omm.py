"""Orbit mean-elements messages: four formats of one message agree, with sgp4's reader and with ccsds-ndm's
writer."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from ccsds_ndm.models import ndmxml2 as ndm
from ccsds_ndm.ndm_io import NDMFileFormats as Formats
from ccsds_ndm.ndm_io import NdmIo
from hypothesis import given
from hypothesis import strategies as st
from sgp4 import omm as sgp4_omm
from sgp4.api import Satrec

from eagleplan.errors import InputError
from eagleplan.inputs.elements import parse_elements, select_orbit
from eagleplan.inputs.omm import elements_from_fields, parse_omm
from eagleplan.inputs.tle import parse_tle
from eagleplan.model import MeanElements
from eagleplan.resources import data_path

QUBE = {
    "OBJECT_NAME": "QUBE",
    "OBJECT_ID": "2024-149J",
    "EPOCH": "2026-06-13T17:53:31.269120",
    "MEAN_MOTION": 15.47049550,
    "ECCENTRICITY": 0.0001636,
    "INCLINATION": 97.3785,
    "RA_OF_ASC_NODE": 251.1126,
    "ARG_OF_PERICENTER": 204.7287,
    "MEAN_ANOMALY": 155.3885,
    "EPHEMERIS_TYPE": 0,
    "CLASSIFICATION_TYPE": "U",
    "NORAD_CAT_ID": 60476,
    "ELEMENT_SET_NO": 999,
    "REV_AT_EPOCH": 10193,
    "BSTAR": 0.00046145,
    "MEAN_MOTION_DOT": 0.00023281,
    "MEAN_MOTION_DDOT": 0,
}
_NUMBERS = [name for name in MeanElements.__dataclass_fields__ if name.endswith(("_deg", "_day", "_day2", "_day3"))]


def as_csv(*messages: dict[str, object]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(messages[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(messages)
    return out.getvalue()


def as_ndm(fields: dict[str, object]) -> ndm.Omm:
    """The message as the independent library's own object."""
    return ndm.Omm(
        header=ndm.NdmHeader(creation_date="2026-06-14T00:00:00", originator="TEST"),
        body=ndm.OmmBody(
            segment=ndm.OmmSegment(
                metadata=ndm.OmmMetadata(
                    object_name=str(fields["OBJECT_NAME"]),
                    object_id=str(fields["OBJECT_ID"]),
                    center_name="EARTH",
                    ref_frame="TEME",
                    time_system="UTC",
                    mean_element_theory="SGP4",
                ),
                data=ndm.OmmData(
                    comment=["a comment = in the data"],
                    mean_elements=ndm.MeanElementsType(
                        epoch=str(fields["EPOCH"]),
                        mean_motion=ndm.RevType(value=fields["MEAN_MOTION"], units=ndm.RevUnits.REV_DAY),
                        eccentricity=fields["ECCENTRICITY"],
                        inclination=ndm.InclinationType(value=fields["INCLINATION"], units=ndm.AngleUnits.DEG),
                        ra_of_asc_node=ndm.AngleType(value=fields["RA_OF_ASC_NODE"], units=ndm.AngleUnits.DEG),
                        arg_of_pericenter=ndm.AngleType(value=fields["ARG_OF_PERICENTER"], units=ndm.AngleUnits.DEG),
                        mean_anomaly=ndm.AngleType(value=fields["MEAN_ANOMALY"], units=ndm.AngleUnits.DEG),
                    ),
                    tle_parameters=ndm.TleParametersType(
                        ephemeris_type=0,
                        classification_type="U",
                        norad_cat_id=fields["NORAD_CAT_ID"],
                        element_set_no=fields["ELEMENT_SET_NO"],
                        rev_at_epoch=fields["REV_AT_EPOCH"],
                        bstar=ndm.BStarType(value=fields["BSTAR"]),
                        mean_motion_dot=ndm.DRevType(value=fields["MEAN_MOTION_DOT"]),
                        mean_motion_ddot=ndm.DdRevType(value=fields["MEAN_MOTION_DDOT"]),
                    ),
                ),
            )
        ),
    )


def as_kvn(fields: dict[str, object]) -> str:
    return str(NdmIo().to_string(as_ndm(fields), Formats.KVN))


def as_xml(fields: dict[str, object]) -> str:
    return str(NdmIo().to_string(as_ndm(fields), Formats.XML))


def values(elements: MeanElements) -> dict[str, object]:
    return {name: getattr(elements, name) for name in elements.__dataclass_fields__ if name != "origin"}


def problems_of(text: str) -> list[tuple[int | None, str | None, str, str | None]]:
    with pytest.raises(InputError) as caught:
        parse_omm(text, "x.omm")
    return [(p.line, p.field, p.message, p.got) for p in caught.value.problems]


@pytest.mark.parametrize("write", [as_kvn, as_xml, as_csv, json.dumps, lambda fields: json.dumps([fields], indent=1)])
def test_every_format_gives_the_elements_of_the_tle(write) -> None:  # type: ignore[no-untyped-def]
    """QUBE's message and its two lines of the same epoch are one element set."""
    (message,) = parse_omm(write(QUBE), "qube")
    lines = data_path("tle", "quantum-and-optical-2026-06.tle").read_text()
    tle = next(elements for elements in parse_tle(lines, "tle") if elements.catalog_id == 60476)
    assert message.epoch_utc == tle.epoch_utc
    assert values(message) | {"kind": "tle"} == values(tle)


@st.composite
def messages(draw: st.DrawFn) -> dict[str, object]:
    angle = st.floats(0.0, 359.9999).map(lambda value: round(value, 4))
    instant = datetime(2020, 1, 1, tzinfo=UTC) + draw(st.timedeltas(timedelta(0), timedelta(days=5000)))
    return QUBE | {
        "EPOCH": f"{instant:%Y-%m-%dT%H:%M:%S.%f}",
        "MEAN_MOTION": round(draw(st.floats(0.1, 16.5)), 8),
        "ECCENTRICITY": round(draw(st.floats(0.0, 0.9)), 7),
        "INCLINATION": round(draw(st.floats(0.0, 180.0)), 4),
        "RA_OF_ASC_NODE": draw(angle),
        "ARG_OF_PERICENTER": draw(angle),
        "MEAN_ANOMALY": draw(angle),
        "NORAD_CAT_ID": draw(st.integers(1, 999_999_999)),
        "REV_AT_EPOCH": draw(st.integers(0, 99_999)),
        "BSTAR": draw(st.sampled_from([0.0, 0.00046145, -1.2e-5, 0.5])),
    }


@given(messages())
def test_formats_agree_for_any_message(fields: dict[str, object]) -> None:
    from_dict = elements_from_fields(fields)
    for text in (as_kvn(fields), as_xml(fields), as_csv(fields), json.dumps(fields)):
        (read,) = parse_omm(text, "x")
        assert values(read) == values(from_dict)


@given(messages())
def test_reads_a_message_as_sgp4_does(fields: dict[str, object]) -> None:
    fields["NORAD_CAT_ID"] = int(fields["NORAD_CAT_ID"]) % 339_999 + 1  # type: ignore[call-overload]
    record = Satrec()
    sgp4_omm.initialize(record, fields)
    ours = elements_from_fields(fields)
    degree = 57.29577951308232
    assert ours.catalog_id == record.satnum
    assert ours.inclination_deg == pytest.approx(record.inclo * degree, rel=1e-14)
    assert ours.mean_motion_rev_per_day == pytest.approx(record.no_kozai * 720.0 / (180.0 / degree), rel=1e-14)
    assert ours.bstar_per_earth_radius == record.bstar


def test_ids_of_nine_digits() -> None:
    """sgp4's own reader refuses them; supplemental and pre-launch sets have them."""
    assert elements_from_fields(QUBE | {"NORAD_CAT_ID": "799501299"}).catalog_id == 799_501_299
    with pytest.raises(InputError, match="NORAD_CAT_ID: must be a whole number from 0 to 999999999"):
        elements_from_fields(QUBE | {"NORAD_CAT_ID": "1000000000"})


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-06-13T17:53:31Z", datetime(2026, 6, 13, 17, 53, 31, tzinfo=UTC)),
        ("2026-06-13T17:53:31", datetime(2026, 6, 13, 17, 53, 31, tzinfo=UTC)),
        ("2026-06-13T17:53:31.5Z", datetime(2026, 6, 13, 17, 53, 31, 500000, tzinfo=UTC)),
        ("2026-06-13T17:53:31.26912049", datetime(2026, 6, 13, 17, 53, 31, 269120, tzinfo=UTC)),
        ("2026-164T17:53:31.269120", datetime(2026, 6, 13, 17, 53, 31, 269120, tzinfo=UTC)),
        ("2024-366T00:00:00", datetime(2024, 12, 31, tzinfo=UTC)),
    ],
)
def test_ways_to_write_an_epoch(written: str, meant: datetime) -> None:
    assert elements_from_fields(QUBE | {"EPOCH": written}).epoch_utc == meant


@pytest.mark.parametrize(
    "written",
    ["2026-06-13", "2026-06-13T17:53:31+02:00", "2026-13-01T00:00:00", "2025-366T00:00:00", "yesterday"],
)
def test_an_epoch_that_is_none(written: str) -> None:
    with pytest.raises(InputError) as caught:
        elements_from_fields(QUBE | {"EPOCH": written})
    (problem,) = caught.value.problems
    assert (problem.field, problem.got) == ("EPOCH", written)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("INCLINATION", "191", "must be from 0 to 180"),
        ("INCLINATION", "nan", "must be a finite number"),
        ("MEAN_MOTION", "0", "must be > 0 and < 20 rev/day"),
        ("MEAN_MOTION", "inf", "must be a finite number"),
        ("ECCENTRICITY", "1.0", "must be >= 0 and < 1"),
        ("RA_OF_ASC_NODE", "400", "must be from -360 to 360"),
        ("REF_FRAME", "EME2000", "must be TEME or TEMEOFEPOCH"),
        ("TIME_SYSTEM", "TAI", "must be UTC"),
        ("CENTER_NAME", "MARS", "must be EARTH"),
        ("MEAN_ELEMENT_THEORY", "SGP4-XP", "must be SGP4 or SGP/SGP4 or SGP or SDP4"),
        ("EPHEMERIS_TYPE", "4", "must be 0 or 2 or SGP4"),
        ("BSTAR", "", "is required"),
    ],
)
def test_a_wrong_field(field: str, value: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        elements_from_fields(QUBE | {field: value})
    assert [(p.field, p.message, p.got) for p in caught.value.problems] == [(field, message, value or None)]


def test_wrong_values_name_their_line_in_every_format() -> None:
    wrong = QUBE | {"INCLINATION": 190.5, "ECCENTRICITY": 2.0}
    for text in (as_kvn(wrong), as_xml(wrong), json.dumps(wrong, indent=1)):
        lines = text.split("\n")
        expected = {
            name: next(i for i, line in enumerate(lines, 1) if name in line) for name in ("INCLINATION", "ECCENTRICITY")
        }
        assert {field: line for line, field, _, _ in problems_of(text)} == expected
    assert {line for line, *_ in problems_of(as_csv(QUBE, wrong))} == {3}


def test_a_misspelt_keyword_is_named() -> None:
    fields = {("INCLINATON" if key == "INCLINATION" else key): value for key, value in QUBE.items()}
    with pytest.raises(InputError) as caught:
        parse_omm(json.dumps(fields), "x")
    (problem,) = caught.value.problems
    assert (problem.field, problem.hint) == ("INCLINATION", 'did you mean "INCLINATON"?')


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<omm><unclosed>", "is not XML"),
        ('<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><omm/>', "must not declare a document type"),
        ("{", "is not JSON"),
        ("[1]", "must be an object"),
        ("[]", "the file holds no orbit mean-elements message"),
        ("<ndm/>", "the file holds no orbit mean-elements message"),
        ("a,b\n1,2\n", "is not an orbit mean-elements message"),
        ("CCSDS_OMM_VERS = 3.0\nwhat is this\n", "must be KEYWORD = value"),
    ],
)
def test_text_that_is_no_message(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_omm(text, "x")


def test_what_a_file_holds_is_told_from_its_text() -> None:
    lines = data_path("tle", "quantum-2021-08.tle").read_text()
    assert [orbit.catalog_id for orbit in parse_elements(lines, "x")] == [41731, 44332]
    for text in (as_kvn(QUBE), as_xml(QUBE), as_csv(QUBE), json.dumps(QUBE)):
        assert [orbit.catalog_id for orbit in parse_elements(text, "x")] == [60476]
    with pytest.raises(InputError, match="is neither TLE nor a CCSDS orbit message"):
        parse_elements("name = 'a TOML file'", "x")


def test_choosing_an_object() -> None:
    newer = QUBE | {"EPOCH": "2026-06-14T00:00:00"}
    other = QUBE | {"NORAD_CAT_ID": 69023, "OBJECT_NAME": "QUBE-II"}
    orbits = parse_elements(json.dumps([newer, QUBE, other]), "x")
    assert select_orbit(orbits, "x", catalog_id=60476).epoch_utc == datetime(2026, 6, 14, tzinfo=UTC)
    assert select_orbit(orbits, "x", object_name="qube-ii").catalog_id == 69023
    with pytest.raises(InputError, match="holds several objects"):
        select_orbit(orbits, "x")
    with pytest.raises(InputError, match="holds no such object") as caught:
        select_orbit(orbits, "x", object_name="QUBE-I")
    assert caught.value.problems[0].hint in ('did you mean "QUBE-II"?', 'did you mean "QUBE"?')
