"""Reduced skies against every choice of which to keep, and against what they must keep of the whole."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from eagleplan.schedule import Candidate
from eagleplan.schedule.reduction import reduced
from eagleplan.schedule.robust_recourse import IntArray

ONE = Candidate(contact_id="0", pass_id="0", satellite_id="e", site_id="a", start_s=0, end_s=10, usable_s=10, bits=100)


def candidates(n: int) -> tuple[Candidate, ...]:
    return tuple(replace(ONE, contact_id=f"{i}", pass_id=f"{i}") for i in range(n))


def skies(n_skies: int, worth: IntArray, seed: int) -> IntArray:
    clear = np.random.default_rng(seed).random((n_skies, len(worth))) < 0.5
    return np.asarray(clear * worth, dtype=np.int64)


def distance(bits: IntArray, kept: IntArray) -> float:
    """Mean distance of each sky to the nearest of `kept`, by hand."""
    return float(np.mean([min(int(np.abs(one - other).sum()) for other in kept) for one in bits]))


@pytest.mark.parametrize("seed", range(5))
def test_each_sky_kept_is_the_best_one_more(seed: int) -> None:
    bits = skies(30, np.array([100, 200, 50, 400, 300]), seed)
    kept = [reduced(candidates(5), bits, n).bits for n in (1, 2, 3)]
    assert (kept[2][:2] == kept[1]).all()
    assert (kept[1][:1] == kept[0]).all()
    for fewer, more in ((bits[:0], kept[0]), (kept[0], kept[1]), (kept[1], kept[2])):
        best = min(distance(bits, np.vstack([fewer, one])) for one in bits)
        assert distance(bits, more) == pytest.approx(best)


def test_weights_are_numbers_of_skies() -> None:
    bits = np.array([[9, 0], [9, 0], [9, 0], [0, 9], [9, 0]], dtype=np.int64)
    found = reduced(candidates(2), bits, 2)
    assert found.bits.tolist() == [[9, 0], [0, 9]]
    assert found.weights == (4, 1)
    many = skies(200, np.array([5, 7, 11, 13, 2, 3]), 1)
    few = reduced(candidates(6), many, 20)
    assert (few.total, len(few.bits)) == (200, 20)
    assert min(few.weights) >= 1
    assert reduced(candidates(6), many, 20).weights == few.weights
    assert reduced(candidates(6), many, 300).weights == (1,) * 200


def test_parts_of_one_pass_count_once() -> None:
    parts = tuple(replace(ONE, contact_id=f"{i}", pass_id="p") for i in range(3))
    other = replace(ONE, contact_id="other", pass_id="q")
    # The pass has three parts of 10 bits, the other contact 15: the two skies that differ by the pass lie nearer.
    bits = np.array([[10, 10, 10, 15], [0, 0, 0, 15], [10, 10, 10, 0], [10, 10, 10, 0]], dtype=np.int64)
    found = reduced((*parts, other), bits, 2)
    assert found.bits.tolist() == [[10, 10, 10, 15], [10, 10, 10, 0]]
    assert found.weights == (2, 2)
