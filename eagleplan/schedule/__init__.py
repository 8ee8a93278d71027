"""Which contacts to fly: an integer problem, solvers behind a seam, reasons, and an independent verifier."""

from eagleplan.schedule.build import PinFault, build_problem, pin_faults
from eagleplan.schedule.greedy import GREEDIES
from eagleplan.schedule.guarantees import guarantee_conflicts
from eagleplan.schedule.levels import LEVELS, Level
from eagleplan.schedule.lexicographic import solve
from eagleplan.schedule.limits import Limits
from eagleplan.schedule.pins import pin_conflict
from eagleplan.schedule.problem import Candidate, Limit, PairDemand, Pin, Previous, Problem, delivery_instants_s
from eagleplan.schedule.reasons import contact_reasons, demand_limits, demand_results
from eagleplan.schedule.solution import Solution, proof
from eagleplan.schedule.solvers import SOLVERS
from eagleplan.schedule.verify import Violation, violations, yield_violations

__all__ = [
    "GREEDIES",
    "LEVELS",
    "SOLVERS",
    "Candidate",
    "Level",
    "Limit",
    "Limits",
    "PairDemand",
    "Pin",
    "PinFault",
    "Previous",
    "Problem",
    "Solution",
    "Violation",
    "build_problem",
    "contact_reasons",
    "delivery_instants_s",
    "demand_limits",
    "demand_results",
    "guarantee_conflicts",
    "pin_conflict",
    "pin_faults",
    "proof",
    "solve",
    "violations",
    "yield_violations",
]
