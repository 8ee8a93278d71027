"""The plan: chosen contacts, key delivered, the proof of its quality, a reason for everything not chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from eagleplan.model.contact import Contact
from eagleplan.model.demand import Demand, FibreLink, InitialStock
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
    """Key handed to a demand at `at_s`: one bit of the stock of each edge of `path` for every bit delivered.

    `path` names the nodes from the demand's `node_a` to its `node_b`: countries, sites, satellites, terrestrial nodes.
    A step between a country and a site of its own costs nothing unless a fibre link joins the two.
    """

    demand_id: str
    at_s: int
    path: tuple[str, ...]
    bits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Discard:
    """Key given up at `at_s` because a store was full: bits of the stock between two nodes."""

    end_a: str
    end_b: str
    at_s: int
    bits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What one demand gets over many skies that the schedule was not made for.

    Percentiles are over skies: in one of ten the demand gets no more than `p10_bits`.
    """

    n_skies: int
    mean_bits: float
    mean_error_bits: float
    p10_bits: int
    p50_bits: int
    p90_bits: int
    p_guarantee: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MetOutlook:
    """How much of all demands together many skies let the plan meet: delivered over wanted, sky by sky.

    Percentiles are over skies: in one of ten no more than `p10_met_frac` is met.
    """

    n_skies: int
    mean_met_frac: float
    p10_met_frac: float
    p50_met_frac: float
    p90_met_frac: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """How a plan made in another way fares under the same skies, drawn afresh for both.

    Met fractions are those of all demands together, weighted by priority. The gain is this plan's less the rival's,
    sky by sky: its mean, and the standard error of that.
    """

    name: str
    n_skies: int
    mean_met_frac: float
    p10_met_frac: float
    rival_mean_met_frac: float
    rival_p10_met_frac: float
    gain_frac: float
    gain_error_frac: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandResult:
    """What the plan does for one demand.

    `pqc_only_s` is how long its link runs on post-quantum key alone, at an even rate of use: None where it must not.
    """

    demand: Demand
    delivered_bits: int
    met_frac: float
    guarantee_kept: bool
    limited_by: str
    pqc_only_s: int | None = None
    outlook: Outlook | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GuaranteeConflict:
    """Guarantees that cannot all be kept, though each smaller set of them can; they lack `short_bits` at least."""

    demand_ids: tuple[str, ...]
    short_bits: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """Where to turn when cloud takes `contact_id`: a contact of the same satellite at a site under another sky.

    `p_clear_if_clouded` is its clear probability given that the first is clouded out.
    """

    contact_id: str
    backup: Contact
    distance_km: float
    p_clear_if_clouded: float


ReasonCode = Literal[
    "chosen", "no-window", "too-short", "no-key", "conflict", "not-needed", "not-chosen", "vetoed", "incompatible"
]


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


DEFAULT_OBJECTIVES = ("guarantees", "fairness", "weighted_met_bits", "stock_left", "n_contacts")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleOptions:
    """How the schedule is sought.

    `changeover_s` lies between two contacts of one terminal: slew and acquisition. With `slew_rate_deg_s` the slew is
    the angle between the two stations as the satellite sees them over this rate, and `changeover_s` is the acquisition
    alone. `cut_grid_s` is the grid on which passes are cut where they overlap others; 0 leaves them whole.
    `key_delay_s` passes between a contact's end and the use of its key (post-processing over a classical channel).
    `pins` must be flown, `vetoes` must not: ids of passes or contacts. `objectives` are names of levels, most important
    first. Prices are what one change to an earlier plan must bring, as a fraction of the most that its objective can
    reach. "mean_met" and "cvar" stand first among `objectives` or not at all: the contacts are then those that are
    worth most over `n_scenarios` skies drawn from `scenario_seed`, in the mean, or in the mean of the worst
    `cvar_tail_frac` of them; the other objectives hand out the key. `solver` "auto" chooses by size.
    `max_deterministic_time_s` is the solver's own clock, the same on every machine. One worker gives the same plan
    every time; `workers` = 0 takes all cores and is not reproducible.
    """

    changeover_s: int = 60
    slew_rate_deg_s: float | None = None
    min_contact_s: int = 60
    cut_grid_s: int = 30
    key_delay_s: int = 0
    pins: tuple[str, ...] = ()
    vetoes: tuple[str, ...] = ()
    objectives: tuple[str, ...] = DEFAULT_OBJECTIVES
    drop_price_frac: float = 0.0
    retime_price_frac: float = 0.0
    add_price_frac: float = 0.0
    n_scenarios: int = 50
    scenario_seed: int = 1
    cvar_tail_frac: float = 0.1
    solver: str = "auto"
    max_deterministic_time_s: float = 30.0
    workers: int = 1
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofLevel:
    """One objective: what the plan reaches, and that nothing better than `bound` exists given the levels before."""

    name: str
    sense: Literal["min", "max"]
    objective: int
    bound: int
    gap_frac: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """How good the plan is, by the solver's own account; `levels` are lexicographic, most important first.

    `reproducible` says whether the limits were deterministic. `n_candidates` counts the contacts chosen from.
    """

    solver: str
    status: Literal["optimal", "feasible"]
    levels: tuple[ProofLevel, ...]
    n_candidates: int
    deterministic_time_s: float
    seed: int
    workers: int
    reproducible: bool

    @property
    def decisive(self) -> ProofLevel:
        """The first level that is not proven, or the first of all where every one is."""
        return next((level for level in self.levels if level.objective != level.bound), self.levels[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """A time in which the Sun stands below a site's limit, in seconds since the horizon's start."""

    site_id: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """A time in which a rule other than night lets nothing happen, in seconds since the horizon's start.

    It holds for the passes of `satellite_id` over `site_id`, None meaning every one. `constraint` names the rule, as in
    `AllowedTimes`.
    """

    constraint: str
    satellite_id: str | None
    site_id: str | None
    start_s: float
    end_s: float
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictCount:
    """How published figures of one kind compare with what this version computes."""

    subject: str
    n_reproduced: int
    n_compatible: int
    n_not_reproduced: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that a report needs but the traces; `stamp` holds versions, hashes, epochs and limits.

    `nights` and `closures` may be empty: they only shade the report's timeline. `max_key_age_s` is the network's
    `max_age_s`, `changeover_s` that of the schedule's options. `verdicts` are those of the version that made the plan.
    `sky_met` is None where no skies were drawn.
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
    closures: tuple[Closure, ...] = ()
    verdicts: tuple[VerdictCount, ...] = ()
    discards: tuple[Discard, ...] = ()
    guarantee_conflicts: tuple[GuaranteeConflict, ...] = ()
    backups: tuple[Backup, ...] = ()
    fibre_links: tuple[FibreLink, ...] = ()
    rivals: tuple[Rival, ...] = ()
    max_key_age_s: int | None = None
    changeover_s: int | None = None
    sky_met: MetOutlook | None = None
