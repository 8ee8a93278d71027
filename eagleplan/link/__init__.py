"""Window geometry to loss budget: one loss term, one function; and the clicks that are not signal."""

from eagleplan.link.budget import budgets
from eagleplan.link.calibration import CalibrationFit, calibrate, fit_calibration
from eagleplan.link.fades import FADING_TERMS, fades
from eagleplan.link.rays import LinkWindow, Rays
from eagleplan.link.terms import LOSS_TERMS
from eagleplan.link.validation import validation_rows

REFERENCE_PLANE = "satellite telescope exit (the transmitter's truncation is not counted) to detector click"
"""Where every loss begins and ends; outputs say so."""

__all__ = [
    "FADING_TERMS",
    "LOSS_TERMS",
    "REFERENCE_PLANE",
    "CalibrationFit",
    "LinkWindow",
    "Rays",
    "budgets",
    "calibrate",
    "fades",
    "fit_calibration",
    "validation_rows",
]
