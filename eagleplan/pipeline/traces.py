"""How the chosen contacts go: the sky, the light and the key, thinned to what a drawing needs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eagleplan import key
from eagleplan.model import Budget, Contact, ContactTrace, KeyGrowth, LinkTrace, Pass, Profile, SkyTrack
from eagleplan.orbit.places import geodetic, site_vectors
from eagleplan.orbit.sun_moon import sun_moon
from eagleplan.orbit.trajectory import Turns, track
from eagleplan.passes import PassSearch
from eagleplan.passes.look import angle_deg, look
from eagleplan.pipeline.assessment import Assessment
from eagleplan.pipeline.members import windows_of
from eagleplan.pipeline.plan import Planned
from eagleplan.pipeline.spans import Span
from eagleplan.pipeline.worth import valued
from eagleplan.scenario import Scenario
from eagleplan.units import FloatArray, read_only

IntArray = npt.NDArray[np.int64]

TRACK_POINTS = 48
LINK_SAMPLES = 56
GROWTH_ENDS = 32
"""Of an even grid; the few instants that must be there come on top."""

SECTIONS = 20
"""Parts into which the search for the first second with key cuts what is left, each time."""

BLOCKS_AT_A_TIME = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """Geometry and loss, second by second from `start_s` on, of the window that a contact lies in."""

    start_s: int
    profile: Profile
    budget: Budget


@dataclass(frozen=True, slots=True, kw_only=True)
class Grown:
    """Key of a contact that ends `after_s` whole seconds after its start, all (n,)."""

    after_s: IntArray
    secret_bits: IntArray
    sifted_bits: FloatArray


def traces(scenario: Scenario, planned: Planned) -> tuple[ContactTrace, ...]:
    """A trace for each chosen contact, in the order of the plan's contacts.

    Passes, budgets and blocks are those of the assessment: nothing is chosen here. A contact that lies in no open
    window, as a re-plan keeps them, is drawn over its own seconds; where its outcome is known, no proof says what its
    key was, and `growth` is None.
    """
    chosen, assessment = planned.plan.contacts, planned.assessment
    if not chosen:
        return ()
    lights = _lights(scenario, assessment, chosen)
    growths = _growths(scenario, chosen, lights)
    tracks = _tracks(assessment.search, chosen)
    bodies = _sun_and_moon(assessment.search, chosen)
    return tuple(
        ContactTrace(
            contact_id=contact.contact_id,
            track=tracks[i],
            link=_link(contact, lights[i]),
            growth=growths.get(i),
            **{name: float(column[i]) for name, column in bodies.items()},
        )
        for i, contact in enumerate(chosen)
    )


def _lights(scenario: Scenario, assessment: Assessment, chosen: Sequence[Contact]) -> list[Light]:
    inside = windows_of(assessment, chosen)
    passes = {this.pass_id: this for this in assessment.passes}
    spans = {
        i: Span(
            contact_id=contact.contact_id,
            of=passes[contact.pass_id],
            start_s=contact.start_s,
            end_s=contact.end_s,
        )
        for i, contact in enumerate(chosen)
        if i not in inside
    }
    found = {
        i: Light(
            start_s=assessment.contacts[number].start_s,
            profile=assessment.profiles[number],
            budget=assessment.budgets[number],
        )
        for i, number in inside.items()
    }
    if spans:
        alone = valued(scenario, tuple(spans.values()), assessment.search)
        found |= {
            i: Light(start_s=span.start_s, profile=profile, budget=budget)
            for i, span, profile, budget in zip(spans, alone.spans, alone.profiles, alone.budgets, strict=True)
        }
    return [found[i] for i in range(len(chosen))]


def _link(contact: Contact, light: Light) -> LinkTrace:
    n = len(light.profile.t_s)
    ends = (0, contact.start_s - light.start_s, contact.end_s - light.start_s - 1, n - 1)
    at = np.unique(np.concatenate([_even(0, n - 1, LINK_SAMPLES), ends]))
    background = np.broadcast_to(light.budget.background_per_detector_cps, n)
    return LinkTrace(
        t_s=read_only(light.profile.t_s[at]),
        elevation_deg=read_only(light.profile.elevation_deg[at]),
        range_km=read_only(light.profile.range_km[at]),
        terms_db={name: read_only(np.broadcast_to(loss, n)[at]) for name, loss in light.budget.terms_db.items()},
        background_per_detector_cps=read_only(background[at]),
    )


def _growths(scenario: Scenario, chosen: Sequence[Contact], lights: Sequence[Light]) -> Mapping[int, KeyGrowth]:
    """By the contact's place, for those whose outcome is still open.

    The first second with key is sought between the last end without and the first end with it, on ever finer grids.
    """
    grids = {
        i: _even(0, contact.duration_s, GROWTH_ENDS)[1:] for i, contact in enumerate(chosen) if contact.outcome is None
    }
    grown = _proven(scenario, chosen, lights, grids)
    for i, own in grown.items():
        # The plan's own word on the whole contact, should rounding tell two runs of the proof apart.
        own.secret_bits[-1], own.sifted_bits[-1] = chosen[i].key.secret_bits, chosen[i].key.sifted_bits
    while gaps := {i: gap for i, own in grown.items() if (gap := _gap(own)) is not None}:
        between = {i: _even(low, high, SECTIONS)[1:-1] for i, (low, high) in gaps.items()}
        for i, more in _proven(scenario, chosen, lights, between).items():
            grown[i] = _joined(grown[i], more)
    return {i: _growth(chosen[i], own, grids[i]) for i, own in grown.items()}


def _gap(own: Grown) -> tuple[int, int] | None:
    """The ends around the first second with key; None where they are neighbours, or where there is no key."""
    first = _first_with_key(own)
    if first is None:
        return None
    low = int(own.after_s[first - 1]) if first else 0
    high = int(own.after_s[first])
    return (low, high) if high - low > 1 else None


def _first_with_key(own: Grown) -> int | None:
    with_key = np.flatnonzero(own.secret_bits > 0)
    return int(with_key[0]) if len(with_key) else None


def _joined(some: Grown, more: Grown) -> Grown:
    after_s = np.concatenate([some.after_s, more.after_s])
    order = np.argsort(after_s, kind="stable")
    return Grown(
        after_s=after_s[order],
        secret_bits=np.concatenate([some.secret_bits, more.secret_bits])[order],
        sifted_bits=np.concatenate([some.sifted_bits, more.sifted_bits])[order],
    )


def _growth(contact: Contact, own: Grown, grid_s: IntArray) -> KeyGrowth:
    """From the contact's start on, with the first second that brings key and the one before it."""
    first = _first_with_key(own)
    steps = grid_s if first is None else np.append(grid_s, own.after_s[first] - np.arange(2))
    shown = np.isin(own.after_s, steps)
    return KeyGrowth(
        t_s=read_only(np.append(0, own.after_s[shown]) + contact.start_s),
        secret_bits=read_only(np.append(0, own.secret_bits[shown])),
        sifted_bits=read_only(np.append(0.0, own.sifted_bits[shown])),
        first_key_s=None if first is None else contact.start_s + int(own.after_s[first]),
    )


def _proven(
    scenario: Scenario, chosen: Sequence[Contact], lights: Sequence[Light], ends: Mapping[int, IntArray]
) -> dict[int, Grown]:
    """Key of the contacts named, each end a block of its own; many blocks are proven at a time."""
    sources = {satellite.satellite_id: satellite.source for satellite in scenario.satellites}
    detectors = {site.site_id: site.receiver.detector for site in scenario.sites}
    found: dict[int, Grown] = {}
    for numbers in _batches(ends):
        blocks = []
        for i in numbers:
            contact, budget = chosen[i], lights[i].budget
            start = contact.start_s - lights[i].start_s
            blocks.append(
                key.part_detections(
                    budget.transmittance_frac,
                    budget.background_per_detector_cps,
                    sources[contact.satellite_id],
                    detectors[contact.site_id],
                    np.full(len(ends[i]), start),
                    start + ends[i],
                )
            )
        proof = key.proven(key.joined(blocks), scenario.security)
        cuts = np.cumsum([len(ends[i]) for i in numbers])[:-1]
        columns = np.split(proof.secret_bits, cuts), np.split(proof.detections.sifted_bits, cuts)
        for i, secret_bits, sifted_bits in zip(numbers, *columns, strict=True):
            found[i] = Grown(after_s=ends[i], secret_bits=secret_bits, sifted_bits=sifted_bits)
    return found


def _batches(ends: Mapping[int, IntArray]) -> list[list[int]]:
    """The places of contacts in groups of a bounded number of blocks together."""
    batches: list[list[int]] = []
    n_blocks = BLOCKS_AT_A_TIME
    for i, own in ends.items():
        if n_blocks + len(own) > BLOCKS_AT_A_TIME:
            batches.append([])
            n_blocks = 0
        batches[-1].append(i)
        n_blocks += len(own)
    return batches


def _tracks(search: PassSearch, chosen: Sequence[Contact]) -> list[SkyTrack]:
    passes = {this.pass_id: this for this in search.passes}
    site_number = {site.site_id: number for number, site in enumerate(search.sites)}
    vectors, turns = site_vectors(search.sites), Turns(search.horizon)
    instants = [_instants(passes[contact.pass_id], contact) for contact in chosen]
    found: dict[int, SkyTrack] = {}
    for satellite in search.satellites:
        own = [i for i, contact in enumerate(chosen) if contact.satellite_id == satellite.satellite_id]
        if not own:
            continue
        counts = [len(instants[i]) for i in own]
        position = track(satellite, search.horizon, turns).position(np.concatenate([instants[i] for i in own]))
        seen = look(vectors, np.repeat([site_number[chosen[i].site_id] for i in own], counts), position)
        longitude_deg, latitude_deg, height_km = geodetic(position)
        for i, count, end in zip(own, counts, np.cumsum(counts).tolist(), strict=True):
            here = slice(end - count, end)
            found[i] = SkyTrack(
                t_s=read_only(instants[i]),
                azimuth_deg=read_only(seen.azimuth_deg[here]),
                elevation_deg=read_only(seen.elevation_deg[here]),
                latitude_deg=read_only(latitude_deg[here]),
                longitude_deg=read_only(longitude_deg[here]),
                height_km=read_only(height_km[here]),
            )
    return [found[i] for i in range(len(chosen))]


def _instants(this: Pass, contact: Contact) -> FloatArray:
    """Rise, culmination and set, the ends of the contact, and whole seconds in between."""
    first, last = math.ceil(this.rise_s), math.floor(this.set_s)
    seconds = np.append([contact.start_s, contact.end_s], _even(first, last, TRACK_POINTS))
    inside = seconds[(seconds > this.rise_s) & (seconds < this.set_s)]
    t_s = np.append([this.rise_s, this.culmination_s, this.set_s], inside)
    # Those named first stay where two would be the same to the millisecond.
    _, kept = np.unique(np.round(t_s, 3), return_index=True)
    return np.asarray(t_s[kept], dtype=np.float64)


def _sun_and_moon(search: PassSearch, chosen: Sequence[Contact]) -> dict[str, FloatArray]:
    """The fields of a trace that say where the Sun and the Moon stand at the middle of each contact (n,)."""
    site_number = {site.site_id: number for number, site in enumerate(search.sites)}
    site = np.array([site_number[contact.site_id] for contact in chosen])
    middle_s = np.array([(contact.start_s + contact.end_s) / 2.0 for contact in chosen])
    vectors = site_vectors(search.sites)
    sun, moon = sun_moon(search.horizon).sun_and_moon_itrf_km(middle_s)
    to_sun, to_moon = look(vectors, site, sun), look(vectors, site, moon)
    return {
        "sun_azimuth_deg": to_sun.azimuth_deg,
        "sun_elevation_deg": to_sun.elevation_deg,
        "moon_azimuth_deg": to_moon.azimuth_deg,
        "moon_elevation_deg": to_moon.elevation_deg,
        "moon_illuminated_frac": 0.5 + 0.5 * np.cos(np.radians(angle_deg(-moon, sun - moon))),
    }


def _even(first: int, last: int, n_steps: int) -> IntArray:
    """Whole numbers from `first` to `last`, both among them, about evenly apart, without repetition."""
    return np.unique(np.rint(np.linspace(first, last, n_steps + 1)).astype(np.int64))
