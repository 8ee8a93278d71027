"""Geometry and loss of whole windows, one pair of satellite and site at a time.

What is computed for a pair does not depend on the other pairs of a scenario, to the last bit: each is laid out in
arrays of its own, whose windows are always all of its windows. So what is kept of a pair can stand for it in any
scenario.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from eagleplan import link
from eagleplan.errors import InputError, Problem
from eagleplan.model import Budget, Profile
from eagleplan.passes import PassSearch, ProfileSpan, profiles
from eagleplan.pipeline.cache import Cache, Entry
from eagleplan.pipeline.fingerprint import digest
from eagleplan.pipeline.spans import Span
from eagleplan.scenario import Scenario
from eagleplan.units import FloatArray, read_only

Pair = tuple[str, str]
"""Satellite and site."""

Lit = tuple[Profile, Budget]

# Every second's own time is said by its window.
_COLUMNS = tuple(field.name for field in fields(Profile) if field.name != "t_s")
_BACKGROUND = "background_per_detector_cps"


def link_windows(scenario: Scenario, ends: Sequence[Pair], found: Sequence[Profile]) -> list[link.LinkWindow]:
    """What the link room needs of windows between (satellite, site), with their profiles."""
    sites = {site.site_id: site for site in scenario.sites}
    terminals = {satellite.satellite_id: satellite.terminal for satellite in scenario.satellites}
    return [
        link.LinkWindow(profile=profile, site=sites[site_id], terminal=terminals[satellite_id])
        for (satellite_id, site_id), profile in zip(ends, found, strict=True)
    ]


def by_pair(spans: Sequence[Span]) -> dict[Pair, list[int]]:
    """Pair → its spans, by number."""
    found: dict[Pair, list[int]] = {}
    for i, span in enumerate(spans):
        found.setdefault((span.of.satellite_id, span.of.site_id), []).append(i)
    return found


def lit_windows(
    scenario: Scenario, spans: Sequence[Span], search: PassSearch, cache: Cache, digests: Mapping[Pair, str]
) -> tuple[tuple[Profile, ...], tuple[Budget, ...]]:
    """Profiles and budgets of whole windows, from the cache where it has them; `digests` are those of the pairs."""
    pairs = by_pair(spans)
    kept: dict[Pair, list[Lit]] = {}
    keys: dict[Pair, str] = {}
    if cache.is_open:
        for pair, numbers in pairs.items():
            seconds = [(spans[i].start_s, spans[i].end_s) for i in numbers]
            keys[pair] = digest("windows", digests[pair], seconds)
            if (entry := cache.get(keys[pair])) is not None:
                kept[pair] = _from_entry(entry, seconds)
    missing = [pair for pair in pairs if pair not in kept]
    sample = next(iter(kept)) if kept and cache.is_unchecked("windows") else None
    made = _computed(scenario, spans, search, {pair: pairs[pair] for pair in (*missing, *([sample] if sample else ()))})
    if sample and _bits(made[sample]) != _bits(kept[sample]):
        cache.close("holds other bits than this machine computes")
        made |= _computed(scenario, spans, search, {pair: pairs[pair] for pair in kept})
    for pair in missing:
        if cache.is_open:
            cache.put(keys[pair], _entry(made[pair]))
    lit: dict[int, Lit] = {}
    for pair, numbers in pairs.items():
        lit |= dict(zip(numbers, made.get(pair) or kept[pair], strict=True))
    return tuple(lit[i][0] for i in range(len(spans))), tuple(lit[i][1] for i in range(len(spans)))


def _computed(
    scenario: Scenario, spans: Sequence[Span], search: PassSearch, pairs: Mapping[Pair, Sequence[int]]
) -> dict[Pair, list[Lit]]:
    """Raises InputError with what is wrong with the loss of any pair."""
    order = [i for numbers in pairs.values() for i in numbers]
    if not order:
        return {}
    asked = [
        ProfileSpan(
            satellite_id=spans[i].of.satellite_id,
            site_id=spans[i].of.site_id,
            start_s=spans[i].start_s,
            end_s=spans[i].end_s,
        )
        for i in order
    ]
    profile = dict(zip(order, profiles(asked, search), strict=True))
    made: dict[Pair, list[Lit]] = {}
    problems: list[Problem] = []
    for pair, numbers in pairs.items():
        own = [profile[i] for i in numbers]
        try:
            budgets = link.budgets(link_windows(scenario, [pair] * len(own), own), scenario.link)
        except InputError as error:
            problems += [problem for problem in error.problems if problem not in problems]
        else:
            made[pair] = list(zip(own, budgets, strict=True))
    if problems:
        raise InputError(problems)
    return made


def _entry(lit: Sequence[Lit]) -> Entry:
    terms = list(lit[0][1].terms_db)
    rows: dict[str, list[FloatArray]] = {name: [] for name in (*_COLUMNS, *terms, _BACKGROUND)}
    for profile, budget in lit:
        for name in _COLUMNS:
            rows[name].append(getattr(profile, name))
        for name in terms:
            rows[name].append(budget.terms_db[name])
        rows[_BACKGROUND].append(budget.background_per_detector_cps)
    return Entry(
        arrays={"seconds": np.stack([np.concatenate(column) for column in rows.values()])}, words={"terms": terms}
    )


def _from_entry(entry: Entry, seconds: Sequence[tuple[int, int]]) -> list[Lit]:
    table, terms = entry.arrays["seconds"], entry.words["terms"]
    lit: list[Lit] = []
    first = 0
    for start_s, end_s in seconds:
        here: Any = table[:, first : first + end_s - start_s]
        first += end_s - start_s
        profile = Profile(
            t_s=read_only(np.arange(start_s, end_s) + 0.5), **dict(zip(_COLUMNS, here[: len(_COLUMNS)], strict=True))
        )
        budget = Budget(
            terms_db=dict(zip(terms, here[len(_COLUMNS) : -1], strict=True)), background_per_detector_cps=here[-1]
        )
        lit.append((profile, budget))
    return lit


def _bits(lit: Sequence[Lit]) -> list[bytes]:
    return [array.tobytes() for array in _entry(lit).arrays.values()]
