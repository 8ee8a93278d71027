"""What is left out as dominated: against the definition, pair by pair."""

from __future__ import annotations

import numpy as np

from eagleplan.pipeline.cuts import Parts
from eagleplan.pipeline.dominance import dominated


def test_dominated_parts_are_those_of_the_definition() -> None:
    random = np.random.default_rng(3)
    n = 400
    window = random.integers(0, 12, n)
    start = 86_400 - 60 + 10 * random.integers(0, 12, n)
    end = start + 10 * random.integers(1, 12, n)
    _, first = np.unique(np.stack([window, start, end]), axis=1, return_index=True)
    window, start, end = window[first], start[first], end[first]
    secret, expected = random.integers(0, 9, len(first)), random.integers(0, 5, len(first))
    found = dominated(Parts(span=window, start_s=start, end_s=end), secret, expected)

    def beats(i: int, j: int) -> bool:
        return (
            window[i] == window[j]
            and (start[i], end[i]) != (start[j], end[j])
            and start[i] >= start[j]
            and end[i] <= end[j]
            and start[i] // 86_400 == start[j] // 86_400
            and secret[i] >= secret[j]
            and expected[i] >= expected[j]
        )

    rows = range(len(first))
    assert found.tolist() == [any(beats(i, j) for i in rows) for j in rows]
    assert 20 < found.sum() < len(first) - 20


def test_of_every_dominated_part_something_that_beats_it_is_left() -> None:
    start, end = np.array([0, 10, 20]), np.array([100, 90, 80])
    bits = np.array([5, 5, 5])
    found = dominated(Parts(span=np.zeros(3, dtype=np.int64), start_s=start, end_s=end), bits, bits)
    assert found.tolist() == [True, True, False]
