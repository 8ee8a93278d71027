"""Numbers and lines as SVG takes them, as short as they can be written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise


def number_text(value: float, n_decimals: int = 1) -> str:
    """``12.3``, ``12``, ``0``: no more decimals than needed, for coordinates."""
    text = f"{value:.{n_decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def path_data(lines: Iterable[Sequence[tuple[float, float]]], closed: bool = False) -> str:
    """Lines as one path, as `line_data` writes each; a closed line ends in ``z``."""
    return "".join(line_data(line) + ("z" if closed else "") for line in lines)


def line_data(places: Sequence[tuple[float, float]]) -> str:
    """``M12.5 7l.5 1.1-2 3``: steps between places that are each rounded to one decimal, so that no error adds up."""
    tenths = [(round(10.0 * x), round(10.0 * y)) for x, y in places]
    steps = [_next(x1 - x0) + _next(y1 - y0) for (x0, y0), (x1, y1) in pairwise(tenths) if (x0, y0) != (x1, y1)]
    x, y = tenths[0]
    first = f"M{_tenth(x)}{_next(y)}"
    return f"{first}l{''.join(steps).lstrip()}" if steps else first


def _tenth(tenths: int) -> str:
    whole, rest = divmod(abs(tenths), 10)
    digits = f"{whole or ''}.{rest}" if rest else str(whole)
    return f"-{digits}" if tenths < 0 else digits


def _next(tenths: int) -> str:
    """A number that follows another: a minus sign parts them as well as a space does."""
    return _tenth(tenths) if tenths < 0 else f" {_tenth(tenths)}"
