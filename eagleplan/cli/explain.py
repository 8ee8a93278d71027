"""The command that says why."""

from __future__ import annotations

import json
import textwrap
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from eagleplan.cli.shell import AsJson, Debug, PlanDirectory, Quiet, command, emit, progress

if TYPE_CHECKING:
    from eagleplan.pipeline.explain import Explanation

WIDTH = 80


class AnswerFormat(StrEnum):
    """How an answer is written."""

    TEXT = "text"
    JSON = "json"


def register(app: typer.Typer) -> None:
    """Add the command to the application."""

    @command(app, "explain", example="eagleplan explain out/ eagle1-gr-skinakas-20261130T2053Z")
    def explain(
        directory: PlanDirectory,
        explained_id: Annotated[
            str, typer.Argument(metavar="ID", help="A pass, a contact or a demand.", show_default=False)
        ],
        max_deterministic_time_s: Annotated[
            float,
            typer.Option(
                "--max-deterministic-time-s", min=0.001, help="Solver's own clock, for all that is solved again."
            ),
        ] = 3.0,
        form: Annotated[AnswerFormat, typer.Option("--format", "-f", help="Text of 80 columns, or JSON.")] = (
            AnswerFormat.TEXT
        ),
        as_json: AsJson = False,
        quiet: Quiet = False,
        debug: Debug = False,
    ) -> None:
        """Say why a pass or contact was, or was not, chosen, or what limits a demand.

        Nothing is guessed: the plan is solved again with the pass in it, or without it; what limits a demand are prices
        of the linear relaxation, and what would help it is solved. An answer says where a limit left it undecided.
        """
        from eagleplan.pipeline.explain import explain_directory

        with progress(quiet=quiet) as show:
            found = explain_directory(directory, explained_id, max_time_s=max_deterministic_time_s, progress=show)
        if as_json or form is AnswerFormat.JSON:
            emit((json.dumps(asdict(found), indent=2, ensure_ascii=False) + "\n").encode(), None)
        else:
            emit(_text(found).encode(), None)


def _text(found: Explanation) -> str:
    lines = [found.explained_id, *_wrapped(found.headline)]
    for paragraph in found.paragraphs:
        item = paragraph.startswith("• ")
        if not item:
            lines.append("")
        lines += _wrapped(paragraph, hanging=item)
    return "\n".join(lines) + "\n"


def _wrapped(text: str, *, hanging: bool = False) -> list[str]:
    """Lines that break between words alone: an id is never cut in two."""
    further = "    " if hanging else "  "
    return textwrap.wrap(
        text, WIDTH, initial_indent="  ", subsequent_indent=further, break_long_words=False, break_on_hyphens=False
    )
