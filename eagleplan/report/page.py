"""What our pages have in common: templates that escape everything, and hashes for a Content-Security-Policy."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"


def environment(*folders: Path) -> Environment:
    """Templates from these folders, the first that has one; a name that is not known is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # late: 0.17 s

    return Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def joined(paths: Sequence[Path]) -> str:
    """Style sheets or scripts, one after the other."""
    return "\n".join(path.read_text("utf-8") for path in paths)


def policy_sha256(text: str) -> str:
    """As a Content-Security-Policy states it."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
