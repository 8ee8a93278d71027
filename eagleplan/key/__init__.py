"""Key: from a link budget to secret bits, with the proof that stands behind them."""

from eagleplan.key.blocks import pooled
from eagleplan.key.counting import detections
from eagleplan.key.detections import Detections
from eagleplan.key.optimise import Optimised, optimise, optimise_together
from eagleplan.key.parts import joined, part_detections
from eagleplan.key.protocols import PROTOCOLS
from eagleplan.key.quick import quick_key
from eagleplan.key.secret_key import Proven, proven, secret_key, secret_keys
from eagleplan.key.spread import Spread, spread
from eagleplan.key.validation import validation_rows
from eagleplan.key.window import BestWindow, best_window

__all__ = [
    "PROTOCOLS",
    "BestWindow",
    "Detections",
    "Optimised",
    "Proven",
    "Spread",
    "best_window",
    "detections",
    "joined",
    "optimise",
    "optimise_together",
    "part_detections",
    "pooled",
    "proven",
    "quick_key",
    "secret_key",
    "secret_keys",
    "spread",
    "validation_rows",
]
