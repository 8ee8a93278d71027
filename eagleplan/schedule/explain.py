"""Explanations of a plan, each of them the result of solving again: what a pipeline needs of the modules explain_*."""

from eagleplan.schedule.explain_alternatives import FORCED, Alternative, LevelChange
from eagleplan.schedule.explain_contact import ContactExplanation, explain_contact
from eagleplan.schedule.explain_demand import DemandExplanation, WhatIf, explain_demand, what_if
from eagleplan.schedule.explain_prices import Bound, Prices
from eagleplan.schedule.explain_search import How

__all__ = [
    "FORCED",
    "Alternative",
    "Bound",
    "ContactExplanation",
    "DemandExplanation",
    "How",
    "LevelChange",
    "Prices",
    "WhatIf",
    "explain_contact",
    "explain_demand",
    "what_if",
]
