"""From a scenario to everything that is known before a choice is made."""

from __future__ import annotations

import numpy as np

from eagleplan import passes, weather
from eagleplan.pipeline.assessment import Assessment
from eagleplan.pipeline.cache import NO_CACHE, Cache
from eagleplan.pipeline.candidates import candidates_of, refusal
from eagleplan.pipeline.earlier import past_of
from eagleplan.pipeline.progress import Progress, silent
from eagleplan.pipeline.slews import slews
from eagleplan.pipeline.spans import whole_spans
from eagleplan.pipeline.worth import contacts, valued, wholes, worth
from eagleplan.scenario import Scenario


def assess(scenario: Scenario, progress: Progress = silent, *, cache: Cache = NO_CACHE) -> Assessment:
    """Find every pass of a scenario, and say what its windows and their parts are worth.

    What `cache` has of a satellite and a station is not computed again; the result is the same, to the last bit.
    """
    progress("passes", 0.0)
    search = passes.find_passes(
        scenario.satellites,
        scenario.sites,
        scenario.horizon,
        scenario.constraints,
        lambda done, total: progress("passes", done / total),
    )
    past = past_of(scenario, search)
    search = past.search
    sites = {site.site_id: site for site in scenario.sites}
    spans, refusals = whole_spans(past.open_passes, sites, scenario.schedule.min_contact_s)
    progress("budget", 0.0)
    windows = valued(scenario, spans, search, cache)
    progress("budget", 1.0)

    progress("key", 0.0)
    whole = worth(scenario, windows, wholes(spans))
    whole_contacts = tuple(contacts(windows, whole, np.arange(len(spans))))
    refused = {
        contact.contact_id: reason for contact in whole_contacts if (reason := refusal(scenario, contact)) is not None
    }
    candidates, counts = candidates_of(scenario, windows, whole, whole_contacts, past.keep)
    windows.blocks.keep()
    candidates = past.named(candidates)
    progress("key", 1.0)
    return Assessment(
        search=search,
        contacts=whole_contacts,
        profiles=windows.profiles,
        budgets=windows.budgets,
        candidates=candidates,
        settled=past.contacts,
        previous=past.previous,
        slews=slews(scenario, search, (*past.contacts, *candidates)),
        refusals=refusals,
        contact_refusals=refused,
        counts=counts,
        notices=(
            *scenario.notices,
            *search.notices,
            *past.notices,
            *weather.override_notices(scenario.weather, {this.pass_id for this in search.passes}),
        ),
    )
