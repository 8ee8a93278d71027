"""Which engine a command line asks for."""

from __future__ import annotations

import re

from eagleplan.errors import InputError, Problem
from eagleplan.study.engine import Engine, EngineError, InProcess, Work
from eagleplan.study.engine_processes import LocalProcesses

__all__ = ["Engine", "EngineError", "InProcess", "LocalProcesses", "Work", "parse_engine"]

MAX_WORKERS = 1024
"""Local workers; more than that is a slip of the finger."""

_LOCAL = re.compile(r"local:(\d{1,9})")
_REMOTE = re.compile(r"(?:tcp|tls)://(?:\[[0-9A-Fa-f:.]+\]|[^\s:/@\[\]]+):(\d{1,9})")


def parse_engine(jobs: int | None, dask: str | None) -> Engine:
    """The engine for ``--jobs`` (worker processes; None and 1: this process) or ``--dask``; raises InputError."""
    problems = []
    if jobs is not None and not 1 <= jobs <= MAX_WORKERS:
        problems.append(Problem(path="--jobs", message=f"must be from 1 to {MAX_WORKERS}", got=str(jobs)))
    if jobs is not None and dask is not None:
        problems.append(Problem(path="--dask", message="cannot be combined with --jobs", got=repr(dask)))
    engine = None if dask is None else _dask(dask, problems)
    if problems:
        raise InputError(problems)
    if engine is not None:
        return engine
    return InProcess() if jobs in (None, 1) else LocalProcesses(n_workers=jobs)


def _dask(text: str, problems: list[Problem]) -> Engine | None:
    from eagleplan.study.engine_dask import DaskEngine, is_installed

    local, remote = _LOCAL.fullmatch(text), _REMOTE.fullmatch(text)
    if local is None and remote is None:
        message = "must be local:N, N workers on this machine, or the address of a scheduler, tcp://HOST:PORT"
        problems.append(Problem(path="--dask", message=message, got=repr(text)))
    elif local is not None and not 1 <= int(local[1]) <= MAX_WORKERS:
        message = f"must have from 1 to {MAX_WORKERS} workers"
        problems.append(Problem(path="--dask", message=message, got=repr(text)))
    elif remote is not None and not 1 <= int(remote[1]) <= 65535:
        problems.append(Problem(path="--dask", message="must have a port from 1 to 65535", got=repr(text)))
    elif not is_installed():
        hint = "install it with: pip install 'eagleplan[distributed]'"
        problems.append(Problem(path="--dask", message="Dask's package distributed is not installed", hint=hint))
    elif local is not None:
        return DaskEngine(n_workers=int(local[1]))
    else:
        return DaskEngine(address=text)
    return None
