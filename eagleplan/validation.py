"""The validation table: published figures beside what this code computes now, over all rooms."""

from __future__ import annotations

from datetime import UTC, datetime

from eagleplan import key, link, passes
from eagleplan.inputs.text import decode
from eagleplan.inputs.tle import parse_tle
from eagleplan.link.validation_micius import MICIUS, XINGLONG, MiciusTrack
from eagleplan.model import Horizon, Satellite, Source, ValidationRow
from eagleplan.resources import data_path
from eagleplan.units import SECONDS_PER_DAY

_PASS_START_UTC = datetime(2016, 12, 19, 16, 49, 57, 200_000, tzinfo=UTC)
_PASS_SECONDS = 273
_SOURCE = Source(pulse_rate_hz=100e6, mu_signal=0.8, mu_decoy=0.1, p_signal=0.5, p_decoy=0.25, p_key_basis=0.5)
"""Liao et al. 2017, Nature 549:43: intensities 0.8, 0.1 and 0, sent 2 : 1 : 1."""


def validation_rows() -> tuple[ValidationRow, ...]:
    """Every row, room by room; the Micius pass is found from its published elements first."""
    return (*link.validation_rows(micius_track()), *key.validation_rows())


def micius_track() -> MiciusTrack:
    """The 273 s of 2016-12-19 over Xinglong, by this project's own orbit and pass code."""
    path = data_path("validation", "micius_2016_12_19.tle")
    (elements,) = parse_tle(decode(path.read_bytes(), str(path)), str(path))
    satellite = Satellite(satellite_id="micius", name="Micius", orbit=elements, terminal=MICIUS, source=_SOURCE)
    horizon = Horizon(start_utc=_PASS_START_UTC, days=_PASS_SECONDS / SECONDS_PER_DAY)
    search = passes.find_passes([satellite], [XINGLONG], horizon)
    span = passes.ProfileSpan(satellite_id="micius", site_id=XINGLONG.site_id, start_s=0, end_s=_PASS_SECONDS)
    (profile,) = passes.profiles([span], search)
    return MiciusTrack(range_km=profile.range_km, elevation_deg=profile.elevation_deg)
