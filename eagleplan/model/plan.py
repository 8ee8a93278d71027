"""The plan: chosen contacts, key delivered, the proof of its quality, a reason for everything not chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from eagleplan.model.contact import Contact
from eagleplan.model.demand import Demand, InitialStock
from eagleplan.model.horizon import Horizon
from eagleplan.model.orbit import Satellite
from eagleplan.model.passes import Pass
from eagleplan.model.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A warning with a stable id such as ``W-ELEMENTS-AGE``."""

    notice_id: str
    subject: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """A value that nobody measured for this mission: its key in the scenario, the value, where it comes from."""

    key: str
    value: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFile:
    """A file the plan was made from: as the scenario names it, and the SHA-256 of its bytes."""

    role: str
    path: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Key handed to a demand through one satellite: one bit of each edge's stock for every bit delivered."""

    demand_id: str
    satellite_id: str
    site_a: str
    site_b: str
    bits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandResult:
    """What the plan does for one demand."""

    demand: Demand
    delivered_bits: int
    met_frac: float
    guarantee_kept: bool
    limited_by: str


ReasonCode = Literal["chosen", "no-window", "too-short", "no-key", "conflict", "not-needed", "not-chosen"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a pass was, or was not, chosen: a code for machines and a sentence for people."""

    code: ReasonCode
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PassDecision:
    """A pass, what became of it, and its best contact if it has one with key."""

    planned_pass: Pass
    reason: Reason
    contact: Contact | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleOptions:
    """How the schedule is sought: `changeover_s` is the slew and acquisition between two contacts of one terminal.

    `max_deterministic_time_s` is the solver's own clock, the same on every machine. One worker gives the same plan
    every time; `workers` = 0 takes all cores and is not reproducible.
    """

    changeover_s: int = 60
    min_contact_s: int = 60
    max_deterministic_time_s: float = 30.0
    workers: int = 1
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """How good the plan is, by the solver's own account. Objective levels are lexicographic, most important first.

    `objective` and `bound` are those of the first undecided level's name in `level`; `gap_frac` is
    (bound − objective) / bound. `reproducible` says whether the limits were deterministic.
    """

    solver: str
    status: Literal["optimal", "feasible"]
    level: str
    objective: float
    bound: float
    gap_frac: float
    deterministic_time_s: float
    seed: int
    workers: int
    reproducible: bool
    levels: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """A time in which the Sun stands below a site's limit, in seconds since the horizon's start."""

    site_id: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that a report needs; `stamp` holds versions, hashes, epochs and limits.

    `nights` may be empty: it only shades the report's timeline.
    """

    name: str
    horizon: Horizon
    satellites: tuple[Satellite, ...]
    sites: tuple[Site, ...]
    demands: tuple[DemandResult, ...]
    decisions: tuple[PassDecision, ...]
    contacts: tuple[Contact, ...]
    deliveries: tuple[Delivery, ...]
    initial_stocks: tuple[InitialStock, ...]
    proof: Proof
    notices: tuple[Notice, ...]
    assumptions: tuple[Assumption, ...]
    inputs: tuple[InputFile, ...]
    stamp: Mapping[str, str]
    nights: tuple[Night, ...] = ()
