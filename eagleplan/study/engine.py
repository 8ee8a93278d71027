"""What runs the cells of a study: a work that all tasks share, and results in the order of the tasks."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from eagleplan.errors import EagleplanError, ExitCode

TaskT = TypeVar("TaskT")
ResultT = TypeVar("ResultT")
_TaskInT = TypeVar("_TaskInT", contravariant=True)
_ResultOutT = TypeVar("_ResultOutT", covariant=True)

N_AHEAD_PER_WORKER = 4
"""Tasks per worker that may be drawn before the result of the first of them is given out."""


class EngineError(EagleplanError):
    """The engine cannot start, or was lost on the way; results that were given out stand."""

    exit_code = ExitCode.BAD_INPUT

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        self.hint = hint
        super().__init__(message)


class Work(Protocol[_TaskInT, _ResultOutT]):
    """What is done with each task, and everything that all tasks share; picklable, shipped once to each worker."""

    def __call__(self, task: _TaskInT, /) -> _ResultOutT:
        """One result, in a worker. An exception that escapes is a bug, and ends the run."""

    def failed(self, task: _TaskInT, error: str, /) -> _ResultOutT:
        """The result of a task that time and again took its worker with it; asked for in the client."""


class Engine(Protocol):
    """A way to run tasks."""

    @property
    def n_workers(self) -> int:
        """Tasks that run at the same time, as far as known."""

    @property
    def label(self) -> str:
        """Where tasks run, for people."""

    def results(self, work: Work[TaskT, ResultT], tasks: Iterable[TaskT]) -> Generator[ResultT]:
        """One result a task, strictly in their order.

        Tasks are drawn as workers need them: at most `N_AHEAD_PER_WORKER` a worker are drawn and not yet given out.
        Closing the generator cancels what is in flight and leaves no process behind. Raises EngineError.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class InProcess:
    """One task after the other, here."""

    @property
    def n_workers(self) -> int:
        return 1

    @property
    def label(self) -> str:
        return "in this process"

    def results(self, work: Work[TaskT, ResultT], tasks: Iterable[TaskT]) -> Generator[ResultT]:
        for task in tasks:
            yield work(task)
