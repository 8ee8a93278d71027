"""Put the real output of the example week into README.md: `python tools/refresh_readme.py`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMMAND = "eagleplan plan examples/eagle1-week.toml -o out/"
BLOCK = re.compile(r"(<!-- made by tools/refresh_readme\.py; a test compares -->\n```\n)(.*?)(```\n<!-- end -->)", re.S)
NOTICE = re.compile(r"^W-")


def output() -> str:
    """The summary that the command prints at 80 columns, without the warnings below it."""
    with tempfile.TemporaryDirectory() as directory:
        done = subprocess.run(
            [sys.executable, "-m", "eagleplan", *COMMAND.split()[1:-1], str(Path(directory) / "out")],
            cwd=ROOT,
            env=os.environ | {"COLUMNS": "80", "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            check=True,
        )
    lines = [line.rstrip() for line in done.stdout.splitlines()]
    first_notice = next((i for i, line in enumerate(lines) if NOTICE.match(line)), len(lines))
    return "\n".join(lines[:first_notice]).strip()


def refreshed(readme: str) -> str:
    """The README with the block replaced."""
    return BLOCK.sub(lambda match: f"{match[1]}$ {COMMAND}\n{output()}\n{match[3]}", readme)


if __name__ == "__main__":
    page = ROOT / "README.md"
    page.write_text(refreshed(page.read_text(encoding="utf-8")), encoding="utf-8")
