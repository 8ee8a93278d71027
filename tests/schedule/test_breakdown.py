"""A linear programme that breaks down in its arithmetic is one without an answer, not the end of a plan."""

from __future__ import annotations

import math
from typing import Any

import pytest

from eagleplan.schedule import linear


class StatusNotOk(Exception):  # noqa: N818
    """Stands for the solver's own, which has no public name."""


def test_a_breakdown_gives_nothing() -> None:
    def broken() -> Any:
        raise StatusNotOk("Unexpected GLOP termination reason: ABNORMAL [INTERNAL]")

    found = linear._outcome(broken)
    assert (found.values, found.prices, found.bound) == (None, None, math.inf)


def test_any_other_fault_is_not_swallowed() -> None:
    def wrong() -> Any:
        raise TypeError("a bug")

    with pytest.raises(TypeError):
        linear._outcome(wrong)
