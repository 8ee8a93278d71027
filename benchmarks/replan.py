"""What a price on changes does: on Wednesday a station closes and a forecast comes, and the rest is planned anew.

    python benchmarks/replan.py [--weeks 3]

For each price: how much fairness utility the plan loses against one made without prices, how many of the contacts that
may still change stay as they were, and the seconds that the re-plan took. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from eagleplan import pipeline, report
from eagleplan.model import Plan
from eagleplan.operations.diff import difference
from eagleplan.operations.outcomes import open_plan
from eagleplan.operations.replan import News, replan
from eagleplan.resources import example_path
from eagleplan.scenario import load_scenario

PRICES_FRAC = (0.0, 0.0005, 0.002, 0.01)
FIRST = datetime(2026, 11, 30, tzinfo=UTC)


def _quiet(stage: str, fraction: float) -> None:
    """Nobody watches."""


def busiest_site(plan: Plan, after_s: int) -> str:
    """The station with the most expected key after an instant."""
    bits: dict[str, int] = {}
    for contact in plan.contacts:
        if contact.start_s >= after_s:
            bits[contact.site_id] = bits.get(contact.site_id, 0) + contact.expected_bits
    return max(sorted(bits), key=lambda site_id: bits[site_id])


def forecast(plan: Plan, issued_utc: datetime, seed: int) -> str:
    """An invented forecast for every station: half of all half-days are much clearer or much cloudier than usual."""
    draw = random.Random(seed)
    rows = ["site_id,time_utc,cloud_cover_frac,issued_utc"]
    for site in plan.sites:
        for half_day in range(10):
            cover = draw.choice([0.05, 0.5, 0.6, 0.95])
            for hour in (0, 6):
                at = issued_utc + timedelta(hours=12 * half_day + hour)
                rows.append(f"{site.site_id},{at:%Y-%m-%dT%H:%M:%SZ},{cover},{issued_utc:%Y-%m-%dT%H:%M:%SZ}")
    return "\n".join(rows) + "\n"


def utility(plan: Plan) -> float:
    """Concave utility of the met fractions, weighted: what the fairness level counts, per demand."""
    total = 0.0
    for result in plan.demands:
        rest, value = result.met_frac, 0.0
        for width, slope in ((0.10, 16.0), (0.15, 6.0), (0.25, 2.5), (0.50, 1.0)):
            part = min(rest, width)
            value += slope * part
            rest -= part
        total += result.demand.priority * value
    return total


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--weeks", type=int, default=3)
    n_weeks = arguments.parse_args().weeks
    rows: dict[float, list[tuple[float, int, int, int, int, int, float]]] = {price: [] for price in PRICES_FRAC}
    for number in range(n_weeks):
        start_utc = FIRST + timedelta(weeks=9 * number)
        scenario = load_scenario(example_path("eagle1-week.toml"), start_utc=start_utc, days=7.0)
        planned = pipeline.make_plan(scenario)
        plan = planned.plan
        with tempfile.TemporaryDirectory() as folder:
            directory = Path(folder) / "monday"
            report.write_directory(directory, pipeline.plan_files(scenario, planned))
            now_utc = start_utc + timedelta(days=2, hours=8)
            frozen_s = 3 * 86_400 + 8 * 3_600
            closed = Path(folder) / "closed.csv"
            until = start_utc + timedelta(days=8)
            closed.write_text(
                f"start_utc,end_utc,reason\n{now_utc:%Y-%m-%dT%H:%M:%SZ},{until:%Y-%m-%dT%H:%M:%SZ},dome\n"
            )
            site_id = busiest_site(plan, frozen_s)
            cloud = Path(folder) / "forecast.csv"
            cloud.write_text(forecast(plan, now_utc, number))
            before = open_plan(directory).claims
            free = sum(contact.start_s >= frozen_s and contact.site_id != site_id for contact in plan.contacts)
            best = 0.0
            for price in PRICES_FRAC:
                news = News(
                    now_utc=now_utc,
                    freeze_hours=24.0,
                    calendars={site_id: closed},
                    forecasts=(cloud,),
                    drop_price_frac=price,
                    retime_price_frac=price,
                    add_price_frac=price,
                )
                clock = time.perf_counter()
                made, _ = replan(directory, news, _quiet)
                seconds = time.perf_counter() - clock
                best = best or utility(made)
                changes = [
                    this
                    for this in difference(before, report.claims_of(made)).contacts
                    if this.contact.start_s >= frozen_s and this.contact.site_id != site_id
                ]
                count = {
                    name: sum(this.change == name for this in changes) for name in ("kept", "removed", "added", "moved")
                }
                rows[price].append(
                    (
                        1.0 - utility(made) / best,
                        count["kept"],
                        free,
                        count["removed"],
                        count["added"],
                        count["moved"],
                        seconds,
                    )
                )
    print("| price | utility lost | contacts kept | dropped, added, re-timed | seconds |")
    print("|---|---|---|---|---|")
    for price, found in rows.items():
        lost = statistics.mean(row[0] for row in found)
        n_kept, n_open, dropped, added, moved = (sum(row[place] for row in found) for place in range(1, 6))
        slowest_s = max(row[6] for row in found)
        told = f"{n_kept} of {n_open} | {dropped}, {added}, {moved}"
        print(f"| {price:g} | {100 * lost:.1f} % | {told} | {slowest_s:.1f} |")


if __name__ == "__main__":
    main()
