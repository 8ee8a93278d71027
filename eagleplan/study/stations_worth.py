"""What each station is worth: by leaving it out, by adding it, and as part of the sets that nothing cheaper beats."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from eagleplan.study.intervals import Estimate, estimate, sum_over_weeks
from eagleplan.study.stations import BASE
from eagleplan.study.study import StationSet
from eagleplan.study.variants import PairKey, Variant, VariantSkies


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """One variant less another of the same point, over the same weeks and skies.

    `met_frac` is the difference of what is met, with the interval over skies; `over_weeks` the same with the interval
    as if the weeks had been drawn. `delivered_bits` is that of all key, `dark_nights` that of the mean over the pairs
    of nights without key, None without skies.
    """

    met_frac: Estimate
    over_weeks: Estimate
    delivered_bits: Estimate
    dark_nights: Estimate | None

    @property
    def is_told(self) -> bool:
        """Whether it can be told from nothing: both intervals leave 0 out, or the one that there is."""
        known = [this for this in (self.met_frac, self.over_weeks) if this.low is not None]
        return bool(known) and all(this.is_sure for this in known)

    @property
    def has_interval(self) -> bool:
        """Whether there is anything to tell it by."""
        return self.met_frac.low is not None or self.over_weeks.low is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class StationWorth:
    """What one station changes, at one point of the axes: with it less without it.

    `is_candidate` says that it was added to the base; otherwise it was left out. `pair` names the pair that it changes
    most, and `pair_met_frac` what that pair gets without and with it. `told_from_best` says whether it can be told from
    the best of its group. `cost` is None where the study gives none.
    """

    point: tuple[str, ...]
    station_id: str
    is_candidate: bool
    gain: Gain
    pair: str
    pair_met_frac: tuple[float, float]
    told_from_best: bool
    cost: float | None

    @property
    def met_frac_per_cost(self) -> float | None:
        return self.gain.met_frac.mean / self.cost if self.cost else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetWorth:
    """A set of stations, what it costs and what it brings, at one point of the axes.

    `is_efficient` says that no set of the study that costs no more brings as much. `rival` is the best of the sets that
    cost no more, where the two cannot be told apart; "" where they can, or where there is none.
    """

    point: tuple[str, ...]
    station_set: str
    added: tuple[str, ...]
    left_out: str
    n_stations: int
    cost: float
    met_frac: Estimate
    delivered_bits: Estimate
    is_efficient: bool
    rival: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetAnswer:
    """The best set that costs at most `cost`, the budget, at one point of the axes; None where there is none."""

    point: tuple[str, ...]
    cost: float
    best: SetWorth | None


def gain(more: VariantSkies, less: VariantSkies) -> Gain:
    """`more` less `less`, sky by sky and week by week."""
    nights = None
    if more.dark_nights is not None and less.dark_nights is not None:
        nights = estimate(more.dark_nights - less.dark_nights)
    return Gain(
        met_frac=estimate(more.met_frac - less.met_frac),
        over_weeks=sum_over_weeks(more.week_met_frac - less.week_met_frac),
        delivered_bits=estimate(more.delivered_bits - less.delivered_bits),
        dark_nights=nights,
    )


def station_worths(
    found: Mapping[str, VariantSkies], sets: Sequence[StationSet], cost: Mapping[str, float]
) -> list[StationWorth]:
    """Candidates, then stations of the base, each group by what it brings, most first.

    Only sets that differ from the base by one station tell. A set that lacks weeks, or whose base does, would compare
    different weeks, and is left out.
    """
    base = found.get(BASE)
    if base is None or not base.variant.is_whole:
        return []
    added: list[tuple[str, VariantSkies]] = []
    left_out: list[tuple[str, VariantSkies]] = []
    for this in sets:
        other = found.get(this.name)
        if other is not None and other.variant.is_whole:
            if this.left_out:
                left_out.append((this.left_out, other))
            elif len(this.added) == 1:
                added.append((this.added[0], other))
    # What a station brings is what is met with it, and what one costs is what is not met without it.
    added.sort(key=lambda one: (-one[1].variant.met_frac.mean, one[0]))
    left_out.sort(key=lambda one: (one[1].variant.met_frac.mean, one[0]))
    return [
        _worth(base, station_id, other, group[0][1], cost, is_candidate=group is added)
        for group in (added, left_out)
        for station_id, other in group
    ]


def _worth(
    base: VariantSkies,
    station_id: str,
    other: VariantSkies,
    best: VariantSkies,
    cost: Mapping[str, float],
    *,
    is_candidate: bool,
) -> StationWorth:
    more, less = (other, base) if is_candidate else (base, other)
    pair, pair_met_frac = _most_changed(more.variant, less.variant)
    return StationWorth(
        point=base.variant.point,
        station_id=station_id,
        is_candidate=is_candidate,
        gain=gain(more, less),
        pair=pair,
        pair_met_frac=pair_met_frac,
        told_from_best=other is not best and gain(other, best).is_told,
        cost=cost.get(station_id),
    )


def set_worths(
    found: Mapping[str, VariantSkies], sets: Sequence[StationSet], cost: Mapping[str, float]
) -> list[SetWorth]:
    """Every set with all its weeks, the cheapest first.

    A set costs what its stations do, and a station without a cost nothing; where the study gives no cost at all, every
    station counts 1.
    """
    known = {this.name: this for this in sets if this.name in found and found[this.name].variant.is_whole}
    costs = {name: sum(cost.get(site, 0.0) if cost else 1.0 for site in this.site_ids) for name, this in known.items()}
    met = {name: found[name].variant.met_frac.mean for name in known}
    worths, best = [], ""
    for name in sorted(known, key=lambda name: (costs[name], -met[name], name)):
        own = found[name]
        worths.append(
            SetWorth(
                point=own.variant.point,
                station_set=name,
                added=known[name].added,
                left_out=known[name].left_out or "",
                n_stations=len(known[name].site_ids),
                cost=costs[name],
                met_frac=own.variant.met_frac,
                delivered_bits=own.variant.delivered_bits,
                is_efficient=not best or met[name] > met[best],
                rival=best if best and _is_rival(gain(own, found[best])) else "",
            )
        )
        best = name if worths[-1].is_efficient else best
    return worths


def _is_rival(change: Gain) -> bool:
    return change.has_interval and not change.is_told


def best_for(budget: float, worths: Iterable[SetWorth]) -> list[BudgetAnswer]:
    """At each point, the last efficient set that the budget pays for."""
    best: dict[tuple[str, ...], SetWorth | None] = {}
    for worth in worths:
        best.setdefault(worth.point, None)
        if worth.is_efficient and worth.cost <= budget:
            best[worth.point] = worth
    return [BudgetAnswer(point=point, cost=budget, best=worth) for point, worth in best.items()]


def pair_name(pair: PairKey) -> str:
    """The nodes, and the demand's id, which tells two demands of one pair apart."""
    return f"{pair.node_a} – {pair.node_b} ({pair.demand_id})"


def _most_changed(more: Variant, less: Variant) -> tuple[str, tuple[float, float]]:
    without = {pair.demand_id: pair.met_frac.mean for pair in less.pairs}
    change = {pair: pair.met_frac.mean - without.get(pair.demand_id, 0.0) for pair in more.pairs}
    if not change:
        return "", (0.0, 0.0)
    pair = max(change, key=lambda pair: abs(change[pair]))
    return pair_name(pair), (pair.met_frac.mean - change[pair], pair.met_frac.mean)
