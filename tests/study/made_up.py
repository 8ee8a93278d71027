"""Results that no pipeline made, for tests of what keeps them; and a study file in a folder of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from eagleplan.resources import example_path
from eagleplan.study.rows import CellResult, CellRow, DemandRow

LABELS = ("satellites.eagle1.orbit.ltan", "stations")


def made_up(number: int, *, failed: bool = False, n_demands: int = 2, n_skies: int = 3) -> CellResult:
    """The result of a cell; the same number gives the same."""
    draw = np.random.default_rng(number)
    head = {
        "cell": number,
        "labels": (f"{number % 24:02d}:30", 'with "a", b\nc'),
        "week": f"2026-W{1 + number % 52:02d}",
        "start_utc": "2026-11-30T00:00:00Z",
        "days": 7.0,
    }
    if failed:
        return CellResult(row=CellRow(**head, status="failed", error="week.toml:3: no, so “nö”"))  # type: ignore[arg-type]
    demands = tuple(
        DemandRow(
            cell=number,
            demand_id=f"d{index}",
            node_a="DE",
            node_b="IT",
            priority=1,
            wanted_bits=1000,
            guarantee_bits=0,
            delivered_bits=int(draw.integers(1000)),
            met_frac=float(draw.random()),
            guarantee_kept=bool(draw.integers(2)),
            n_skies=n_skies,
            mean_bits=float(draw.random()) if n_skies else None,
            p10_bits=1 if n_skies else None,
            p50_bits=2 if n_skies else None,
            p90_bits=3 if n_skies else None,
            p_guarantee=0.1 if n_skies else None,
            n_nights=7,
            sky_bits=draw.integers(10**12, size=n_skies),
            sky_key_nights=draw.integers(8, size=n_skies),
        )
        for index in range(n_demands)
    )
    row = CellRow(
        **head,  # type: ignore[arg-type]
        status="done",
        n_satellites=1,
        n_sites=3,
        n_demands=n_demands,
        n_passes=9,
        n_contacts=4,
        wanted_bits=2000,
        delivered_bits=7,
        met_frac=1 / 3,
        mean_bits=None,
        mean_met_frac=float(draw.random()) * 1e-9,
        n_met=0,
        n_guarantees=0,
        n_guarantees_kept=0,
        solver="cp-sat",
        solver_status="optimal",
        objective_name="weighted_met_bits",
        objective=-5,
        bound=10**15,
        gap_frac=0.0,
        plan_sha256="0" * 64,
    )
    return CellResult(row=row, demands=demands, pipeline_s=1.0, worker_s=1.1)


def plain(result: CellResult) -> dict[str, object]:
    """A result as values that can be compared."""
    rows = [
        {name: getattr(row, name).tolist() if name.startswith("sky_") else getattr(row, name) for name in row.__slots__}
        for row in result.demands
    ]
    return {"row": result.row, "demands": rows}


def plain_all(results: object) -> list[dict[str, object]]:
    return [plain(result) for result in results]  # type: ignore[attr-defined]


def files_of(directory: Path) -> dict[str, bytes]:
    """The results of a study, by path; without times, and without the cache."""
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file() and path.name != "timings.csv" and "cache" not in path.parts
    }


def study_folder(folder: Path, text: str, name: str = "study.toml") -> Path:
    """A study file beside the small scenario."""
    for file in ("small.toml", "small-demand.csv"):
        if not (folder / file).exists():
            shutil.copy(example_path(f"study/{file}"), folder / file)
    path = folder / name
    path.write_text(f'schema_version = 1\nname = "test"\nscenario = "small.toml"\n{text}')
    return path
