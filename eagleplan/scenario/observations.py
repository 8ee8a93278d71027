"""Aerodrome reports for sites near the aerodrome: how much cloud they leave open above the site."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from eagleplan.inputs.metar import Report, parse_metars
from eagleplan.model import Horizon, Notice, Observation, Site
from eagleplan.scenario.reading import Reading
from eagleplan.scenario.schema import MetarTable, WeatherTable


def observations(
    reading: Reading, table: WeatherTable, horizon: Horizon, sites: Sequence[Site], closed: Collection[str]
) -> tuple[tuple[datetime, Observation], ...]:
    """(when, what was seen) of every report with cloud above its site.

    A report without cloud is no clear sky, and is passed over with ``W-METAR-NO-CLOUD``; one for a station that is
    closed matters to nobody.
    """
    by_id = {site.site_id: site for site in sites}
    found: list[tuple[datetime, Observation]] = []
    silent: list[str] = []
    near_utc = table.planned_utc or horizon.start_utc
    for index, entry in enumerate(table.metar):
        key = ("weather", "metar", index)
        if entry.site_id in closed:
            continue
        if entry.site_id not in by_id:
            reading.unknown((*key, "site_id"), "no such site in use", entry.site_id, list(by_id))
        reports = reading.read(
            entry.file, "metar", (*key, "file"), lambda text, path: parse_metars(text, path, near_utc)
        )
        if reports is None or entry.site_id not in by_id:
            continue
        own = [report for report in reports if report.station == entry.station]
        if not own:
            known = sorted({report.station for report in reports})
            reading.unknown((*key, "station"), "the file has no report of this station", entry.station, known)
        for report in own:
            cover_frac = cover_above(report, entry, by_id[entry.site_id], table.low_cloud_top_m)
            if cover_frac == 0.0:
                silent.append(f"{entry.station} {report.observed_utc:%d%H%MZ}")
            else:
                seen = Observation(
                    site_id=entry.site_id,
                    origin=f"METAR {entry.station}",
                    observed_s=(report.observed_utc - horizon.start_utc).total_seconds(),
                    clear_frac=1.0 - cover_frac,
                )
                found.append((report.observed_utc, seen))
    if silent:
        message = "reports no cloud above the site, which is not a clear sky (cirrus is not seen): it is not used"
        reading.notices.append(Notice(notice_id="W-METAR-NO-CLOUD", subject=", ".join(silent), message=message))
    return tuple(found)


def cover_above(report: Report, entry: MetarTable, site: Site, low_cloud_top_m: float) -> float:
    """Cover of the reported layers that are above the site.

    Amounts are as seen from below, so that the largest of them is the cover. A site as high as the low layer's top is
    above every layer whose base is below it; one that is lower counts a base below it as fog around it.
    """
    counted = [
        layer.cover_frac
        for layer in report.layers
        if site.altitude_m < low_cloud_top_m
        or (layer.base_m is not None and layer.base_m + entry.station_elevation_m >= site.altitude_m)
    ]
    return max(counted, default=0.0)
