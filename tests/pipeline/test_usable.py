"""From when on key can be used."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest

from eagleplan.model import Satellite
from eagleplan.pipeline.usable import usable_s

NOTHING = cast(Any, None)
END_S = np.array([100, 199, 200, 201, 899, 901])


def satellite(contacts: tuple[tuple[int, int], ...] | None) -> Satellite:
    return Satellite(
        satellite_id="sat", name="sat", orbit=NOTHING, terminal=NOTHING, source=NOTHING, classical_contacts_s=contacts
    )


@pytest.mark.parametrize("delay_s", [0, 90])
def test_without_classical_contacts_key_waits_for_its_delay_alone(delay_s: int) -> None:
    assert usable_s(satellite(None), END_S, delay_s, 1000).tolist() == (END_S + delay_s).tolist()


def test_key_waits_for_the_end_of_the_first_classical_contact_that_starts_behind_it() -> None:
    contacts = ((200, 260), (900, 950))
    assert usable_s(satellite(contacts), END_S, 0, 1000).tolist() == [260, 260, 260, 950, 950, 1001]


def test_a_long_delay_outlasts_the_classical_contact() -> None:
    assert usable_s(satellite(((200, 260),)), np.array([190]), 120, 1000).tolist() == [310]


def test_where_none_follows_key_is_usable_only_after_the_horizon() -> None:
    assert usable_s(satellite(()), np.array([10]), 0, 1000).tolist() == [1001]
