"""Lines as SVG path data, as short as it can be written."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise


def number(value: float) -> str:
    """One decimal, and none where it is zero."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def line_data(places: Sequence[tuple[float, float]]) -> str:
    """``M12.5,7l.5,1.1-2,3``: steps between places that are each rounded to one decimal, so that no error adds up."""
    tenths = [(round(10.0 * x), round(10.0 * y)) for x, y in places]
    steps = [_step(x1 - x0) + _step(y1 - y0, ",") for (x0, y0), (x1, y1) in pairwise(tenths) if (x0, y0) != (x1, y1)]
    first = f"M{number(tenths[0][0] / 10.0)},{number(tenths[0][1] / 10.0)}"
    return first if not steps else f"{first}l{steps[0]}" + "".join(s if s[0] == "-" else f" {s}" for s in steps[1:])


def _step(tenths: int, before: str = "") -> str:
    """A number of tenths as short as path data allows; `before` parts it from the one before unless its sign does."""
    text = number(tenths / 10.0).replace("0.", ".", 1) if abs(tenths) < 10 else number(tenths / 10.0)
    return text if text[0] == "-" else before + text
