"""Which contacts to fly: an integer problem, solvers behind a seam, reasons, and an independent verifier."""

from eagleplan.schedule.greedy import GREEDIES
from eagleplan.schedule.levels import LEVELS, Level
from eagleplan.schedule.lexicographic import SOLVERS, solve
from eagleplan.schedule.problem import Candidate, PairDemand, Problem, build_problem
from eagleplan.schedule.reasons import contact_reasons, demand_limits, demand_results
from eagleplan.schedule.solution import Limits, Solution, proof
from eagleplan.schedule.verify import Violation, violations, yield_violations

__all__ = [
    "GREEDIES",
    "LEVELS",
    "SOLVERS",
    "Candidate",
    "Level",
    "Limits",
    "PairDemand",
    "Problem",
    "Solution",
    "Violation",
    "build_problem",
    "contact_reasons",
    "demand_limits",
    "demand_results",
    "proof",
    "solve",
    "violations",
    "yield_violations",
]
