"""``study.json``: what a directory's results are the results of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from eagleplan.errors import InputError, OutputError, Problem
from eagleplan.inputs.files import from_json, read_file, to_json
from eagleplan.operations.files import write_file
from eagleplan.stamp import stamp
from eagleplan.study.study import Axis, StationSet, Study, StudyWeek
from eagleplan.study.tables import TableFormat

RECORD_NAME = "study.json"
KIND = "eagleplan-study"
SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyRecord:
    """A study as its directory tells it. `inputs` are SHA-256 by name, `made_with` the versions behind every plan."""

    name: str
    scenario: str
    design: str
    columns: tuple[str, ...]
    axes: tuple[Axis, ...]
    station_sets: tuple[StationSet, ...]
    base_sites: tuple[str, ...]
    cost: Mapping[str, float]
    weeks: tuple[StudyWeek, ...]
    n_cells: int
    n_skies: int | None
    sky_seed: int | None
    n_samples: int | None
    seed: int | None
    inputs: Mapping[str, str]
    made_with: Mapping[str, str]
    table: TableFormat


def record_of(study: Study, table: TableFormat) -> dict[str, Any]:
    """What `study.json` says."""
    return {
        "kind": KIND,
        "schema_version": SCHEMA_VERSION,
        "name": study.name,
        "scenario": study.scenario,
        "design": study.design_name,
        "n_samples": study.n_samples,
        "seed": study.seed,
        "n_skies": study.n_skies,
        "sky_seed": study.sky_seed,
        "n_cells": study.n_cells,
        "columns": list(study.columns),
        "axes": [
            {
                "key": axis.key,
                "values": to_json(axis.values),
                "labels": list(axis.labels),
                "span": None if axis.span is None else list(axis.span),
            }
            for axis in study.axes
        ],
        "stations": {
            "base": list(study.base_sites),
            "cost": dict(sorted(study.cost.items())),
            "sets": [
                {
                    "name": one.name,
                    "site_ids": list(one.site_ids),
                    "added": list(one.added),
                    "left_out": one.left_out,
                }
                for one in study.station_sets
            ],
        },
        "weeks": [
            {"name": week.name, "start_utc": week.start_utc.isoformat(), "days": week.days} for week in study.weeks
        ],
        "inputs": {name: hashlib.sha256(data).hexdigest() for name, data in sorted(study.files.items())},
        "made_with": dict(sorted(stamp().items())),
        "table": table,
    }


def write_record(directory: Path, record: Mapping[str, Any]) -> None:
    """Writes `study.json`, whole or not at all."""
    write_file(directory / RECORD_NAME, (json.dumps(record, indent=1, ensure_ascii=False) + "\n").encode())


def read_record(directory: Path) -> dict[str, Any] | None:
    """What `study.json` says, None where there is none; raises InputError where it is none of ours."""
    path = directory / RECORD_NAME
    if not path.exists():
        return None
    try:
        content = json.loads(read_file(path))
        if content["kind"] != KIND or content["schema_version"] != SCHEMA_VERSION:
            raise ValueError("another kind of file")
    except (ValueError, KeyError, TypeError) as error:
        message = "is not what a study wrote"
        raise InputError(Problem(path=str(path), message=message, got=str(error))) from None
    return dict(content)


def read_study_record(directory: Path) -> StudyRecord:
    """The study of a directory; raises InputError where there is none."""
    found = read_record(directory)
    if found is None:
        hint = "name a directory that `eagleplan study -o` wrote"
        raise InputError(Problem(path=str(directory), message="holds no study", hint=hint))
    try:
        return _restored(found)
    except (KeyError, TypeError, ValueError) as error:
        got = f"no {error}" if isinstance(error, KeyError) else str(error)
        raise InputError(Problem(path=str(directory / RECORD_NAME), message="lacks something", got=got)) from None


def _restored(found: Mapping[str, Any]) -> StudyRecord:
    return StudyRecord(
        name=found["name"],
        scenario=found["scenario"],
        design=found["design"],
        columns=tuple(found["columns"]),
        axes=tuple(
            Axis(
                key=axis["key"],
                values=tuple(from_json(axis["values"])),
                labels=tuple(axis["labels"]),
                span=None if axis["span"] is None else (axis["span"][0], axis["span"][1]),
            )
            for axis in found["axes"]
        ),
        station_sets=tuple(
            StationSet(
                name=one["name"],
                site_ids=tuple(one["site_ids"]),
                added=tuple(one["added"]),
                left_out=one["left_out"],
            )
            for one in found["stations"]["sets"]
        ),
        base_sites=tuple(found["stations"]["base"]),
        cost=found["stations"]["cost"],
        weeks=tuple(
            StudyWeek(name=week["name"], start_utc=datetime.fromisoformat(week["start_utc"]), days=week["days"])
            for week in found["weeks"]
        ),
        n_cells=found["n_cells"],
        n_skies=found["n_skies"],
        sky_seed=found["sky_seed"],
        n_samples=found["n_samples"],
        seed=found["seed"],
        inputs=found["inputs"],
        made_with=found["made_with"],
        table=found["table"],
    )


def refuse_another_study(directory: Path, there: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Raises OutputError, with what differs, where the results that are there are those of another study.

    Costs of stations may differ: no result comes from them.
    """
    differences = list(_differences(there, json.loads(json.dumps(wanted))))
    if differences:
        shown = "; ".join(differences[:8]) + ("; …" if len(differences) > 8 else "")
        raise OutputError(
            f"{directory}: holds the results of another study: {shown}",
            hint="name another directory, or undo the change to go on in this one",
        )


def _differences(there: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterator[str]:
    for name in wanted:
        before, now = there.get(name), wanted[name]
        if name == "stations" and isinstance(before, dict):
            before, now = ({part: value for part, value in one.items() if part != "cost"} for one in (before, now))
        if before == now or name in ("table", "n_cells", "columns"):
            continue
        if name == "inputs" and isinstance(before, dict):
            yield from (f"{file} has changed" for file in sorted(before.keys() & now) if before[file] != now[file])
            yield from (f"{file} is read too now" for file in sorted(now.keys() - before))
            yield from (f"{file} is read no more" for file in sorted(before.keys() - now))
        elif name == "made_with" and isinstance(before, dict):
            for part in sorted(before.keys() | now):
                if before.get(part) != now.get(part):
                    yield f"{part} was {before.get(part, 'not set')} and is {now.get(part, 'not set')}"
        elif name == "axes" and isinstance(before, list):
            own, other = ({axis["key"]: axis for axis in axes} for axes in (before, now))
            changed = [key for key in {**own, **other} if own.get(key) != other.get(key)]
            yield f"axes: {', '.join(changed) or 'in another order'}"
        elif isinstance(now, list | dict):
            yield f"[{name}] has changed"
        else:
            yield f"{name} was {before} and is {now}"
