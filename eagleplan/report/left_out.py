"""Passes that were not chosen, by reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eagleplan.model import PassDecision
from eagleplan.model.plan import ReasonCode
from eagleplan.report.index import PlanIndex

REASONS: Mapping[ReasonCode, str] = {
    "vetoed": "The planner ruled it out",
    "conflict": "Another contact had the terminal or the station",
    "not-chosen": "Other contacts served the demand better",
    "not-needed": "Nobody needed the key",
    "too-short": "The window was too short",
    "no-key": "The window gave no key",
    "no-window": "A constraint took the whole pass",
    "incompatible": "The station cannot take this satellite's light",
}
"""Reason codes in the order of the page, nearest to being chosen first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonGroup:
    """Passes that were not chosen for one reason, in the order of time."""

    code: ReasonCode
    title: str
    decisions: Sequence[PassDecision]


def left_out(index: PlanIndex) -> tuple[ReasonGroup, ...]:
    """Every pass without a contact, in the order of REASONS; no group is empty."""
    groups = []
    for code, title in REASONS.items():
        decisions = [decision for decision in index.not_chosen if decision.reason.code == code]
        if decisions:
            groups.append(ReasonGroup(code=code, title=title, decisions=decisions))
    return tuple(groups)
