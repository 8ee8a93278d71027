"""``plan.json``: the whole plan, from which every other file follows."""

from __future__ import annotations

import json
from typing import TypeVar

from eagleplan.model import REFERENCE_PLANE, Contact, DemandResult, Horizon, PassDecision, Plan, Satellite
from eagleplan.report.demand_parts import (
    DeliveryPart,
    DemandPart,
    DiscardPart,
)
from eagleplan.report.document import (
    KIND,
    SCHEMA_VERSION,
    BackupPart,
    ClosurePart,
    ContactPart,
    HorizonPart,
    NightPart,
    OrbitPart,
    PassPart,
    PlanDocument,
    SatellitePart,
    SitePart,
    WindowPart,
)
from eagleplan.report.epochs import orbit_age_days, orbit_epoch_utc, orbit_kind
from eagleplan.report.index import PlanIndex
from eagleplan.report.part import Part

_Part = TypeVar("_Part", bound=Part)


def plan_json(plan: Plan) -> bytes:
    """UTF-8, indented by two spaces; raises ValueError if the plan holds a NaN or an infinity."""
    content = plan_document(plan).model_dump(mode="json")
    return (json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def plan_document(plan: Plan) -> PlanDocument:
    """The plan in the shape of its file."""
    index = PlanIndex(plan)
    return PlanDocument.of(
        plan,
        kind=KIND,
        schema_version=SCHEMA_VERSION,
        horizon=HorizonPart.of(plan.horizon),
        satellites=tuple(satellite_part(satellite, plan.horizon) for satellite in plan.satellites),
        sites=tuple(SitePart.of(site) for site in plan.sites),
        demands=tuple(_demand(result, index) for result in plan.demands),
        contacts=tuple(_contact(contact, index) for contact in index.contacts),
        loss_reference_plane=REFERENCE_PLANE,
        backups=tuple(
            BackupPart.of(backup, backup=_contact(backup.backup, index))
            for contact in index.contacts
            for backup in index.backups.get(contact.contact_id, ())
        ),
        deliveries=tuple(_timed(DeliveryPart, delivery, index) for delivery in index.deliveries),
        discards=tuple(_timed(DiscardPart, discard, index) for discard in index.discards),
        stocks=index.stocks,
        passes=tuple(_pass(decision, index) for decision in index.decisions),
        nights=tuple(_timed(NightPart, night, index) for night in plan.nights),
        closures=tuple(_timed(ClosurePart, closure, index) for closure in index.closures),
        stamp=dict(sorted(plan.stamp.items())),
    )


def _timed(kind: type[_Part], source: object, index: PlanIndex, **more: object) -> _Part:
    """A part that gives each of its instants twice: as seconds since the horizon's start, and as UTC."""
    seconds = {name.removesuffix("_utc") + "_s" for name in kind.model_fields if name.endswith("_utc")}
    twice = {name.removesuffix("_s") + "_utc": index.utc(getattr(source, name)) for name in seconds}
    return kind.of(source, **twice, **more)


def satellite_part(satellite: Satellite, horizon: Horizon) -> SatellitePart:
    """What a plan says of a satellite: its name and where its motion comes from, without its hardware."""
    orbit = OrbitPart.of(
        satellite.orbit,
        kind=orbit_kind(satellite),
        object_name=satellite.orbit.name,
        epoch_utc=orbit_epoch_utc(satellite),
        age_at_start_days=orbit_age_days(satellite, horizon.start_utc),
    )
    return SatellitePart.of(satellite, orbit=orbit)


def _demand(result: DemandResult, index: PlanIndex) -> DemandPart:
    of_result = {name: getattr(result, name) for name in type(result).__dataclass_fields__ if name != "demand"}
    return _timed(DemandPart, result.demand, index, wanted_bits=result.demand.bits, **of_result)


def _contact(contact: Contact, index: PlanIndex) -> ContactPart:
    return _timed(ContactPart, contact, index)


def _pass(decision: PassDecision, index: PlanIndex) -> PassPart:
    planned = decision.planned_pass
    chosen = index.contacts_of_pass.get(planned.pass_id, ())
    offered = decision.contact if not chosen else None
    return _timed(
        PassPart,
        planned,
        index,
        windows=tuple(_timed(WindowPart, window, index) for window in planned.windows),
        contact_ids=tuple(contact.contact_id for contact in chosen),
        reason=decision.reason,
        best_contact=None if offered is None else _contact(offered, index),
    )
