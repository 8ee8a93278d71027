"""What a plan claims: the part of it that can be judged from the inputs alone, whoever made it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from eagleplan.model.demand import InitialStock
from eagleplan.model.earlier import OutcomeStatus
from eagleplan.model.horizon import Horizon
from eagleplan.model.plan import Delivery, Discard, Proof


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactClaim:
    """A contact as claimed. Instants are given twice, as UTC and in seconds; both are judged."""

    contact_id: str
    pass_id: str
    satellite_id: str
    site_id: str
    start_utc: datetime
    end_utc: datetime
    start_s: int
    end_s: int
    p_clear: float
    secret_bits: int
    expected_bits: int
    usable_s: int
    outcome: OutcomeStatus | None = None
    p_clear_origin: str = ""
    p_clear_climatology: float | None = None
    forecast_lead_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandClaim:
    """What a plan says that it does for one demand."""

    demand_id: str
    node_a: str
    node_b: str
    wanted_bits: int
    guarantee_bits: int
    guarantee_class: int
    start_s: int
    deadline_s: int
    delivered_bits: int
    met_frac: float
    guarantee_kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanClaims:
    """Everything in a plan that `verify` judges."""

    name: str
    horizon: Horizon
    contacts: tuple[ContactClaim, ...]
    deliveries: tuple[Delivery, ...]
    discards: tuple[Discard, ...]
    demands: tuple[DemandClaim, ...]
    initial_stocks: tuple[InitialStock, ...]
    proof: Proof
