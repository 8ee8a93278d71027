"""The parts of ``plan.json`` that speak of demand, key and the quality of the choice."""

from __future__ import annotations

from typing import Literal

from eagleplan.report.part import Bits, Fraction, Part, Seconds, Utc


class OutlookPart(Part):
    """Key of one demand over many skies that the schedule was not made for."""

    n_skies: int
    mean_bits: Bits
    mean_error_bits: Bits
    """Standard error of `mean_bits`."""
    p10_bits: int
    """In one of ten skies the demand gets no more."""
    p50_bits: int
    p90_bits: int
    p_guarantee: Fraction
    """Share of the skies in which the guarantee is kept."""


class MetOutlookPart(Part):
    """How much of all demands together is met over many skies: delivered over wanted, sky by sky."""

    n_skies: int
    mean_met_frac: Fraction
    p10_met_frac: Fraction
    """In one of ten skies no more is met."""
    p50_met_frac: Fraction
    p90_met_frac: Fraction


class RivalPart(Part):
    """How a plan made in another way fares under the same skies."""

    name: str
    n_skies: int
    mean_met_frac: Fraction
    """Met share of all demands together, weighted by priority: of this plan."""
    p10_met_frac: Fraction
    rival_mean_met_frac: Fraction
    rival_p10_met_frac: Fraction
    gain_frac: Fraction
    """This plan's less the rival's, sky by sky: the mean."""
    gain_error_frac: Fraction


class DemandPart(Part):
    demand_id: str
    node_a: str
    node_b: str
    wanted_bits: int
    priority: int
    guarantee_bits: int
    guarantee_class: int
    """Guarantees of class 1 come before those of class 2."""
    start_utc: Utc
    start_s: int
    """Key counts that is delivered after this instant, and by `deadline_s`."""
    deadline_utc: Utc
    deadline_s: int
    pqc_ok: bool
    """The link may run on post-quantum key alone while key from QKD is missing."""
    trusted_nodes: tuple[str, ...] | None
    """Ground nodes that its key may pass besides its ends; null trusts all."""
    trusted_satellites: tuple[str, ...] | None
    max_hops: int | None
    """Most edges of a relay that cost key; null: the network's."""
    origin: str
    delivered_bits: int
    met_frac: Fraction
    guarantee_kept: bool
    limited_by: str
    pqc_only_s: int | None
    """How long the link runs on post-quantum key alone; null where it must not."""
    outlook: OutlookPart | None


class DeliveryPart(Part):
    demand_id: str
    at_utc: Utc
    at_s: int
    path: tuple[str, ...]
    """Nodes from `node_a` to `node_b`; each bit delivered spends one bit of every edge that holds key."""
    bits: int


class DiscardPart(Part):
    """Key given up because a store was full."""

    end_a: str
    end_b: str
    at_utc: Utc
    at_s: int
    bits: int


class GuaranteeConflictPart(Part):
    """Guarantees that cannot all be kept, though each smaller set of them can."""

    demand_ids: tuple[str, ...]
    short_bits: int
    text: str


class InitialStockPart(Part):
    end_a: str
    end_b: str
    bits: int
    age_s: int


class FibreLinkPart(Part):
    link_id: str
    node_a: str
    node_b: str
    rate_bps: float
    availability_frac: float


class StockPart(Part):
    """Key on one edge: initial + produced − spent − discarded − expired = left."""

    end_a: str
    """The satellite; or one end of a fibre link."""
    end_b: str
    initial_bits: int
    produced_bits: int
    spent_bits: int
    discarded_bits: int
    expired_bits: int
    left_bits: int


class ProofLevelPart(Part):
    name: str
    sense: Literal["min", "max"]
    objective: int
    bound: int
    """Nothing better exists, given the levels before."""
    gap_frac: Fraction


class ProofPart(Part):
    solver: str
    status: Literal["optimal", "feasible"]
    levels: tuple[ProofLevelPart, ...]
    """Objectives, most important first."""
    n_candidates: int
    """Contacts that were chosen from."""
    deterministic_time_s: Seconds
    """The solver's own clock, which is the same on every machine."""
    seed: int
    workers: int
    reproducible: bool
