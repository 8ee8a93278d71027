"""The room that a label takes on a drawing."""

from __future__ import annotations

Box = tuple[float, float, float, float]
"""(left, top, right, bottom), y downwards."""


def box_around(x: float, y: float, half: float) -> Box:
    """A square with sides of twice `half`."""
    return x - half, y - half, x + half, y + half


def overlap(a: Box, b: Box) -> bool:
    """Whether two boxes have more than an edge in common."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
