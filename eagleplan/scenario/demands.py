"""Demands and the network that meets them: nodes are sites, or countries with every used site of theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eagleplan.errors import Problem
from eagleplan.inputs.countries import COUNTRY_CODES, country_hint
from eagleplan.inputs.demand import DemandEntry, parse_demand
from eagleplan.inputs.sites import SiteEntry
from eagleplan.inputs.suggest import did_you_mean
from eagleplan.model import Demand, Horizon, InitialStock, Network
from eagleplan.scenario.reading import Reading
from eagleplan.scenario.schema import ScenarioFile
from eagleplan.scenario.sites import Selection


def demands(
    reading: Reading,
    file: ScenarioFile,
    horizon: Horizon,
    selection: Selection | None,
    satellite_ids: Mapping[str, tuple[str, ...]],
) -> tuple[tuple[Demand, ...], Network]:
    """Demands in bits for the horizon, and the sites behind each node that they name."""
    entries = reading.read(file.demand.file, "demand", ("demand", "file"), parse_demand) or ()
    if selection is None:
        return (), Network(node_sites={})
    rows = selection.rows
    node_sites: dict[str, tuple[str, ...]] = {}
    found = []
    for entry in entries:
        sides = []
        for column, node in (("node_a", entry.node_a), ("node_b", entry.node_b)):
            behind = _sites_behind(node, rows)
            sides.append(behind)
            node_sites[node] = behind
            if not behind:
                _unknown_node(reading, file, entry, column, node, rows)
        if set(sides[0]) & set(sides[1]):
            message = f"must share no site with node_a ({', '.join(sorted(set(sides[0]) & set(sides[1])))})"
            _wrong(reading, file, entry, "node_b", message, entry.node_b)
        found.append(
            Demand(
                demand_id=entry.demand_id,
                node_a=entry.node_a,
                node_b=entry.node_b,
                bits=entry.bits(horizon.days),
                priority=entry.priority,
                guarantee_bits=entry.guarantee(horizon.days),
                origin=f"{file.demand.file}:{entry.line}",
            )
        )
    stocks = _initial_stocks(reading, file, rows, satellite_ids)
    return tuple(found), Network(node_sites=node_sites, initial_stocks=stocks)


def _sites_behind(node: str, rows: Sequence[SiteEntry]) -> tuple[str, ...]:
    if node in COUNTRY_CODES:
        return tuple(row.site_id for row in rows if row.country == node)
    return tuple(row.site_id for row in rows if row.site_id == node)


def _wrong(
    reading: Reading,
    file: ScenarioFile,
    entry: DemandEntry,
    column: str,
    message: str,
    got: str,
    hint: str | None = None,
) -> None:
    reading.problems.append(
        Problem(path=file.demand.file, line=entry.line, field=column, message=message, got=got, hint=hint)
    )


def _unknown_node(
    reading: Reading,
    file: ScenarioFile,
    entry: DemandEntry,
    column: str,
    node: str,
    rows: Sequence[SiteEntry],
) -> None:
    known = [row.site_id for row in rows] + sorted({row.country for row in rows})
    if node in COUNTRY_CODES:
        message = "the scenario uses no site of this country"
        _wrong(reading, file, entry, column, message, node, f"add one to sites.use in {reading.document.path}")
    else:
        hint = did_you_mean(node, known) or country_hint(node)
        _wrong(
            reading,
            file,
            entry,
            column,
            "is neither a site that the scenario uses nor a country code",
            node,
            hint,
        )


def _initial_stocks(
    reading: Reading,
    file: ScenarioFile,
    rows: Sequence[SiteEntry],
    satellite_ids: Mapping[str, tuple[str, ...]],
) -> tuple[InitialStock, ...]:
    site_ids = [row.site_id for row in rows]
    # A satellite that could not be read has said so already.
    known = [name for table, ids in satellite_ids.items() for name in ids or (table,)]
    stocks: dict[tuple[str, str], InitialStock] = {}
    for index, table in enumerate(file.network.initial_stocks):
        key = ("network", "initial_stocks", index)
        if table.satellite_id not in known:
            reading.unknown((*key, "satellite_id"), "no such satellite", table.satellite_id, known)
        if table.site_id not in site_ids:
            reading.unknown((*key, "site_id"), "no such site in use", table.site_id, site_ids)
        edge = (table.satellite_id, table.site_id)
        if edge in stocks:
            reading.wrong(key, "the stock of this satellite and site is given twice", got=" and ".join(edge))
        stocks[edge] = InitialStock(satellite_id=edge[0], site_id=edge[1], bits=table.bits)
    return tuple(stocks[edge] for edge in sorted(stocks))
