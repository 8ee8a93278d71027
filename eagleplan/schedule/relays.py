"""Supply and demand as the solvers see them: stocks of like stations, and what may flow out of them.

Stations that stand on the same sides of the same demands are interchangeable: only the sum of their stock
counts. Such a set of stations is a pool; a stock is a pool on one satellite. For most scenarios a country is
one pool, and the number of flows no longer depends on how many stations it has. Nothing is lost:
`split_spending` hands the pooled amounts back to single stations.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from eagleplan.model import Delivery
from eagleplan.schedule.problem import Candidate, PairDemand, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """Key between a satellite and a pool: `initial_bits`, and what each chosen one of `candidates` adds."""

    satellite_id: str
    sites: tuple[str, ...]
    initial_bits: int
    candidates: tuple[int, ...]
    most_bits: int
    """No choice of contacts gives more: the initial bits and those of all candidates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """One demand through one satellite: a bit delivered spends a bit of `stocks_a` and one of `stocks_b`."""

    demand: int
    satellite_id: str
    stocks_a: tuple[int, ...]
    stocks_b: tuple[int, ...]
    most_bits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayNetwork:
    """The problem without what cannot matter; `candidates` have bits that a demand can use, by start time."""

    candidates: tuple[Candidate, ...]
    demands: tuple[PairDemand, ...]
    stocks: tuple[Stock, ...]
    relays: tuple[Relay, ...]

    def relays_of(self) -> tuple[tuple[int, ...], ...]:
        """Indices of the relays of each demand."""
        found: list[list[int]] = [[] for _ in self.demands]
        for index, relay in enumerate(self.relays):
            found[relay.demand].append(index)
        return tuple(tuple(indices) for indices in found)


def relay_network(problem: Problem) -> RelayNetwork:
    """Pools, stocks and relays of a problem, in an order that does not depend on that of its parts."""
    demands = tuple(sorted(problem.demands, key=lambda demand: demand.demand_id))
    pool_of = _pools(demands)
    with_bits = sorted(
        (c for c in problem.candidates if c.bits > 0 and c.site_id in pool_of),
        key=lambda c: (c.start_s, c.end_s, c.contact_id),
    )
    initial: dict[tuple[str, tuple[str, ...]], int] = defaultdict(int)
    for stock in problem.initial_stocks:
        if stock.site_id in pool_of:
            initial[stock.satellite_id, pool_of[stock.site_id]] += stock.bits
    added: dict[tuple[str, tuple[str, ...]], int] = defaultdict(int)
    for candidate in with_bits:
        added[candidate.satellite_id, pool_of[candidate.site_id]] += candidate.bits
    most = {key: initial[key] + added[key] for key in initial.keys() | added.keys()}
    keys = sorted(key for key, bits in most.items() if bits > 0)
    legs = _legs(demands, keys, pool_of)
    used = sorted({key for _, _, side_a, side_b in legs for key in (*side_a, *side_b)})
    number = {key: index for index, key in enumerate(used)}
    candidates = tuple(c for c in with_bits if (c.satellite_id, pool_of[c.site_id]) in number)
    members: list[list[int]] = [[] for _ in used]
    for index, candidate in enumerate(candidates):
        members[number[candidate.satellite_id, pool_of[candidate.site_id]]].append(index)
    return RelayNetwork(
        candidates=candidates,
        demands=demands,
        stocks=tuple(
            Stock(
                satellite_id=key[0],
                sites=key[1],
                initial_bits=initial[key],
                candidates=tuple(members[index]),
                most_bits=most[key],
            )
            for index, key in enumerate(used)
        ),
        relays=tuple(
            Relay(
                demand=demand,
                satellite_id=satellite_id,
                stocks_a=tuple(number[key] for key in side_a),
                stocks_b=tuple(number[key] for key in side_b),
                most_bits=min(demands[demand].bits, sum(most[key] for key in side_a), sum(most[key] for key in side_b)),
            )
            for demand, satellite_id, side_a, side_b in legs
        ),
    )


_Key = tuple[str, tuple[str, ...]]


def _pools(demands: Sequence[PairDemand]) -> Mapping[str, tuple[str, ...]]:
    """Station -> the stations (itself included) that stand on the same sides of the same demands."""
    sides: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for index, demand in enumerate(demands):
        for side, sites in enumerate((demand.sites_a, demand.sites_b)):
            for site in sites:
                sides[site].append((index, side))
    pools: dict[tuple[tuple[int, int], ...], list[str]] = defaultdict(list)
    for site in sorted(sides):
        pools[tuple(sides[site])].append(site)
    return {site: tuple(pool) for pool in pools.values() for site in pool}


def _legs(
    demands: Sequence[PairDemand], keys: Sequence[_Key], pool_of: Mapping[str, tuple[str, ...]]
) -> list[tuple[int, str, tuple[_Key, ...], tuple[_Key, ...]]]:
    """Demand, satellite and the stocks of either side, where both sides can have key."""
    known = set(keys)
    satellites = sorted({satellite_id for satellite_id, _ in keys})
    legs = []
    for index, demand in enumerate(demands):
        pools_a = sorted({pool_of[site] for site in demand.sites_a})
        pools_b = sorted({pool_of[site] for site in demand.sites_b})
        for satellite_id in satellites:
            side_a = tuple((satellite_id, pool) for pool in pools_a if (satellite_id, pool) in known)
            side_b = tuple((satellite_id, pool) for pool in pools_b if (satellite_id, pool) in known)
            if side_a and side_b:
                legs.append((index, satellite_id, side_a, side_b))
    return legs


def split_spending(
    problem: Problem,
    network: RelayNetwork,
    chosen: Iterable[int],
    spending: Sequence[tuple[int, Mapping[int, int], Mapping[int, int]]],
) -> tuple[Delivery, ...]:
    """Deliveries station by station from pooled amounts.

    `spending` holds (relay, bits by stock of side a, bits by stock of side b); both sides of a relay sum to
    the same. Stations of a pool are drawn on in alphabetical order. Raises ValueError where a stock does not
    hold what is spent.
    """
    left: dict[tuple[str, str], int] = defaultdict(int)
    for stock in problem.initial_stocks:
        left[stock.satellite_id, stock.site_id] += stock.bits
    for index in chosen:
        candidate = network.candidates[index]
        left[candidate.satellite_id, candidate.site_id] += candidate.bits
    deliveries = []
    for relay_index, side_a, side_b in spending:
        relay = network.relays[relay_index]
        drawn_a = _draw(network, left, side_a)
        drawn_b = _draw(network, left, side_b)
        for site_a, site_b, bits in _pair_up(drawn_a, drawn_b):
            deliveries.append(
                Delivery(
                    demand_id=network.demands[relay.demand].demand_id,
                    satellite_id=relay.satellite_id,
                    site_a=site_a,
                    site_b=site_b,
                    bits=bits,
                )
            )
    return tuple(sorted(deliveries, key=lambda d: (d.demand_id, d.satellite_id, d.site_a, d.site_b)))


def _draw(network: RelayNetwork, left: dict[tuple[str, str], int], wanted: Mapping[int, int]) -> list[tuple[str, int]]:
    drawn = []
    for stock_index in sorted(wanted):
        stock, bits = network.stocks[stock_index], wanted[stock_index]
        for site in stock.sites:
            taken = min(bits, left[stock.satellite_id, site])
            if taken > 0:
                left[stock.satellite_id, site] -= taken
                bits -= taken
                drawn.append((site, taken))
        if bits != 0:
            raise ValueError(f"{bits} bits more spent than {stock.satellite_id} holds with {', '.join(stock.sites)}")
    return drawn


def _pair_up(side_a: list[tuple[str, int]], side_b: list[tuple[str, int]]) -> Iterable[tuple[str, str, int]]:
    """Join two lists of (station, bits) of one sum into (station a, station b, bits)."""
    if sum(bits for _, bits in side_a) != sum(bits for _, bits in side_b):
        raise ValueError(f"the two sides of a relay differ: {side_a} and {side_b}")
    a, b = 0, 0
    used_a, used_b = 0, 0
    while a < len(side_a):
        bits = min(side_a[a][1] - used_a, side_b[b][1] - used_b)
        yield side_a[a][0], side_b[b][0], bits
        used_a, used_b = used_a + bits, used_b + bits
        if used_a == side_a[a][1]:
            a, used_a = a + 1, 0
        if used_b == side_b[b][1]:
            b, used_b = b + 1, 0
