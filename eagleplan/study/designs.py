"""Which values the axes of a study have together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from eagleplan.study.labels import label_of
from eagleplan.study.study import Axis
from eagleplan.units import FloatArray, read_only


@dataclass(frozen=True, slots=True)
class Factorial:
    """Every value of every axis with every one of the others; the first axis changes slowest."""

    axes: tuple[Axis, ...]

    @property
    def n_points(self) -> int:
        return math.prod(len(axis.values) for axis in self.axes)

    def point(self, number: int) -> tuple[tuple[Any, str], ...]:
        found: list[tuple[Any, str]] = []
        for axis in reversed(self.axes):
            number, index = divmod(number, len(axis.values))
            found.append((axis.values[index], axis.labels[index]))
        return tuple(reversed(found))


@dataclass(frozen=True, slots=True)
class Zipped:
    """The first values together, then the second ones, and so on."""

    axes: tuple[Axis, ...]

    @property
    def n_points(self) -> int:
        return len(self.axes[0].values) if self.axes else 1

    def point(self, number: int) -> tuple[tuple[Any, str], ...]:
        return tuple((axis.values[number], axis.labels[number]) for axis in self.axes)


class LatinHypercube:
    """`n_samples` points of which every axis has one in each of `n_samples` equal parts of its range.

    Parts are joined at random, and the point lies at random within its part (McKay, Beckman & Conover 1979,
    Technometrics 21:239). Of an axis of whole numbers each number has an equal share of the range, and so has each
    value of a list.
    """

    __slots__ = ("_axes", "_places", "n_points")

    def __init__(self, axes: Sequence[Axis], n_samples: int, seed: int) -> None:
        self._axes = tuple(axes)
        self._places = places(n_samples, len(self._axes), seed)
        self.n_points = n_samples

    def point(self, number: int) -> tuple[tuple[Any, str], ...]:
        return tuple(_drawn(axis, float(place)) for axis, place in zip(self._axes, self._places[number], strict=True))


def places(n_samples: int, n_axes: int, seed: int) -> FloatArray:
    """Places in [0, 1), shape (n_samples, n_axes); the same arguments give the same places."""
    random = np.random.default_rng(seed)
    parts = random.permuted(np.tile(np.arange(n_samples), (n_axes, 1)), axis=1).T
    return read_only((parts + random.random((n_samples, n_axes))) / n_samples)


def _drawn(axis: Axis, place: float) -> tuple[Any, str]:
    if axis.span is None:
        index = min(int(place * len(axis.values)), len(axis.values) - 1)
        return axis.values[index], axis.labels[index]
    low, high = axis.span
    value: float
    if isinstance(low, int) and isinstance(high, int):
        value = min(low + int(place * (high - low + 1)), high)
    else:
        value = min(low + place * (high - low), high)
    return value, label_of(value)
