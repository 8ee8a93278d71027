"""The solvers by name. A new one is a function as `seam.Improve` says, and a line here."""

from __future__ import annotations

from collections.abc import Mapping

from eagleplan.schedule import auto, column_generation, cpsat, mathopt, relax_and_fix
from eagleplan.schedule.seam import Solver

SOLVERS: Mapping[str, Solver] = {
    "auto": Solver(improve=auto.improve),
    "cp-sat": Solver(improve=cpsat.improve),
    "mip-timeline": Solver(improve=mathopt.improve),
    "relax-and-fix": Solver(improve=relax_and_fix.improve),
    "column-generation": Solver(improve=column_generation.improve),
}
