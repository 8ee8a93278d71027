"""From when on the key of a contact can be used."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from eagleplan.model import Satellite

Seconds = npt.NDArray[np.int64]


def usable_s(satellite: Satellite, end_s: Seconds, key_delay_s: int, horizon_end_s: int) -> Seconds:
    """Seconds since the horizon's start (n,) from which the key of contacts that end at `end_s` (n,) can be used.

    That is `key_delay_s` after the end, and not before the end of the first classical contact that starts at or after
    it, where the satellite has any to wait for. Where none follows, it is the second after the horizon.
    """
    delayed_s = end_s + key_delay_s
    if satellite.classical_contacts_s is None:
        return delayed_s
    contacts = sorted(satellite.classical_contacts_s)
    starts_s = np.array([start for start, _ in contacts], dtype=np.int64)
    # With several that overlap, the first to start is taken, though another might end sooner.
    ends_s = np.array([end for _, end in contacts] + [horizon_end_s + 1], dtype=np.int64)
    return np.maximum(delayed_s, ends_s[np.searchsorted(starts_s, end_s)])
