"""Profiles: values with sources, and what happens to a value without one."""

from __future__ import annotations

import pytest

from eagleplan.errors import InputError
from eagleplan.inputs.profile import parse_profile
from eagleplan.resources import data_path

HEAD = 'schema_version = 1\nname = "own"\n'


def problems_of(text: str) -> list[tuple[int | None, str | None, str]]:
    with pytest.raises(InputError) as caught:
        parse_profile(HEAD + text, "own.toml")
    return [(p.line, p.field, p.message) for p in caught.value.problems]


@pytest.mark.parametrize("path", sorted(data_path("profiles").glob("*.toml")), ids=lambda path: path.name)
def test_packaged_profiles_are_named_as_their_files_and_complete(path) -> None:  # type: ignore[no-untyped-def]
    profile = parse_profile(path.read_text(), path.name)
    assert profile.name == path.stem
    assert profile.description
    assert {"terminal", "source", "receiver", "receiver.detector", "link", "security"} <= set(profile.tables)
    for table in profile.tables.values():
        assert all(len(entry.source) >= len("assumed") for entry in table.values())


def test_values_have_the_type_of_their_field() -> None:
    text = (
        '[receiver]\ncoupling_loss_db = { value = "none", source = "computed" }\n'
        'optics_loss_db = { value = 3, source = "x" }\n'
        '[receiver.detector]\nn_detectors = { value = 4, source = "x" }\n'
    )
    tables = parse_profile(HEAD + text, "own.toml").tables
    assert tables["receiver"]["coupling_loss_db"].value is None
    assert isinstance(tables["receiver"]["optics_loss_db"].value, float)
    assert isinstance(tables["receiver.detector"]["n_detectors"].value, int)
    assert tables["receiver"]["coupling_loss_db"].source == "computed"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "[terminal]\nm2 = 1.2\n",
            (4, "terminal.m2", 'must be { value = …, source = "…" }: every value says where it comes from'),
        ),
        ("[terminal]\nm2 = { value = 1.2 }\n", (4, "terminal.m2.source", "is required")),
        ('[terminal]\nm2 = { source = "x" }\n', (4, "terminal.m2.value", "is required")),
        (
            '[terminal]\nm2 = { value = 1, source = "" }\n',
            (4, "terminal.m2.source", "must be a string that is not empty"),
        ),
        (
            "[terminal]\nm2 = { value = 1, source = 3 }\n",
            (4, "terminal.m2.source", "must be a string that is not empty"),
        ),
        (
            '[terminal]\nm2 = { value = 1, source = "x", unit = "1" }\n',
            (4, "terminal.m2.unit", "unknown key"),
        ),
        ('[terminal]\nm3 = { value = 1, source = "x" }\n', (4, "terminal.m3", "unknown key")),
        ('[terminal]\nm2 = { value = "1", source = "x" }\n', (4, "terminal.m2", "must be a number")),
        (
            '[receiver.detector]\np_afterpulse = { value = 2, source = "x" }\n',
            (4, "receiver.detector.p_afterpulse", "must be <= 1"),
        ),
        ("receiver = 3\n", (3, "receiver", "must be a table")),
        ("[receivers]\n", (3, "receivers", "unknown key")),
    ],
)
def test_a_wrong_value(text: str, expected: tuple[int, str, str]) -> None:
    assert problems_of(text) == [expected]
