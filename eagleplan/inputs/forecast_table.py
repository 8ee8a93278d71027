"""Forecasts as a tidy table: one row for a site, an hour and a member."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from itertools import pairwise

import numpy as np

from eagleplan.inputs.forecast import LAYERS, CloudSeries, uneven_steps
from eagleplan.inputs.suggest import did_you_mean
from eagleplan.inputs.table import Row, raise_problems, read_rows
from eagleplan.units import read_only

COVER = "cloud_cover_frac"
LAYER_COLUMNS = {layer: f"cloud_cover_{layer}_frac" for layer in LAYERS}
OPTIONAL = ("p_clear", COVER, *LAYER_COLUMNS.values(), "member", "issued_utc")

_PER_CENT = "a fraction between 0 and 1, not per cent"


def parse_forecast_table(text: str, path: str, known_sites: Collection[str] | None = None) -> tuple[CloudSeries, ...]:
    """A CSV with `site_id`, `time_utc`, and `p_clear` or `cloud_cover_frac` (or its three layers, or both).

    `p_clear` is the clear share of the sky, 1 − cover. `member` numbers the members of an ensemble; `issued_utc` is one
    instant for all rows of a site. A site that is not among `known_sites` is a problem, in its first row. Raises
    InputError with all problems.
    """
    rows, problems = read_rows(text, path, required=("site_id", "time_utc"), optional=OPTIONAL)
    given = _columns(rows[0]) if rows else {}
    by_site: dict[str, dict[int, list[tuple[datetime, Row, dict[str, float]]]]] = {}
    strangers: set[str] = set()
    for row in rows:
        n_problems = len(row.problems)
        site_id, time_utc = row.text("site_id"), row.instant("time_utc")
        member = row.whole("member", minimum=0, default=0)
        if known_sites is not None and site_id and site_id not in known_sites and site_id not in strangers:
            strangers.add(site_id)
            hint = did_you_mean(site_id, known_sites) or "the catalogue has no such site"
            row.wrong("site_id", "no such site", site_id, hint)
        has_place = len(row.problems) == n_problems
        values = {layer: _cover(row, column) for layer, column in given.items()}
        if has_place:
            by_site.setdefault(site_id, {}).setdefault(member, []).append((time_utc, row, values))
    issued = {site_id: _issued(members) for site_id, members in by_site.items()}
    for members in by_site.values():
        _check_times(members)
    raise_problems(rows, problems)
    return tuple(_series(site_id, members, issued[site_id]) for site_id, members in by_site.items())


def _columns(first: Row) -> dict[str, str]:
    """Layer → column that gives it."""
    names = set(first.cells)
    layers = [column for column in LAYER_COLUMNS.values() if column in names]
    if "p_clear" in names:
        for column in [COVER, *layers]:
            if column in names:
                first.wrong(column, "must not stand beside p_clear: they say the same")
        return {"total": "p_clear"}
    if layers and len(layers) < len(LAYERS):
        for column in LAYER_COLUMNS.values():
            if column not in names:
                first.wrong(column, "is missing: the three layers come together")
    if COVER not in names and not layers:
        first.wrong("p_clear", f"is missing, or {COVER}, or the three layers")
    given = {"total": COVER} if COVER in names else {}
    return given | {layer: column for layer, column in LAYER_COLUMNS.items() if column in names}


def _cover(row: Row, column: str) -> float:
    raw = row.cells.get(column, "")
    before = len(row.problems)
    value = row.number(column, minimum=0.0, maximum=1.0)
    if len(row.problems) > before and raw.rstrip("%").replace(".", "", 1).isdigit():
        last = row.problems.pop()
        row.wrong(column, last.message, raw, _PER_CENT)
    return 1.0 - value if column == "p_clear" else value


def _issued(members: dict[int, list[tuple[datetime, Row, dict[str, float]]]]) -> datetime | None:
    found: datetime | None = None
    first: Row | None = None
    for _, row, _ in (entry for entries in members.values() for entry in entries):
        issued = row.instant("issued_utc") if row.has("issued_utc") else None
        if first is None:
            first, found = row, issued
        elif issued != found and not row.bad:
            got = row.cells.get("issued_utc", "")
            row.wrong(
                "issued_utc", f"must be that of line {first.line}: a file holds one run of each site", got or None
            )
    return found


def _check_times(members: dict[int, list[tuple[datetime, Row, dict[str, float]]]]) -> None:
    """Every member has the same times, each once, and none is missing."""
    reference: list[datetime] | None = None
    for _, entries in sorted(members.items()):
        entries.sort(key=lambda entry: entry[0])
        times = [time_utc for time_utc, _, _ in entries]
        for i, (earlier, later) in enumerate(pairwise(entries), 1):
            if earlier[0] == later[0]:
                later[1].wrong("time_utc", f"is already on line {earlier[1].line}", later[1].cells["time_utc"])
                times[i] = times[i - 1]
        unique = sorted(set(times))
        for i, message in uneven_steps(unique):
            row = next(row for time_utc, row, _ in entries if time_utc == unique[i])
            row.wrong("time_utc", message, row.cells["time_utc"])
        if reference is None:
            reference = unique
        elif unique != reference:
            odd = min(set(reference) ^ set(unique))
            entries[0][1].wrong("member", f"must have the times of the first member: {odd:%Y-%m-%dT%H:%MZ} differs")


def _series(
    site_id: str, members: dict[int, list[tuple[datetime, Row, dict[str, float]]]], issued_utc: datetime | None
) -> CloudSeries:
    ordered = [members[member] for member in sorted(members)]
    return CloudSeries(
        place=site_id,
        issued_utc=issued_utc,
        times_utc=tuple(time_utc for time_utc, _, _ in ordered[0]),
        cover_frac={
            layer: read_only(np.array([[values[layer] for _, _, values in entries] for entries in ordered]))
            for layer in ordered[0][0][2]
        },
        field="site_id",
        line=min(row.line for entries in ordered for _, row, _ in entries),
    )
