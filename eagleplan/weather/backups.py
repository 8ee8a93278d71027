"""Where to turn when cloud takes a contact: another station, under another sky, that the satellite sees just then."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from eagleplan.model import Backup, Contact, Site
from eagleplan.units import FloatArray
from eagleplan.weather.cloud_scenarios import (
    DEFAULT_CORRELATION_LENGTH_KM,
    correlation_in_time,
    distances_km,
    p_both_clear,
    site_index,
)

Slews = Mapping[tuple[str, str, int, str], int]


def p_clear_if_clouded(first: Contact, other: Contact, *, distance_km: float, correlation_length_km: float) -> float:
    """Clear probability of `other` given that cloud hides `first`, by the latent field of `cloud_scenarios`."""
    if first.p_clear >= 1.0:
        return other.p_clear
    apart_s = (other.start_s + other.end_s - first.start_s - first.end_s) / 2
    correlation = math.exp(-distance_km / correlation_length_km) * float(correlation_in_time(apart_s))
    both = p_both_clear(first.p_clear, other.p_clear, correlation)
    return min(1.0, max(0.0, (other.p_clear - both) / (1.0 - first.p_clear)))


def backups(
    chosen: Sequence[Contact],
    candidates: Sequence[Contact],
    sites: Sequence[Site],
    *,
    changeover_s: int,
    slews: Slews = MappingProxyType({}),
    correlation_length_km: float = DEFAULT_CORRELATION_LENGTH_KM,
) -> tuple[Backup, ...]:
    """For each chosen contact, in order of its start, the best alternative among `candidates`, where there is one.

    It is a contact of the same satellite at a station at least `correlation_length_km` away (correlation of the skies
    below 1/e). Cloud is seen when the first begins: so the alternative begins before the first would be over, but not
    before the terminal has turned from its start. It leaves time to turn between it and the satellite's contacts before
    and after it, and `changeover_s` to those of its own station. To turn takes `changeover_s`, or longer where `slews`
    says so: (satellite, site of the first, its end_s, site of the next), taken to hold from the first's start too. The
    best gives the most key in the mean, given that the first is clouded out.
    """
    distance = distances_km(sites)
    row = site_index(sites)

    def turn_s(one: Contact, other: Contact) -> int:
        """From the first contact of one satellite to the next."""
        return max(changeover_s, slews.get((one.satellite_id, one.site_id, one.end_s, other.site_id), 0))

    def in_the_way(contact: Contact, other: Contact) -> bool:
        if contact.satellite_id == other.satellite_id:
            return contact.start_s < other.end_s + turn_s(other, contact) and (
                other.start_s < contact.end_s + turn_s(contact, other)
            )
        return contact.site_id == other.site_id and (
            contact.start_s < other.end_s + changeover_s and other.start_s < contact.end_s + changeover_s
        )

    offered: dict[str, list[Contact]] = defaultdict(list)
    for contact in candidates:
        if contact.key.secret_bits > 0:
            offered[contact.satellite_id].append(contact)
    flown: dict[tuple[str, str], list[Contact]] = defaultdict(list)
    for contact in chosen:
        flown["satellite", contact.satellite_id].append(contact)
        flown["site", contact.site_id].append(contact)
    found = []
    for first in sorted(chosen, key=lambda contact: (contact.start_s, contact.contact_id)):
        possible = [
            contact
            for contact in offered[first.satellite_id]
            if first.start_s + turn_s(first, contact) <= contact.start_s < first.end_s
            and distance[row[first.site_id], row[contact.site_id]] >= correlation_length_km
            and not any(
                in_the_way(contact, other)
                for other in (*flown["satellite", contact.satellite_id], *flown["site", contact.site_id])
                if other.contact_id != first.contact_id
            )
        ]
        best = _best(first, possible, distance[row[first.site_id]], row, correlation_length_km)
        if best is not None:
            found.append(best)
    return tuple(found)


def _best(
    first: Contact,
    possible: Sequence[Contact],
    distance_km: FloatArray,
    row: dict[str, int],
    correlation_length_km: float,
) -> Backup | None:
    best: Backup | None = None
    best_bits = 0.0
    # Knowing of the first one's cloud never raises another's chance, so what is left in this order cannot be better
    # once a candidate's own mean is below the best.
    for contact in sorted(
        possible, key=lambda contact: (-contact.p_clear * contact.key.secret_bits, contact.contact_id)
    ):
        if contact.p_clear * contact.key.secret_bits <= best_bits:
            break
        away_km = float(distance_km[row[contact.site_id]])
        p_clear = p_clear_if_clouded(first, contact, distance_km=away_km, correlation_length_km=correlation_length_km)
        if p_clear * contact.key.secret_bits > best_bits:
            best_bits = p_clear * contact.key.secret_bits
            best = Backup(
                contact_id=first.contact_id,
                backup=contact,
                distance_km=round(away_km, 1),
                p_clear_if_clouded=round(p_clear, 6),
            )
    return best
