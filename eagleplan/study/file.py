"""From the path of a study file to a `Study`, or to everything that is wrong with it, before anything runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from eagleplan.errors import InputError, Problem
from eagleplan.inputs.checked import as_toml, validate
from eagleplan.inputs.files import read_file
from eagleplan.inputs.text import decode
from eagleplan.inputs.toml import KeyPath, TomlDocument, parse_toml
from eagleplan.operations.weeks import weeks_from
from eagleplan.study.base import Base
from eagleplan.study.designs import Factorial, LatinHypercube, Zipped
from eagleplan.study.schema import LATIN_HYPERCUBE, PlacedAxis, StudyFile, placed_axes
from eagleplan.study.stations import n_station_sets, station_sets
from eagleplan.study.study import N_SKIES, OUTLOOK_SEED, SITES_CLOSED, SITES_USED, Design, Study, StudyWeek
from eagleplan.study.trial import try_values

MAX_CELLS = 1_000_000
"""More cells than that run only when asked for twice."""

MAX_SETS = 1_000_000


def read_study(path: Path, *, allow_many: bool = False) -> Study:
    """Reads a study, its scenario, and every file that any of its cells names.

    Each value of each axis, each station and each week is tried: the scenario is loaded with it once, which is the sum
    of them all and not their product. Raises InputError with every problem of the study file, or of the scenario with a
    value in it; and for more than a million cells, unless `allow_many`.
    """
    shown = path.as_posix()
    document = parse_toml(decode(read_file(path), shown), shown)
    file = validate(StudyFile, document)
    placed, problems = placed_axes(file, document)
    problems += _design_problems(file, document, placed)
    weeks, wrong = _weeks(file, document)
    problems += wrong
    base = Base(path, file, document, weeks)
    problems += base.problems
    sets: list[Any] = []
    if file.stations is not None and base.scenario is not None:
        wrong = base.station_problems()
        if not wrong and (n_sets := n_station_sets(**base.set_arguments())) > MAX_SETS:
            wrong = [document.problem(("stations", "max_added"), f"gives {n_sets:,} sets of stations: lower it")]
        problems += wrong
        sets = [] if wrong else list(station_sets(**base.set_arguments()))
    if base.scenario is None or (problems and file.design == "list"):
        raise _all(problems)
    horizon = base.scenario.horizon
    study = Study(
        name=file.name,
        path=path,
        scenario=file.scenario,
        files=base.files.bytes,
        design_name=file.design,
        design=_design(file, placed),
        axes=tuple(one.axis for one in placed),
        weeks=weeks or (StudyWeek(name="", start_utc=horizon.start_utc, days=horizon.days),),
        station_sets=tuple(sets),
        base_sites=base.base_sites if sets else (),
        all_sites=(*base.base_sites, *(file.stations.add_one if file.stations else ())) if sets else (),
        cost=dict(file.stations.cost) if file.stations else {},
        n_skies=file.n_skies,
        sky_seed=_sky_seed(file, placed),
        n_samples=file.n_samples,
        seed=_seed(file),
    )
    if study.n_cells > MAX_CELLS and not allow_many and not problems:
        problem = Problem(path=shown, message=f"is a study of {study.n_cells:,} cells, more than {MAX_CELLS:,}")
        raise InputError(problem, hint="--yes runs it all the same")
    own = tuple(one for one in placed if _instead(file, one.axis.key) is None)
    problems += try_values(study, base, own, document)
    if problems:
        raise _all(problems)
    return study


def _all(problems: list[Problem]) -> InputError:
    return InputError(sorted(dict.fromkeys(problems), key=lambda problem: (problem.path, problem.line or 0)))


def _design_problems(file: StudyFile, document: TomlDocument, placed: tuple[PlacedAxis, ...]) -> list[Problem]:
    problems = []
    is_drawn = file.design == LATIN_HYPERCUBE
    for name in ("n_samples", "seed"):
        if not is_drawn and getattr(file, name) is not None:
            problems.append(document.problem((name,), f'needs design = "{LATIN_HYPERCUBE}"'))
    if is_drawn and file.n_samples is None:
        problems.append(document.problem(("n_samples",), f'is required with design = "{LATIN_HYPERCUBE}"'))
    if is_drawn and not file.axes:
        problems.append(document.problem(("axes",), f'is required with design = "{LATIN_HYPERCUBE}"'))
    if not file.axes and file.stations is None and file.weeks is None:
        problems.append(Problem(path=document.path, message="nothing varies: give [axes], [stations] or [weeks]"))
    for one in placed:
        instead = _instead(file, one.axis.key)
        if instead is not None:
            problems.append(document.problem(one.at, f"is set by {instead}"))
    return problems


def _instead(file: StudyFile, key: str) -> str | None:
    """What of the study file sets a key of the scenario, so that no axis may."""
    if key.split(".")[0] == "horizon":
        return "[weeks], or the scenario: all cells have one length"
    if file.stations is not None and key in (SITES_USED, SITES_CLOSED, "sites"):
        return "[stations]"
    if file.n_skies is not None and key in (N_SKIES, "weather"):
        return "n_skies"
    if file.sky_seed is not None and key in (OUTLOOK_SEED, "weather"):
        return "sky_seed"
    return None


def _weeks(file: StudyFile, document: TomlDocument) -> tuple[tuple[StudyWeek, ...], list[Problem]]:
    table = file.weeks
    if table is None:
        return (), []
    problems = []
    if table.days > 7 * table.every:
        message = f"must be <= {7 * table.every}: the weeks would overlap"
        problems.append(document.problem(("weeks", "days"), message, got=as_toml(table.days)))
    try:
        weeks = weeks_from(table.first, 1 + table.every * (table.count - 1))[:: table.every]
    except InputError as error:
        at: dict[str, KeyPath] = {"--from": ("weeks", "from"), "--weeks": ("weeks", "count")}
        problems += [document.problem(at[this.path], this.message, got=this.got) for this in error.problems]
        return (), problems
    return tuple(StudyWeek(name=week.name, start_utc=week.start_utc, days=table.days) for week in weeks), problems


def _design(file: StudyFile, placed: tuple[PlacedAxis, ...]) -> Design:
    axes = tuple(one.axis for one in placed)
    if file.design == "list":
        return Zipped(axes)
    if file.design == LATIN_HYPERCUBE:
        return LatinHypercube(axes, file.n_samples or 1, _seed(file) or 0)
    return Factorial(axes)


def _seed(file: StudyFile) -> int | None:
    """What the points are drawn from; None where they are not drawn."""
    if file.design != LATIN_HYPERCUBE:
        return None
    return 1 if file.seed is None else file.seed


def _sky_seed(file: StudyFile, placed: tuple[PlacedAxis, ...]) -> int | None:
    """The seed of the first week's skies: 1, unless an axis says which seeds there are."""
    if any(one.axis.key in (OUTLOOK_SEED, "weather") for one in placed):
        return file.sky_seed
    return 1 if file.sky_seed is None else file.sky_seed
