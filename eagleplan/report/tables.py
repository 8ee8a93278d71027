"""The CSV files: UTF-8, comma, one header line with units, ``\\n``; UTC unless the column says local.

A column is one line in a mapping: its name and how to get it from a row. New columns go to the end.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from eagleplan.model import REFERENCE_PLANE, Contact, DemandResult, Outlook, Pass, PassDecision, Plan, Satellite, Site
from eagleplan.report.index import PlanIndex
from eagleplan.report.times import iso_local, iso_utc

_Row = TypeVar("_Row")
_Columns = Mapping[str, Callable[[_Row], object]]


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A chosen contact and what stands around it."""

    contact: Contact
    index: PlanIndex

    @property
    def site(self) -> Site:
        return self.index.sites[self.contact.site_id]

    @property
    def satellite(self) -> Satellite:
        return self.index.satellites[self.contact.satellite_id]

    @property
    def start_utc(self) -> datetime:
        return self.index.utc(self.contact.start_s)

    @property
    def end_utc(self) -> datetime:
        return self.index.utc(self.contact.end_s)

    @property
    def planned(self) -> Pass:
        return self.index.passes[self.contact.pass_id]

    @property
    def backups(self) -> str:
        return " ".join(backup.backup.contact_id for backup in self.index.backups.get(self.contact.contact_id, ()))


@dataclass(frozen=True, slots=True)
class PassRow:
    """A pass, its decision, and its contacts: the chosen ones, else the best that it could have given."""

    decision: PassDecision
    index: PlanIndex

    @property
    def planned(self) -> Pass:
        return self.decision.planned_pass

    @property
    def site(self) -> Site:
        return self.index.sites[self.planned.site_id]

    @property
    def satellite(self) -> Satellite:
        return self.index.satellites[self.planned.satellite_id]

    @property
    def chosen(self) -> tuple[Contact, ...]:
        return self.index.contacts_of_pass.get(self.planned.pass_id, ())

    @property
    def offered(self) -> tuple[Contact, ...]:
        return self.chosen or (() if self.decision.contact is None else (self.decision.contact,))

    @property
    def windows_utc(self) -> str:
        return " ".join(
            f"{iso_utc(self.index.utc(window.start_s))}/{iso_utc(self.index.utc(window.end_s))}"
            for window in self.planned.windows
        )

    @property
    def rise_utc(self) -> datetime:
        return self.index.utc(self.planned.rise_s)


@dataclass(frozen=True, slots=True)
class DemandRow:
    """A demand and what the plan does for it."""

    result: DemandResult
    index: PlanIndex

    @property
    def outlook(self) -> Outlook | None:
        return self.result.outlook

    @property
    def deliveries(self) -> str:
        return " ".join(
            f"{iso_utc(self.index.utc(delivery.at_s))}/{'>'.join(delivery.path)}/{delivery.bits}"
            for delivery in self.index.deliveries
            if delivery.demand_id == self.result.demand.demand_id
        )


CONTACT_COLUMNS: _Columns[ContactRow] = {
    "contact_id": lambda row: row.contact.contact_id,
    "satellite_id": lambda row: row.contact.satellite_id,
    "satellite_name": lambda row: row.satellite.name,
    "site_id": lambda row: row.contact.site_id,
    "site_name": lambda row: row.site.name,
    "country": lambda row: row.site.country,
    "pass_id": lambda row: row.contact.pass_id,
    "start_utc": lambda row: iso_utc(row.start_utc),
    "end_utc": lambda row: iso_utc(row.end_utc),
    "duration_s": lambda row: row.contact.duration_s,
    "start_local": lambda row: iso_local(row.start_utc, row.site.time_zone),
    "end_local": lambda row: iso_local(row.end_utc, row.site.time_zone),
    "time_zone": lambda row: row.site.time_zone,
    "culmination_utc": lambda row: iso_utc(row.index.utc(row.planned.culmination_s)),
    "max_elevation_deg": lambda row: _fixed(row.contact.max_elevation_deg, 2),
    "mean_loss_db": lambda row: _fixed(row.contact.mean_loss_db, 2),
    "min_loss_db": lambda row: _fixed(row.contact.min_loss_db, 2),
    "qber_frac": lambda row: _fixed(row.contact.key.qber_frac, 5),
    "sifted_bits": lambda row: _fixed(row.contact.key.sifted_bits, 0),
    "clear_sky_bits": lambda row: row.contact.key.secret_bits,
    "p_clear": lambda row: _fixed(row.contact.p_clear, 6),
    "p_clear_origin": lambda row: row.contact.p_clear_origin,
    "expected_bits": lambda row: row.contact.expected_bits,
    "protocol": lambda row: row.contact.key.protocol,
    "statistics": lambda row: row.contact.key.statistics,
    "loss_reference_plane": lambda row: REFERENCE_PLANE,
    "is_whole": lambda row: _flag(row.contact.is_whole),
    "usable_utc": lambda row: iso_utc(row.index.utc(row.contact.usable_s)),
    "orbit_number": lambda row: row.planned.orbit_number,
    "night": lambda row: row.planned.night,
    "forecast_age_s": lambda row: _optional(row.contact.forecast_age_s),
    "forecast_lead_s": lambda row: _optional(row.contact.forecast_lead_s),
    "p_clear_climatology": lambda row: _probability(row.contact.p_clear_climatology),
    "backups": lambda row: row.backups,
    "outcome": lambda row: row.contact.outcome or "",
}

PASS_COLUMNS: _Columns[PassRow] = {
    "pass_id": lambda row: row.planned.pass_id,
    "satellite_id": lambda row: row.planned.satellite_id,
    "satellite_name": lambda row: row.satellite.name,
    "site_id": lambda row: row.planned.site_id,
    "site_name": lambda row: row.site.name,
    "country": lambda row: row.site.country,
    "rise_utc": lambda row: iso_utc(row.rise_utc),
    "culmination_utc": lambda row: iso_utc(row.index.utc(row.planned.culmination_s)),
    "set_utc": lambda row: iso_utc(row.index.utc(row.planned.set_s)),
    "duration_s": lambda row: _fixed(row.planned.set_s - row.planned.rise_s, 3),
    "rise_local": lambda row: iso_local(row.rise_utc, row.site.time_zone),
    "time_zone": lambda row: row.site.time_zone,
    "cut_start": lambda row: _flag(row.planned.cut_start),
    "cut_end": lambda row: _flag(row.planned.cut_end),
    "rise_azimuth_deg": lambda row: _fixed(row.planned.rise_azimuth_deg, 2),
    "culmination_azimuth_deg": lambda row: _fixed(row.planned.culmination_azimuth_deg, 2),
    "set_azimuth_deg": lambda row: _fixed(row.planned.set_azimuth_deg, 2),
    "max_elevation_deg": lambda row: _fixed(row.planned.max_elevation_deg, 2),
    "min_range_km": lambda row: _fixed(row.planned.min_range_km, 1),
    "timing_uncertainty_s": lambda row: _fixed(row.planned.timing_uncertainty_s, 2),
    "windows_utc": lambda row: row.windows_utc,
    "window_duration_s": lambda row: _fixed(sum(window.end_s - window.start_s for window in row.planned.windows), 3),
    "blocked_by": lambda row: row.planned.blocked_by or "",
    "clear_sky_bits": lambda row: sum(contact.key.secret_bits for contact in row.offered) if row.offered else "",
    "p_clear": lambda row: _fixed(row.offered[0].p_clear, 6) if row.offered else "",
    "expected_bits": lambda row: sum(contact.expected_bits for contact in row.offered) if row.offered else "",
    "contact_ids": lambda row: " ".join(contact.contact_id for contact in row.chosen),
    "reason_code": lambda row: row.decision.reason.code,
    "reason": lambda row: row.decision.reason.text,
    "orbit_number": lambda row: row.planned.orbit_number,
    "night": lambda row: row.planned.night,
}

DEMAND_COLUMNS: _Columns[DemandRow] = {
    "demand_id": lambda row: row.result.demand.demand_id,
    "node_a": lambda row: row.result.demand.node_a,
    "node_b": lambda row: row.result.demand.node_b,
    "priority": lambda row: row.result.demand.priority,
    "wanted_bits": lambda row: row.result.demand.bits,
    "delivered_bits": lambda row: row.result.delivered_bits,
    "missing_bits": lambda row: max(0, row.result.demand.bits - row.result.delivered_bits),
    "met_frac": lambda row: _fixed(row.result.met_frac, 6),
    "guarantee_bits": lambda row: row.result.demand.guarantee_bits,
    "guarantee_kept": lambda row: _flag(row.result.guarantee_kept),
    "limited_by": lambda row: row.result.limited_by,
    "deliveries": lambda row: row.deliveries,
    "origin": lambda row: row.result.demand.origin,
    "guarantee_class": lambda row: row.result.demand.guarantee_class,
    "start_utc": lambda row: iso_utc(row.index.utc(row.result.demand.start_s)),
    "deadline_utc": lambda row: iso_utc(row.index.utc(row.result.demand.deadline_s)),
    "mode": lambda row: "pqc_ok" if row.result.demand.pqc_ok else "qkd_required",
    "pqc_only_s": lambda row: _optional(row.result.pqc_only_s),
    "mean_bits": lambda row: "" if row.outlook is None else _fixed(row.outlook.mean_bits, 1),
    "mean_error_bits": lambda row: "" if row.outlook is None else _fixed(row.outlook.mean_error_bits, 1),
    "p10_bits": lambda row: "" if row.outlook is None else row.outlook.p10_bits,
    "p50_bits": lambda row: "" if row.outlook is None else row.outlook.p50_bits,
    "p90_bits": lambda row: "" if row.outlook is None else row.outlook.p90_bits,
    "p_guarantee": lambda row: "" if row.outlook is None else _fixed(row.outlook.p_guarantee, 4),
}


def contacts_csv(plan: Plan) -> bytes:
    """One row per chosen contact, by time."""
    index = PlanIndex(plan)
    return _csv(CONTACT_COLUMNS, (ContactRow(contact, index) for contact in index.contacts))


def passes_csv(plan: Plan) -> bytes:
    """One row per pass, chosen or not, with the reason; by time."""
    index = PlanIndex(plan)
    return _csv(PASS_COLUMNS, (PassRow(decision, index) for decision in index.decisions))


def demand_csv(plan: Plan) -> bytes:
    """One row per demand, in the order of the demand file."""
    index = PlanIndex(plan)
    return _csv(DEMAND_COLUMNS, (DemandRow(result, index) for result in plan.demands))


def _csv(columns: _Columns[_Row], rows: Iterable[_Row]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(column(row)) for column in columns.values()])
    return text.getvalue().encode()


def _cell(value: object) -> object:
    """One line per row, whatever a name holds: tools that read line by line must not be surprised."""
    return " ".join(value.split()) if isinstance(value, str) and not value.isprintable() else value


def _fixed(value: float, digits: int) -> str:
    """A fixed number of decimals, and never −0."""
    return f"{round(value, digits) + 0.0:.{digits}f}"


def _optional(value: int | None) -> object:
    return "" if value is None else value


def _probability(value: float | None) -> str:
    return "" if value is None else _fixed(value, 6)


def _flag(value: bool) -> str:
    return "true" if value else "false"
