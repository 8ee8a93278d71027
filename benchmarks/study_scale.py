"""What a cell of a study costs as it grows: `python benchmarks/study_scale.py [SIZE…] [--grid-s N] …`.

A size is satellites x stations. Each is a week of the ordinary pipeline, in a process of its own: stations of the
catalogue, a Walker design orbit, a demand between any two countries that have a station. Counted are the seconds of
the processor (the machine may be busy) in each stage, without what is counted in a stage within it, and the most
memory that the process has had when the stage ended. Names of stages:

rest       reading the scenario, libraries          first    a start by rules of thumb
passes     search for passes and windows            solve    the solver, to its limit
geometry   each second of each window               reasons  why a contact was not chosen; what limits a demand
budget     loss and background of each second       skies    clouds of the outlook, and key handed out under each
windows    key of whole windows                     backups  where to turn when cloud takes a contact
parts      parts of windows and their key           verify   the independent check
sky        clear probability of windows and parts   plan     plan.json, and the rows of the study
problem    what may be flown and for whom
model      the integer programme

`--exponents` fits each stage over the sizes, all with the same options: seconds = a x size^b.
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import multiprocessing
import pickle
import resource
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any
from unittest.mock import patch

SIZES = ("1x8", "1x30", "6x30", "24x60", "24x79", "72x79")
PLANES = {1: 1, 6: 3, 24: 4, 72: 8, 144: 12, 290: 29}
BITS_PER_SATELLITE = 6_000_000
"""Wanted of all pairs together, for each satellite and week: about what it can give to many stations in a winter's."""

STAGES = {
    "passes": ("eagleplan.passes:find_passes",),
    "geometry": ("eagleplan.pipeline.pairs:profiles",),
    "budget": ("eagleplan.link:budgets",),
    "sky": ("eagleplan.weather:clear_probabilities_of_parts",),
    "windows": ("eagleplan.pipeline.assess:worth", "eagleplan.pipeline.assess:contacts"),
    "parts": ("eagleplan.pipeline.assess:candidates_of",),
    "problem": ("eagleplan.pipeline.plan:problem_of",),
    "model": ("eagleplan.schedule.lexicographic:formulate",),
    "first": ("eagleplan.schedule.lexicographic:start_values",),
    "solve": ("eagleplan.schedule:solve", "eagleplan.pipeline.plan:robust_solution"),
    "reasons": (
        "eagleplan.schedule:contact_reasons",
        "eagleplan.schedule:demand_results",
        "eagleplan.pipeline.plan:decisions",
    ),
    "skies": (
        "eagleplan.pipeline.plan:sky_outcomes",
        "eagleplan.pipeline.plan:outlooks",
        "eagleplan.pipeline.plan:sky_met",
    ),
    "backups": ("eagleplan.pipeline.plan:backups_of",),
    "verify": ("eagleplan.schedule:violations", "eagleplan.schedule:yield_violations"),
    "plan": (
        "eagleplan.report:claims_of",
        "eagleplan.report.plan_json:plan_json",
        "eagleplan.study.outcome:demand_rows",
        "eagleplan.study.outcome:cell_row",
    ),
}
"""Stage -> module:function, where the pipeline looks the function up."""

_OWN = "own"
"""What only this benchmark does; not counted."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a size is run."""

    grid_s: int
    objectives: tuple[str, ...]
    solver: str
    solver_s: float
    n_skies: int
    n_scenarios: int
    memory_gb: float
    cache: str | None
    days: float
    until: str | None


@dataclass(kw_only=True)
class Stopwatch:
    """Processor seconds of each stage without those of the stages within it, and the peak of memory at its end."""

    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    peak_mb: dict[str, float] = field(default_factory=dict)
    _inside: list[str] = field(default_factory=lambda: ["rest"])
    _since_s: float = 0.0
    _told_s: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def _turn(self) -> None:
        now_s = _processor_s()
        self.seconds[self._inside[-1]] += now_s - self._since_s
        self._since_s = now_s

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        self._turn()
        self._inside.append(name)
        try:
            yield
        finally:
            self._turn()
            self._inside.pop()
            self.peak_mb[name] = _peak_mb()
            if self.seconds[name] > max(AT_LENGTH_S, 2.0 * self._told_s[name]):
                self._told_s[name] = self.seconds[name]
                print(f"  {name} {self.seconds[name]:.1f} s, {_peak_mb():,.0f} MB", file=sys.stderr, flush=True)

    def timed(self, name: str, function: Callable[..., Any], until: str | None) -> Callable[..., Any]:
        def called(*args: Any, **named: Any) -> Any:
            if name == until:
                raise StageReachedError(name)
            with self.stage(name):
                return function(*args, **named)

        return called


class StageReachedError(Exception):
    """The stage before which a run was to end has begun."""


def _processor_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def scenario_files(n_satellites: int, n_sites: int, options: Options) -> dict[str, bytes]:
    """A scenario and its demand: stations from all countries in turn, orbits in planes that the Sun sees alike."""
    from eagleplan.inputs.sites import parse_sites
    from eagleplan.resources import data_path

    by_country: dict[str, list[str]] = defaultdict(list)
    catalogue = data_path("ogs_sites.csv")
    for row in parse_sites(catalogue.read_text(encoding="utf-8"), catalogue.name):
        by_country[row.country].append(row.site_id)
    turns = max(map(len, by_country.values()))
    in_turn = [own[turn] for turn in range(turns) for own in by_country.values() if turn < len(own)]
    sites = in_turn[:n_sites]
    if len(sites) < n_sites:
        raise SystemExit(f"error: the catalogue has {len(sites)} stations, not {n_sites}")
    countries = sorted(country for country, own in by_country.items() if not set(own).isdisjoint(sites))
    pairs = list(combinations(countries, 2))
    bits = math.ceil(BITS_PER_SATELLITE * n_satellites / len(pairs))
    demand = "demand_id,node_a,node_b,bits_per_week,priority\n" + "".join(
        f"{a.lower()}-{b.lower()},{a},{b},{bits},1\n" for a, b in pairs
    )
    pattern = f"97.4:{n_satellites}/{PLANES.get(n_satellites, 1)}/0"
    scenario = f"""
schema_version = 1
name = "scale"
[horizon]
start_utc = 2026-11-30T00:00:00Z
days = {options.days}
[satellites.fleet]
orbit = {{ kind = "walker", altitude_km = 500.0, pattern = "{pattern}", spread_deg = 180.0, raan_deg = 22.5 }}
[sites]
use = {json.dumps(sites)}
[demand]
file = "demand.csv"
[weather]
n_outlook_skies = {options.n_skies}
[schedule]
cut_grid_s = {options.grid_s}
solver = "{options.solver}"
max_deterministic_time_s = {options.solver_s}
objectives = {json.dumps(options.objectives)}
n_scenarios = {options.n_scenarios}
"""
    return {"scale.toml": scenario.encode(), "demand.csv": demand.encode()}


def measured(size: str, options: Options) -> dict[str, Any]:
    """Run one size in this process; what it cost and how large it was."""
    n_satellites, n_sites = map(int, size.split("x"))
    if options.memory_gb:
        most = int(options.memory_gb * 2**30)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    watch = Stopwatch()
    found: dict[str, Any] = {
        "size": size,
        "satellites": n_satellites,
        "sites": n_sites,
        "pairs": n_satellites * n_sites,
    }
    try:
        _run(watch, found, n_satellites, n_sites, options)
    except StageReachedError:
        pass
    except MemoryError:
        found["broke"] = f"memory, at {watch._inside[-1]}"
    except Exception as error:
        found["broke"] = f"{type(error).__name__}: {str(error)[:200]}"
    watch._turn()
    watch.seconds.pop(_OWN, None)
    return found | {"seconds": dict(watch.seconds), "peak_mb": watch.peak_mb, "mb": _peak_mb()}


def _counted(formulate: Callable[..., Any], found: dict[str, Any]) -> Callable[..., Any]:
    """`formulate`, that tells how large the programme is."""

    def called(*args: Any) -> Any:
        made = formulate(*args)
        found["routes"], found["flown"] = len(made.network.routes), len(made.network.candidates)
        return made

    return called


def _run(watch: Stopwatch, found: dict[str, Any], n_satellites: int, n_sites: int, options: Options) -> None:
    from eagleplan import pipeline
    from eagleplan.scenario import load_scenario
    from eagleplan.study import outcome
    from eagleplan.study.rows import CellResult, demand_columns
    from eagleplan.study.study import Cell
    from eagleplan.study.tables import best_format, codec

    plan_module = importlib.import_module("eagleplan.report.plan_json")
    with tempfile.TemporaryDirectory() as folder:
        for name, content in scenario_files(n_satellites, n_sites, options).items():
            (Path(folder) / name).write_bytes(content)
        scenario = load_scenario(Path(folder) / "scale.toml")
    found["demands"] = len(scenario.demands)
    cell = Cell(number=0, labels=(), week="", start_utc=scenario.horizon.start_utc, days=options.days, overrides={})
    with ExitStack() as stack:
        for name, places in STAGES.items():
            for place in places:
                module_name, function_name = place.split(":")
                module = importlib.import_module(module_name)
                function = getattr(module, function_name)
                if name == "model":
                    function = _counted(function, found)
                stack.enter_context(patch.object(module, function_name, watch.timed(name, function, options.until)))
        cache = pipeline.Cache(Path(options.cache)) if options.cache else pipeline.NO_CACHE
        assessment = pipeline.assess(scenario, cache=cache)
        found |= {
            "passes": len(assessment.passes),
            "windows": len(assessment.contacts),
            "window_s": sum(contact.duration_s for contact in assessment.contacts),
            "parts": assessment.counts.n_parts,
            "candidates": len(assessment.candidates),
            "cache_mb": cache.stats.n_bytes_written / 1e6,
            "after_assess_mb": _peak_mb(),
        }
        made = pipeline.make_plan(scenario, assessment=assessment)
        plan = made.plan
        content = plan_module.plan_json(plan)
        rows = outcome.demand_rows(cell, scenario, made)
        row = outcome.cell_row(cell, made, rows, "")
        with watch.stage(_OWN):
            sent = pickle.dumps(CellResult(row=row, demands=rows))
            kept = codec(best_format()).encode(demand_columns(), rows)
    level = plan.proof.decisive
    found |= {
        "contacts": len(plan.contacts),
        "plan_mb": len(content) / 1e6,
        "sent_mb": len(sent) / 1e6,
        "kept_mb": len(kept) / 1e6,
        "gap": level.gap_frac,
        "status": plan.proof.status,
        "met": sum(row.delivered_bits for row in rows) / sum(row.wanted_bits for row in rows),
    }


COUNTS = (
    "demands",
    "passes",
    "windows",
    "candidates",
    "routes",
    "contacts",
    "plan_mb",
    "sent_mb",
    "kept_mb",
    "cache_mb",
    "mb",
    "gap",
    "met",
)


def _table(runs: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Markdown: a line for each count and stage, a column for each size."""
    yield f"| | {' | '.join(run['size'] for run in runs)} |"
    yield f"|---|{'---:|' * len(runs)}"
    for name in COUNTS:
        yield f"| {name} | {' | '.join(_number(run.get(name)) for run in runs)} |"
    for name in ("rest", *STAGES):
        yield f"| {name} s | {' | '.join(_number(run['seconds'].get(name)) for run in runs)} |"
    yield f"| all s | {' | '.join(_number(sum(run['seconds'].values())) for run in runs)} |"
    for run in runs:
        if "broke" in run:
            yield f"\n{run['size']}: {run['broke']}"


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    if isinstance(value, int) or value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _exponents(runs: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Each stage's exponent over what drives it, and how far the fit of the other sizes is off at the largest."""
    yield "\n| stage | over | exponent | off by at most | the largest, over what the others foretell |"
    yield "|---|---|---:|---:|---:|"
    for name, driver in DRIVERS.items():
        points = sorted(
            (math.log(run[driver]), math.log(run["seconds"][name]))
            for run in runs
            if run.get(driver) and run["seconds"].get(name, 0.0) >= LEAST_S
        )
        if len({x for x, _ in points[:-1]}) < 2:
            continue
        slope, offset = _line(points)
        worst = max(abs(y - offset - slope * x) for x, y in points)
        slope_before, offset_before = _line(points[:-1])
        x, y = points[-1]
        ratio = math.exp(y - offset_before - slope_before * x)
        yield f"| {name} | {driver} | {slope:.2f} | ×{math.exp(worst):.2f} | ×{ratio:.2f} |"


def _line(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Slope and offset of least squares."""
    mean_x, mean_y = (sum(axis) / len(points) for axis in zip(*points, strict=True))
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)
    return slope, mean_y - slope * mean_x


DRIVERS = {
    "passes": "satellites",
    "geometry": "window_s",
    "budget": "pairs",
    "windows": "windows",
    "parts": "candidates",
    "sky": "candidates",
    "problem": "candidates",
    "model": "candidates",
    "first": "candidates",
    "reasons": "pairs",
    "skies": "contacts",
    "backups": "contacts",
    "verify": "contacts",
    "plan": "passes",
}
AT_LENGTH_S = 5.0
"""A stage that takes longer is told on stderr when it ends, and once more when it has doubled."""

LEAST_S = 0.1
"""Less says more of the clock than of the stage."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", default=list(SIZES), metavar="SIZE", help=f"default: {' '.join(SIZES)}")
    parser.add_argument("--grid-s", type=int, default=0, help="cut_grid_s (default 0: windows stay whole)")
    parser.add_argument("--objectives", default="fairness", help="with commas between (default fairness)")
    parser.add_argument("--solver", default="column-generation", help="(default column-generation)")
    parser.add_argument("--solver-s", type=float, default=2.0, help="max_deterministic_time_s (default 2)")
    parser.add_argument("--skies", type=int, default=200, help="skies of the outlook (default 200)")
    parser.add_argument("--scenarios", type=int, default=50, help="skies that a robust goal plans for (default 50)")
    parser.add_argument("--days", type=float, default=7.0)
    parser.add_argument("--memory-gb", type=float, default=0.0, help="most that a process may address (default: all)")
    parser.add_argument("--until", choices=STAGES, help="end before this stage")
    parser.add_argument("--cache", metavar="DIR", help="keep passes and yields there")
    parser.add_argument("--exponents", action="store_true", help="how each stage grows")
    parser.add_argument("--json", metavar="FILE", help="add a line for each run to it")
    given = parser.parse_args()
    options = Options(
        grid_s=given.grid_s,
        objectives=tuple(given.objectives.split(",")),
        solver=given.solver,
        solver_s=given.solver_s,
        n_skies=given.skies,
        n_scenarios=given.scenarios,
        memory_gb=given.memory_gb,
        cache=given.cache,
        days=given.days,
        until=given.until,
    )
    runs = []
    for size in given.sizes:
        # A process each: its memory is its own.
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            runs.append(pool.apply(measured, (size, options)))
        seconds = sum(runs[-1]["seconds"].values())
        print(f"{size}: {seconds:.1f} s, {runs[-1]['mb']:,.0f} MB", file=sys.stderr, flush=True)
        if given.json:
            with Path(given.json).open("a", encoding="utf-8") as file:
                file.write(json.dumps(runs[-1]) + "\n")
    print("\n".join(_table(runs)))
    if given.exponents:
        print("\n".join(_exponents(runs)))
    return any("broke" in run for run in runs)


if __name__ == "__main__":
    raise SystemExit(main())
