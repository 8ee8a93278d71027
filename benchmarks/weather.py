"""Skies per second, and what an outlook takes.

Skies for one week, and for a year, of one satellite over 30 stations with four passes a night each, against drawing
every contact on its own, which knows no weather. Then the outlook of the example week's plan by expected bits: the best
flow of key under each of 1,000 skies.

Times are of all threads together: on a busy machine set OMP_NUM_THREADS=1, or waiting threads are counted too.
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from eagleplan.model import Contact
from eagleplan.pipeline import assess, problem_of
from eagleplan.resources import example_path
from eagleplan.scenario import load_scenario
from eagleplan.schedule import GREEDIES
from eagleplan.schedule.robust_recourse import delivered_over_skies
from eagleplan.weather.cloud_scenarios import clear_skies, realised_bits

N_SKIES = 1000


def main() -> None:
    scenario = load_scenario(example_path("eagle1-week.toml"))
    assessment = assess(scenario)
    like, base = assessment.candidates[0], scenario.sites[0]
    sites = [
        replace(base, site_id=f"s{n}", latitude_deg=36.0 + n % 6 * 4.0, longitude_deg=-5.0 + n // 6 * 6.0)
        for n in range(30)
    ]

    def contacts(days: int) -> list[Contact]:
        return [
            replace(
                like,
                contact_id=f"{site.site_id}-{day}-{orbit}",
                pass_id=f"{site.site_id}-{day}-{orbit}",
                site_id=site.site_id,
                start_s=day * 86_400 + orbit * 5_700,
                end_s=day * 86_400 + orbit * 5_700 + 300,
            )
            for day in range(days)
            for orbit in range(4)
            for site in sites
        ]

    print("| skies over | contacts | skies | s | skies per s | times independent draws |")
    print("|---|---|---|---|---|---|")
    for name, days, n_skies in (("a week", 7, N_SKIES), ("four weeks", 28, N_SKIES), ("a year", 365, 100)):
        own = contacts(days)
        begun_s = time.process_time()
        clear_skies(own, sites, n_skies=n_skies, seed=1)
        taken_s = time.process_time() - begun_s
        begun_s = time.process_time()
        np.less(np.random.default_rng(1).random((n_skies, len(own))), 0.5)
        alone_s = time.process_time() - begun_s
        print(
            f"| {name} | {len(own)} | {n_skies} | {taken_s:.2f} | {n_skies / taken_s:.0f} | {taken_s / alone_s:.0f} |"
        )

    problem = problem_of(scenario, assessment)
    chosen = GREEDIES["highest-yield-first"](problem).chosen_ids
    by_id = {contact.contact_id: contact for contact in assessment.candidates}
    flown = [by_id[candidate.contact_id] for candidate in problem.candidates]
    bits = realised_bits(flown, clear_skies(flown, scenario.sites, n_skies=N_SKIES, seed=1))
    begun_s = time.process_time()
    delivered_over_skies(problem, chosen, bits, scenario.schedule.objectives)
    taken_s = time.process_time() - begun_s
    print(f"\noutlook of {len(chosen)} contacts over {N_SKIES} skies: {taken_s:.2f} s of CPU time")


if __name__ == "__main__":
    main()
