"""CCSDS messages in XML, with the lines of their elements (505.0-B)."""

from __future__ import annotations

from xml.parsers import expat

from eagleplan.errors import InputError, Problem
from eagleplan.inputs.keyword_text import Entry


def read_messages(text: str, path: str, kind: str) -> list[list[tuple[str, Entry]]]:
    """Leaves, in their order, of every `kind` ("omm", …) element of the document, whatever wraps them.

    Raises InputError if the text is not XML, or declares a document type (nothing in a message needs one, and
    entities could read other files or grow without end).
    """
    reader = _Reader(kind)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True

    def start(name: str, attributes: dict[str, str]) -> None:
        reader.start(name.rpartition(" ")[2], parser.CurrentLineNumber)

    def refuse(*declaration: object) -> None:
        raise InputError(Problem(path=path, line=parser.CurrentLineNumber, message="must not declare a document type"))

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda name: reader.end(name.rpartition(" ")[2])
    parser.CharacterDataHandler = reader.characters
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(text.removeprefix("\ufeff").encode(), True)
    except expat.ExpatError as error:
        message = f"is not XML: {expat.errors.messages[error.code]}"
        raise InputError(Problem(path=path, line=error.lineno, message=message)) from None
    return reader.messages


class _Reader:
    """Collects the leaves of each message."""

    def __init__(self, kind: str) -> None:
        self.messages: list[list[tuple[str, Entry]]] = []
        self._kind = kind
        self._depth = 0
        self._text = ""
        self._line = 0
        self._leaf = False

    def start(self, name: str, line: int) -> None:
        if name.lower() == self._kind and self._depth == 0:
            self.messages.append([])
            self._depth = 1
        elif self._depth:
            self._depth += 1
        self._text, self._line, self._leaf = "", line, True

    def characters(self, text: str) -> None:
        self._text += text

    def end(self, name: str) -> None:
        if self._depth and self._leaf:
            self.messages[-1].append((name, Entry(text=self._text.strip(), line=self._line)))
        self._depth = max(0, self._depth - 1)
        self._leaf = False
