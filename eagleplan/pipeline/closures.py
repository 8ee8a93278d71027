"""When a rule other than night lets nothing happen: what the rules' allowed times leave of the horizon."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from eagleplan.model import AllowedTimes, Closure, Horizon
from eagleplan.scenario import Scenario

MAX_CLOSURES = 500
"""A laser clearance may have thousands of gaps, most of them too short for any drawing."""


def closures_of(scenario: Scenario) -> tuple[tuple[Closure, ...], dict[str, str]]:
    """As `closures`, of the rules that touch a satellite and a site of the scenario: its files may name others."""
    satellite_ids = {None, *(satellite.satellite_id for satellite in scenario.satellites)}
    site_ids = {None, *(site.site_id for site in scenario.sites)}
    rules = [
        rule for rule in scenario.constraints.times if rule.satellite_id in satellite_ids and rule.site_id in site_ids
    ]
    return closures(rules, scenario.horizon)


def closures(times: Sequence[AllowedTimes], horizon: Horizon) -> tuple[tuple[Closure, ...], dict[str, str]]:
    """What each rule closes of the horizon, by start; the longest where there are more than `MAX_CLOSURES`.

    The second answer says so for the plan's stamp; it is empty where none is left out.
    """
    found = [closure for rule in times for closure in _closed(rule, horizon.duration_s)]
    kept = sorted(found, key=lambda closure: closure.start_s - closure.end_s)[:MAX_CLOSURES]
    note = {"closures": f"the {len(kept)} longest of {len(found)}"} if len(kept) < len(found) else {}
    return tuple(sorted(kept, key=lambda closure: closure.start_s)), note


def _closed(rule: AllowedTimes, duration_s: float) -> Iterator[Closure]:
    open_s = sorted(
        (max(0.0, start), min(duration_s, end)) for start, end in zip(rule.start_s, rule.end_s, strict=True)
    )
    closed_from_s = 0.0
    for start_s, end_s in (*((start, end) for start, end in open_s if end > start), (duration_s, duration_s)):
        if start_s > closed_from_s:
            yield Closure(
                constraint=rule.constraint,
                satellite_id=rule.satellite_id,
                site_id=rule.site_id,
                start_s=closed_from_s,
                end_s=start_s,
                origin=rule.origin,
            )
        closed_from_s = max(closed_from_s, end_s)
