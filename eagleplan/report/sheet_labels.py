"""Where a label stands beside its mark: the first place that covers neither another label nor the line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from eagleplan.report.boxes import Box, overlap

Anchor = Literal["start", "middle", "end"]

_CHARACTER = 6.4
_ASCENT = 9.0
_DESCENT = 2.5
_SIDES: Sequence[tuple[float, float, Anchor]] = (
    (7, 4, "start"),
    (-7, 4, "end"),
    (6, -6, "start"),
    (-6, -6, "end"),
    (6, 14, "start"),
    (-6, 14, "end"),
    (0, -8, "middle"),
    (0, 17, "middle"),
    (16, -14, "start"),
    (-16, -14, "end"),
    (16, 20, "start"),
    (-16, 20, "end"),
)
_STEP = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelPlace:
    """A text's reference point in pixels, and the room that it takes."""

    x: str
    y: str
    anchor: Anchor
    box: Box


def text_width(text: str) -> float:
    """About how wide a text is in the size of the drawings' labels."""
    return _CHARACTER * len(text)


def free_place(
    text: str, x: float, y: float, taken: Sequence[Box], line: Sequence[tuple[float, float]], size: float
) -> LabelPlace | None:
    """A place for `text` beside (x, y) in a square drawing of `size`, off all that is taken; None if there is none.

    Of the free places the one least crossed by `line`, and of those the first.
    """
    width = text_width(text)
    best: tuple[int, LabelPlace] | None = None
    for right, down, anchor in _SIDES:
        at_x, at_y = x + right, y + down
        left = at_x - {"start": 0.0, "middle": width / 2.0, "end": width}[anchor]
        box = (left, at_y - _ASCENT, left + width, at_y + _DESCENT)
        if box[0] < 1.0 or box[1] < 1.0 or box[2] > size - 1.0 or box[3] > size - 1.0:
            continue
        if any(overlap(box, other) for other in taken):
            continue
        crossed = crossings(box, line)
        if best is None or crossed < best[0]:
            best = crossed, LabelPlace(x=f"{at_x:.1f}", y=f"{at_y:.1f}", anchor=anchor, box=box)
    return None if best is None else best[1]


def crossings(box: Box, line: Sequence[tuple[float, float]]) -> int:
    """How many points of a line, taken a few pixels apart, lie in a box."""
    return sum(box[0] <= x <= box[2] and box[1] <= y <= box[3] for x, y in _dense(line))


def _dense(line: Sequence[tuple[float, float]]) -> Iterable[tuple[float, float]]:
    """Points along a line, a few pixels apart."""
    for (x0, y0), (x1, y1) in pairwise(line):
        steps = max(1, int(max(abs(x1 - x0), abs(y1 - y0)) / _STEP))
        for step in range(steps):
            yield x0 + (x1 - x0) * step / steps, y0 + (y1 - y0) * step / steps
