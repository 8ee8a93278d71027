"""Where the packaged `data/` and `examples/` are: in the wheel beside the code, in a checkout at the top."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def _root() -> Path:
    in_wheel = _PACKAGE / "_data"
    return in_wheel if in_wheel.is_dir() else _PACKAGE.parent


def data_path(*parts: str) -> Path:
    """Path of a packaged data file, such as ``data_path("ogs_sites.csv")``."""
    return _root().joinpath("data", *parts)


def example_path(*parts: str) -> Path:
    """Path of a packaged example, such as ``example_path("eagle1-week.toml")``."""
    return _root().joinpath("examples", *parts)
