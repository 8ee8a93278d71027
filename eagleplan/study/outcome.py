"""From a plan to the rows of a study."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from eagleplan.model import DemandResult, Horizon, Network, Site
from eagleplan.pipeline import Planned, SkyOutcomes
from eagleplan.scenario import Scenario
from eagleplan.study.cell import head
from eagleplan.study.rows import CellRow, DemandRow, IntArray
from eagleplan.study.study import Cell
from eagleplan.weather.outlook import outlook

_NOON_S = 43_200
_DAY_S = 86_400
_S_PER_DEG = 240.0
"""The Earth turns by a degree in so many seconds of mean solar time."""


def demand_rows(cell: Cell, scenario: Scenario, made: Planned) -> tuple[DemandRow, ...]:
    """A row for each demand, in the order of the plan."""
    skies = _with_skies(scenario, made)
    nights = KeyNights.of(scenario, made, len(skies.delivered_bits))
    place = {demand_id: index for index, demand_id in enumerate(skies.demand_ids)}
    return tuple(
        _demand_row(cell, result, skies.delivered_bits[:, place[result.demand.demand_id]], nights)
        for result in made.plan.demands
    )


def _demand_row(cell: Cell, result: DemandResult, sky_bits: IntArray, nights: KeyNights) -> DemandRow:
    demand = result.demand
    seen = outlook(sky_bits, demand.guarantee_bits) if len(sky_bits) else None
    return DemandRow(
        cell=cell.number,
        demand_id=demand.demand_id,
        node_a=demand.node_a,
        node_b=demand.node_b,
        priority=demand.priority,
        wanted_bits=demand.bits,
        guarantee_bits=demand.guarantee_bits,
        delivered_bits=result.delivered_bits,
        met_frac=result.met_frac,
        guarantee_kept=result.guarantee_kept,
        n_skies=len(sky_bits),
        mean_bits=seen.mean_bits if seen else None,
        p10_bits=seen.p10_bits if seen else None,
        p50_bits=seen.p50_bits if seen else None,
        p90_bits=seen.p90_bits if seen else None,
        p_guarantee=seen.p_guarantee if seen else None,
        n_nights=nights.n_nights,
        sky_bits=np.ascontiguousarray(sky_bits, dtype=np.int64),
        sky_key_nights=nights.count(demand.node_a, demand.node_b),
    )


def cell_row(cell: Cell, made: Planned, demands: Sequence[DemandRow], plan_sha256: str) -> CellRow:
    """The row of a cell whose plan was made."""
    plan = made.plan
    level = plan.proof.decisive
    wanted_bits = sum(row.wanted_bits for row in demands)
    delivered_bits = sum(row.delivered_bits for row in demands)
    means = [row.mean_bits for row in demands if row.mean_bits is not None]
    mean_bits = math.fsum(means) if len(means) == len(demands) else None
    guarantees = [row for row in demands if row.guarantee_bits > 0]
    return CellRow(
        **head(cell),  # type: ignore[arg-type]
        status="done",
        n_satellites=len(plan.satellites),
        n_sites=len(plan.sites),
        n_demands=len(demands),
        n_passes=len(plan.decisions),
        n_contacts=len(plan.contacts),
        wanted_bits=wanted_bits,
        delivered_bits=delivered_bits,
        met_frac=delivered_bits / wanted_bits if wanted_bits else 1.0,
        mean_bits=mean_bits,
        mean_met_frac=None if mean_bits is None else mean_bits / wanted_bits if wanted_bits else 1.0,
        n_met=sum(row.delivered_bits >= row.wanted_bits for row in demands),
        n_guarantees=len(guarantees),
        n_guarantees_kept=sum(row.guarantee_kept for row in guarantees),
        solver=plan.proof.solver,
        solver_status=plan.proof.status,
        objective_name=level.name,
        objective=level.objective,
        bound=level.bound,
        gap_frac=level.gap_frac,
        plan_sha256=plan_sha256,
    )


def _with_skies(scenario: Scenario, made: Planned) -> SkyOutcomes:
    """What the skies make of the plan; where there is no contact that one could cloud out, all give the same."""
    n_skies = scenario.weather.options.n_outlook_skies
    if made.skies.contact_ids or n_skies == 0:
        return made.skies
    delivered = {result.demand.demand_id: result.delivered_bits for result in made.plan.demands}
    row = np.array([delivered[demand_id] for demand_id in made.skies.demand_ids], dtype=np.int64)
    return SkyOutcomes(
        contact_ids=(),
        demand_ids=made.skies.demand_ids,
        contact_bits=np.empty((n_skies, 0), dtype=np.int64),
        delivered_bits=np.tile(row, (n_skies, 1)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyNights:
    """In which nights each station got key, under each sky: `of_site` holds arrays (n_skies, n_nights)."""

    n_skies: int
    n_nights: int
    of_site: Mapping[str, npt.NDArray[np.bool_]]
    network: Network

    @classmethod
    def of(cls, scenario: Scenario, made: Planned, n_skies: int) -> KeyNights:
        """Counts the contacts of a plan that give at least a bit."""
        n_nights = nights_of(scenario.horizon)
        sites = {site.site_id: site for site in scenario.sites}
        contacts = {contact.contact_id: contact for contact in made.plan.contacts}
        found: dict[str, npt.NDArray[np.bool_]] = {}
        for column, contact_id in enumerate(made.skies.contact_ids if n_skies else ()):
            contact = contacts[contact_id]
            own = found.setdefault(contact.site_id, np.zeros((n_skies, n_nights), dtype=np.bool_))
            night = night_of(scenario.horizon, sites[contact.site_id], contact.start_s)
            own[:, night] |= made.skies.contact_bits[:, column] > 0
        return cls(n_skies=n_skies, n_nights=n_nights, of_site=found, network=scenario.network)

    def count(self, *nodes: str) -> IntArray:
        """Nights under each sky (n_skies,) in which a station of one of `nodes` got key."""
        with_key = np.zeros((self.n_skies, self.n_nights), dtype=np.bool_)
        for site_id in sorted({site_id for node in nodes for site_id in stations_of(node, self.network)}):
            if site_id in self.of_site:
                with_key |= self.of_site[site_id]
        return np.asarray(with_key.sum(axis=1), dtype=np.int64)


def nights_of(horizon: Horizon) -> int:
    """How many nights a horizon has; the halves at its two ends are one."""
    return max(1, math.ceil(horizon.days))


def night_of(horizon: Horizon, site: Site, at_s: float) -> int:
    """The night, from 0 on, in which `at_s` lies: from noon to noon of the site's mean solar time.

    The morning in which a horizon begins and the evening in which it ends count as one night, so that consecutive weeks
    have seven nights each and none is counted twice.
    """
    start = horizon.start_utc
    into_day_s = (start - start.replace(hour=0, minute=0, second=0, microsecond=0)) / timedelta(seconds=1)
    since_noon_s = into_day_s + at_s + _S_PER_DEG * site.longitude_deg - _NOON_S
    return math.floor(since_noon_s / _DAY_S) % nights_of(horizon)


def stations_of(node: str, network: Network) -> frozenset[str]:
    """The stations behind a node: itself, those of the country, or those that fibre joins it to, however far."""
    own = network.node_sites.get(node)
    every = {site_id for site_ids in network.node_sites.values() for site_id in site_ids}
    if own or node in every:
        return frozenset(own or (node,))
    reached, found = {node}, set[str]()
    queue = [node]
    while queue:
        here = queue.pop()
        found |= {here} & every | set(network.node_sites.get(here, ()))
        for link in network.fibre_links:
            if here in (link.node_a, link.node_b):
                other = link.node_b if here == link.node_a else link.node_a
                if other not in reached:
                    reached.add(other)
                    queue.append(other)
    return frozenset(found)
