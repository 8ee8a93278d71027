"""Bytes to text: UTF-8, with or without a byte-order mark, with any line ends."""

from __future__ import annotations

import codecs

from eagleplan.errors import InputError, Problem

_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decode(data: bytes, path: str) -> str:
    """The text of a file, with line ends as ``\\n`` and no byte-order mark.

    Raises InputError if the file is empty or is not UTF-8; the problem names the line of the first wrong
    byte.
    """
    if not data.strip(b"\xef\xbb\xbf\x00 \t\r\n"):
        raise InputError(Problem(path=path, message="the file is empty"))
    if data.startswith(_UTF16_MARKS):
        raise InputError(Problem(path=path, line=1, message="must be UTF-8", got="UTF-16", hint=_RESAVE))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        bad = data[error.start]
        problem = Problem(
            path=path,
            line=data.count(b"\n", 0, error.start) + 1,
            message="must be UTF-8",
            got=f"byte 0x{bad:02x}, in Latin-1 “{chr(bad)}”" if bad >= 0xA0 else f"byte 0x{bad:02x}",
            hint=_RESAVE,
        )
        raise InputError(problem) from None
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise InputError(Problem(path=path, line=line, message="must be UTF-8 text", got="a zero byte", hint=_RESAVE))
    return text.replace("\r\n", "\n").replace("\r", "\n")


_RESAVE = "save the file again as UTF-8"
