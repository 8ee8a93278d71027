"""Figures as SVG, the same bytes every time. The only module that knows matplotlib, which it imports late."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from eagleplan.model import Budget, Profile
from eagleplan.report.times import clock_text, day_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_STYLE: Mapping[str, Any] = {
    "svg.hashsalt": "eagleplan",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#d5dae2",
    "grid.linewidth": 0.6,
    "text.parse_math": False,
}

# Fixed, because matplotlib's layout engine solves in the order of memory addresses, and its last digits vary.
_MARGINS = {"left": 0.1, "right": 0.81, "top": 0.93, "bottom": 0.075}

# Okabe and Ito's palette, which colour-blind readers can tell apart.
_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#8c8c8c")


def contact_figure(
    *,
    profile: Profile,
    budget: Budget,
    start_utc: datetime,
    title: str,
    contact_s: tuple[float, float] | None = None,
) -> bytes:
    """A contact over time as SVG: elevation, loss by term (stacked, dB), background per detector (counts/s).

    `profile` and `budget` hold the samples of one window; `start_utc` is the instant of the profile's `t_s` =
    0 (the horizon's start). `contact_s` shades the part of the window that was chosen, in the same seconds.
    Raises ValueError if there are fewer than two samples or the two do not have the same length.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    n_samples = profile.t_s.size
    if n_samples < 2:
        raise ValueError("a figure needs at least two samples")
    if budget.total_db.size != n_samples:
        raise ValueError(f"profile has {n_samples} samples, budget {budget.total_db.size}")
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        figure = Figure(figsize=(8.0, 7.0))
        FigureCanvasSVG(figure)
        _draw(figure, profile, budget, start_utc, title, contact_s)
        drawing = io.BytesIO()
        figure.savefig(drawing, format="svg", metadata={"Date": None, "Creator": "eagleplan", "Title": title})
    return drawing.getvalue()


def _draw(
    figure: Figure,
    profile: Profile,
    budget: Budget,
    start_utc: datetime,
    title: str,
    contact_s: tuple[float, float] | None,
) -> None:
    origin_s = float(np.floor(profile.t_s[0]))
    since_s = profile.t_s - origin_s
    figure.suptitle(title, x=_MARGINS["left"], y=0.975, ha="left", fontsize=11)
    elevation, loss, background = figure.subplots(
        3, 1, sharex=True, gridspec_kw={"height_ratios": (2, 3, 2), "hspace": 0.12} | _MARGINS
    )
    elevation.plot(since_s, profile.elevation_deg, color=_COLOURS[0], gid="elevation")
    elevation.set_ylabel("elevation (°)")
    elevation.set_ylim(0.0, 90.0)
    _stack(loss, since_s, budget)
    background.plot(since_s, budget.background_per_detector_cps, color=_COLOURS[5], gid="background")
    background.set_ylabel("background\nper detector (1/s)")
    background.set_ylim(bottom=0.0)
    first_utc = start_utc + timedelta(seconds=origin_s)
    background.set_xlabel(f"seconds after {day_text(first_utc)}, {clock_text(first_utc)} UTC")
    background.set_xlim(float(since_s[0]), float(since_s[-1]))
    figure.align_ylabels()
    if contact_s is not None:
        begin_s, end_s = (instant_s - origin_s for instant_s in contact_s)
        for axes in (elevation, loss, background):
            axes.axvspan(begin_s, end_s, color="#0072b2", alpha=0.08, linewidth=0)


def _stack(axes: Axes, since_s: np.ndarray[Any, Any], budget: Budget) -> None:
    """Terms on top of one another in the order of the light; the upper edge is the whole loss."""
    names = list(budget.terms_db)
    colours = [_COLOURS[number % len(_COLOURS)] for number in range(len(names))]
    axes.stackplot(since_s, *budget.terms_db.values(), labels=names, colors=colours, alpha=0.85)
    axes.plot(since_s, budget.total_db, color="black", linewidth=1.0, gid="total-loss")
    axes.set_ylabel("loss (dB)")
    axes.set_ylim(0.0, float(np.max(budget.total_db)) * 1.05 + 1e-9)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=8, reverse=True)
