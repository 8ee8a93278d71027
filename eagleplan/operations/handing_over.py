"""Handing key over: what is in stock at an instant, to the demands that may have it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from eagleplan import schedule
from eagleplan.model import Delivery, InitialStock, ScheduleOptions
from eagleplan.operations.ledger import Edge
from eagleplan.scenario import Scenario

OF_KEY = ("guarantees", "fairness", "weighted_met_bits", "max_min")
"""Objectives that speak of key delivered; the others are about contacts."""


def best_deliveries(
    scenario: Scenario,
    wanted_bits: Mapping[str, int],
    met_bits: Mapping[str, int],
    available_bits: Mapping[Edge, int],
) -> tuple[Delivery, ...]:
    """The best use of `available_bits`, by the scenario's own objectives, as far as they speak of key.

    `wanted_bits` is the most that each demand may get now; `met_bits` is what it has had before, which counts towards
    its guarantee. Deliveries have `at_s` 1: the caller knows when.
    """
    demands = [
        replace(
            demand,
            bits=bits,
            guarantee_bits=min(bits, max(0, demand.guarantee_bits - met_bits.get(demand.demand_id, 0))),
            start_s=0,
            deadline_s=1,
        )
        for demand in scenario.demands
        if (bits := wanted_bits.get(demand.demand_id, 0)) > 0
    ]
    stocks = [
        InitialStock(end_a=ends[0], end_b=ends[1], bits=bits) for ends, bits in sorted(available_bits.items()) if bits
    ]
    if not demands or not stocks:
        return ()
    network = replace(
        scenario.network,
        initial_stocks=tuple(stocks),
        # What grew on fibre is among the stocks; what was too old or too much has left them.
        fibre_links=tuple(replace(link, rate_bps=0.0) for link in scenario.network.fibre_links),
        max_age_s=None,
        satellite_cap_bits={},
        node_cap_bits={},
        edge_cap_bits={},
        delivery_interval_s=None,
    )
    problem = schedule.build_problem(
        (),
        (),
        demands=demands,
        network=network,
        satellites=scenario.satellites,
        sites=scenario.sites,
        options=ScheduleOptions(),
        end_s=1,
    )
    objectives = [name for name in scenario.schedule.objectives if name in OF_KEY]
    return schedule.solve(problem, objectives=objectives or ["weighted_met_bits"]).deliveries
