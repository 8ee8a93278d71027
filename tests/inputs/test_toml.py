"""TOML with lines: the line of every key, whatever way it is written."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eagleplan.errors import InputError
from eagleplan.inputs.toml import key_name, parse_toml
from eagleplan.resources import data_path, example_path

TEXT = """\
# a comment with [brackets] and = signs
title = "x = [1]"  # another
dotted . "quoted key" = 1

[table]
text = \"\"\"
a = 1
[not.a.table]
\\\"\"\" still\"\"\"
literal = '''
b = 2'''
list = [
    1,  # one ]
    "two, ]",
    { inner = 3, deep.er = [
        4,
    ] },
]
inline = { a = 1, "b c" = { d = 2 } }

[table.sub]
when = 2026-11-30T00:00:00Z

[[array]]
x = 1
[[array]]
x = 2
[array.inner]
y = 3
[[array.more]]
z = 4
"""


def test_lines_of_all_kinds_of_keys() -> None:
    lines = parse_toml(TEXT, "x.toml").lines
    expected = {
        ("title",): 2,
        ("dotted",): 3,
        ("dotted", "quoted key"): 3,
        ("table",): 5,
        ("table", "text"): 6,
        ("table", "literal"): 10,
        ("table", "list"): 12,
        ("table", "list", 0): 13,
        ("table", "list", 1): 14,
        ("table", "list", 2): 15,
        ("table", "list", 2, "inner"): 15,
        ("table", "list", 2, "deep", "er", 0): 16,
        ("table", "inline", "b c", "d"): 19,
        ("table", "sub"): 21,
        ("table", "sub", "when"): 22,
        ("array", 0): 24,
        ("array", 0, "x"): 25,
        ("array", 1, "x"): 27,
        ("array", 1, "inner", "y"): 29,
        ("array", 1, "more", 0, "z"): 31,
    }
    assert {key: lines.get(key) for key in expected} == expected


def keys_of(value: Any, path: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {path} | {key for name, inner in items for key in keys_of(inner, (*path, name))}


@pytest.mark.parametrize(
    "path",
    [example_path("eagle1-week.toml"), data_path("profiles", "eagle1-like.toml")],
    ids=lambda p: p.name,
)
def test_every_key_of_a_real_file_has_the_line_that_names_it(path) -> None:  # type: ignore[no-untyped-def]
    text = path.read_text()
    document = parse_toml(text, path.name)
    assert keys_of(document.data) - {()} == set(document.lines)
    for key, line in document.lines.items():
        if isinstance(key[-1], str):
            assert key[-1] in text.split("\n")[line - 1]


names = st.text("ab-_1 .\"'#=[]é\\", max_size=4)
scalars = st.one_of(
    st.integers(-5, 5),
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text("ab\"'#=[]{},\n\\é", max_size=6),
)
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)


def inline(value: Any, draw: st.DataObject) -> str:
    gap = lambda: draw.draw(st.sampled_from(["", " ", "\n", " # no ] } , end\n\t"]))  # noqa: E731
    if isinstance(value, dict):
        pairs = (f"{json.dumps(k, ensure_ascii=False)} = {inline(v, draw)}" for k, v in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + gap() + ",".join(f"{gap()}{inline(v, draw)}{gap()}" for v in value) + "]"
    if isinstance(value, str) and value == "":
        return draw.draw(st.sampled_from(['""', "''", '""""""']))
    return json.dumps(value, ensure_ascii=False)


@given(st.dictionaries(names, trees, max_size=4), st.data())
def test_every_key_of_any_document_has_a_line(tree: dict[str, Any], draw: st.DataObject) -> None:
    text = "".join(f"{json.dumps(k, ensure_ascii=False)} = {inline(v, draw)}\n" for k, v in tree.items())
    assert tomllib.loads(text) == tree
    document = parse_toml(text, "x.toml")
    assert keys_of(document.data) - {()} == set(document.lines)
    starts = [document.lines[(name,)] for name in tree]
    assert starts == sorted(starts)
    for name, line in zip(tree, starts, strict=True):
        assert text.split("\n")[line - 1].startswith(json.dumps(name, ensure_ascii=False))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = 1\nb = \n", 2),
        ("a = 1\na = 2\n", 2),
        ("x = [1,\n", 1),
        ("[t]\nx = 1\n[t]\n", 3),
        ('a = "open\n', 1),
    ],
)
def test_text_that_is_no_toml(text: str, line: int) -> None:
    with pytest.raises(InputError, match="is not TOML") as caught:
        parse_toml(text, "x.toml")
    (problem,) = caught.value.problems
    assert problem.line is not None
    assert abs(problem.line - line) <= 1


def test_names_of_keys() -> None:
    assert key_name(("sites", "use", 2)) == "sites.use[2]"
    assert key_name(("network", "initial_stocks", 0, "bits")) == "network.initial_stocks[0].bits"
