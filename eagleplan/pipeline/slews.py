"""How long each terminal takes from one station to the next, where two contacts could follow each other."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from eagleplan.model import Contact
from eagleplan.passes import Hop, PassSearch, slew_seconds
from eagleplan.scenario import Scenario

Slews = Mapping[tuple[str, str, int, str], int]
"""(satellite, site of the first contact, its end_s, site of the next) -> seconds until the next can start."""


def slews(scenario: Scenario, search: PassSearch, candidates: Sequence[Contact]) -> Slews:
    """What the changeover alone does not cover; nothing where the scenario gives no slew rate.

    `candidates` are by start. A pair of stations counts where a contact with the second can begin before the longest
    slew would be over.
    """
    options = scenario.schedule
    if options.slew_rate_deg_s is None:
        return {}
    reach_s = options.changeover_s + math.ceil(180.0 / options.slew_rate_deg_s)
    starts_s: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    ends_s: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for contact in candidates:
        starts_s[contact.satellite_id][contact.site_id].add(contact.start_s)
        ends_s[contact.satellite_id][contact.site_id].add(contact.end_s)
    hops = [
        Hop(satellite_id=satellite_id, site_from=site_from, site_to=site_to, end_s=followed)
        for satellite_id, sites in sorted(ends_s.items())
        for site_from, leaving in sorted(sites.items())
        for site_to, arriving in sorted(starts_s[satellite_id].items())
        if site_to != site_from and (followed := _followed(leaving, arriving, reach_s))
    ]
    found = slew_seconds(hops, search, rate_deg_s=options.slew_rate_deg_s, acquisition_s=options.changeover_s)
    return {
        (hop.satellite_id, hop.site_from, end_s, hop.site_to): seconds
        for hop, slew_s in zip(hops, found, strict=True)
        for end_s, seconds in zip(hop.end_s, slew_s.tolist(), strict=True)
        if seconds > options.changeover_s
    }


def _followed(ends_s: Collection[int], starts_s: Collection[int], reach_s: int) -> tuple[int, ...]:
    """The ends behind which a contact starts within reach, ascending."""
    ends, starts = np.array(sorted(ends_s)), np.array(sorted(starts_s))
    following = np.append(starts, np.iinfo(np.int64).max)[np.searchsorted(starts, ends)]
    return tuple(ends[following - ends < reach_s].tolist())
