"""Where the browser is. A module of tests that needs one calls `need_chromium`, and is skipped as a whole without."""

from __future__ import annotations

import os
import shutil

import pytest

CHROMIUM = os.environ.get("EAGLEPLAN_CHROMIUM") or shutil.which("chromium")


def need_chromium() -> None:
    """Skip the module, and say so, where there is no browser."""
    if CHROMIUM is None:
        reason = "NO BROWSER: no chromium on PATH and none in EAGLEPLAN_CHROMIUM, so report.html is not tested in one"
        pytest.skip(reason, allow_module_level=True)
