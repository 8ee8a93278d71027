"""Rules of the house that a linter does not know: units in names, late imports, small modules."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import pkgutil
import subprocess
import sys
import typing
from pathlib import Path

import pytest

import eagleplan

PACKAGE = Path(eagleplan.__file__).parent
MODULES = sorted(
    info.name
    for info in pkgutil.walk_packages([str(PACKAGE)], prefix="eagleplan.")
    if not info.name.startswith("eagleplan._data") and info.name != "eagleplan.__main__"
)

UNITS = (
    "_s", "_utc", "_deg", "_urad", "_km", "_m", "_nm", "_hz", "_cps", "_db", "_bits", "_frac",
    "_rev_per_day", "_rev_per_day2", "_rev_per_day3", "_per_earth_radius", "_km_s", "_deg_s",
    "_days", "_day", "_s_per_month", "_arcsec", "_um", "_hours", "_550nm", "_per_m23",
    "_integral", "_w_m2_sr_um", "_m_s", "_bps", "_px",
)  # fmt: skip
DIMENSIONLESS = {
    "eccentricity": "an element",
    "days": "a unit itself",
    "m2": "beam quality",
    "mu_signal": "mean photon number", "mu_decoy": "mean photon number", "mu_vacuum": "mean photon number",
    "ec_efficiency": "ratio to the Shannon limit",
    "eps_secrecy": "failure probability", "eps_correctness": "failure probability",
    "beta": "pupil radius over mode radius",
    "gaussian_v": "k a sin θ",
    "published": "in the row's own unit", "ours": "in the row's own unit", "tolerance": "in the row's own unit",
    "brier": "mean squared difference of probabilities", "brier_climatology": "as the other", "skill": "of two scores",
    "worth": "in the objective's own unit", "in_full": "as the worth",
    "mean": "of an interval, in the unit of what was averaged", "low": "as the mean", "high": "as the mean",
    "cost": "in the user's own unit",
    "objective": "in the unit that the level's name ends in", "bound": "as the objective",
}  # fmt: skip


def _float_fields(module_name: str) -> list[tuple[str, str]]:
    module = importlib.import_module(module_name)
    found = []
    for name, thing in vars(module).items():
        if not isinstance(thing, type) or thing.__module__ != module_name:
            continue
        if dataclasses.is_dataclass(thing):
            hints = typing.get_type_hints(thing)
            fields = {field.name: hints[field.name] for field in dataclasses.fields(thing)}
        elif hasattr(thing, "model_fields"):
            fields = {field: info.annotation for field, info in thing.model_fields.items()}
        else:
            continue
        found += [(f"{name}.{field}", field) for field, kind in fields.items() if _is_float(kind)]
    return found


def _is_float(kind: object) -> bool:
    arguments = typing.get_args(kind)
    if arguments and typing.get_origin(kind) in (typing.Annotated, typing.Union, type(int | None)):
        return any(_is_float(argument) for argument in arguments)
    return kind is float


@pytest.mark.parametrize("module_name", MODULES)
def test_every_float_field_ends_in_its_unit(module_name: str) -> None:
    nameless = [
        where
        for where, field in _float_fields(module_name)
        if not field.endswith(UNITS) and not field.startswith(("p_", "n_")) and field not in DIMENSIONLESS
    ]
    assert nameless == []


def test_the_walk_over_fields_sees_a_float_without_a_unit() -> None:
    fields = dict(_float_fields("eagleplan.model.passes"))
    assert fields["Pass.max_elevation_deg"] == "max_elevation_deg"
    assert len([m for m in MODULES if _float_fields(m)]) > 5


def _imported_by(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint('\\n'.join(sys.modules), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return {line.partition(".")[0] for line in done.stderr.splitlines()}


def test_help_imports_nothing_heavy() -> None:
    loaded = _imported_by("from eagleplan.cli import main\nassert main(['--help']) == 0")
    assert not loaded & {
        "numpy", "scipy", "ortools", "skyfield", "astropy", "matplotlib", "pandas", "jinja2", "erfa", "sgp4",
    }  # fmt: skip


def test_verify_imports_no_solver(example_plan: Path) -> None:
    loaded = _imported_by(f"from eagleplan.cli import main\nassert main(['verify', {str(example_plan)!r}]) == 0")
    assert not loaded & {"ortools", "pandas", "highspy"}


@pytest.mark.parametrize(
    ("library", "where"),
    [
        ("ortools", {"schedule/cpsat.py", "schedule/linear.py", "schedule/robust_solver.py"}),
        ("astropy", {"passes/referee.py"}),
        ("matplotlib", {"report/plots/canvas.py"}),
    ],
)
def test_heavy_libraries_are_imported_where_they_belong(library: str, where: set[str]) -> None:
    importers = []
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {
            name
            for node in ast.walk(tree)
            for name in (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
        }
        if any(name.partition(".")[0] == library for name in names):
            importers.append(path.relative_to(PACKAGE).as_posix())
    assert set(importers) == where


def test_modules_stay_small() -> None:
    long = {
        path.relative_to(PACKAGE).as_posix(): lines
        for path in PACKAGE.rglob("*.py")
        if "_data" not in path.parts and (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}
