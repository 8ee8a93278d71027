"""The figure of demand: delivered of wanted for every pair."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eagleplan.model import DemandResult
from eagleplan.report.index import PlanIndex
from eagleplan.report.plots.canvas import (
    BLUE,
    GREEN,
    GRID,
    INK,
    ORANGE,
    QUIET,
    RED,
    Form,
    bare,
    figure_bytes,
    shortened,
)
from eagleplan.report.words import bits_text, met_frac, pair_texts, percent_text

if TYPE_CHECKING:
    from eagleplan.report.plots.canvas import Axes, Figure

WIDTH = 9.0
ROW = 0.3
_HEAD = 0.85
_FOOT = 0.75


def draw_demand(index: PlanIndex, form: Form) -> bytes:
    """The figure as bytes."""
    demands = index.plan.demands
    height = _HEAD + _FOOT + ROW * max(len(demands), 2)
    title = f"{index.plan.name}: demand met"

    def draw(figure: Figure) -> None:
        figure.text(0.25 / WIDTH, 1.0 - 0.28 / height, title, fontsize=11, weight="bold", va="center")
        met = f"{percent_text(met_frac(demands))} of all that is wanted is met by expected key" if demands else ""
        figure.text(0.25 / WIDTH, 1.0 - 0.52 / height, met, fontsize=8, color=QUIET, va="center")
        box = (2.1 / WIDTH, _FOOT / height, 4.6 / WIDTH, 1.0 - (_HEAD + _FOOT) / height)
        _bars(figure.add_axes(box), demands)

    return figure_bytes(draw, form, size=(WIDTH, height), title=title)


def _bars(axes: Axes, demands: tuple[DemandResult, ...]) -> None:
    """A bar per demand, in percent of what it wants; demands from above in the order of the file."""
    if not demands:
        bare(axes)
        axes.text(0.5, 0.5, "Nothing is demanded.", ha="center", va="center", transform=axes.transAxes)
        return
    rows = range(len(demands))
    axes.barh(rows, [100.0] * len(demands), height=0.62, color="white", edgecolor=QUIET, linewidth=0.6)
    for row, result in zip(rows, demands, strict=True):
        demand = result.demand
        axes.barh(
            [row],
            [100.0 * result.met_frac],
            height=0.62,
            color=GREEN if result.met_frac >= 1.0 else BLUE,
            gid=f"met-{demand.demand_id}",
        )
        if demand.guarantee_bits:
            at = 100.0 * demand.guarantee_bits / demand.bits
            axes.plot(
                [at, at],
                [row - 0.42, row + 0.42],
                color=INK if result.guarantee_kept else RED,
                linewidth=1.8,
                linestyle="-" if result.guarantee_kept else (0, (1.0, 0.7)),
                gid=f"guarantee-{demand.demand_id}",
            )
        if result.outlook is not None:
            low, high, mean = (
                100.0 * bits / demand.bits
                for bits in (result.outlook.p10_bits, result.outlook.p90_bits, result.outlook.mean_bits)
            )
            axes.plot([low, high], [row, row], color=ORANGE, linewidth=1.6, gid=f"skies-{demand.demand_id}")
            axes.plot(
                [mean],
                [row],
                "D",
                color="white",
                markeredgecolor=INK,
                markersize=4,
                clip_on=False,
                gid=f"mean-{demand.demand_id}",
            )
        text = f"{percent_text(result.met_frac):>7}   {bits_text(result.delivered_bits)} of {bits_text(demand.bits)}"
        axes.text(1.02, row, text, va="center", transform=axes.get_yaxis_transform(), fontsize=7.5)
    axes.set_yticks(list(rows), [shortened(name, 30) for name in pair_texts(demands)])
    axes.set_ylim(len(demands) - 0.4, -0.6)
    axes.set_xlim(0.0, 100.4)
    axes.set_xlabel("percent of what is wanted", labelpad=2)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color=GRID, linewidth=0.5)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    _legend(axes, demands)


def _legend(axes: Axes, demands: tuple[DemandResult, ...]) -> None:
    axes.plot([], [], color=BLUE, linewidth=6, label="expected key")
    axes.plot([], [], color=GREEN, linewidth=6, label="met in full")
    if any(result.demand.guarantee_bits for result in demands):
        axes.plot([], [], color=INK, linewidth=1.8, label="guarantee, kept")
    if any(not result.guarantee_kept for result in demands):
        axes.plot([], [], color=RED, linewidth=1.8, linestyle=(0, (1.0, 0.7)), label="guarantee, NOT kept")
    n_skies = max((result.outlook.n_skies for result in demands if result.outlook), default=0)
    if n_skies:
        axes.plot([], [], color=ORANGE, linewidth=1.6, label=f"P10 to P90 of {n_skies} skies")
        axes.plot([], [], "D", color="white", markeredgecolor=INK, markersize=4, label="their mean")
    axes.figure.legend(
        loc="lower left", bbox_to_anchor=(0.012, 0.0), ncols=6, frameon=False, fontsize=7, handlelength=1.6
    )
