"""A plan's claims, from the plan itself or back from its file, for the verifier to judge."""

from __future__ import annotations

from eagleplan.model import (
    ContactClaim,
    Delivery,
    DemandClaim,
    Discard,
    Horizon,
    InitialStock,
    Plan,
    PlanClaims,
    Proof,
    ProofLevel,
)
from eagleplan.report.document import KIND, SCHEMA_VERSION, PlanDocument
from eagleplan.report.part import restore
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
    return PlanClaims(
        name=document.name,
        horizon=restore(Horizon, document.horizon),
        contacts=tuple(
            restore(ContactClaim, contact, secret_bits=contact.key.secret_bits) for contact in document.contacts
        ),
        deliveries=tuple(restore(Delivery, delivery) for delivery in document.deliveries),
        discards=tuple(restore(Discard, discard) for discard in document.discards),
        demands=tuple(restore(DemandClaim, demand) for demand in document.demands),
        initial_stocks=tuple(restore(InitialStock, stock) for stock in document.initial_stocks),
        proof=restore(
            Proof, document.proof, levels=tuple(restore(ProofLevel, level) for level in document.proof.levels)
        ),
    )
