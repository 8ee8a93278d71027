"""How many satellites a demand needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from eagleplan.study.intervals import Estimate
from eagleplan.study.stations_worth import pair_name
from eagleplan.study.variants import Variant

ALL = "all pairs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """What a number of satellites meets: of one pair's demand, or of all pairs in the mean.

    `arrangement` are the labels of the axes along which fleets differ, of the best fleet of this number.
    """

    n_satellites: int
    arrangement: tuple[str, ...]
    met_frac: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class SatellitesNeeded:
    """The fewest satellites of the study that meet a demand to `target_frac`, for what else the axes say.

    `elsewhere` are axis and label of the axes along which the fleet does not change.
    """

    elsewhere: tuple[tuple[str, str], ...]
    station_set: str
    pair: str
    target_frac: float
    fleets: tuple[Fleet, ...]

    @property
    def n_satellites(self) -> int | None:
        """The smallest fleet that meets the target in the mean; None where none of the study does."""
        return next((fleet.n_satellites for fleet in self.fleets if fleet.met_frac.mean >= self.target_frac), None)

    @property
    def n_surely(self) -> int | None:
        """The smallest fleet whose whole interval meets the target."""
        lows = ((fleet.n_satellites, fleet.met_frac.low) for fleet in self.fleets)
        return next((number for number, low in lows if low is not None and low >= self.target_frac), None)

    @property
    def fall_short(self) -> tuple[int, ...]:
        """Larger fleets than the one needed that do not meet the target: more satellites are not always better."""
        needed = self.n_satellites
        return tuple(
            fleet.n_satellites
            for fleet in self.fleets
            if needed is not None and fleet.n_satellites > needed and fleet.met_frac.mean < self.target_frac
        )


def satellites_needed(axes: tuple[str, ...], found: Iterable[Variant], target_frac: float) -> list[SatellitesNeeded]:
    """For all pairs together and for each pair; nothing where every variant has the same number of satellites.

    Several variants of one number of satellites that differ in the same axis (two patterns of 12, say) count as the
    best of them: the number needed is that of the best arrangement. Variants that lack weeks tell nothing.
    """
    whole = [variant for variant in found if variant.pairs and variant.is_whole]
    places = fleet_axes(whole)
    groups: dict[tuple[tuple[tuple[str, str], ...], str], list[Variant]] = {}
    for variant in whole if places else ():
        named = zip(axes, variant.point, strict=True)
        elsewhere = tuple(axis for place, axis in enumerate(named) if place not in places)
        groups.setdefault((elsewhere, variant.station_set), []).append(variant)
    needed = []
    for (elsewhere, station_set), own in groups.items():
        curves: dict[str, dict[int, Fleet]] = {ALL: {}}
        for variant in own:
            arrangement = tuple(label for place, label in enumerate(variant.point) if place in places)
            met = {ALL: variant.met_frac} | {pair_name(p): p.met_frac for p in variant.pairs if p.wanted_bits}
            for name, met_frac in met.items():
                curve = curves.setdefault(name, {})
                before = curve.get(variant.n_satellites)
                if before is None or met_frac.mean > before.met_frac.mean:
                    curve[variant.n_satellites] = Fleet(
                        n_satellites=variant.n_satellites, arrangement=arrangement, met_frac=met_frac
                    )
        needed += [
            SatellitesNeeded(
                elsewhere=elsewhere,
                station_set=station_set,
                pair=name,
                target_frac=target_frac,
                fleets=tuple(fleet for _, fleet in sorted(curve.items())),
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
