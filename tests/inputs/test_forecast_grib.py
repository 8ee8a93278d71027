"""GRIB forecasts, from messages that ecCodes itself writes."""

from __future__ import annotations

from datetime import UTC, datetime

import eccodes
import numpy as np
import pytest

from eagleplan.errors import InputError
from eagleplan.inputs.forecast_grib import parse_grib

PLACES = {"at-graz": (47.0, 15.4), "es-teide": (28.3, -16.5)}
TOTAL, LOW, MID, HIGH = 1, 3, 4, 5


def _message(
    cover_percent: float,
    *,
    number: int = TOTAL,
    step: int = 0,
    member: int | None = None,
    category: int = 6,
    missing: bool = False,
    date: int = 20261129,
) -> bytes:
    """A field over Europe on half a degree: `cover_percent` at Graz's grid point, 25 elsewhere."""
    handle = eccodes.codes_grib_new_from_samples("regular_ll_sfc_grib2")
    try:
        keys = {
            "Ni": 141, "Nj": 91,
            "latitudeOfFirstGridPointInDegrees": 70.0, "latitudeOfLastGridPointInDegrees": 25.0,
            "longitudeOfFirstGridPointInDegrees": -30.0, "longitudeOfLastGridPointInDegrees": 40.0,
            "iDirectionIncrementInDegrees": 0.5, "jDirectionIncrementInDegrees": 0.5,
            "dataDate": date, "dataTime": 1800,
        }  # fmt: skip
        for key, value in keys.items():
            eccodes.codes_set(handle, key, value)
        if member is not None:
            eccodes.codes_set(handle, "productDefinitionTemplateNumber", 1)
            eccodes.codes_set(handle, "number", member)
        eccodes.codes_set(handle, "discipline", 0)
        eccodes.codes_set(handle, "parameterCategory", category)
        eccodes.codes_set(handle, "parameterNumber", number)
        eccodes.codes_set(handle, "stepUnits", 1)
        eccodes.codes_set(handle, "step", step)
        values = np.full((91, 141), 25.0)
        values[46, 91] = cover_percent  # 47° N, 15.5° E
        if missing:
            eccodes.codes_set(handle, "bitmapPresent", 1)
            eccodes.codes_set(handle, "missingValue", 9999.0)
            values[46, 91] = 9999.0
        eccodes.codes_set_values(handle, values.ravel())
        return bytes(eccodes.codes_get_message(handle))
    finally:
        eccodes.codes_release(handle)


def _problems(data: bytes) -> list[tuple[str | None, str]]:
    with pytest.raises(InputError) as caught:
        parse_grib(data, "run.grib2", PLACES)
    return [(problem.field, problem.message) for problem in caught.value.problems]


def test_the_nearest_grid_point_hour_by_hour() -> None:
    data = b"".join(_message(10.0 * step, step=step) for step in (3, 0, 6))
    graz, teide = parse_grib(data, "run.grib2", PLACES)
    assert graz.place == "at-graz"
    assert graz.issued_utc == datetime(2026, 11, 29, 18, tzinfo=UTC)
    assert [instant.hour for instant in graz.times_utc] == [18, 21, 0]
    assert graz.cover_frac["total"] == pytest.approx(np.array([[0.0, 0.3, 0.6]]), abs=1e-3)
    assert teide.cover_frac["total"] == pytest.approx(0.25, abs=1e-3)


def test_members_and_layers() -> None:
    data = b"".join(
        _message(cover + member, number=number, member=member)
        for number, cover in ((TOTAL, 80.0), (LOW, 60.0), (MID, 40.0), (HIGH, 20.0))
        for member in (1, 0)
    )
    graz = parse_grib(data, "run.grib2", PLACES)[0]
    assert {layer: round(float(cover[1, 0]), 2) for layer, cover in graz.cover_frac.items()} == {
        "total": 0.81, "low": 0.61, "mid": 0.41, "high": 0.21,
    }  # fmt: skip
    assert graz.cover_frac["low"].shape == (2, 1)


@pytest.mark.parametrize("sample", ["regular_ll_sfc_grib2", "regular_ll_sfc_grib1"])
@pytest.mark.parametrize(("parameter", "value"), [(164, 0.75), (228164, 75.0)])
def test_fractions_and_per_cent_in_both_editions(sample: str, parameter: int, value: float) -> None:
    handle = eccodes.codes_grib_new_from_samples(sample)
    eccodes.codes_set(handle, "paramId", parameter)
    eccodes.codes_set_values(handle, np.full(16 * 31, value))
    data = bytes(eccodes.codes_get_message(handle))
    eccodes.codes_release(handle)
    (series,) = parse_grib(data, "run.grib", {"ng-somewhere": (16.0, 10.1), "fr-kourou": (5.25, -52.8)})
    assert series.place == "ng-somewhere", "the other lies outside the field"
    assert series.cover_frac["total"] == pytest.approx(0.75, abs=1e-3)


def test_a_site_that_the_model_leaves_out_has_no_forecast() -> None:
    assert [series.place for series in parse_grib(_message(10.0, missing=True), "run.grib2", PLACES)] == ["es-teide"]


def test_other_quantities_are_passed_over() -> None:
    graz, _ = parse_grib(_message(280.0, category=0, number=0) + _message(50.0), "run.grib2", PLACES)
    assert graz.cover_frac["total"] == pytest.approx(0.5, abs=1e-3)


@pytest.mark.parametrize(
    ("data", "field", "message"),
    [
        (b"hello", None, "is not GRIB"),
        (b"BZh91AY&SY", None, "is not GRIB"),
        (_message(50.0)[:-20], "byte 0", "is a GRIB message that is cut or broken"),
        (_message(280.0, category=0, number=0), None, "holds no cloud cover"),
        (_message(130.0), "message 1", "total cloud cover must be between 0 and 100 %"),
        (_message(10.0) + _message(10.0, missing=True, step=1), "at-graz", "values are missing over the site"),
        (_message(10.0) * 2, "message 2", "gives total cloud cover of 2026-11-29T18:00Z"),
        (_message(10.0) + _message(10.0, date=20261128), None, "must hold one run"),
        (_message(10.0, number=LOW), "layers", "mid, high cloud is missing"),
        (
            _message(1.0) + _message(1.0, step=1) + _message(1.0, step=5) + _message(1.0, step=6),
            "2026-11-29T23:00Z",
            "hours are missing: 4 h after the time before it",
        ),
        (
            _message(1.0, member=0) + _message(1.0, member=1) + _message(1.0, member=1, step=1),
            "total, member 1",
            "must have the times of total, member 0",
        ),
    ],
)
def test_a_bad_file_says_what_is_wrong(data: bytes, field: str | None, message: str) -> None:
    found = _problems(data)
    assert found[0][0] == field
    assert found[0][1].startswith(message)
