"""How far the chain has come."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, float], None]
"""(stage, part done from 0 to 1)."""


def silent(stage: str, fraction: float) -> None:
    """Progress that nobody watches."""
