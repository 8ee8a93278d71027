"""What windows and their parts are worth: geometry and loss are computed once a window, and sliced."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eagleplan import key, weather
from eagleplan.model import Budget, Contact, Profile
from eagleplan.passes import PassSearch
from eagleplan.pipeline.blocks import Blocks
from eagleplan.pipeline.cache import NO_CACHE, Cache
from eagleplan.pipeline.cuts import Indices, Parts
from eagleplan.pipeline.fingerprint import pair_digests
from eagleplan.pipeline.pairs import lit_windows
from eagleplan.pipeline.spans import Span
from eagleplan.pipeline.usable import usable_s
from eagleplan.scenario import Scenario
from eagleplan.units import FloatArray, db_from_frac


@dataclass(frozen=True, slots=True, kw_only=True)
class Valued:
    """Whole windows, their geometry and their loss, one by one, and what their parts were proven to give."""

    spans: tuple[Span, ...]
    profiles: tuple[Profile, ...]
    budgets: tuple[Budget, ...]
    blocks: Blocks


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """Parts of windows and what each gives, all (n,), in the order of the windows; nothing is proven of no parts."""

    parts: Parts
    proven: key.Proven | None
    clear: tuple[weather.ClearProbability, ...]
    secret_bits: Indices
    expected_bits: Indices
    usable_s: Indices


def valued(scenario: Scenario, spans: Sequence[Span], search: PassSearch, cache: Cache = NO_CACHE) -> Valued:
    """Profiles and budgets of whole windows."""
    digests: dict[tuple[str, str], str] = {}
    if cache.is_open:
        digests = pair_digests(scenario.satellites, scenario.sites, scenario.horizon, scenario.link)
    profiles, budgets = lit_windows(scenario, spans, search, cache, digests)
    blocks = Blocks(scenario, spans, budgets, cache, digests)
    return Valued(spans=tuple(spans), profiles=profiles, budgets=budgets, blocks=blocks)


def wholes(spans: Sequence[Span]) -> Parts:
    """Each span as the one part of itself."""
    return Parts(
        span=np.arange(len(spans)),
        start_s=np.array([span.start_s for span in spans], dtype=np.int64),
        end_s=np.array([span.end_s for span in spans], dtype=np.int64),
    )


def worth(scenario: Scenario, windows: Valued, parts: Parts) -> Worth:
    """Key, sky and time of use of `parts` of `windows`; the parts of one window stand together."""
    proven = windows.blocks.of(parts) if len(parts.span) else None
    secret_bits = np.empty(0, dtype=np.int64) if proven is None else proven.secret_bits
    clear = weather.clear_probabilities_of_parts(
        scenario.weather, scenario.horizon, sky_spans(windows), parts.span, parts.start_s, parts.end_s
    )
    expected = [math.floor(one.p_clear * bits) for one, bits in zip(clear, secret_bits.tolist(), strict=True)]
    return Worth(
        parts=parts,
        proven=proven,
        clear=clear,
        secret_bits=secret_bits,
        expected_bits=np.array(expected, dtype=np.int64),
        usable_s=_usable_s(scenario, windows.spans, parts),
    )


def sky_spans(windows: Valued) -> list[weather.SkySpan]:
    """What the weather room needs of whole windows."""
    return [
        weather.SkySpan(
            pass_id=span.of.pass_id,
            site_id=span.of.site_id,
            start_s=span.start_s,
            end_s=span.end_s,
            elevation_deg=profile.elevation_deg,
        )
        for span, profile in zip(windows.spans, windows.profiles, strict=True)
    ]


def _usable_s(scenario: Scenario, spans: Sequence[Span], parts: Parts) -> Indices:
    satellite = np.array([span.of.satellite_id for span in spans])[parts.span]
    found = np.empty(len(parts.span), dtype=np.int64)
    for this in scenario.satellites:
        own = satellite == this.satellite_id
        found[own] = usable_s(this, parts.end_s[own], scenario.schedule.key_delay_s, scenario.horizon.end_s)
    return found


def contacts(windows: Valued, found: Worth, chosen: Indices) -> list[Contact]:
    """The contacts that the parts `chosen` (m,), by number and ascending, make."""
    loss = _Extremes(windows, found.parts, chosen)
    yields = () if found.proven is None else found.proven.yields(chosen)
    made = []
    for place, i in enumerate(chosen.tolist()):
        span = windows.spans[found.parts.span[i]]
        start_s, end_s, clear = int(found.parts.start_s[i]), int(found.parts.end_s[i]), found.clear[i]
        made.append(
            Contact(
                contact_id=span.id_of(start_s, end_s),
                pass_id=span.of.pass_id,
                satellite_id=span.of.satellite_id,
                site_id=span.of.site_id,
                start_s=start_s,
                end_s=end_s,
                max_elevation_deg=float(loss.max_elevation_deg[place]),
                mean_loss_db=float(loss.mean_loss_db[place]),
                min_loss_db=float(loss.min_loss_db[place]),
                p_clear=clear.p_clear,
                p_clear_origin=clear.origin,
                key=yields[place],
                expected_bits=int(found.expected_bits[i]),
                usable_s=int(found.usable_s[i]),
                is_whole=(start_s, end_s) == (span.start_s, span.end_s),
                forecast_age_s=clear.forecast_age_s,
                forecast_lead_s=clear.forecast_lead_s,
                p_clear_climatology=clear.p_clear_climatology,
            )
        )
    return made


class _Extremes:
    """Highest elevation, mean and least loss of parts `chosen` (m,), all (m,)."""

    def __init__(self, windows: Valued, parts: Parts, chosen: Indices) -> None:
        self.max_elevation_deg = np.empty(len(chosen))
        self.mean_loss_db = np.empty(len(chosen))
        self.min_loss_db = np.empty(len(chosen))
        number = parts.span[chosen]
        for own in np.split(np.arange(len(chosen)), np.flatnonzero(np.diff(number)) + 1):
            if not len(own):
                continue
            window = int(number[own[0]])
            start = parts.start_s[chosen[own]] - windows.spans[window].start_s
            end = parts.end_s[chosen[own]] - windows.spans[window].start_s
            budget = windows.budgets[window]
            light = np.concatenate([[0.0], np.cumsum(budget.transmittance_frac)])
            self.mean_loss_db[own] = db_from_frac((light[end] - light[start]) / (end - start))
            self.max_elevation_deg[own] = _best_of(np.maximum, windows.profiles[window].elevation_deg, start, end)
            self.min_loss_db[own] = _best_of(np.minimum, budget.total_db, start, end)


def _best_of(better: np.ufunc, values: FloatArray, start: Indices, end: Indices) -> FloatArray:
    """The best of `values` (k,) in each [start, end), index arrays (n,)."""
    found = np.empty(len(start))
    for first in np.unique(start).tolist():
        own = start == first
        found[own] = better.accumulate(values[first:])[end[own] - first - 1]
    return found
