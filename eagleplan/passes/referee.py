"""Independent referees on the planner's own elements and sites: skyfield for passes, astropy for frame, Sun
and Moon.

astropy is imported here alone, both are imported late. The referees share with the planner SGP4 itself, the
elements and the Earth's orientation (UT1 and the pole, which are data); their frames, sites, ephemerides
and searches are their own.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

import numpy as np

from eagleplan.model import Horizon, MeanElements, Pass, Satellite, Site, ValidationRow
from eagleplan.orbit.earth_orientation import earth_orientation, mjd_utc
from eagleplan.orbit.frame import itrf_from_teme
from eagleplan.orbit.places import site_vectors
from eagleplan.orbit.sgp4_orbit import satrec, teme_positions
from eagleplan.orbit.sun_moon import sun_moon
from eagleplan.orbit.turn import earth_turn, pole_rad, tt_minus_utc_s, ut1_minus_utc_s
from eagleplan.passes.find import find_passes
from eagleplan.passes.look import elevation_deg
from eagleplan.passes.masks import threshold_deg
from eagleplan.units import SECONDS_PER_DAY, FloatArray

TIME_TOLERANCE_S = 0.5
"""skyfield stops refining rises and sets at up to half a second."""

ELEVATION_TOLERANCE_DEG = 0.005
FRAME_TOLERANCE_MM = 1.0
UT1_TOLERANCE_S = 0.1
BODY_TOLERANCE_DEG = 0.01

_MOST_DAYS = 7.0
_NEAR_EARTH_REV_PER_DAY = 6.4
_INSTANTS = 50
_MJD_ZERO_JD = 2_400_000.5


def referee_rows(satellites: Sequence[Satellite], sites: Sequence[Site], horizon: Horizon) -> tuple[ValidationRow, ...]:
    """The worst difference from a referee for each quantity, over at most the first seven days of the
    horizon.

    `published` is the referee's value where the difference is largest, `ours` the planner's.
    """
    span = Horizon(start_utc=horizon.start_utc, days=min(horizon.days, _MOST_DAYS))
    search = find_passes(satellites, sites, span)
    rows: list[ValidationRow] = []
    failed = {failure.satellite_id for failure in search.failed}
    for satellite in satellites:
        if isinstance(satellite.orbit, MeanElements) and satellite.satellite_id not in failed:
            found = [this for this in search.passes if this.satellite_id == satellite.satellite_id]
            rows.extend(_pass_rows(satellite, satellite.orbit, sites, span, found))
            rows.append(_frame_row(satellite, satellite.orbit, span))
    rows.append(_orientation_row(span))
    rows.extend(_body_rows(sites, span))
    return tuple(rows)


# skyfield


def _pass_rows(
    satellite: Satellite, elements: MeanElements, sites: Sequence[Site], span: Horizon, found: Sequence[Pass]
) -> list[ValidationRow]:
    from skyfield.api import EarthSatellite, load, wgs84

    timescale = load.timescale(builtin=True, delta_t=_tt_minus_ut1_s(span))
    body = EarthSatellite.from_satrec(satrec(elements), timescale)
    observers = {
        site.site_id: wgs84.latlon(site.latitude_deg, site.longitude_deg, elevation_m=site.altitude_m) for site in sites
    }
    source = "skyfield, its own frame and WGS84 sites"
    rows = [_elevation_row(satellite, body, observers, timescale, {s.site_id: s for s in sites}, span, found, source)]
    plain = [site for site in sites if site.horizon_mask is None]
    if elements.mean_motion_rev_per_day > _NEAR_EARTH_REV_PER_DAY and plain:
        rows.extend(_event_rows(satellite, body, observers, timescale, plain, span, found))
    return rows


def _tt_minus_ut1_s(span: Horizon) -> float:
    """In the middle of the span: UT1 moves by milliseconds a day."""
    middle_s = np.array([0.5 * span.duration_s])
    return float((tt_minus_utc_s(span, middle_s) - ut1_minus_utc_s(span, middle_s))[0])


def _elevation_row(
    satellite: Satellite,
    body: Any,
    observers: dict[str, Any],
    timescale: Any,
    sites: dict[str, Site],
    span: Horizon,
    found: Sequence[Pass],
    source: str,
) -> ValidationRow:
    """Elevation at our instants: the threshold at rises and sets that nothing cut, our maximum at culminations."""
    ours, theirs = [], []
    for site_id, observer in observers.items():
        passes = [this for this in found if this.site_id == site_id]
        instants = [(this.culmination_s, this.max_elevation_deg) for this in passes]
        for t_s, azimuth_deg in (
            *((this.rise_s, this.rise_azimuth_deg) for this in passes if not this.cut_start),
            *((this.set_s, this.set_azimuth_deg) for this in passes if not this.cut_end),
        ):
            instants.append((t_s, float(threshold_deg(sites[site_id], np.array(azimuth_deg)))))
        if instants:
            times = timescale.from_datetimes([span.utc(t_s) for t_s, _ in instants])
            theirs.append(np.asarray((body - observer).at(times).altaz()[0].degrees))
            ours.append(np.array([elevation for _, elevation in instants]))
    return _worst_row(
        f"{satellite.satellite_id}: elevation at rise, culmination and set",
        source,
        _joined(theirs),
        _joined(ours),
        ELEVATION_TOLERANCE_DEG,
        "deg",
    )


def _event_rows(
    satellite: Satellite,
    body: Any,
    observers: dict[str, Any],
    timescale: Any,
    sites: Sequence[Site],
    span: Horizon,
    found: Sequence[Pass],
) -> list[ValidationRow]:
    """skyfield's own search beside ours, pass by pass, at sites without a mask; cut passes are left out."""
    their_times: list[float] = []
    our_times: list[float] = []
    n_theirs = n_ours = 0
    for site in sites:
        whole = [this for this in found if this.site_id == site.site_id and not (this.cut_start or this.cut_end)]
        times, kinds = body.find_events(
            observers[site.site_id],
            timescale.from_datetime(span.start_utc),
            timescale.from_datetime(span.end_utc),
            altitude_degrees=site.min_elevation_deg,
        )
        seconds = [span.seconds(instant) for instant in times.utc_datetime()] if len(kinds) else []
        for i in range(len(kinds) - 2):
            if list(kinds[i : i + 3]) != [0, 1, 2]:
                continue
            n_theirs += 1
            match = next((p for p in whole if p.rise_s < seconds[i + 1] < p.set_s), None)
            if match is not None:
                n_ours += 1
                their_times += [seconds[i], seconds[i + 2]]
                our_times += [match.rise_s, match.set_s]
    name, source = satellite.satellite_id, "skyfield, EarthSatellite.find_events"
    return [
        _row(f"{name}: passes that the referee finds", source, float(n_theirs), float(n_ours), 0.0, "", ""),
        _worst_row(f"{name}: rise and set", source, np.array(their_times), np.array(our_times), TIME_TOLERANCE_S, "s"),
    ]


# astropy


def _frame_row(satellite: Satellite, elements: MeanElements, span: Horizon) -> ValidationRow:
    """TEME to ITRF with one table of Earth orientation on both sides: the frame itself is compared."""
    from astropy import units
    from astropy.coordinates import ITRS, TEME, CartesianRepresentation

    t_s = _instants(span)
    position = teme_positions(elements, span, t_s)
    with _planners_orientation(span):
        instants = _astropy_times(span, t_s)
        inertial = TEME(CartesianRepresentation(position * units.km), obstime=instants)
        theirs = inertial.transform_to(ITRS(obstime=instants)).cartesian.xyz.to_value(units.mm)
    ours = itrf_from_teme(earth_turn(span, t_s), position) * 1e6
    apart = np.sqrt(np.einsum("in,in->n", theirs - ours, theirs - ours))
    return _row(
        f"{satellite.satellite_id}: place in the Earth-fixed frame, distance",
        "astropy, TEME to ITRS",
        0.0,
        float(apart.max()),
        FRAME_TOLERANCE_MM,
        "mm",
        _compared(len(t_s)),
    )


def _orientation_row(span: Horizon) -> ValidationRow:
    """UT1 − UTC from the packaged table and from the referee's own, where both have it."""
    from astropy.utils import iers

    _stay_offline()
    table, own = earth_orientation(), iers.IERS_Auto.open()
    mjd = mjd_utc(span) + _instants(span) / SECONDS_PER_DAY
    last = min(table.mjd[-1], float(own["MJD"][-1].value))
    mjd = mjd[(mjd >= table.mjd[0]) & (mjd < last)]
    theirs = np.asarray(own.ut1_utc(_MJD_ZERO_JD, mjd).value, dtype=np.float64) if len(mjd) else mjd
    tai_minus_utc_s = table.tai_minus_utc_s[(np.floor(mjd) - table.mjd[0]).astype(np.intp)]
    ours = np.interp(mjd, table.mjd, table.ut1_minus_tai_s) + tai_minus_utc_s
    return _worst_row("UT1 − UTC", "astropy, its own IERS table", theirs, ours, UT1_TOLERANCE_S, "s")


def _body_rows(sites: Sequence[Site], span: Horizon) -> Iterable[ValidationRow]:
    """Elevation of the Sun and the Moon at each site."""
    from astropy import units
    from astropy.coordinates import AltAz, EarthLocation, get_body, solar_system_ephemeris

    t_s = _instants(span)
    bodies = sun_moon(span)
    vectors = site_vectors(sites)
    for name, place_km in (("sun", bodies.sun_itrf_km(t_s)), ("moon", bodies.moon_itrf_km(t_s))):
        theirs, ours = [], []
        with _planners_orientation(span), solar_system_ephemeris.set("builtin"):
            instants = _astropy_times(span, t_s)
            for number, site in enumerate(sites):
                location = EarthLocation.from_geodetic(
                    site.longitude_deg * units.deg, site.latitude_deg * units.deg, site.altitude_m * units.m
                )
                sky = AltAz(obstime=instants, location=location)
                theirs.append(get_body(name, instants, location).transform_to(sky).alt.to_value(units.deg))
                ours.append(elevation_deg(vectors, np.full(len(t_s), number), place_km))
        yield _worst_row(
            f"{name.capitalize()}: elevation at the sites",
            "astropy, built-in ephemeris",
            _joined(theirs),
            _joined(ours),
            BODY_TOLERANCE_DEG,
            "deg",
        )


def _astropy_times(span: Horizon, t_s: FloatArray) -> Any:
    from astropy.time import Time

    return Time([span.start_utc + timedelta(seconds=t) for t in t_s.tolist()], scale="utc")


def _stay_offline() -> None:
    """astropy must neither fetch a newer IERS table nor refuse its own for its age."""
    from astropy.utils import iers

    iers.conf.auto_download = False
    iers.conf.auto_max_age = None


def _planners_orientation(span: Horizon) -> Any:
    """A context in which astropy turns the Earth by what the planner has for the span, held values and all."""
    from astropy import units
    from astropy.table import QTable
    from astropy.utils import iers

    _stay_offline()
    days = math.ceil(span.days) + 4
    midnight = Horizon(
        start_utc=span.start_utc.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=2), days=days
    )
    t_s: FloatArray = np.arange(days + 1, dtype=np.float64) * SECONDS_PER_DAY
    pole_x_rad, pole_y_rad = pole_rad(midnight, t_s)
    columns = QTable()
    columns["MJD"] = (round(mjd_utc(midnight)) + np.arange(days + 1)) * units.d
    columns["UT1_UTC"] = ut1_minus_utc_s(midnight, t_s) * units.s
    columns["PM_x"] = pole_x_rad * units.rad
    columns["PM_y"] = pole_y_rad * units.rad
    columns["dX_2000A"] = columns["dY_2000A"] = np.zeros(days + 1) * units.marcsec
    return iers.earth_orientation_table.set(iers.IERS(columns))


# rows


def _instants(span: Horizon) -> FloatArray:
    """Instants spread over the span, none at its ends, at no particular time of day."""
    return (np.arange(_INSTANTS, dtype=np.float64) + 0.5) * (span.duration_s / _INSTANTS)


def _joined(parts: Sequence[FloatArray]) -> FloatArray:
    return np.concatenate(parts) if parts else np.zeros(0)


def _worst_row(
    case: str, source: str, theirs: FloatArray, ours: FloatArray, tolerance: float, unit: str
) -> ValidationRow:
    if not len(theirs):
        return _row(case, source, 0.0, 0.0, tolerance, unit, _compared(0))
    worst = int(np.abs(ours - theirs).argmax())
    return _row(case, source, float(theirs[worst]), float(ours[worst]), tolerance, unit, f"worst of {len(theirs)}")


def _row(case: str, source: str, theirs: float, ours: float, tolerance: float, unit: str, note: str) -> ValidationRow:
    return ValidationRow(
        case=case, source=source, published=theirs, ours=ours, tolerance=tolerance, unit=unit, note=note
    )


def _compared(count: int) -> str:
    return f"{count} compared"
