"""Weather: the probability that a contact's line of sight is free of cloud."""

from eagleplan.weather.clear_sky import p_clear_at
from eagleplan.weather.climatology import monthly_p_clear
from eagleplan.weather.layers import clear_above
from eagleplan.weather.probability import (
    ClearProbability,
    clear_probabilities,
    clear_probabilities_of_parts,
    member_probabilities,
    member_probabilities_of_parts,
    override_notices,
)
from eagleplan.weather.sky import SkySpan

__all__ = [
    "ClearProbability",
    "SkySpan",
    "clear_above",
    "clear_probabilities",
    "clear_probabilities_of_parts",
    "member_probabilities",
    "member_probabilities_of_parts",
    "monthly_p_clear",
    "override_notices",
    "p_clear_at",
]
