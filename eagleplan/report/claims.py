"""A plan's claims, from the plan itself or back from its file, for the verifier to judge."""

from __future__ import annotations

from datetime import UTC, datetime

from eagleplan.model import (
    ContactClaim,
    Delivery,
    DemandClaim,
    Horizon,
    InitialStock,
    Plan,
    PlanClaims,
    Proof,
)
from eagleplan.report.document import KIND, SCHEMA_VERSION, PlanDocument
from eagleplan.report.plan_json import plan_document
from eagleplan.report.reading import read_document


def claims_of(plan: Plan) -> PlanClaims:
    """The claims of a plan as its file will state them, with the file's rounding."""
    return _claims(plan_document(plan))


def read_plan_claims(data: bytes, path: str = "plan.json") -> PlanClaims:
    """The claims of a ``plan.json``; raises InputError with everything that is wrong with its shape.

    Only the shape is judged here: numbers that contradict one another are the verifier's to find.
    """
    return _claims(read_document(data, path, PlanDocument, KIND, SCHEMA_VERSION))


def _claims(document: PlanDocument) -> PlanClaims:
    proof = document.proof
    return PlanClaims(
        name=document.name,
        horizon=Horizon(start_utc=_utc(document.horizon.start_utc), days=document.horizon.days),
        contacts=tuple(
            ContactClaim(
                contact_id=contact.contact_id,
                pass_id=contact.pass_id,
                satellite_id=contact.satellite_id,
                site_id=contact.site_id,
                start_utc=_utc(contact.start_utc),
                end_utc=_utc(contact.end_utc),
                start_s=contact.start_s,
                end_s=contact.end_s,
                p_clear=contact.p_clear,
                secret_bits=contact.key.secret_bits,
                expected_bits=contact.expected_bits,
            )
            for contact in document.contacts
        ),
        deliveries=tuple(
            Delivery(
                demand_id=delivery.demand_id,
                satellite_id=delivery.satellite_id,
                site_a=delivery.site_a,
                site_b=delivery.site_b,
                bits=delivery.bits,
            )
            for delivery in document.deliveries
        ),
        demands=tuple(
            DemandClaim(
                demand_id=demand.demand_id,
                node_a=demand.node_a,
                node_b=demand.node_b,
                wanted_bits=demand.wanted_bits,
                guarantee_bits=demand.guarantee_bits,
                delivered_bits=demand.delivered_bits,
                met_frac=demand.met_frac,
                guarantee_kept=demand.guarantee_kept,
            )
            for demand in document.demands
        ),
        initial_stocks=tuple(
            InitialStock(satellite_id=stock.satellite_id, site_id=stock.site_id, bits=stock.initial_bits)
            for stock in document.stocks
            if stock.initial_bits != 0
        ),
        proof=Proof(
            solver=proof.solver,
            status=proof.status,
            level=proof.level,
            objective=proof.objective,
            bound=proof.bound,
            gap_frac=proof.gap_frac,
            deterministic_time_s=proof.deterministic_time_s,
            seed=proof.seed,
            workers=proof.workers,
            reproducible=proof.reproducible,
            levels=proof.levels,
        ),
    )


def _utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)
