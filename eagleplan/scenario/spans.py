"""Spans of time: pairs of start and end in seconds, as sets."""

from __future__ import annotations

from collections.abc import Iterable

Spans = tuple[tuple[float, float], ...]


def union(spans: Iterable[tuple[float, float]], start_s: float, end_s: float) -> Spans:
    """The spans within [`start_s`, `end_s`], sorted; those that touch or overlap are one."""
    merged: list[tuple[float, float]] = []
    for first, last in sorted((max(first, start_s), min(last, end_s)) for first, last in spans):
        if not first < last:
            continue
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return tuple(merged)


def complement(spans: Spans, start_s: float, end_s: float) -> Spans:
    """What `spans`, as `union` gives them, leave of [`start_s`, `end_s`]."""
    edges = [start_s, *(edge for span in spans for edge in span), end_s]
    return tuple((first, last) for first, last in zip(edges[::2], edges[1::2], strict=True) if first < last)


def intersection(one: Spans, other: Spans) -> Spans:
    """The times that lie in both."""
    found = []
    for first, last in one:
        for start, end in other:
            if max(first, start) < min(last, end):
                found.append((max(first, start), min(last, end)))
    return tuple(found)
