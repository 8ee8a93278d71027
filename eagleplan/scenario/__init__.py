"""The scenario: a TOML file and everything it names, read, checked and joined into model objects."""

from eagleplan.scenario.load import load_scenario
from eagleplan.scenario.profile import LinkProfile, load_profile
from eagleplan.scenario.scenario import Scenario

__all__ = ["LinkProfile", "Scenario", "load_profile", "load_scenario"]
