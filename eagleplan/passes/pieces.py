"""Parts of passes: intervals of numbered spans, and what can be done with many of them at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from eagleplan.orbit.trajectory import IntArray
from eagleplan.units import FloatArray

_ROOT_TOLERANCE_S = 1e-6
_MAX_HALVINGS = 100
_PEAK_STEPS = 3

Margin = Callable[[IntArray, FloatArray], FloatArray]
"""Values (n,) at times (n,) of spans (n,): not negative where something is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """Disjoint intervals of positive length, sorted by span and time, shapes (n,)."""

    span: IntArray
    start_s: FloatArray
    end_s: FloatArray


def whole(start_s: FloatArray, end_s: FloatArray) -> Pieces:
    """The spans themselves."""
    keep = np.flatnonzero(end_s > start_s)
    return Pieces(span=keep, start_s=start_s[keep], end_s=end_s[keep])


def common(parts: Sequence[Pieces]) -> tuple[Pieces, IntArray, IntArray]:
    """What all parts share, and the index of the part that each start and each end came from.

    Ends are taken over to the last bit. Where several parts begin or end at one instant, the first of them
    is named.
    """
    number = np.concatenate([np.full(len(part.span), i) for i, part in enumerate(parts)] * 2)
    span, t_s, change = _changes(parts)
    # At one instant ends come before starts, so that a shared instant is nothing. The start that completes
    # the cover is the last one, the end that breaks it the first.
    order = np.lexsort((-change * number, change, t_s, span))
    span, t_s, change, number = span[order], t_s[order], change[order], number[order]
    cover = np.cumsum(change)
    starts = np.flatnonzero((cover == len(parts)) & (change == 1))
    ends = np.flatnonzero((cover == len(parts) - 1) & (change == -1))
    keep = t_s[ends] > t_s[starts]
    starts, ends = starts[keep], ends[keep]
    return Pieces(span=span[starts], start_s=t_s[starts], end_s=t_s[ends]), number[starts], number[ends]


def joined(parts: Sequence[Pieces]) -> Pieces:
    """What at least one of the parts covers; intervals that touch become one."""
    span, t_s, change = _changes(parts)
    order = np.lexsort((-change, t_s, span))
    span, t_s, change = span[order], t_s[order], change[order]
    cover = np.cumsum(change)
    starts = np.flatnonzero((cover == 1) & (change == 1))
    ends = np.flatnonzero((cover == 0) & (change == -1))
    keep = t_s[ends] > t_s[starts]
    return Pieces(span=span[starts][keep], start_s=t_s[starts][keep], end_s=t_s[ends][keep])


def _changes(parts: Sequence[Pieces]) -> tuple[IntArray, FloatArray, IntArray]:
    span = np.concatenate([part.span for part in parts] * 2)
    t_s = np.concatenate([part.start_s for part in parts] + [part.end_s for part in parts])
    change = np.ones(len(t_s), dtype=np.intp)
    change[len(t_s) // 2 :] = -1
    return span, t_s, change


def length_s(pieces: Pieces, n_spans: int) -> FloatArray:
    """Time that the pieces leave of each span (n_spans,)."""
    length = np.bincount(pieces.span, weights=pieces.end_s - pieces.start_s, minlength=n_spans)
    return length.astype(np.float64)


def clipped(intervals_s: FloatArray, span: IntArray, start_s: FloatArray, end_s: FloatArray) -> Pieces:
    """Parts of spans `span` (n,) from `start_s` to `end_s` (n,) inside sorted, disjoint intervals (k, 2)."""
    first = np.searchsorted(intervals_s[:, 1], start_s, side="right")
    beyond = np.searchsorted(intervals_s[:, 0], end_s, side="left")
    count = np.maximum(beyond - first, 0)
    row = np.repeat(np.arange(len(span)), count)
    number = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count) + first[row]
    starts_s = np.maximum(intervals_s[number, 0], start_s[row])
    ends_s = np.minimum(intervals_s[number, 1], end_s[row])
    keep = ends_s > starts_s
    return Pieces(span=span[row][keep], start_s=starts_s[keep], end_s=ends_s[keep])


def where(
    margin: Margin,
    start_s: FloatArray,
    end_s: FloatArray,
    step_s: float | FloatArray,
    also: tuple[IntArray, FloatArray] | None = None,
) -> Pieces:
    """The parts of spans (n,) in which `margin` is not negative, their ends refined to a microsecond.

    Samples are at most `step_s` apart, and taken at the instants `also` (span, time) too. Where samples of
    one sign show a turning point towards zero, the turning point is sampled as well, so that a short
    crossing between two samples is not lost.
    """
    span, t_s = grid(start_s, end_s, step_s)
    if also is not None:
        span, t_s = np.concatenate((span, also[0])), np.concatenate((t_s, also[1]))
        order = np.lexsort((t_s, span))
        span, t_s = span[order], t_s[order]
    span, t_s, f = _with_turning_points(margin, span, t_s)
    if not len(span):
        return Pieces(span=span, start_s=t_s, end_s=t_s)
    same = span[1:] == span[:-1]
    allowed = f >= 0.0
    change = np.flatnonzero(same & (allowed[1:] != allowed[:-1]))
    crossing_s = refined(margin, span[change], t_s[change], t_s[change + 1], f[change], f[change + 1])

    first = np.ones(len(span), dtype=np.bool_)
    first[1:] = ~same
    last = np.ones(len(span), dtype=np.bool_)
    last[:-1] = ~same
    opens, opened = np.flatnonzero(first & allowed), allowed[change + 1]
    closes = np.flatnonzero(last & allowed)
    begin_span = np.concatenate((span[opens], span[change[opened]]))
    begin_s = np.concatenate((t_s[opens], crossing_s[opened]))
    finish_span = np.concatenate((span[closes], span[change[~opened]]))
    finish_s = np.concatenate((t_s[closes], crossing_s[~opened]))
    begin, finish = np.lexsort((begin_s, begin_span)), np.lexsort((finish_s, finish_span))
    begin_span, begin_s, finish_s = begin_span[begin], begin_s[begin], finish_s[finish]
    keep = finish_s > begin_s
    return Pieces(span=begin_span[keep], start_s=begin_s[keep], end_s=finish_s[keep])


def grid(start_s: FloatArray, end_s: FloatArray, step_s: float | FloatArray) -> tuple[IntArray, FloatArray]:
    """Spans and times of samples of spans (n,): both ends, and at most `step_s` between neighbours, at
    least three.
    """
    count = np.maximum(np.ceil((end_s - start_s) / step_s).astype(np.intp), 2) + 1
    span = np.repeat(np.arange(len(start_s)), count)
    number = np.arange(len(span)) - np.repeat(np.cumsum(count) - count, count)
    part = number / (count[span] - 1)
    # The ends themselves, to the last bit.
    t_s = np.where(number == count[span] - 1, end_s[span], start_s[span] + part * (end_s - start_s)[span])
    return span, t_s


def _with_turning_points(margin: Margin, span: IntArray, t_s: FloatArray) -> tuple[IntArray, FloatArray, FloatArray]:
    """Samples, sorted by span and time, with the turning points near zero between them."""
    f = margin(span, t_s)
    for _ in range(_PEAK_STEPS):
        turn = _turning_points(span, t_s, f)
        if not len(turn):
            break
        middle = turn + 1
        before, after = t_s[turn] - t_s[middle], t_s[turn + 2] - t_s[middle]
        pace_before, pace_after = (f[turn] - f[middle]) / before, (f[turn + 2] - f[middle]) / after
        bend = (pace_after - pace_before) / (after - before)
        vertex_s = t_s[middle] - 0.5 * (pace_after - bend * after) / bend
        inside = np.isfinite(vertex_s) & (vertex_s > t_s[turn]) & (vertex_s < t_s[turn + 2])
        inside &= np.abs(vertex_s - t_s[middle]) > _ROOT_TOLERANCE_S
        new_span, new_t = span[middle[inside]], vertex_s[inside]
        if not len(new_t):
            break
        span, t_s = np.concatenate((span, new_span)), np.concatenate((t_s, new_t))
        f = np.concatenate((f, margin(new_span, new_t)))
        order = np.lexsort((t_s, span))
        span, t_s, f = span[order], t_s[order], f[order]
    return span, t_s, f


def _turning_points(span: IntArray, t_s: FloatArray, f: FloatArray) -> IntArray:
    """First indices of triples within a span that have one sign and turn towards zero in the middle."""
    one_span = span[2:] == span[:-2]
    sign = np.where(f[1:-1] >= 0.0, 1.0, -1.0)
    before, middle, after = sign * f[:-2], sign * f[1:-1], sign * f[2:]
    found = one_span & (before >= middle) & (after >= middle) & (before + after > 2.0 * middle) & (middle > 0.0)
    return np.flatnonzero(found)


def refined(
    margin: Margin, span: IntArray, low: FloatArray, high: FloatArray, f_low: FloatArray, f_high: FloatArray
) -> FloatArray:
    """One root (n,) in each bracket, by Chandrupatla's method (1997, Adv. Eng. Software 28:145)."""
    a, b, c = high.copy(), low.copy(), high.copy()
    fa, fb, fc = f_high.copy(), f_low.copy(), f_high.copy()
    part = np.full(len(span), 0.5)
    for _ in range(_MAX_HALVINGS):
        if not len(span):
            break
        x = a + part * (b - a)
        fx = margin(span, x)
        same = (fx >= 0.0) == (fa >= 0.0)
        c, fc = np.where(same, a, b), np.where(same, fa, fb)
        b, fb = np.where(same, b, a), np.where(same, fb, fa)
        a, fa = x, fx
        width = np.abs(b - a)
        if width.max() < _ROOT_TOLERANCE_S or not (width[fa != 0.0] >= _ROOT_TOLERANCE_S).any():
            break
        with np.errstate(divide="ignore", invalid="ignore"):
            xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
            inverse = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
        smooth = (phi * phi < xi) & ((1.0 - phi) ** 2 < 1.0 - xi) & np.isfinite(inverse)
        edge = np.minimum(0.25 * _ROOT_TOLERANCE_S / np.maximum(width, _ROOT_TOLERANCE_S), 0.5)
        part = np.clip(np.where(smooth, inverse, 0.5), edge, 1.0 - edge)
    # The side on which the margin is not negative, so that the window keeps to what is allowed.
    return np.where(fa >= 0.0, a, b)
