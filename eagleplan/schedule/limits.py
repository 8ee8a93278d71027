"""How long a solver may search, and how."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long the solver may search, and how.

    With `workers` of 1 and more, `max_time_s` is the solvers' own deterministic clock: the same problem, limits and
    version of the solvers give the same plan on every machine. With 0 it uses all cores for `max_time_s` on the wall's
    clock, and two runs may differ.
    """

    max_time_s: float = 30.0
    workers: int = 1
    seed: int = 1

    def __post_init__(self) -> None:
        if not 0.0 < self.max_time_s < float("inf"):
            raise ValueError(f"max_time_s must be positive and finite (got {self.max_time_s})")
        if self.workers < 0 or self.seed < 0:
            raise ValueError(f"workers and seed must not be negative (got {self.workers} and {self.seed})")
