"""Run every benchmark, each in a process of its own: `python benchmarks/run.py [NAME …]`.

Each prints ratios against a named peer or bound measured in the same run; absolute times depend on the machine.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
NEEDS_FILES = {"satqkd"}
"""Benchmarks on public instances that the user downloads and names on the command line."""

LONG = {"year", "robust", "replan", "schedule_scale", "schedule_tuning", "study", "study_scale"}
"""Those that take many minutes each: run when they are named."""


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all that are short and need no files of the user's; return how many failed."""
    known = sorted(path.stem for path in HERE.glob("*.py") if path.stem != "run" and not path.stem.startswith("_"))
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"error: no benchmark {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    failed = 0
    for name in names or [name for name in known if name not in NEEDS_FILES | LONG]:
        print(f"\n== {name}", flush=True)
        failed += subprocess.run([sys.executable, HERE / f"{name}.py"], check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
