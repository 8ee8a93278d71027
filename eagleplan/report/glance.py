"""What a planner must see first: how good the plan is, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from eagleplan.model import DemandResult, ProofLevel
from eagleplan.report.index import PlanIndex
from eagleplan.report.words import met_frac

SURE_FRAC = 0.9
"""A guarantee that fewer skies keep is shown as one to worry about: nine of ten, as in P10."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """Figures of the whole plan.

    `met_frac` counts on the expected key of every contact. `mean_met_frac` is the mean over skies: None where no skies
    were drawn for some demand. `guarantees` are sure where the plan keeps all of them, and SURE_FRAC of the skies too
    where skies were drawn; "" where there are none. `least_sure` is the guarantee that the fewest skies keep: None
    where no skies were drawn, or nothing is guaranteed. `decisive` is the level of the proof that says how good the
    plan can be at best.
    """

    met_frac: float
    delivered_bits: int
    wanted_bits: int
    n_demands: int
    n_in_full: int
    n_guarantees: int
    n_kept: int
    n_skies: int
    mean_met_frac: float | None
    guarantees: Literal["sure", "unsure", ""]
    least_sure: DemandResult | None
    expected_bits: int
    clear_sky_bits: int
    n_sites_used: int
    decisive: ProofLevel
    notice_ids: tuple[str, ...]


def glance(index: PlanIndex) -> Glance:
    """Sums and counts of what the plan says of each demand and contact."""
    plan = index.plan
    wanted_bits = sum(result.demand.bits for result in plan.demands)
    outlooks = [result.outlook for result in plan.demands if result.outlook is not None]
    guaranteed = [result for result in plan.demands if result.demand.guarantee_bits]
    least_sure = _least_sure(guaranteed)
    drawn = bool(plan.demands) and len(outlooks) == len(plan.demands)
    return Glance(
        met_frac=met_frac(plan.demands),
        delivered_bits=sum(result.delivered_bits for result in plan.demands),
        wanted_bits=wanted_bits,
        n_demands=len(plan.demands),
        n_in_full=sum(result.met_frac >= 1.0 for result in plan.demands),
        n_guarantees=len(guaranteed),
        n_kept=sum(result.guarantee_kept for result in guaranteed),
        n_skies=max((outlook.n_skies for outlook in outlooks), default=0),
        mean_met_frac=sum(o.mean_bits for o in outlooks) / wanted_bits if drawn and wanted_bits else None,
        guarantees=_sureness(guaranteed, least_sure),
        least_sure=least_sure,
        expected_bits=sum(contact.expected_bits for contact in plan.contacts),
        clear_sky_bits=sum(contact.key.secret_bits for contact in plan.contacts),
        n_sites_used=len({contact.site_id for contact in plan.contacts}),
        decisive=plan.proof.decisive,
        notice_ids=tuple(sorted({notice.notice_id for notice in plan.notices})),
    )


def _least_sure(guaranteed: list[DemandResult]) -> DemandResult | None:
    drawn = [(r.outlook.p_guarantee, r.demand.demand_id, r) for r in guaranteed if r.outlook is not None]
    return min(drawn, key=lambda item: item[:2])[2] if drawn else None


def _sureness(guaranteed: list[DemandResult], least_sure: DemandResult | None) -> Literal["sure", "unsure", ""]:
    if not guaranteed:
        return ""
    under_cloud = least_sure is None or least_sure.outlook is None or least_sure.outlook.p_guarantee >= SURE_FRAC
    return "sure" if under_cloud and all(result.guarantee_kept for result in guaranteed) else "unsure"
