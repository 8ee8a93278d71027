"""``report.html``: the plan on one page that needs no network and no script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from eagleplan.model import REFERENCE_PLANE, PassDecision, Plan
from eagleplan.model.plan import ReasonCode
from eagleplan.report import times, words
from eagleplan.report.epochs import orbit_age_days, orbit_epoch_utc, orbit_kind
from eagleplan.report.index import PlanIndex
from eagleplan.report.timeline import timeline

if TYPE_CHECKING:
    from jinja2 import Template

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
    """Passes that were not chosen for one reason."""

    code: ReasonCode
    title: str
    decisions: Sequence[PassDecision]


def report_html(plan: Plan) -> bytes:
    """UTF-8; every text of the plan is escaped; the same plan gives the same bytes."""
    index = PlanIndex(plan)
    page = _template().render(
        plan=plan,
        index=index,
        demands=plan.demands,
        outlooks=any(result.outlook for result in plan.demands),
        given_up=any(stock.discarded_bits or stock.expired_bits for stock in index.stocks),
        met_frac=words.met_frac(plan.demands),
        panels=timeline(index),
        reasons=_reason_groups(index),
    )
    return page.encode()


LABEL_WIDTH = 230
PANEL_WIDTH = 870


def _along(share_frac: float) -> str:
    """A place on the timeline's axis in the units of its drawing, which is 1120 wide."""
    return f"{LABEL_WIDTH + PANEL_WIDTH * share_frac:.2f}"


def _wide(share_frac: float) -> str:
    """A width on the timeline's axis in the units of its drawing."""
    return f"{PANEL_WIDTH * share_frac:.2f}"


def _reason_groups(index: PlanIndex) -> list[ReasonGroup]:
    groups = []
    for code, title in REASONS.items():
        decisions = [decision for decision in index.not_chosen if decision.reason.code == code]
        if decisions:
            groups.append(ReasonGroup(code=code, title=title, decisions=decisions))
    return groups


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # late: 0.17 s

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "along": _along,
        "wide": _wide,
        "bits": words.bits_text,
        "percent": words.percent_text,
        "probability": words.probability_text,
        "duration": words.duration_text,
        "days": words.days_text,
        "hours": words.hours_text,
        "proof": words.proof_text,
        "level": words.level_text,
        "day": times.day_text,
        "clock": times.clock_text,
    }
    environment.globals |= {
        "reference_plane": REFERENCE_PLANE,
        "local": times.local,
        "orbit_age_days": orbit_age_days,
        "orbit_epoch_utc": orbit_epoch_utc,
        "orbit_kind": orbit_kind,
    }
    return environment.get_template("report.html.j2")
