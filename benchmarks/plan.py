"""The whole main job against merely importing its libraries, as whole processes, in turn.

`eagleplan plan` on the example week, nothing left out (passes, budgets, key, schedule, verification, all files), beside
a process that imports skyfield, ortools' CP-SAT and scipy and leaves. Bound to hold: at most three times as long.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SCENARIO = Path(__file__).resolve().parent.parent / "examples" / "eagle1-week.toml"
RUNS = 5
IMPORTS = "import skyfield.api, ortools.sat.python.cp_model, scipy"
LIGHT_IMPORTS = "import numpy, sgp4, pydantic, typer"


def _seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def _pair(name: str, command: list[str], beside: str) -> None:
    baseline = [sys.executable, "-c", beside]
    _seconds(command)
    _seconds(baseline)
    times, baseline_times = [], []
    for _ in range(RUNS):
        times.append(_seconds(command))
        baseline_times.append(_seconds(baseline))
    ratio = statistics.median(a / b for a, b in zip(times, baseline_times, strict=True))
    print(
        f"{name:<28} {statistics.median(times):6.2f} s   `{beside}` {statistics.median(baseline_times):5.2f} s"
        f"   ratio {ratio:.2f} (medians of {RUNS})"
    )


if __name__ == "__main__":
    eagleplan = [sys.executable, "-m", "eagleplan"]
    with tempfile.TemporaryDirectory() as directory:
        out = str(Path(directory) / "out")
        _pair("eagleplan plan, example week", [*eagleplan, "plan", str(SCENARIO), "-o", out, "-q"], IMPORTS)
    _pair("eagleplan passes", [*eagleplan, "passes", str(SCENARIO), "-f", "csv"], LIGHT_IMPORTS)
    _pair("eagleplan --help", [*eagleplan, "--help"], "import typer")
