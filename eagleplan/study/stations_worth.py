"""What each station is worth: by leaving it out, by adding it, and as part of the sets that nothing cheaper beats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eagleplan.study.intervals import Estimate, difference, estimate
from eagleplan.study.study import StationSet
from eagleplan.study.variants import BASE, Variant


@dataclass(frozen=True, slots=True, kw_only=True)
class StationWorth:
    """What one station changes, at one point of the axes: with it less without it.

    `is_candidate` says that it was added to the base; otherwise it was left out. `met` is the change of the mean over
    the pairs of the fraction met, `key_bits` of the key delivered to all of them, over all weeks. `cost` is None where
    the study gives none.
    """

    point: tuple[str, ...]
    station_id: str
    is_candidate: bool
    met: Estimate
    key_bits: Estimate
    cost: float | None

    @property
    def met_frac_per_cost(self) -> float | None:
        return self.met.mean / self.cost if self.cost else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetWorth:
    """A set of stations, what it costs and what it brings, at one point of the axes.

    `is_efficient` says that no set of the study that costs no more brings as much; `rival` is the efficient set that
    costs no more and cannot be told from it, or is better: "" for none.
    """

    point: tuple[str, ...]
    station_set: str
    added: tuple[str, ...]
    left_out: str
    cost: float
    met: Estimate
    key_bits: Estimate
    is_efficient: bool
    rival: str


def station_worths(
    point: tuple[str, ...], found: Mapping[str, Variant], sets: Sequence[StationSet], cost: Mapping[str, float]
) -> list[StationWorth]:
    """Stations of the base and candidates, each group by what it brings, most first.

    Only sets that differ from the base by one station tell; a set with failed weeks, or with a base that has some,
    would compare different weeks, and is left out.
    """
    base = found.get(BASE)
    if base is None:
        return []
    worths = []
    for this in sets:
        other = found.get(this.name)
        station_id = this.left_out or (this.added[0] if len(this.added) == 1 else None)
        if other is None or station_id is None or not _comparable(base, other):
            continue
        more, less = (base, other) if this.left_out else (other, base)
        worths.append(
            StationWorth(
                point=point,
                station_id=station_id,
                is_candidate=not this.left_out,
                met=difference(more.pair_met_frac, less.pair_met_frac),
                key_bits=difference(more.year_bits, less.year_bits),
                cost=cost.get(station_id),
            )
        )
    return sorted(worths, key=lambda worth: (not worth.is_candidate, -worth.met.mean, worth.station_id))


def set_worths(
    point: tuple[str, ...], found: Mapping[str, Variant], sets: Sequence[StationSet], cost: Mapping[str, float]
) -> list[SetWorth]:
    """Every set with all its weeks, the cheapest first; a station without a cost counts 0."""
    known = {this.name: this for this in sets if this.name in found and _comparable(found[this.name], found[this.name])}
    costs = {name: sum(cost.get(station, 0.0) for station in this.site_ids) for name, this in known.items()}
    met = {name: estimate(found[name].pair_met_frac) for name in known}
    order = sorted(known, key=lambda name: (costs[name], -met[name].mean, name))
    worths, best = [], ""
    for name in order:
        efficient = not best or met[name].mean > met[best].mean
        rival = ""
        if best:
            gain = difference(found[name].pair_met_frac, found[best].pair_met_frac)
            rival = "" if gain.is_sure and gain.mean > 0.0 else best
        worths.append(
            SetWorth(
                point=point,
                station_set=name,
                added=known[name].added,
                left_out=known[name].left_out or "",
                cost=costs[name],
                met=met[name],
                key_bits=estimate(found[name].year_bits),
                is_efficient=efficient,
                rival=rival,
            )
        )
        best = name if efficient else best
    return worths


def _comparable(one: Variant, other: Variant) -> bool:
    return one.n_weeks == other.n_weeks > 0 and one.n_failed == other.n_failed == 0
