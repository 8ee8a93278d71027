"""Cloud that arrives within a pass: skies step by step, and the key of what is left.

A plan takes a contact to be clear as a whole or not at all. This is the finer picture, which an outlook may take: the
field of `cloud_scenarios` at every step of a contact, and the secret key of its clear seconds taken as one block. Key
is not additive: half of the seconds give less than half of it, or none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from eagleplan.model import Contact, Site
from eagleplan.units import FloatArray
from eagleplan.weather.cloud_scenarios import (
    DEFAULT_CORRELATION_LENGTH_KM,
    BoolArray,
    IntArray,
    Looks,
    chances_of_members,
    latent_field,
    normal_quantile,
    site_index,
)

KeyOf = Callable[[int, BoolArray], IntArray]
"""(number of the contact, which of its seconds are clear, shape (n, duration_s)) -> secret bits of each row (n,)."""

DEFAULT_STEP_S = 60
"""The field's correlation over a minute is 0.989: cloud edges between two steps are rare."""


def clear_steps(
    contacts: Sequence[Contact],
    sites: Sequence[Site],
    *,
    n_skies: int,
    seed: int,
    step_s: int = DEFAULT_STEP_S,
    correlation_length_km: float = DEFAULT_CORRELATION_LENGTH_KM,
    p_clear_of_member: FloatArray | None = None,
) -> tuple[BoolArray, ...]:
    """For each contact, whether each step of `step_s` that it touches is clear, shape (n_skies, n_steps).

    Steps are those of the horizon's clock, so that contacts of one station at one time see one sky. Every step is
    clear with the contact's own probability. `p_clear_of_member` (n_members, n_contacts) is as for `clear_skies`.
    """
    number = site_index(sites)
    steps = [range(contact.start_s // step_s, -(-contact.end_s // step_s)) for contact in contacts]
    looks: dict[tuple[int, int], int] = {}
    for contact, own in zip(contacts, steps, strict=True):
        for step in own:
            looks.setdefault((number[contact.site_id], step), len(looks))
    where = Looks(
        site=np.array([site for site, _ in looks], dtype=np.intp),
        at_s=np.array([(step + 0.5) * step_s for _, step in looks], dtype=np.float64),
    )
    field = latent_field(where, sites, n_skies=n_skies, seed=seed, correlation_length_km=correlation_length_km)
    thresholds = normal_quantile(chances_of_members(contacts, p_clear_of_member))
    member = np.arange(n_skies) % len(thresholds)
    return tuple(
        np.asarray(field[:, [looks[number[contact.site_id], step] for step in own]] < thresholds[member, index, None])
        for index, (contact, own) in enumerate(zip(contacts, steps, strict=True))
    )


def partial_bits(
    contacts: Sequence[Contact], clear: Sequence[BoolArray], key_of: KeyOf, *, step_s: int = DEFAULT_STEP_S
) -> IntArray:
    """Secret bits of what cloud leaves of each contact, shape (n_skies, n_contacts).

    `clear` comes from `clear_steps` with the same `step_s`. `key_of` is asked once for each contact, for all patterns
    of steps that some sky shows and that are not without a clear one. A contact whose outcome is known gave what it
    gave.
    """
    columns = []
    for index, (contact, own) in enumerate(zip(contacts, clear, strict=True)):
        if contact.outcome is not None:
            columns.append(np.full(len(own), contact.key.secret_bits, dtype=np.int64))
            continue
        first = contact.start_s // step_s
        step_of = np.arange(contact.start_s, contact.end_s) // step_s - first
        patterns, pattern_of = np.unique(own, axis=0, return_inverse=True)
        bits = np.zeros(len(patterns), dtype=np.int64)
        some = patterns.any(axis=1)
        if some.any():
            bits[some] = key_of(index, patterns[some][:, step_of])
        columns.append(bits[pattern_of.ravel()])
    return np.stack(columns, axis=1)
