"""``manifest.json``: what a plan was made with, and the SHA-256 of everything that came of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from eagleplan.model import Plan
from eagleplan.report.document import HorizonPart
from eagleplan.report.epochs import OrbitKind, orbit_age_days, orbit_epoch_utc, orbit_kind
from eagleplan.report.part import Days, Fraction, Part, Seconds, Utc
from eagleplan.report.reading import read_document
from eagleplan.stamp import sha256_hex

MANIFEST_NAME = "manifest.json"
SCHEMA_VERSION: Literal[1] = 1
KIND: Literal["eagleplan-manifest"] = "eagleplan-manifest"

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class OrbitEntry(Part):
    satellite_id: str
    kind: OrbitKind
    epoch_utc: Utc
    age_at_start_days: Days
    age_at_end_days: Days
    origin: str


class InputEntry(Part):
    role: str
    path: str
    """As the scenario names it."""
    sha256: Sha256
    stored: str | None
    """The verbatim copy in this directory; null where none is kept."""


class SolverEntry(Part):
    solver: str
    status: str
    level: str
    """The first objective that is not proven, or the first of all; the next three are of this one."""
    objective: int
    bound: int
    gap_frac: Fraction
    n_candidates: int
    deterministic_time_s: Seconds
    seed: int
    workers: int
    reproducible: bool


class FileEntry(Part):
    sha256: Sha256
    n_bytes: int


class Manifest(Part):
    """The list of a plan's directory; it names every file in it but itself."""

    kind: Literal["eagleplan-manifest"]
    schema_version: Literal[1]
    name: str
    horizon: HorizonPart
    stamp: dict[str, str]
    """Versions; `created_utc` only where SOURCE_DATE_EPOCH was set."""
    orbits: list[OrbitEntry]
    solver: SolverEntry
    inputs: list[InputEntry]
    files: dict[str, FileEntry]
    """Path in this directory → what the file must be."""


def manifest_json(plan: Plan, files: Mapping[str, bytes]) -> bytes:
    """The manifest of a directory that holds `files` (path → bytes) beside it."""
    hashes = {path: sha256_hex(data) for path, data in sorted(files.items())}
    copies = {sha256: path for path, sha256 in hashes.items() if path.startswith("inputs/")}
    proof = plan.proof
    manifest = Manifest(
        kind=KIND,
        schema_version=SCHEMA_VERSION,
        name=plan.name,
        horizon=HorizonPart(start_utc=plan.horizon.start_utc, end_utc=plan.horizon.end_utc, days=plan.horizon.days),
        stamp=dict(sorted(plan.stamp.items())),
        orbits=[
            OrbitEntry(
                satellite_id=satellite.satellite_id,
                kind=orbit_kind(satellite),
                epoch_utc=orbit_epoch_utc(satellite),
                age_at_start_days=orbit_age_days(satellite, plan.horizon.start_utc),
                age_at_end_days=orbit_age_days(satellite, plan.horizon.end_utc),
                origin=satellite.orbit.origin,
            )
            for satellite in plan.satellites
        ],
        solver=SolverEntry(
            solver=proof.solver,
            status=proof.status,
            level=proof.decisive.name,
            objective=proof.decisive.objective,
            bound=proof.decisive.bound,
            gap_frac=proof.decisive.gap_frac,
            n_candidates=proof.n_candidates,
            deterministic_time_s=proof.deterministic_time_s,
            seed=proof.seed,
            workers=proof.workers,
            reproducible=proof.reproducible,
        ),
        inputs=[
            InputEntry(role=file.role, path=file.path, sha256=file.sha256, stored=copies.get(file.sha256))
            for file in plan.inputs
        ],
        files={path: FileEntry(sha256=sha256, n_bytes=len(files[path])) for path, sha256 in hashes.items()},
    )
    content = manifest.model_dump(mode="json")
    return (json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def read_manifest(data: bytes, path: str = MANIFEST_NAME) -> Manifest:
    """Reads ``manifest.json``; raises InputError with everything that is wrong with it."""
    return read_document(data, path, Manifest, KIND, SCHEMA_VERSION)


def changed_files(manifest: Manifest, files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Paths whose bytes are not the manifest's, that are missing, or that it does not list; sorted."""
    listed = {path: entry.sha256 for path, entry in manifest.files.items()}
    found = {path: sha256_hex(data) for path, data in files.items() if path != MANIFEST_NAME}
    return tuple(sorted(path for path in {*listed, *found} if listed.get(path) != found.get(path)))
