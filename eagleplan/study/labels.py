"""Values as TOML writes them: on a command line, and as labels in tables."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def toml_value(value: Any) -> str:
    """A value on one line of TOML, which reads back as the same."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        pairs = (f"{key if _BARE.fullmatch(key) else toml_value(key)} = {toml_value(value[key])}" for key in value)
        inside = ", ".join(pairs)
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml_value, value))}]"
    return repr(value)


def label_of(value: Any) -> str:
    """A value as tables show it: as TOML, but a string without its quotes."""
    return value if isinstance(value, str) else toml_value(value)


def short_label(label: str) -> str:
    """A label as people read it: a number with many digits, drawn from a range, has four figures."""
    try:
        value = float(label)
    except ValueError:
        return label
    return f"{value:.4g}" if len(label) > 8 and math.isfinite(value) else label
