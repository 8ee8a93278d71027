"""Demands: rows of the demand table, held against the horizon and the network."""

from __future__ import annotations

from datetime import datetime, timedelta

from eagleplan.errors import Problem
from eagleplan.inputs.countries import COUNTRY_CODES, country_hint
from eagleplan.inputs.demand import DemandEntry, parse_demand
from eagleplan.inputs.suggest import did_you_mean
from eagleplan.model import Demand, Horizon
from eagleplan.scenario.fleet import satellite_names, satellites_behind
from eagleplan.scenario.network import Nodes
from eagleplan.scenario.reading import Reading
from eagleplan.scenario.schema import ScenarioFile

MAX_WEIGHTED_BITS = 2**53
"""The sum of all bits times priorities must stay below: that far whole numbers are exact everywhere."""


def demands(reading: Reading, file: ScenarioFile, horizon: Horizon, nodes: Nodes | None) -> tuple[Demand, ...]:
    """Demands in bits for the horizon; none without `nodes`, which a catalogue that cannot be read leaves out."""
    entries = reading.read(file.demand.file, "demand", ("demand", "file"), parse_demand) or ()
    if nodes is None:
        return ()
    checks = _Rows(reading, file.demand.file, file.demand.scale_frac, nodes, horizon)
    return tuple(checks.demand(entry) for entry in entries)


class _Rows:
    """Turns rows of the table into demands, and records what is wrong with each."""

    def __init__(self, reading: Reading, path: str, scale_frac: float, nodes: Nodes, horizon: Horizon) -> None:
        self.reading = reading
        self.path = path
        self.scale_frac = scale_frac
        self.nodes = nodes
        self.horizon = horizon
        self.weighted_bits = 0

    def demand(self, entry: DemandEntry) -> Demand:
        for column, node in (("node_a", entry.node_a), ("node_b", entry.node_b)):
            if node not in self.nodes.ground:
                self._unknown_node(entry, column, node)
        self._check_own_station(entry)
        start_s, deadline_s = self._period(entry)
        bits = entry.bits(self.horizon.days, self.scale_frac)
        self.weighted_bits += bits * entry.priority
        if self.weighted_bits - bits * entry.priority < MAX_WEIGHTED_BITS <= self.weighted_bits:
            message = "bits times priority of all demands up to here must stay below 9,000,000,000,000,000"
            self._wrong(entry, "priority", message, f"{self.weighted_bits}")
        return Demand(
            demand_id=entry.demand_id,
            node_a=entry.node_a,
            node_b=entry.node_b,
            bits=bits,
            priority=entry.priority,
            guarantee_bits=entry.guarantee(self.horizon.days, self.scale_frac),
            start_s=start_s,
            deadline_s=deadline_s,
            guarantee_class=entry.guarantee_class,
            pqc_ok=entry.mode == "pqc_ok",
            trusted_nodes=self._trusted_nodes(entry),
            trusted_satellites=self._trusted_satellites(entry),
            max_hops=entry.max_hops,
            origin=f"{self.path}:{entry.line}",
        )

    def _wrong(self, entry: DemandEntry, column: str, message: str, got: str, hint: str | None = None) -> None:
        problem = Problem(path=self.path, line=entry.line, field=column, message=message, got=got, hint=hint)
        self.reading.problems.append(problem)

    def _unknown_node(self, entry: DemandEntry, column: str, node: str) -> None:
        document = self.reading.document.path
        if node in COUNTRY_CODES:
            message = "the scenario uses no site of this country, and no fibre reaches it"
            self._wrong(entry, column, message, node, f"add one to sites.use, or a [[network.fibre]], in {document}")
            return
        message = "is neither a site that the scenario uses, nor a country code, nor in network.nodes"
        self._wrong(entry, column, message, node, did_you_mean(node, self.nodes.ground) or country_hint(node))

    def _check_own_station(self, entry: DemandEntry) -> None:
        """A country and its own station share key already, unless it is another station that the country means."""
        pairs = ((entry.node_a, "node_b", entry.node_b), (entry.node_b, "node_a", entry.node_a))
        for country, column, site in pairs:
            stations = self.nodes.countries.get(country, ())
            if stations == (site,) and country not in self.nodes.terrestrial:
                message = f"is the only station of {country}: the two need no key between them"
                self._wrong(entry, column, message, site)

    def _period(self, entry: DemandEntry) -> tuple[int, int]:
        start_s, deadline_s = entry.period_s(self.horizon)
        end_s = self.horizon.end_s
        span = f"{self.horizon.start_utc:%Y-%m-%d %H:%M} to {self.horizon.end_utc:%Y-%m-%d %H:%M} UTC"
        if not 0 <= start_s < end_s:
            message = f"must lie within the horizon ({span})"
            self._wrong(entry, _column("start", entry.start), message, _written(entry.start))
        elif not 0 < deadline_s <= end_s:
            message = f"must lie within the horizon ({span})"
            self._wrong(entry, _column("deadline", entry.deadline), message, _written(entry.deadline))
        elif not start_s < deadline_s:
            message = "must be after the start"
            self._wrong(entry, _column("deadline", entry.deadline), message, _written(entry.deadline))
        return start_s, deadline_s

    def _trusted_nodes(self, entry: DemandEntry) -> tuple[str, ...] | None:
        for name in entry.trusted_nodes or ():
            if name in self.nodes.ground:
                continue
            hint = did_you_mean(name, self.nodes.ground)
            if satellites_behind(name, self.nodes.satellites):
                hint = "satellites stand in trusted_satellites"
            self._wrong(entry, "trusted_nodes", "is no site, country or terrestrial node of the scenario", name, hint)
        return entry.trusted_nodes

    def _trusted_satellites(self, entry: DemandEntry) -> tuple[str, ...] | None:
        if entry.trusted_satellites is None:
            return None
        found: list[str] = []
        for name in entry.trusted_satellites:
            behind = satellites_behind(name, self.nodes.satellites)
            if not behind:
                hint = did_you_mean(name, satellite_names(self.nodes.satellites))
                self._wrong(entry, "trusted_satellites", "no such satellite", name, hint)
            found += behind
        return tuple(dict.fromkeys(found))


def _column(end: str, when: datetime | timedelta | None) -> str:
    return f"{end}_after_hours" if isinstance(when, timedelta) else f"{end}_utc"


def _written(when: datetime | timedelta | None) -> str:
    if isinstance(when, timedelta):
        return f"{when / timedelta(hours=1):g}"
    return "" if when is None else f"{when:%Y-%m-%dT%H:%M:%SZ}"
