"""What can go wrong, and the exit code that says so.

    EagleplanError            70  (never raised itself)
    ├── InputError             2  a file or an option is wrong; carries every Problem found in it
    ├── OutputError            2  the output cannot be written as asked
    └── PlanRejectedError     70  the independent check refused what the solver returned

A `Problem` is one line for the user: ``path:line: field: message (got …)``. Readers collect all problems of a
file and raise one `InputError`, so that a planner mends a file in one go.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of the command line; part of the user's contract."""

    DONE = 0
    ANSWER_IS_NO = 1
    BAD_INPUT = 2
    BUG = 70
    INTERRUPTED = 130
    BROKEN_PIPE = 141


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong with an input, and where."""

    path: str
    line: int | None = None
    field: str | None = None
    message: str
    got: str | None = None
    hint: str | None = None

    def __str__(self) -> str:
        where = self.path if self.line is None else f"{self.path}:{self.line}"
        field = "" if self.field is None else f" {self.field}:"
        got = "" if self.got is None else f" (got {self.got})"
        return f"{where}:{field} {self.message}{got}"


class EagleplanError(Exception):
    """Base of every error that a user can cause or must know of."""

    exit_code: ExitCode = ExitCode.BUG
    hint: str | None = None


class InputError(EagleplanError):
    """Inputs are wrong; `problems` lists everything that was found, in file order."""

    exit_code = ExitCode.BAD_INPUT

    def __init__(self, problems: Problem | Iterable[Problem], *, hint: str | None = None) -> None:
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        self.hint = hint
        super().__init__("\n".join(str(problem) for problem in self.problems))


class OutputError(EagleplanError):
    """The output cannot be written as asked; nothing was changed."""

    exit_code = ExitCode.BAD_INPUT

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        self.hint = hint
        super().__init__(message)


class PlanRejectedError(EagleplanError):
    """The independent check refused the solver's plan: a bug, and nothing was written."""

    hint = "this is a bug in eagleplan; please report it with the scenario"

    def __init__(self, violations: Iterable[str]) -> None:
        super().__init__("the plan failed its own verification:\n" + "\n".join(violations))
