"""The problem as an integer programme.

One column per candidate contact (chosen or not), one per relay (bits delivered), one per stock where a side
of a relay can draw on several, one per guarantee (bits short of it). Rows are exact statements in whole bits;
none has a big-M.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eagleplan.schedule.problem import Candidate, Problem
from eagleplan.schedule.programme import Programme, Resource, Row, programme
from eagleplan.schedule.relays import RelayNetwork, relay_network


@dataclass(frozen=True, slots=True, kw_only=True)
class Formulation:
    """Columns 0 … n−1 are the candidates of `network`; the rest is named by the fields below.

    `draws` holds for each relay the column of every stock that side a, and side b, draws on; a side with one
    stock draws with the relay's own column.
    """

    network: RelayNetwork
    programme: Programme
    relay_columns: tuple[int, ...]
    draws: tuple[tuple[Mapping[int, int], Mapping[int, int]], ...]
    shortfall_columns: Mapping[int, int]
    """Demand -> its column, for demands with a guarantee."""

    def chosen(self, values: Sequence[int]) -> tuple[int, ...]:
        """Indices of the chosen candidates."""
        return tuple(index for index in range(len(self.network.candidates)) if values[index])

    def spending(self, values: Sequence[int]) -> list[tuple[int, Mapping[int, int], Mapping[int, int]]]:
        """(relay, bits by stock of side a, by stock of side b) of every relay that delivers."""
        return [
            (
                relay,
                {stock: values[column] for stock, column in side_a.items() if values[column]},
                {stock: values[column] for stock, column in side_b.items() if values[column]},
            )
            for relay, (side_a, side_b) in enumerate(self.draws)
            if values[self.relay_columns[relay]]
        ]


def formulate(problem: Problem) -> Formulation:
    """The integer programme of a problem."""
    network = relay_network(problem)
    upper = [1] * len(network.candidates)
    rows: list[Row] = []

    def column(most: int) -> int:
        upper.append(most)
        return len(upper) - 1

    relay_columns = [column(relay.most_bits) for relay in network.relays]
    draws = []
    drawn: list[list[int]] = [[] for _ in network.stocks]
    for relay, relay_column in zip(network.relays, relay_columns, strict=True):
        sides = []
        for stocks in (relay.stocks_a, relay.stocks_b):
            if len(stocks) == 1:
                side = {stocks[0]: relay_column}
            else:
                side = {stock: column(min(relay.most_bits, network.stocks[stock].most_bits)) for stock in stocks}
                rows.append(_balance(tuple(side.values()), relay_column))
            for stock_index, draw_column in side.items():
                drawn[stock_index].append(draw_column)
            sides.append(side)
        draws.append((sides[0], sides[1]))
    for number, stock in enumerate(network.stocks):
        rows.append(
            Row(
                columns=(*drawn[number], *stock.candidates),
                coefficients=(
                    *(1 for _ in drawn[number]),
                    *(-network.candidates[candidate].bits for candidate in stock.candidates),
                ),
                upper=stock.initial_bits,
            )
        )
    shortfall_columns = {}
    for demand_index, relays in enumerate(network.relays_of()):
        demand = network.demands[demand_index]
        columns = tuple(relay_columns[relay] for relay in relays)
        if len(columns) > 1:
            rows.append(Row(columns=columns, coefficients=(1,) * len(columns), upper=demand.bits))
        if demand.guarantee_bits:
            short = shortfall_columns[demand_index] = column(demand.guarantee_bits)
            rows.append(
                Row(
                    columns=(*columns, short),
                    coefficients=(1,) * (len(columns) + 1),
                    lower=demand.guarantee_bits,
                )
            )
    return Formulation(
        network=network,
        programme=programme(upper, rows, _resources(problem, network.candidates)),
        relay_columns=tuple(relay_columns),
        draws=tuple(draws),
        shortfall_columns=shortfall_columns,
    )


def _balance(parts: tuple[int, ...], whole: int) -> Row:
    return Row(columns=(*parts, whole), coefficients=(*(1 for _ in parts), -1), lower=0, upper=0)


def _resources(problem: Problem, candidates: Sequence[Candidate]) -> list[Resource]:
    """Every terminal, and every station, with its contacts, each longer by the changeover that follows it."""
    by_terminal: dict[str, list[int]] = defaultdict(list)
    by_site: dict[str, list[int]] = defaultdict(list)
    for index, candidate in enumerate(candidates):
        by_terminal[candidate.satellite_id].append(index)
        by_site[candidate.site_id].append(index)
    # A station that sees one satellite only adds nothing to what that one's terminal says.
    shared = [
        members
        for members in by_site.values()
        if len({candidates[index].satellite_id for index in members}) > 1
        or problem.site_changeover_s > problem.changeover_s
    ]
    return [
        Resource(uses=tuple((candidates[i].start_s, candidates[i].end_s + gap_s, i) for i in members))
        for users, gap_s in (
            (by_terminal.values(), problem.changeover_s),
            (shared, problem.site_changeover_s),
        )
        for members in users
    ]
