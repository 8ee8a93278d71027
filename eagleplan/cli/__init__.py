"""The command line: parse, call, print, exit code. No maths, no file parsing.

Heavy modules are imported inside the commands, so that `eagleplan --help` answers at once.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Sequence

import typer

from eagleplan import __version__
from eagleplan.cli import (
    demand,
    evidence,
    explain,
    export,
    inputs,
    key_answer,
    look,
    operations,
    planning,
    plot,
    score,
    show,
    study,
    study_report,
)
from eagleplan.cli.shell import prepare_streams

# Pydantic would look through everything that is installed for plug-ins of its own: 15 ms of every command, for none.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

app = typer.Typer(
    name="eagleplan",
    help="Plan satellite quantum key distribution: passes, secret key, and a proven weekly schedule.",
    epilog=(
        "Exit codes: 0 done; 1 done, and the answer is no; 2 bad usage or input; 3 no plan within the limits; "
        "70 a bug; 130 interrupted; 141 broken pipe."
    ),
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"eagleplan {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(
        False, "--version", help="Print the version and exit.", callback=_show_version, is_eager=True
    ),
) -> None:
    pass


for _module in (
    planning,
    explain,
    show,
    plot,
    export,
    operations,
    inputs,
    look,
    key_answer,
    evidence,
    demand,
    score,
    study,
    study_report,
):
    _module.register(app)


def command_names() -> list[str]:
    """Every command as one types it after `eagleplan`, in alphabetical order."""
    names = [info.name for info in app.registered_commands]
    for group in app.registered_groups:
        if group.typer_instance is not None:
            names += [f"{group.name} {info.name}" for info in group.typer_instance.registered_commands]
    return sorted(name for name in names if name)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; `argv` without the programme's name."""
    try:
        app(args=None if argv is None else list(argv), prog_name="eagleplan")
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 0
    return 0


def entry() -> None:
    """What the installed `eagleplan` command calls."""
    prepare_streams()
    # What a command makes lives until its end: looking for garbage often, and taking everything down one by one
    # afterwards, is a fifth of a short command's time.
    gc.set_threshold(50_000, 20, 20)
    code = main()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)
