"""Intervals of many spans at once, against one question asked at many instants."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eagleplan.passes.pieces import Pieces, clipped, common, grid, joined, length_s, where, whole

N_SPANS, LENGTH_S = 3, 10.0
STARTS_S = np.arange(N_SPANS) * 100.0
ENDS_S = STARTS_S + LENGTH_S
PROBES = np.arange(0.25, LENGTH_S, 0.5)


def _holds(pieces: Pieces) -> np.ndarray:
    """At quarter seconds, (spans, probes): ends of the drawn intervals lie on half seconds, so never on an end."""
    t_s = STARTS_S[:, None] + PROBES
    inside = np.zeros(t_s.shape, dtype=bool)
    for span, start_s, end_s in zip(pieces.span, pieces.start_s, pieces.end_s, strict=True):
        inside[span] |= (t_s[span] > start_s) & (t_s[span] < end_s)
    return inside


def _is_sorted_and_disjoint(pieces: Pieces) -> bool:
    keys = pieces.span * 1000.0
    starts, ends = keys + pieces.start_s, keys + pieces.end_s
    return bool((pieces.end_s > pieces.start_s).all() and (starts[1:] >= ends[:-1]).all())


@st.composite
def _pieces(draw: st.DrawFn) -> Pieces:
    span, start_s, end_s = [], [], []
    for i in range(N_SPANS):
        marks = sorted(draw(st.sets(st.integers(0, int(2 * LENGTH_S)), max_size=8)))
        for first, last in zip(marks[::2], marks[1::2], strict=False):
            span.append(i)
            start_s.append(STARTS_S[i] + first / 2.0)
            end_s.append(STARTS_S[i] + last / 2.0)
    return Pieces(span=np.array(span, dtype=np.intp), start_s=np.array(start_s), end_s=np.array(end_s))


@given(st.lists(_pieces(), min_size=1, max_size=4), st.randoms())
def test_what_all_parts_share(parts: list[Pieces], random: object) -> None:
    shared, opened_by, closed_by = common(parts)
    assert _is_sorted_and_disjoint(shared)
    assert (_holds(shared) == np.logical_and.reduce([_holds(part) for part in parts])).all()
    for i in range(len(shared.span)):
        assert shared.start_s[i] in parts[opened_by[i]].start_s
        assert shared.end_s[i] in parts[closed_by[i]].end_s
    turned, _, _ = common(parts[::-1])
    assert (turned.start_s == shared.start_s).all()
    assert (turned.end_s == shared.end_s).all()


@given(st.lists(_pieces(), min_size=1, max_size=4))
def test_what_any_part_covers(parts: list[Pieces]) -> None:
    covered = joined(parts)
    assert _is_sorted_and_disjoint(covered)
    assert (_holds(covered) == np.logical_or.reduce([_holds(part) for part in parts])).all()
    assert (
        covered.start_s[1:][covered.span[1:] == covered.span[:-1]]
        > covered.end_s[:-1][covered.span[1:] == covered.span[:-1]]
    ).all()


def test_the_first_of_equal_bounds_is_named() -> None:
    one = Pieces(span=np.array([0]), start_s=np.array([1.0]), end_s=np.array([5.0]))
    other = Pieces(span=np.array([0]), start_s=np.array([1.0]), end_s=np.array([5.0]))
    for parts in ([one, other], [other, one]):
        _, opened_by, closed_by = common(parts)
        assert (opened_by[0], closed_by[0]) == (0, 0)


@given(_pieces())
def test_clipped_to_spans(pieces: Pieces) -> None:
    """The pieces of span 0 as plain intervals, cut to all spans moved onto one another."""
    first = pieces.span == 0
    intervals = np.column_stack((pieces.start_s[first], pieces.end_s[first])).reshape(-1, 2)
    cut = clipped(intervals, np.arange(2), np.array([1.5, 4.0]), np.array([6.5, 4.0]))
    assert _is_sorted_and_disjoint(cut)
    inside = _holds(
        Pieces(span=np.zeros(first.sum(), dtype=np.intp), start_s=pieces.start_s[first], end_s=pieces.end_s[first])
    )[0]
    wanted = inside & (PROBES > 1.5) & (PROBES < 6.5)
    got = np.zeros(len(PROBES), dtype=bool)
    for span, start_s, end_s in zip(cut.span, cut.start_s, cut.end_s, strict=True):
        assert span == 0
        got |= (start_s < PROBES) & (end_s > PROBES)
    assert (got == wanted).all()


@given(_pieces())
def test_lengths(pieces: Pieces) -> None:
    assert length_s(pieces, N_SPANS) == pytest.approx(0.5 * _holds(pieces).sum(axis=1))


def test_grid_keeps_the_ends_to_the_last_bit() -> None:
    start_s, end_s = np.array([0.1, 7.3]), np.array([0.7, 7.3 + 1e-9])
    span, t_s = grid(start_s, end_s, 0.25)
    assert span.tolist() == [0, 0, 0, 0, 1, 1, 1]
    assert (t_s[[0, 4]] == start_s).all()
    assert (t_s[[3, 6]] == end_s).all()
    assert np.diff(t_s[:4]).max() <= 0.25


@given(
    st.floats(0.02, 0.4),
    st.floats(0.0, 6.0),
    st.floats(-0.95, 0.95),
    st.lists(st.floats(1.0, 300.0), min_size=1, max_size=4),
)
def test_where_a_sine_is_above_a_level(pace: float, phase: float, level: float, lengths: list[float]) -> None:
    start_s = np.cumsum([0.0, *lengths[:-1]]) * 2.0
    end_s = start_s + np.array(lengths)
    found = where(lambda span, t: np.sin(pace * t + phase) - level, start_s, end_s, 0.5 / pace)
    assert _is_sorted_and_disjoint(found)
    total = 0.0
    for first, last in zip(start_s, end_s, strict=True):
        t = np.linspace(first, last, 4001)
        total += float((np.sin(pace * t + phase) >= level).mean()) * (last - first)
    assert (found.end_s - found.start_s).sum() == pytest.approx(total, abs=0.002 * sum(lengths))
    inner = np.concatenate((found.start_s, found.end_s))
    inner = inner[~np.isin(inner, np.concatenate((start_s, end_s)))]
    assert np.abs(np.sin(pace * inner + phase) - level) == pytest.approx(0.0, abs=1e-6)
    # An end lies on the allowed side.
    assert (np.sin(pace * inner + phase) - level >= -1e-12).all()


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_touch_between_two_samples_is_seen(sign: float) -> None:
    found = where(lambda span, t: sign * (1e-4 - (t - 31.3) ** 2), np.array([0.0]), np.array([60.0]), 20.0)
    edges = np.concatenate((found.start_s, found.end_s))
    for wanted in (31.29, 31.31):
        assert np.abs(edges - wanted).min() < 1e-6


def test_nothing_to_look_at() -> None:
    empty = np.zeros(0)
    assert len(where(lambda span, t: t, empty, empty, 1.0).span) == 0
    assert len(whole(np.array([1.0]), np.array([1.0])).span) == 0
