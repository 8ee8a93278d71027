"""How many satellites a demand needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from eagleplan.study.intervals import Estimate, estimate
from eagleplan.study.variants import PairKey, Variant

ALL = "all pairs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """What a number of satellites meets: of one pair's demand, or of all pairs in the mean."""

    n_satellites: int
    met: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class SatellitesNeeded:
    """The fewest satellites of the study that meet a demand to `target_frac`, for what else the axes say.

    `elsewhere` are the labels of the axes over which the number of satellites does not change. `n_satellites` meets the
    target in the mean, `n_surely` with the whole interval; None where no fleet of the study does, though what a larger
    one would do, nobody has asked.
    """

    elsewhere: tuple[str, ...]
    station_set: str
    pair: str
    target_frac: float
    fleets: tuple[Fleet, ...]

    @property
    def n_satellites(self) -> int | None:
        return next((fleet.n_satellites for fleet in self.fleets if fleet.met.mean >= self.target_frac), None)

    @property
    def n_surely(self) -> int | None:
        lows = ((fleet.n_satellites, fleet.met.low) for fleet in self.fleets)
        return next((number for number, low in lows if low is not None and low >= self.target_frac), None)


def satellites_needed(found: Iterable[Variant], target_frac: float) -> list[SatellitesNeeded]:
    """For all pairs together and for each pair; nothing where every variant has the same number of satellites.

    Several variants of one number of satellites that differ in the same axis (two patterns of 12, say) count as the
    best of them: the number needed is that of the best arrangement.
    """
    whole = [variant for variant in found if variant.pairs and not variant.n_failed]
    axes = fleet_axes(whole)
    if not axes:
        return []
    groups: dict[tuple[tuple[str, ...], str], list[Variant]] = {}
    for variant in whole:
        elsewhere = tuple(label for place, label in enumerate(variant.point) if place not in axes)
        groups.setdefault((elsewhere, variant.station_set), []).append(variant)
    needed = []
    for (elsewhere, station_set), own in groups.items():
        curves = {ALL: [(variant.n_satellites, estimate(variant.pair_met_frac)) for variant in own]}
        for name in _pair_names(own):
            curves[name] = [
                (variant.n_satellites, estimate(pair.met_frac))
                for variant in own
                for pair in variant.pairs
                if pair_name(pair) == name
            ]
        needed += [
            SatellitesNeeded(
                elsewhere=elsewhere,
                station_set=station_set,
                pair=name,
                target_frac=target_frac,
                fleets=tuple(Fleet(n_satellites=number, met=met) for number, met in sorted(_best(curve).items())),
            )
            for name, curve in curves.items()
        ]
    return needed


def fleet_axes(found: Iterable[Variant]) -> frozenset[int]:
    """Places of the axes that change the number of satellites.

    Those along which two variants differ in it and nothing else does; all of them, where the axes go together (a list).
    """
    places = set()
    whole = list(found)
    n_axes = len(whole[0].point) if whole else 0
    for place in range(n_axes):
        numbers: dict[tuple[object, ...], set[int]] = {}
        for variant in whole:
            rest = (*variant.point[:place], *variant.point[place + 1 :], variant.station_set)
            numbers.setdefault(rest, set()).add(variant.n_satellites)
        if any(len(own) > 1 for own in numbers.values()):
            places.add(place)
    several = len({variant.n_satellites for variant in whole}) > 1
    return frozenset(places or (range(n_axes) if several else ()))


def pair_name(pair: PairKey) -> str:
    """The demand's id, which tells two demands of one pair apart, and its nodes."""
    return f"{pair.node_a} – {pair.node_b} ({pair.demand_id})"


def _pair_names(found: Iterable[Variant]) -> list[str]:
    return list(dict.fromkeys(pair_name(pair) for variant in found for pair in variant.pairs))


def _best(curve: Iterable[tuple[int, Estimate]]) -> Mapping[int, Estimate]:
    best: dict[int, Estimate] = {}
    for number, met in curve:
        if number not in best or met.mean > best[number].mean:
            best[number] = met
    return best
