"""What a level asks for: a linear function of the columns, to be made small or large."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Sense = Literal["min", "max"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """Σ coefficient × column, to be made small or large.

    Nothing is better than `trivial_bound`, which follows from the bounds of single columns.
    """

    name: str
    sense: Sense
    columns: tuple[int, ...]
    coefficients: tuple[int, ...]
    trivial_bound: int

    def value(self, values: Sequence[int]) -> int:
        return sum(k * values[c] for c, k in zip(self.columns, self.coefficients, strict=True))

    def is_bound(self, bound: int, value: int) -> bool:
        """Whether `value` is no better than `bound`."""
        return bound <= value if self.sense == "min" else bound >= value

    def better(self, one: int, other: int) -> int:
        """The better of two values."""
        return min(one, other) if self.sense == "min" else max(one, other)

    def worse(self, one: int, other: int) -> int:
        """The worse of two values: the tighter of two bounds is the worse one."""
        return max(one, other) if self.sense == "min" else min(one, other)
