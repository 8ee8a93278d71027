"""Numbers and instants as text: what is shown is the value, and never better than the value."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfoNotFoundError

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from eagleplan.model import Horizon
from eagleplan.report.times import day_text, iso_local, iso_utc, local, utc_of, zone
from eagleplan.report.words import bits_text, duration_text, percent_text, percent_up_text

SCALE = {"bit": 1, "kbit": 1e3, "Mbit": 1e6, "Gbit": 1e9, "Tbit": 1e12}


@given(st.integers(0, 10**14))
@example(999)
@example(1000)
@example(9_995)
@example(999_499)
@example(999_500)
def test_bits_are_shown_to_half_a_percent_in_at_most_three_figures(n_bits: int) -> None:
    number, unit = bits_text(n_bits).split()
    assert float(number) * SCALE[unit] == pytest.approx(n_bits, rel=0.0051)
    assert len(number.replace(".", "")) <= 3


@pytest.mark.parametrize(
    ("n_bits", "text"),
    [(0, "0 bit"), (812, "812 bit"), (43_008, "43.0 kbit"), (1_250_000, "1.25 Mbit"), (999_600, "1.00 Mbit")],
)
def test_bits_read_as_people_write_them(n_bits: int, text: str) -> None:
    assert bits_text(n_bits) == text


@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_a_share_is_never_shown_larger_and_a_gap_never_smaller(part: int, whole: int) -> None:
    share = min(part, whole) / whole
    shown, gap = float(percent_text(share)[:-2]), float(percent_up_text(share)[:-2])
    assert shown <= 100.0 * share + 1e-6
    assert gap >= 100.0 * share - 1e-6
    assert gap - shown < 0.2000001
    assert (shown == 100.0) == (share > 1.0 - 1e-11)


@pytest.mark.parametrize(
    ("duration_s", "text"),
    [(0, "0 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (312, "5 min 12 s"), (7505, "2 h 05 min")],
)
def test_durations(duration_s: float, text: str) -> None:
    assert duration_text(duration_s) == text


@given(st.floats(0.0, 604_800.0))
def test_instants_are_rounded_to_the_millisecond(t_s: float) -> None:
    horizon = Horizon(start_utc=datetime(2026, 11, 30, tzinfo=UTC), days=7)
    text = iso_utc(utc_of(horizon, t_s))
    assert text.endswith("Z")
    assert abs(horizon.seconds(datetime.fromisoformat(text)) - t_s) <= 0.0005001


def test_an_instant_is_rounded_into_the_next_year() -> None:
    instant = datetime(2026, 12, 31, 23, 59, 59, 999_600, tzinfo=UTC)
    assert iso_utc(instant) == "2027-01-01T00:00:00.000Z"


def test_civil_time_follows_the_zones_rules() -> None:
    """European summer time 2026 ends on 25 October at 01:00 UTC: 03:00 CEST becomes 02:00 CET."""
    before, after = datetime(2026, 10, 25, 0, 59, 59, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)
    assert iso_local(before, "Europe/Vienna") == "2026-10-25T02:59:59+02:00"
    assert iso_local(after, "Europe/Vienna") == "2026-10-25T02:00:00+01:00"
    assert [local(instant, "Europe/Vienna").tzname() for instant in (before, after)] == ["CEST", "CET"]
    assert iso_local(before, "Indian/Reunion").endswith("+04:00")
    assert zone("America/Argentina/Buenos_Aires").utcoffset(before) == timedelta(hours=-3)


@pytest.mark.parametrize("name", ["", "Europe", "Europe/Atlantis", "../UTC", "/etc/passwd", "..", "Europe//Vienna"])
def test_what_is_no_time_zone_is_refused(name: str) -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        zone(name)


def test_days_are_english() -> None:
    assert day_text(datetime(2026, 11, 30, tzinfo=UTC)) == "Mon 30 Nov 2026"
