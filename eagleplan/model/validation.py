"""One line of the validation table: a number that somebody published beside the one that this code computes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["reproduced", "compatible", "not reproduced"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationRow:
    """A published figure, ours, and the difference that is allowed, all in `unit` ("" where there is none).

    `inputs_complete` is False where the source does not state all inputs and some were assumed: such a case can be
    compatible, but never reproduced. `note` gives the assumption, or the reason that was found for a miss.
    """

    case: str
    source: str
    published: float
    ours: float
    tolerance: float
    unit: str
    inputs_complete: bool = True
    note: str = ""

    @property
    def difference(self) -> float:
        return self.ours - self.published

    @property
    def verdict(self) -> Verdict:
        if not abs(self.difference) <= self.tolerance:
            return "not reproduced"
        return "reproduced" if self.inputs_complete else "compatible"
