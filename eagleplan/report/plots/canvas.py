"""A figure as bytes, the same every time. The only module that knows matplotlib, which it imports late."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes as Axes
    from matplotlib.figure import Figure as Figure

FormName = Literal["png", "svg", "pdf"]
FORMS: tuple[FormName, ...] = ("png", "svg", "pdf")

BLUE, ORANGE, GREEN, PINK, SKY, RED, YELLOW, GREY = (
    "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#8c8c8c",
)  # fmt: skip
SERIES = (BLUE, ORANGE, GREEN, PINK, SKY, RED, YELLOW, GREY)
"""Okabe and Ito's palette, which colour-blind readers can tell apart (Color Universal Design, 2008)."""

INK = "#1c2330"
QUIET = "#5b6475"
GRID = "#d5dae2"
DARK = "#dfe4ef"
"""Text, text that matters less, lines of a grid, and night behind marks."""

_STYLE: Mapping[str, Any] = {
    "svg.hashsalt": "eagleplan",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
    "font.family": "DejaVu Sans",
    "font.size": 8.0,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": QUIET,
    "axes.linewidth": 0.6,
    "axes.axisbelow": True,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 3.0,
    "ytick.major.size": 3.0,
    "hatch.linewidth": 0.6,
    "text.parse_math": False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a figure is written: its format, and for PNG the dots in an inch."""

    name: FormName
    n_dpi: int = 200


def figure_bytes(draw: Callable[[Figure], None], form: Form, *, size: tuple[float, float], title: str) -> bytes:
    """What `draw` puts on a white figure of `size` (width, height) in inches; `title` goes into the file's metadata.

    `draw` places every axes itself: matplotlib's layout engines solve in the order of memory addresses, and their last
    digits vary. The user's own style plays no part.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with mpl.rc_context(), warnings.catch_warnings():
        # A letter that the font lacks is drawn as a box, for everyone to see.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        figure = Figure(figsize=size)
        FigureCanvasAgg(figure)
        draw(figure)
        drawing = io.BytesIO()
        figure.savefig(drawing, format=form.name, dpi=form.n_dpi, metadata=_metadata(form.name, title))
    return drawing.getvalue()


def _metadata(name: FormName, title: str) -> dict[str, str | None]:
    """The title and who made it; what would give the day or the version of a library is left out."""
    if name == "png":
        return {"Title": title, "Software": "eagleplan"}
    if name == "svg":
        return {"Title": title, "Creator": "eagleplan", "Date": None}
    return {"Title": title, "Creator": "eagleplan", "Producer": "eagleplan", "CreationDate": None}


def bare(axes: Axes) -> None:
    """Take away frame and ticks."""
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)


def mixed(colour: str, share_frac: float) -> str:
    """A colour such as "#0072b2" on white, by its share: opaque, so that nothing shines through."""
    parts = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{round(255 + (part - 255) * share_frac):02x}" for part in parts)


def shortened(text: str, n_letters: int) -> str:
    """`text` on one line, cut to `n_letters`."""
    words = " ".join(text.split())
    return words if len(words) <= n_letters else words[: n_letters - 1].rstrip() + "…"
