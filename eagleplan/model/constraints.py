"""What must hold, besides elevation, for a pass to be used."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraints:
    """Options of the operating constraints. The Sun's highest elevation belongs to each `Site`."""
