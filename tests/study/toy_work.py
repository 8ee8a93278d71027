"""Toy works for the engines, importable by worker processes."""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Toy:
    """A work whose tasks never take their worker with them."""

    def failed(self, task: int, error: str) -> Any:
        raise AssertionError(f"no worker dies of {task}: {error}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Square(Toy):
    """The square of a task, beside the size of something that all tasks share."""

    shared: bytes = b""

    def __call__(self, task: int) -> tuple[int, int]:
        return task * task, len(self.shared)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings(Toy):
    """What a worker finds around it: its process, its threads, the addresses at which it listens."""

    def __call__(self, task: int) -> tuple[int, dict[str, str | None], list[str]]:
        threads = {name: os.environ.get(name) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
        return os.getpid(), threads, listening(os.getpid())


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadly:
    """Tasks in `deaths` kill their worker so many times before they give a result; counted in files of `folder`."""

    folder: Path
    deaths: dict[int, int]

    def __call__(self, task: int) -> str:
        for attempt in range(self.deaths.get(task, 0)):
            try:
                (self.folder / f"{task}-{attempt}").touch(exist_ok=False)
            except FileExistsError:
                continue
            os.kill(os.getpid(), signal.SIGKILL)
        return f"result {task}"

    def failed(self, task: int, error: str) -> str:
        return f"failed {task}: {error}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endless(Toy):
    """Tasks from `first` on say their worker's number through a named pipe, and never end.

    Whoever reads the pipe sees its end when all these workers are gone.
    """

    pipe: Path
    first: int = 0

    def __call__(self, task: int) -> int:
        if task < self.first:
            return task
        with self.pipe.open("w") as pipe:
            pipe.write(f"{os.getpid()}\n")
            pipe.flush()
            threading.Event().wait()
        return task


@dataclass(frozen=True, slots=True, kw_only=True)
class Buggy(Toy):
    def __call__(self, task: int) -> int:
        return 100 // (task - 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unloadable(Toy):
    """Kills, or else fails, whoever unpacks it."""

    kills: bool

    def __call__(self, task: int) -> int:
        return task

    def __reduce__(self) -> tuple[Any, ...]:
        return (os._exit, (3,)) if self.kills else (int, ("three",))


def listening(pid: int) -> list[str]:
    """Addresses at which a process listens for TCP, as hexadecimal host and port; Linux."""
    links = []
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            links.append(os.readlink(entry))
        except FileNotFoundError:
            continue
    found = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == "0A" and f"socket:[{words[9]}]" in links:
                found.append(words[1])
    return found
