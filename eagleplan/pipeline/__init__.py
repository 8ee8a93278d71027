"""The one place where the chain can be read: elements, passes, windows, budget, key, candidates, schedule, plan."""

from eagleplan.pipeline.assess import assess
from eagleplan.pipeline.assessment import Assessment, CandidateCounts
from eagleplan.pipeline.cache import NO_CACHE, Cache, CacheStats, CacheWarning
from eagleplan.pipeline.fades import fades
from eagleplan.pipeline.files import plan_files
from eagleplan.pipeline.outlook import SkyOutcomes
from eagleplan.pipeline.plan import Planned, limits_of, make_plan, plan_of, problem_of
from eagleplan.pipeline.progress import Progress
from eagleplan.pipeline.stored import StoredPlan, Verdict, load_stored, verify_directory
from eagleplan.pipeline.traces import traces

__all__ = [
    "NO_CACHE",
    "Assessment",
    "Cache",
    "CacheStats",
    "CacheWarning",
    "CandidateCounts",
    "Planned",
    "Progress",
    "SkyOutcomes",
    "StoredPlan",
    "Verdict",
    "assess",
    "fades",
    "limits_of",
    "load_stored",
    "make_plan",
    "plan_files",
    "plan_of",
    "problem_of",
    "traces",
    "verify_directory",
]
