"""``plan.json``: the whole plan, from which every other file follows."""

from __future__ import annotations

import json

from eagleplan.model import REFERENCE_PLANE, Contact, PassDecision, Plan, Satellite, Site, Window
from eagleplan.report.document import (
    KIND,
    SCHEMA_VERSION,
    AssumptionPart,
    ContactPart,
    DeliveryPart,
    DemandPart,
    HorizonPart,
    InputPart,
    KeyPart,
    NoticePart,
    OrbitPart,
    PassPart,
    PlanDocument,
    ProofPart,
    ReasonPart,
    SatellitePart,
    SitePart,
    StockPart,
    WindowPart,
)
from eagleplan.report.epochs import orbit_age_days, orbit_epoch_utc, orbit_kind
from eagleplan.report.index import PlanIndex


def plan_json(plan: Plan) -> bytes:
    """UTF-8, indented by two spaces; raises ValueError if the plan holds a NaN or an infinity."""
    content = plan_document(plan).model_dump(mode="json")
    return (json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def plan_document(plan: Plan) -> PlanDocument:
    """The plan in the shape of its file."""
    index = PlanIndex(plan)
    proof = plan.proof
    return PlanDocument(
        kind=KIND,
        schema_version=SCHEMA_VERSION,
        name=plan.name,
        horizon=HorizonPart(start_utc=plan.horizon.start_utc, end_utc=plan.horizon.end_utc, days=plan.horizon.days),
        satellites=[_satellite(satellite, plan) for satellite in plan.satellites],
        sites=[_site(site) for site in plan.sites],
        demands=[
            DemandPart(
                demand_id=result.demand.demand_id,
                node_a=result.demand.node_a,
                node_b=result.demand.node_b,
                wanted_bits=result.demand.bits,
                priority=result.demand.priority,
                guarantee_bits=result.demand.guarantee_bits,
                origin=result.demand.origin,
                delivered_bits=result.delivered_bits,
                met_frac=result.met_frac,
                guarantee_kept=result.guarantee_kept,
                limited_by=result.limited_by,
            )
            for result in plan.demands
        ],
        contacts=[_contact(contact, index) for contact in index.contacts],
        loss_reference_plane=REFERENCE_PLANE,
        deliveries=[
            DeliveryPart(
                demand_id=delivery.demand_id,
                satellite_id=delivery.satellite_id,
                site_a=delivery.site_a,
                site_b=delivery.site_b,
                bits=delivery.bits,
            )
            for delivery in index.deliveries
        ],
        stocks=[
            StockPart(
                satellite_id=stock.satellite_id,
                site_id=stock.site_id,
                initial_bits=stock.initial_bits,
                produced_bits=stock.produced_bits,
                spent_bits=stock.spent_bits,
                left_bits=stock.left_bits,
            )
            for stock in index.stocks
        ],
        proof=ProofPart(
            solver=proof.solver,
            status=proof.status,
            level=proof.level,
            objective=proof.objective,
            bound=proof.bound,
            gap_frac=proof.gap_frac,
            levels=dict(proof.levels),
            deterministic_time_s=proof.deterministic_time_s,
            seed=proof.seed,
            workers=proof.workers,
            reproducible=proof.reproducible,
        ),
        passes=[_pass(decision, index) for decision in index.decisions],
        notices=[
            NoticePart(notice_id=notice.notice_id, subject=notice.subject, message=notice.message)
            for notice in plan.notices
        ],
        assumptions=[
            AssumptionPart(key=assumption.key, value=assumption.value, source=assumption.source)
            for assumption in plan.assumptions
        ],
        inputs=[InputPart(role=file.role, path=file.path, sha256=file.sha256) for file in plan.inputs],
        stamp=dict(sorted(plan.stamp.items())),
    )


def _satellite(satellite: Satellite, plan: Plan) -> SatellitePart:
    return SatellitePart(
        satellite_id=satellite.satellite_id,
        name=satellite.name,
        orbit=OrbitPart(
            kind=orbit_kind(satellite),
            object_name=satellite.orbit.name,
            catalog_id=satellite.orbit.catalog_id,
            international_designator=satellite.orbit.international_designator,
            epoch_utc=orbit_epoch_utc(satellite),
            age_at_start_days=orbit_age_days(satellite, plan.horizon.start_utc),
            origin=satellite.orbit.origin,
        ),
    )


def _site(site: Site) -> SitePart:
    return SitePart(
        site_id=site.site_id,
        name=site.name,
        country=site.country,
        status=site.status,
        latitude_deg=site.latitude_deg,
        longitude_deg=site.longitude_deg,
        altitude_m=site.altitude_m,
        aperture_m=site.aperture_m,
        time_zone=site.time_zone,
        min_elevation_deg=site.min_elevation_deg,
        max_sun_elevation_deg=site.max_sun_elevation_deg,
        p_clear_zenith_annual=site.p_clear_zenith_annual,
        origin=site.origin,
    )


def _contact(contact: Contact, index: PlanIndex) -> ContactPart:
    start_utc, end_utc = index.contact_utc(contact)
    key = contact.key
    return ContactPart(
        contact_id=contact.contact_id,
        pass_id=contact.pass_id,
        satellite_id=contact.satellite_id,
        site_id=contact.site_id,
        start_utc=start_utc,
        end_utc=end_utc,
        start_s=contact.start_s,
        end_s=contact.end_s,
        max_elevation_deg=contact.max_elevation_deg,
        mean_loss_db=contact.mean_loss_db,
        min_loss_db=contact.min_loss_db,
        p_clear=contact.p_clear,
        p_clear_origin=contact.p_clear_origin,
        expected_bits=contact.expected_bits,
        key=KeyPart(
            protocol=key.protocol,
            statistics=key.statistics,
            secret_bits=key.secret_bits,
            sifted_bits=key.sifted_bits,
            qber_frac=key.qber_frac,
            phase_error_frac=key.phase_error_frac,
            leaked_bits=key.leaked_bits,
            plob_bits=key.plob_bits,
            abort_reason=key.abort_reason,
            details=dict(key.details),
        ),
    )


def _pass(decision: PassDecision, index: PlanIndex) -> PassPart:
    planned = decision.planned_pass
    chosen = index.contacts_of_pass.get(planned.pass_id, ())
    offered = decision.contact if not chosen else None
    return PassPart(
        pass_id=planned.pass_id,
        satellite_id=planned.satellite_id,
        site_id=planned.site_id,
        rise_utc=index.utc(planned.rise_s),
        culmination_utc=index.utc(planned.culmination_s),
        set_utc=index.utc(planned.set_s),
        rise_s=planned.rise_s,
        culmination_s=planned.culmination_s,
        set_s=planned.set_s,
        cut_start=planned.cut_start,
        cut_end=planned.cut_end,
        rise_azimuth_deg=planned.rise_azimuth_deg,
        culmination_azimuth_deg=planned.culmination_azimuth_deg,
        set_azimuth_deg=planned.set_azimuth_deg,
        max_elevation_deg=planned.max_elevation_deg,
        min_range_km=planned.min_range_km,
        timing_uncertainty_s=planned.timing_uncertainty_s,
        blocked_by=planned.blocked_by,
        windows=[_window(window, index) for window in planned.windows],
        contact_ids=[contact.contact_id for contact in chosen],
        reason=ReasonPart(code=decision.reason.code, text=decision.reason.text),
        best_contact=None if offered is None else _contact(offered, index),
    )


def _window(window: Window, index: PlanIndex) -> WindowPart:
    return WindowPart(
        start_utc=index.utc(window.start_s),
        end_utc=index.utc(window.end_s),
        start_s=window.start_s,
        end_s=window.end_s,
        start_bound=window.start_bound,
        end_bound=window.end_bound,
    )
