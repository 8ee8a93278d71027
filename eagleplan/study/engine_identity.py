"""What a worker must share with the client for its results to be the same to the byte."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import numpy as np

import eagleplan
from eagleplan.resources import data_path
from eagleplan.stamp import versions


@cache
def identity() -> dict[str, str]:
    """Versions, the package's own files, and the last digits that this machine's arithmetic gives."""
    return versions() | {"eagleplan's files": _files(), "the last digits of its arithmetic": _last_digits()}


def differences(client: dict[str, str], worker: dict[str, str]) -> str:
    """How a worker differs from the client, for people; empty if it does not."""
    said = []
    for name in sorted(client.keys() | worker.keys()):
        here, there = client.get(name, "none"), worker.get(name, "none")
        if here != there:
            is_digest = len(here) == len(there) == _N_DIGITS
            said.append(f"{name} differ" if is_digest else f"{name} is {there} there and {here} here")
    return "; ".join(said)


_N_DIGITS = 64


def _files() -> str:
    """SHA-256 over the code and the packaged data, where each file has the same name in a checkout and a wheel."""
    package = Path(eagleplan.__file__).parent
    files = {f"eagleplan/{path.relative_to(package).as_posix()}": path for path in package.rglob("*.py")}
    files |= {f"data/{path.relative_to(data_path()).as_posix()}": path for path in data_path().rglob("*.*")}
    digest = hashlib.sha256()
    for name, path in sorted(files.items()):
        if path.is_file():
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            digest.update(f"{name} {content}\n".encode())
    return digest.hexdigest()


def _last_digits() -> str:
    """SHA-256 over functions whose last digits depend on the processor's instructions, and on the number of threads."""
    x = np.linspace(0.01, 20.0, 4001)
    square = np.sin(np.outer(x[:97], x[:97]))
    values = [np.exp(x), np.log(x), np.sin(x), np.cos(x), np.tan(x), np.arctan2(x, 2.0), np.arcsin(x / 21.0), x**1.7]
    values += [np.sqrt(x), np.log1p(x), np.tanh(x), square @ x[:97], square @ square.T]
    return hashlib.sha256(b"".join(np.ascontiguousarray(value).tobytes() for value in values)).hexdigest()
