"""What the verifier says when a claim does not hold."""

from __future__ import annotations

from dataclasses import dataclass

FRACTION_TOLERANCE = 1e-6
"""Fractions in a plan may be rounded to six decimals; everything else is compared exactly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One claim that does not hold: a stable code such as ``V-OVERLAP``, what it is about, and a sentence."""

    code: str
    subject: str
    message: str

    def __str__(self) -> str:
        return f"{self.code} {self.subject}: {self.message}"


def found(code: str, subject: str, message: str) -> Violation:
    """A violation, in one line."""
    return Violation(code=code, subject=subject, message=message)


def close(one: float, other: float) -> bool:
    """Whether two fractions are the same but for rounding; never where one of them is no number."""
    return abs(one - other) <= FRACTION_TOLERANCE
