"""From passes to windows: where all constraints hold at once, and which of them says otherwise."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from eagleplan.model import Window
from eagleplan.passes.case import Case
from eagleplan.passes.constraints import Constraint
from eagleplan.passes.finder import BoolArray
from eagleplan.passes.pieces import Pieces, common, length_s, whole


def windows(
    case: Case, constraints: Mapping[str, Constraint], cut_start: BoolArray, cut_end: BoolArray
) -> tuple[list[tuple[Window, ...]], list[str | None]]:
    """The windows of each pass, and for a pass without one the constraint that leaves it the least time."""
    n_passes = len(case.start_s)
    allowed = {name: constraint(case) for name, constraint in constraints.items()}
    left, opened_by, closed_by = common([whole(case.start_s, case.end_s), *allowed.values()])
    names = ("elevation", *allowed)
    start_cut = cut_start[left.span] & (opened_by == 0)
    end_cut = cut_end[left.span] & (closed_by == 0)

    found: list[tuple[Window, ...]] = [()] * n_passes
    rows = zip(
        left.span.tolist(),
        left.start_s.tolist(),
        left.end_s.tolist(),
        ("horizon" if cut else names[number] for cut, number in zip(start_cut, opened_by, strict=True)),
        ("horizon" if cut else names[number] for cut, number in zip(end_cut, closed_by, strict=True)),
        strict=True,
    )
    for span, start_s, end_s, start_bound, end_bound in rows:
        window = Window(start_s=start_s, end_s=end_s, start_bound=start_bound, end_bound=end_bound)
        found[span] = (*found[span], window)
    return found, _blocked_by(left, allowed, n_passes)


def _blocked_by(left: Pieces, allowed: Mapping[str, Pieces], n_passes: int) -> list[str | None]:
    blocked: list[str | None] = [None] * n_passes
    without = np.flatnonzero(length_s(left, n_passes) <= 0.0)
    if len(without) and allowed:
        names = list(allowed)
        time_left = np.stack([length_s(pieces, n_passes)[without] for pieces in allowed.values()])
        for span, number in zip(without.tolist(), time_left.argmin(axis=0).tolist(), strict=True):
            blocked[span] = names[number]
    return blocked
