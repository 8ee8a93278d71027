"""The report page against its own data written as JSON and against loading its template engine: CPU and bytes.

`report_html` for the example week, a week of 30 stations and 75 contacts, and 500 contacts of 24 satellites chosen
from some 5,000 passes (both made from the example week's, as the browser tests do), beside `plan_json` and
`traces_json` of the same plan, and beside a process that imports jinja2 and numpy. Bounds to hold: a week of 30
stations in less than 3 s of CPU and less than 2 MB. The last lines say how both grow from one plan to a larger one.
"""

from __future__ import annotations

import gc
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from eagleplan.pipeline.reading import read_directory
from eagleplan.report import plan_json, traces_json
from eagleplan.report.html import report_html

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "browser"))

from wide_plans import empty_plan, wide_plan  # noqa: E402

SCENARIO = ROOT / "examples" / "eagle1-week.toml"
RUNS = 5
MAX_S, MAX_BYTES = 3.0, 2_000_000
IMPORTS = "import jinja2, numpy"


def _cpu_s(function: Callable[[], object]) -> float:
    """The least of several runs: what disturbs a run only adds to it."""
    times = []
    for _ in range(RUNS):
        gc.collect()
        start = time.process_time()
        function()
        times.append(time.process_time() - start)
    return min(times)


def _import_s() -> float:
    def used() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    times = []
    for _ in range(RUNS):
        start = used()
        subprocess.run([sys.executable, "-c", IMPORTS], check=True)
        times.append(used() - start)
    return min(times)


def main() -> int:
    """Print a table; 1 where a bound does not hold."""
    with tempfile.TemporaryDirectory() as directory:
        out = Path(directory) / "out"
        subprocess.run([sys.executable, "-m", "eagleplan", "plan", SCENARIO, "-o", out, "-q"], check=True)
        source = read_directory(out)
    plan, traces = source.plan, source.traces
    plans = {
        "no pass at all": (empty_plan(plan), ()),
        "example week": (plan, traces),
        "30 stations": wide_plan(plan, traces, n_sites=30, n_satellites=1, n_copies=3, n_contacts=75),
        "24 satellites": wide_plan(plan, traces, n_sites=30, n_satellites=24, n_copies=24, n_contacts=500),
    }
    start = time.process_time()
    report_html(plan, traces)
    first_s = time.process_time() - start
    import_s = _import_s()
    print(f"the first page of a process, with its templates: {first_s:.2f} s; `{IMPORTS}`: {import_s:.2f} s")
    print(
        f"{'':<16} {'contacts':>8} {'passes':>7} {'page':>8} {'bytes':>10} {'as JSON':>8} {'ratio':>6}  a contact costs"
    )
    measured = {}
    for name, (a_plan, a_traces) in plans.items():
        page_s = _cpu_s(lambda p=a_plan, t=a_traces: report_html(p, t))
        json_s = _cpu_s(lambda p=a_plan, t=a_traces: (plan_json(p), traces_json(p, t)))
        n_bytes = len(report_html(a_plan, a_traces))
        measured[name] = page_s, n_bytes, len(a_plan.contacts)
        print(
            f"{name:<16} {len(a_plan.contacts):>8} {len(a_plan.decisions):>7} {page_s:>6.2f} s {n_bytes:>10,} "
            f"{json_s:>6.2f} s {page_s / json_s:>6.2f}",
            end="",
        )
        base_s, base_bytes, _ = measured["no pass at all"]
        if a_plan.contacts:
            n = len(a_plan.contacts)
            print(f"  {1000 * (page_s - base_s) / n:.1f} ms, {(n_bytes - base_bytes) / 1000 / n:.1f} kB", end="")
        print()
    names = list(plans)[1:]
    for small, large in pairwise(names):
        (s_s, s_bytes, s_n), (l_s, l_bytes, l_n) = measured[small], measured[large]
        print(f"{small} → {large}: contacts × {l_n / s_n:.1f}, CPU × {l_s / s_s:.1f}, bytes × {l_bytes / s_bytes:.1f}")
    page_s, n_bytes, _ = measured["30 stations"]
    holds = page_s < MAX_S and n_bytes < MAX_BYTES
    verdict = "holds" if holds else "BROKEN"
    print(f"30 stations: {page_s:.2f} s of {MAX_S:g} s, {n_bytes:,} of {MAX_BYTES:,} bytes: {verdict}")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
