"""The hint that follows a misspelt word, and names that nobody knows."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable

from eagleplan.errors import Problem


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """``did you mean "latitude_deg"?`` for the nearest of `known`, or None if nothing is near."""
    by_folded = {name.casefold(): name for name in sorted(known, reverse=True)}
    near = difflib.get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.6)
    return f'did you mean "{by_folded[near[0]]}"?' if near else None


def unknown_names(path: str, message: str, names: Iterable[str], known: Collection[str]) -> list[Problem]:
    """A problem for each name that is not known, with the nearest that is."""
    return [
        Problem(path=path, message=message, got=name, hint=did_you_mean(name, known))
        for name in names
        if name not in known
    ]
