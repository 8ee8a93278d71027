"""What every command shares: its options, its way of failing, its two streams."""

from __future__ import annotations

import errno
import functools
import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from eagleplan.errors import EagleplanError, ExitCode, InputError

if TYPE_CHECKING:
    from rich.console import Console

    from eagleplan.model import Notice

MAX_PROBLEMS_SHOWN = 20

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""What a write to stdout fails with where a shell has sent it to a disk that takes no more."""

ScenarioPath = Annotated[Path, typer.Argument(metavar="SCENARIO", help="Scenario file (TOML).", show_default=False)]
PlanDirectory = Annotated[
    Path, typer.Argument(metavar="DIR", help="Directory that `eagleplan plan` wrote.", show_default=False)
]
ManySites = Annotated[
    list[str] | None,
    typer.Option("--site", metavar="ID", help="Only this site; may be repeated.", show_default=False),
]
ManySatellites = Annotated[
    list[str] | None,
    typer.Option("--satellite", metavar="ID", help="Only this satellite; may be repeated.", show_default=False),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no summary; errors still show.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="A value over the scenario's, at a dotted key; may be repeated.",
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="The same as --format json.")]

_Command = TypeVar("_Command", bound=Callable[..., Any])


def command(app: typer.Typer, name: str, *, example: str) -> Callable[[_Command], _Command]:
    """Register a command whose errors become messages and exit codes, and whose help ends with an example."""

    def register(function: _Command) -> _Command:
        @functools.wraps(function)
        def run(*args: Any, **kwargs: Any) -> None:
            try:
                function(*args, **kwargs)
                sys.stdout.flush()
            except typer.Exit:
                raise
            except KeyboardInterrupt:
                print("interrupted", file=sys.stderr)
                raise typer.Exit(ExitCode.INTERRUPTED) from None
            except BrokenPipeError:
                _abandon_stdout()
                raise typer.Exit(ExitCode.BROKEN_PIPE) from None
            except Exception as error:
                if kwargs.get("debug"):
                    raise
                raise typer.Exit(_report(error)) from None

        # The list of commands shows the first sentence whole, where it would be cut at the width of a line.
        first = " ".join((function.__doc__ or "").split()).split(". ")[0].rstrip(".")
        app.command(name, short_help=first, epilog=f"Example:  {example}")(run)
        return function

    return register


def prepare_streams() -> None:
    """Let the streams take every character, and stand in for one that the caller has closed."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8"))
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _abandon_stdout() -> None:
    """Point stdout at nothing: what it still buffers cannot be written, and the interpreter would try at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _report(error: Exception) -> int:
    if isinstance(error, InputError):
        for problem in error.problems[:MAX_PROBLEMS_SHOWN]:
            print(f"error: {problem}", file=sys.stderr)
        hidden = len(error.problems) - MAX_PROBLEMS_SHOWN
        if hidden > 0:
            print(f"error: … and {hidden} more", file=sys.stderr)
        for hint in _hints(error):
            print(f"hint: {hint}", file=sys.stderr)
        return error.exit_code
    if isinstance(error, EagleplanError):
        print(f"error: {error}", file=sys.stderr)
        if error.hint:
            print(f"hint: {error.hint}", file=sys.stderr)
        return error.exit_code
    if isinstance(error, OSError) and error.errno in _FULL and error.filename is None:
        _abandon_stdout()
        print(f"error: stdout: cannot be written: {os.strerror(error.errno).lower()}", file=sys.stderr)
        return ExitCode.BAD_INPUT
    print(f"error: internal: {type(error).__name__}: {error}", file=sys.stderr)
    print("hint: this is a bug in eagleplan; run again with --debug and report the traceback", file=sys.stderr)
    return ExitCode.BUG


def _hints(error: InputError) -> Iterator[str]:
    """Each hint once; where there are several, one that belongs to a single problem says to which."""
    lines: dict[str, list[str]] = {}
    for problem in error.problems[:MAX_PROBLEMS_SHOWN]:
        if problem.hint:
            place = problem.path if problem.line is None else f"{problem.path}:{problem.line}"
            lines.setdefault(problem.hint, []).append(place if problem.field is None else f"{place}: {problem.field}")
    for hint, places in lines.items():
        yield f"{places[0]}: {hint}" if len(lines) > 1 and len(places) == 1 else hint
    if error.hint:
        yield error.hint


def console_on(stream: Any, *, width: int | None = None) -> Console:
    """A rich console on a stream; it honours NO_COLOR, COLUMNS and pipes by itself."""
    from rich.console import Console

    class PipedConsole(Console):
        def on_broken_pipe(self) -> None:
            """Rich would exit with 1 here, which says that the answer is no."""
            raise BrokenPipeError

    return PipedConsole(file=stream, highlight=False, soft_wrap=False, width=width)


@contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[str, float], None]]:
    """Yield `report(stage, fraction)`, which draws a bar on stderr if that is a terminal, and nothing otherwise."""
    if quiet or not sys.stderr.isatty():
        yield lambda stage, fraction: None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<10}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console_on(sys.stderr), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def report(stage: str, fraction: float) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=1.0)
            bar.update(tasks[stage], completed=fraction)

        yield report


def utc_option(name: str, text: str | None) -> datetime | None:
    """The instant that an option gives, such as 2026-12-02T06:00:00Z; raises InputError where it is none."""
    from eagleplan.errors import Problem
    from eagleplan.inputs.instants import utc_instant

    if text is None:
        return None
    instant = utc_instant(text)
    if instant is None:
        message = "must be UTC and end in Z, such as 2026-12-02T06:00:00Z"
        raise InputError(Problem(path=name, message=message, got=text))
    return instant


def pairs_option(name: str, given: Iterable[str] | None) -> dict[str, Path]:
    """Paths by id, of options such as --calendar at-graz=graz.ics; raises InputError for all that are not so."""
    from eagleplan.errors import Problem

    found: dict[str, Path] = {}
    problems = []
    for one in given or ():
        key, equals, path = one.partition("=")
        if not equals or not key or not path:
            problems.append(Problem(path=name, message="must be ID=FILE", got=one))
        elif key in found:
            problems.append(Problem(path=name, message=f"{key} is given twice", got=one))
        else:
            found[key] = Path(path)
    if problems:
        raise InputError(problems)
    return found


def settings_option(given: Iterable[str] | None) -> dict[str, Any]:
    """Values by dotted key, of --set; what is no TOML is text, so that --set name=winter needs no quotes."""
    import tomllib

    from eagleplan.errors import Problem

    found: dict[str, Any] = {}
    problems = []
    for one in given or ():
        key, equals, text = (part.strip() for part in one.partition("="))
        if not equals or not key:
            hint = "as in --set satellites.eagle1.orbit.ltan=18:00"
            problems.append(Problem(path="--set", message="must be KEY=VALUE", got=one, hint=hint))
        elif key in found:
            problems.append(Problem(path="--set", field=key, message="is set twice"))
        else:
            try:
                found[key] = tomllib.loads(f"value = {text}")["value"]
            except (tomllib.TOMLDecodeError, KeyError):
                found[key] = text
    if problems:
        raise InputError(problems)
    return found


def read_input(path: Path) -> tuple[str, str]:
    """Text of a file, or of stdin for "-", and the path that messages show; raises InputError if it cannot be read."""
    from eagleplan.inputs.files import read_file
    from eagleplan.inputs.text import decode

    if str(path) == "-":
        return decode(sys.stdin.buffer.read(), "<stdin>"), "<stdin>"
    return decode(read_file(path), str(path)), str(path)


def emit(data: bytes, output: Path | None) -> None:
    """Write `data` to a file, whole or not at all, or to stdout where `output` is None or "-"."""
    if output is None or str(output) == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    from eagleplan.errors import OutputError

    beside = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        beside.write_bytes(data)
        beside.replace(output)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise OutputError(f"{output}: cannot be written: {error.strerror}") from error


def warn(notices: Iterable[Notice]) -> None:
    """Say each notice on stderr."""
    for notice in notices:
        print(f"warning: {notice.notice_id}: {notice.subject}: {notice.message}", file=sys.stderr)
