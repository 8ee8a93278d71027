"""Write docs/cli.md from the commands' own help: `python tools/make_cli_reference.py`."""

from __future__ import annotations

import contextlib
import io
import os
from pathlib import Path
from unittest import mock

from eagleplan.cli import command_names, main

PAGE = Path(__file__).resolve().parent.parent / "docs" / "cli.md"

HEAD = """# Commands

Data goes to stdout, everything else to stderr. `-` stands for stdout. A table becomes CSV in a pipe.

Exit codes: 0 done; 1 done, and the answer is no (`verify` found a violation, `--strict` and demand unmet); 2 bad usage
or input; 3 no plan within the limits; 70 a bug; 130 interrupted; 141 broken pipe.

Errors name path, line and field, all of a file at once, and no traceback comes without `--debug`:

```
error: week.toml:7: horizon.dayz: unknown key
hint: did you mean "days"?
```

This page is made from the commands' own help by `tools/make_cli_reference.py`; a test compares.
"""


def help_of(*arguments: str) -> str:
    """What `eagleplan … --help` prints at 100 columns."""
    text = io.StringIO()
    width = {"TERMINAL_WIDTH": "100", "COLUMNS": "100", "NO_COLOR": "1"}
    with mock.patch.dict(os.environ, width), contextlib.redirect_stdout(text):
        main([*arguments, "--help"])
    return "\n".join(line.rstrip() for line in text.getvalue().strip().splitlines())


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for name in command_names():
        parts.append(f"\n## eagleplan {name}\n\n```\n{help_of(*name.split())}\n```\n")
    return "".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
