"""A link and protocol profile without a scenario around it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from eagleplan.errors import InputError
from eagleplan.inputs.files import DiskFiles
from eagleplan.model import LinkOptions, Receiver, Security, Source, Terminal
from eagleplan.scenario.hardware import assemble
from eagleplan.scenario.reading import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkProfile:
    """All the hardware that a profile describes."""

    terminal: Terminal
    source: Source
    receiver: Receiver
    link: LinkOptions
    security: Security


def load_profile(name: str) -> LinkProfile:
    """A packaged profile by name, or any by its path (ending in .toml); raises InputError with every
    problem."""
    # Files are named relative to a scenario's folder; here that is the current one.
    reading = Reading(DiskFiles(Path("--profile")))
    terminal = assemble(reading, Terminal, name, ("profile",), ("terminal", ("terminal",), None))
    source = assemble(reading, Source, name, ("profile",), ("source", ("source",), None))
    receiver = assemble(reading, Receiver, name, ("profile",), ("receiver", ("receiver",), None), receiver_id=name)
    link = assemble(reading, LinkOptions, name, ("profile",), ("link", ("link",), None))
    security = assemble(reading, Security, name, ("profile",), ("security", ("security",), None))
    reading.raise_problems()
    if not (terminal and source and receiver and link and security):
        raise InputError(reading.problems)
    return LinkProfile(terminal=terminal, source=source, receiver=receiver, link=link, security=security)
