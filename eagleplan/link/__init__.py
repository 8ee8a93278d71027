"""Window geometry to loss budget: one loss term, one function; and the clicks that are not signal."""

from eagleplan.link.budget import budgets
from eagleplan.link.calibration import CalibrationFit, calibrate, fit_calibration
from eagleplan.link.checks import Refusal, refusals
from eagleplan.link.fades import FADING_TERMS, fades
from eagleplan.link.rays import Hardware, LinkWindow, Rays
from eagleplan.link.terms import LOSS_TERMS
from eagleplan.link.validation import validation_rows
from eagleplan.model import REFERENCE_PLANE

__all__ = [
    "FADING_TERMS",
    "LOSS_TERMS",
    "REFERENCE_PLANE",
    "CalibrationFit",
    "Hardware",
    "LinkWindow",
    "Rays",
    "Refusal",
    "budgets",
    "calibrate",
    "fades",
    "fit_calibration",
    "refusals",
    "validation_rows",
]
