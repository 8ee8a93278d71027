"""Names beside marks, none on top of another: a place is tried after the other, and the first that is free is taken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from eagleplan.report.boxes import Box, box_around, overlap
from eagleplan.report.map_shapes import Label, Point

LETTER_WIDTH = 6.3
"""Of 11-pixel letters, on the wide side: a label must fit in every reader's font."""

ASCENT, DESCENT = 9.0, 3.0
MARK_REACH = 7.0
"""A mark covers a square of twice this."""


def label_box(label: Label) -> Box:
    """Left, top, right, bottom of the space that a label takes."""
    width = LETTER_WIDTH * len(label.text)
    left = label.at[0] - {"start": 0.0, "middle": width / 2.0, "end": width}[label.anchor]
    return left, label.at[1] - ASCENT, left + width, label.at[1] + DESCENT


def mark_box(at: Point) -> Box:
    """The space that a mark takes."""
    return box_around(*at, MARK_REACH)


def place_labels(
    texts: Sequence[str], marks: Sequence[Point], *, inside: Box, taken: Sequence[Box] = ()
) -> tuple[Label | None, ...]:
    """A label for every mark in the order of importance; None where none fits inside the box beside those before."""
    boxes = [mark_box(at) for at in marks]
    blocked = [*taken]
    found: list[Label | None] = []
    for number, (text, at) in enumerate(zip(texts, marks, strict=True)):
        others = boxes[:number] + boxes[number + 1 :]
        free = (
            label
            for label in _places(text, at)
            if _is_inside(label_box(label), inside)
            and not any(overlap(label_box(label), box) for box in (*others, *blocked))
        )
        label = next(free, None)
        if label:
            blocked.append(label_box(label))
        found.append(label)
    return tuple(found)


def _places(text: str, at: Point) -> Iterator[Label]:
    """Right, left, above, below, then the corners."""
    x, y = at
    tries: tuple[tuple[float, float, Literal["start", "middle", "end"]], ...] = (
        (8.0, 4.0, "start"), (-8.0, 4.0, "end"), (0.0, -11.0, "middle"), (0.0, 18.0, "middle"),
        (6.0, -8.0, "start"), (6.0, 15.0, "start"), (-6.0, -8.0, "end"), (-6.0, 15.0, "end"),
    )  # fmt: skip
    for right, down, anchor in tries:
        yield Label(text=text, at=(round(x + right, 1), round(y + down, 1)), anchor=anchor)


def _is_inside(box: Box, outer: Box) -> bool:
    return box[0] >= outer[0] and box[1] >= outer[1] and box[2] <= outer[2] and box[3] <= outer[3]
