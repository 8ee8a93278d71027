"""How good the clear probabilities were: Brier score, its skill over climatology, and reliability.

Brier 1950 (Mon. Weather Rev. 78:1): the mean squared difference between the probability and what came, 0 at best. The
skill is 1 − score / score of climatology on the same contacts. Intervals are Wilson's (1927, J. Am. Stat. Assoc.
22:209) at 95 %, for contacts that are independent of one another; contacts of one night are not quite.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

SECONDS_PER_HOUR = 3600
LEAD_CLASSES_HOURS = (0, 24, 48, 96, 168)
"""Where a class of lead time begins, hours; the last is open."""

_Z_95 = 1.959963984540054
"""Standard normal quantile of 0.975."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A contact of which it is known whether its sky was clear; `forecast_lead_s` is None without a forecast."""

    site_id: str
    p_clear: float
    p_clear_climatology: float | None
    forecast_lead_s: int | None
    was_clear: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRow:
    """A group of contacts (`by` "all", "site" or "lead"), or those of it whose probability lies in `p_range`.

    `p_low` to `p_high` is the interval of the clear fraction. `skill` is None where climatology is not known for every
    contact of the group, or is faultless.
    """

    by: str
    group: str
    p_range: str
    n_contacts: int
    p_mean: float
    clear_frac: float
    p_low: float
    p_high: float
    brier: float
    brier_climatology: float | None
    skill: float | None


def score(cases: Sequence[Scored], *, n_bins: int = 5) -> tuple[ScoreRow, ...]:
    """Each group and then its bins, equally wide in probability; empty ones are left out.

    Raises ValueError where there is nothing to score.
    """
    if not cases:
        raise ValueError("there is nothing to score")
    if n_bins < 1:
        raise ValueError("n_bins must be at least 1")
    found = []
    for by, group, members in _groups(cases):
        found.append(_row(by, group, "all", members))
        bins: dict[int, list[Scored]] = {}
        for case in members:
            # A probability that stands on an edge belongs above it, whatever the product is rounded to.
            bins.setdefault(min(int(case.p_clear * n_bins + 1e-9), n_bins - 1), []).append(case)
        for number in sorted(bins):
            found.append(_row(by, group, f"{number / n_bins:g} to {(number + 1) / n_bins:g}", bins[number]))
    return tuple(found)


def wilson_interval(n_successes: int, n_trials: int) -> tuple[float, float]:
    """The 95 % interval of a fraction; (0, 1) without trials."""
    if n_trials == 0:
        return 0.0, 1.0
    share, z2 = n_successes / n_trials, _Z_95**2
    centre = share + z2 / (2 * n_trials)
    half = _Z_95 * math.sqrt(share * (1 - share) / n_trials + z2 / (4 * n_trials**2))
    scale = 1 + z2 / n_trials
    low = 0.0 if n_successes == 0 else (centre - half) / scale
    high = 1.0 if n_successes == n_trials else (centre + half) / scale
    return low, high


def _groups(cases: Sequence[Scored]) -> Iterator[tuple[str, str, list[Scored]]]:
    yield "all", "all", list(cases)
    for site_id in sorted({case.site_id for case in cases}):
        yield "site", site_id, [case for case in cases if case.site_id == site_id]
    by_lead: dict[int, list[Scored]] = {}
    for case in cases:
        by_lead.setdefault(_lead_class(case), []).append(case)
    for number in sorted(by_lead):
        yield "lead", _lead_name(number), by_lead[number]


def _lead_class(case: Scored) -> int:
    if case.forecast_lead_s is None:
        return len(LEAD_CLASSES_HOURS)
    hours = case.forecast_lead_s / SECONDS_PER_HOUR
    return max((i for i, start in enumerate(LEAD_CLASSES_HOURS) if hours >= start), default=0)


def _lead_name(number: int) -> str:
    if number == len(LEAD_CLASSES_HOURS):
        return "no forecast"
    if number == len(LEAD_CLASSES_HOURS) - 1:
        return f"from {LEAD_CLASSES_HOURS[number]} h"
    return f"{LEAD_CLASSES_HOURS[number]} to {LEAD_CLASSES_HOURS[number + 1]} h"


def _row(by: str, group: str, p_range: str, cases: Sequence[Scored]) -> ScoreRow:
    p = np.array([case.p_clear for case in cases])
    clear = np.array([case.was_clear for case in cases], dtype=np.float64)
    climatology = [case.p_clear_climatology for case in cases]
    brier = float(np.mean((p - clear) ** 2))
    known = [value for value in climatology if value is not None]
    reference = float(np.mean((np.array(known) - clear) ** 2)) if len(known) == len(cases) else None
    low, high = wilson_interval(int(clear.sum()), len(cases))
    return ScoreRow(
        by=by,
        group=group,
        p_range=p_range,
        n_contacts=len(cases),
        p_mean=float(p.mean()),
        clear_frac=float(clear.mean()),
        p_low=low,
        p_high=high,
        brier=brier,
        brier_climatology=reference,
        skill=1.0 - brier / reference if reference else None,
    )
