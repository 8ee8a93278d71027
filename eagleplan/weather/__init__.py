"""Weather: the probability that a contact's line of sight is free of cloud."""

from eagleplan.weather.clear_sky import p_clear_at, p_clear_of_contact

__all__ = ["p_clear_at", "p_clear_of_contact"]
