"""Versions without imports, and the only clock that an output may show."""

from __future__ import annotations

import hashlib
import platform
import subprocess
import sys
from datetime import UTC, datetime

import numpy as np
import pytest
import sgp4

from eagleplan import __version__
from eagleplan.errors import InputError
from eagleplan.stamp import sha256_hex, source_date_utc, stamp


def test_versions_are_those_of_the_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    entries = stamp()
    assert entries["eagleplan"] == __version__
    assert entries["python"] == platform.python_version()
    assert entries["numpy"] == np.__version__
    assert entries["sgp4"] == sgp4.__version__
    assert entries["ortools"].startswith("9.")
    assert "created_utc" not in entries


def test_the_clock_is_the_environments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795996800")
    assert source_date_utc() == datetime(2026, 11, 30, tzinfo=UTC)
    assert stamp()["created_utc"] == "2026-11-30T00:00:00Z"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "")
    assert source_date_utc() is None


@pytest.mark.parametrize("bad", ["today", "1.5", "9" * 30, "2026-11-30"])
def test_a_clock_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, bad: str) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", bad)
    with pytest.raises(InputError, match="SOURCE_DATE_EPOCH: must be whole seconds"):
        stamp()


def test_no_library_is_imported_for_its_version() -> None:
    code = (
        "import sys; from eagleplan.stamp import stamp; stamp(); "
        "print({'numpy', 'scipy', 'sgp4', 'skyfield', 'astropy', 'ortools'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_sha256() -> None:
    """The test vector of FIPS 180-2, appendix B.1."""
    assert sha256_hex(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sha256_hex(b"") == hashlib.sha256().hexdigest()
