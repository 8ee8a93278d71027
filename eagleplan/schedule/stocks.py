"""Stocks on their way through time: what arrives, grows too old, is given up and is spent, oldest bits first."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from eagleplan.model import Delivery, Discard
from eagleplan.schedule.key_block import Flow, KeyBlock
from eagleplan.schedule.network import KeyNetwork, Route
from eagleplan.schedule.paths import Ends, ends

Parts = list[tuple[Ends, int]]
"""Bits by member of an edge."""


class Stocks:
    """The stocks of a network's edges, with these contacts flown. Call `reach` for one instant after the other."""

    def __init__(self, network: KeyNetwork, chosen: Iterable[int]) -> None:
        self.network = network
        flown = frozenset(chosen)
        self._number = [{at_s: n for n, at_s in enumerate(edge.instants_s)} for edge in network.edges]
        self._waiting: list[deque[tuple[int, Ends, int]]] = []
        self._lots: list[deque[tuple[int, Ends, int]]] = [deque() for _ in network.edges]
        self.on_hand = [0] * len(network.edges)
        for edge in network.edges:
            lots: deque[tuple[int, Ends, int]] = deque()
            for number, cohort in enumerate(edge.cohorts):
                lots.extend((number, member, bits) for member, bits in cohort.fixed)
                for index in cohort.candidates:
                    if index in flown:
                        this = network.candidates[index]
                        lots.append((number, ends(this.satellite_id, this.site_id), this.bits))
            self._waiting.append(lots)

    def instants_s(self) -> list[int]:
        """All instants of all edges."""
        return sorted({at_s for edge in self.network.edges for at_s in edge.instants_s})

    def reach(self, at_s: int) -> list[int]:
        """Let key arrive and grow too old; returns the edges of which this is an instant."""
        here = []
        for number, edge in enumerate(self.network.edges):
            instant = self._number[number].get(at_s)
            if instant is None:
                continue
            here.append(number)
            lots, waiting = self._lots[number], self._waiting[number]
            while waiting and edge.cohorts[waiting[0][0]].first <= instant:
                lots.append(waiting.popleft())
                self.on_hand[number] += lots[-1][2]
            while lots and edge.cohorts[lots[0][0]].last < instant:
                self.on_hand[number] -= lots.popleft()[2]
        return here

    def take(self, edge: int, bits: int) -> Parts:
        """Take the oldest bits. Raises ValueError where there are not so many."""
        if bits > self.on_hand[edge]:
            raise ValueError(f"{bits} bits asked of {self.network.edges[edge].ends}, {self.on_hand[edge]} are there")
        self.on_hand[edge] -= bits
        lots, parts = self._lots[edge], []
        while bits > 0:
            cohort, member, held = lots.popleft()
            if held > bits:
                lots.appendleft((cohort, member, held - bits))
            parts.append((member, min(held, bits)))
            bits -= min(held, bits)
        return parts

    def by_cohort(self, edge: int) -> Counter[int]:
        """Bits on hand by cohort."""
        found: Counter[int] = Counter()
        for cohort, _, bits in self._lots[edge]:
            found[cohort] += bits
        return found

    def give_up(self, wanted: Mapping[int, int] | None) -> list[tuple[int, Parts]]:
        """Bring every store down to its cap, and no further; where there is a choice, edges keep what is `wanted`."""
        cut: Counter[int] = Counter()
        stores = self.network.stores

        def held(edge: int) -> int:
            return self.on_hand[edge] - cut[edge]

        for store in stores:
            over = sum(held(edge) for edge in store.edges) - store.cap_bits
            for spare in (True, False):
                excess = {e: held(e) - (wanted.get(e, 0) if spare and wanted else 0) for e in store.edges}
                for edge in sorted(store.edges, key=lambda e: (-excess[e], e)):
                    bits = max(0, min(over, excess[edge]))
                    cut[edge] += bits
                    over -= bits
        for edge in sorted(cut):
            rooms = (s.cap_bits - sum(held(e) for e in s.edges) for s in stores if edge in s.edges)
            cut[edge] -= min(cut[edge], *rooms)
        return [(edge, self.take(edge, bits)) for edge, bits in sorted(cut.items()) if bits > 0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What became of the key."""

    deliveries: tuple[Delivery, ...]
    discards: tuple[Discard, ...]


def settle(network: KeyNetwork, keys: KeyBlock, values: list[int]) -> Account:
    """Run the stocks for the contacts and flows in `values`, and set the columns of stocks to what there really is.

    Nothing is given up before a store is full, and then first what the plan does not count on.
    """
    chosen = [index for index in range(len(network.candidates)) if values[index]]
    stocks = Stocks(network, chosen)
    flows_at: dict[int, list[Flow]] = defaultdict(list)
    for flow in keys.flows:
        if values[flow.column]:
            flows_at[flow.at_s].append(flow)
    delivered: Counter[tuple[str, int, tuple[str, ...]]] = Counter()
    discards = []
    for at_s in stocks.instants_s():
        here = stocks.reach(at_s)
        if network.stores and at_s in network.instants_s:
            wanted = {edge: _counted_on(network, keys, values, edge, at_s) for edge in here}
            for _, parts in stocks.give_up(wanted):
                discards += [
                    Discard(end_a=member[0], end_b=member[1], at_s=at_s, bits=bits)
                    for member, bits in sorted(_joined(parts).items())
                ]
        for edge in here:
            _note(network, keys, values, stocks, edge, at_s)
        for flow in flows_at.get(at_s, ()):
            route = network.routes[flow.route]
            drawn = [stocks.take(edge, values[flow.column]) for edge in route.edges]
            for members, bits in _side_by_side(drawn):
                path = _real_path(network, route, members)
                delivered[network.demands[route.demand].demand_id, at_s, path] += bits
    if network.is_timed:
        for edge, columns in enumerate(keys.carried):
            values[columns[-1]] = stocks.on_hand[edge]
    return Account(
        deliveries=tuple(
            Delivery(demand_id=demand_id, at_s=at_s, path=path, bits=bits)
            for (demand_id, at_s, path), bits in sorted(delivered.items())
        ),
        discards=tuple(discards),
    )


def _counted_on(network: KeyNetwork, keys: KeyBlock, values: Sequence[int], edge: int, at_s: int) -> int:
    """Bits that the columns say are on hand at an instant."""
    this = network.edges[edge]
    instant = this.instants_s.index(at_s)
    brought = sum(
        values[column]
        for column, cohort in zip(keys.brought[edge], this.cohorts, strict=True)
        if column is not None and cohort.first == instant
    )
    return brought + (values[keys.carried[edge][instant - 1]] if instant else 0)


def _note(network: KeyNetwork, keys: KeyBlock, values: list[int], stocks: Stocks, edge: int, at_s: int) -> None:
    """Set the columns of what was carried to this instant, and of what came in with it."""
    this = network.edges[edge]
    instant = this.instants_s.index(at_s)
    held = stocks.by_cohort(edge)
    if instant:
        carried = sum(bits for cohort, bits in held.items() if this.cohorts[cohort].first < instant)
        values[keys.carried[edge][instant - 1]] = min(carried, keys.most_carried[edge][instant - 1])
    for number, column in enumerate(keys.brought[edge]):
        if column is not None and this.cohorts[number].first == instant:
            values[column] = held[number]


def _joined(parts: Parts) -> Counter[Ends]:
    found: Counter[Ends] = Counter()
    for member, bits in parts:
        found[member] += bits
    return found


def _side_by_side(drawn: Sequence[Parts]) -> Iterable[tuple[tuple[Ends, ...], int]]:
    """Cut lists of (member, bits) of one sum so that they run side by side: (a member of each, bits)."""
    lists = [deque(parts) for parts in drawn]
    while lists[0]:
        bits = min(parts[0][1] for parts in lists)
        yield tuple(parts[0][0] for parts in lists), bits
        for parts in lists:
            member, held = parts.popleft()
            if held > bits:
                parts.appendleft((member, held - bits))


def _real_path(network: KeyNetwork, route: Route, members: Sequence[Ends]) -> tuple[str, ...]:
    """The nodes of a path with the stations that were drawn on in place of their pools."""
    path: list[str] = [route.nodes[0]]
    came_paying = False
    paid = list(zip((network.edges[edge].ends for edge in route.edges), members, strict=True))
    for here, there in pairwise(route.nodes):
        if paid and ends(here, there) == paid[0][0]:
            _, member = paid.pop(0)
            real = {node: node if node in member else (set(member) - {here, there}).pop() for node in (here, there)}
            if not came_paying:
                path[-1] = real[here]
            elif path[-1] != real[here]:
                path += [network.country_of[real[here]], real[here]]
            path.append(real[there])
            came_paying = True
        else:
            path.append(there)
            came_paying = False
    return tuple(path)
