"""What can be wrong with [network], [schedule], limits, duty and the columns of the demand table that name things."""

from __future__ import annotations

import random

import pytest

from eagleplan.errors import InputError, Problem
from eagleplan.inputs import demand
from eagleplan.scenario import load_scenario

T = "small.toml"
D = "demand.csv"
NODES = 'nodes = ["frankfurt"]\n'
FIBRE = '[[network.fibre]]\nlink_id = "x"\nnode_a = "frankfurt"\nnode_b = "DE"\nrate_bps = 1\n'


def tables(text: str) -> tuple[str, str, str]:
    return (T, "[weather]", f"{text}\n[weather]")


@pytest.mark.parametrize(
    ("text", "line", "field", "message", "got"),
    [
        ('[network]\nnodes = ["frankfurt"]', 17, "network.nodes[0]", "no fibre link reaches it", '"frankfurt"'),
        (
            f'[network]\nnodes = ["frankfurt", "DE"]\n{FIBRE}',
            17,
            "network.nodes[1]",
            "must be lower-case letters, digits and hyphens",
            '"DE"',
        ),
        (
            f'[network]\nnodes = ["frankfurt", "at-graz"]\n{FIBRE}',
            17,
            "network.nodes[1]",
            "is the id of a site or a satellite already",
            '"at-graz"',
        ),
        (
            f'[network]\nnodes = ["frankfurt", "frankfurt"]\n{FIBRE}',
            17,
            "network.nodes[1]",
            "is named twice",
            '"frankfurt"',
        ),
        (
            f"[network]\n{FIBRE}",
            19,
            "network.fibre[0].node_a",
            "is neither a site in use, nor a country code, nor in network.nodes",
            '"frankfurt"',
        ),
        (
            f"[network]\n{NODES}{FIBRE}".replace('"DE"', '"qube"'),
            21,
            "network.fibre[0].node_b",
            "is a satellite: only nodes on the ground have fibre",
            '"qube"',
        ),
        (
            f"[network]\n{NODES}{FIBRE}".replace('"DE"', '"frankfurt"'),
            21,
            "network.fibre[0].node_b",
            "must differ from node_a",
            '"frankfurt"',
        ),
        (
            f"[network]\n{NODES}{FIBRE}".replace("rate_bps = 1", "rate_bps = 0"),
            22,
            "network.fibre[0].rate_bps",
            "must be > 0",
            "0",
        ),
        (
            f"[network]\n{NODES}{FIBRE}availability_frac = 1.1",
            23,
            "network.fibre[0].availability_frac",
            "must be <= 1",
            "1.1",
        ),
        (
            f"[network]\n{NODES}{FIBRE}{FIBRE.replace('DE', 'FR')}",
            24,
            "network.fibre[1].link_id",
            "is the id of another link too",
            '"x"',
        ),
        (
            f"[network]\n{NODES}{FIBRE}" + FIBRE.replace('"x"', '"y"'),
            23,
            "network.fibre[1]",
            "joins the same nodes as x: add their rates up in one link",
            "frankfurt and DE",
        ),
        ("[network]\nmax_hops = 0", 17, "network.max_hops", "must be >= 1", "0"),
        ("[network]\nmax_age_s = 0.5", 17, "network.max_age_s", "must be a whole number", "0.5"),
        ("[network]\ndelivery_interval_s = 60", 17, "network.delivery_interval_s", "must be >= 600", "60"),
        (
            "[network]\nsatellite_cap_bits = { qub = 5 }",
            17,
            "network.satellite_cap_bits.qub",
            "no such satellite",
            '"qub"',
        ),
        ("[network]\nsatellite_cap_bits = { qube = -5 }", 17, "network.satellite_cap_bits.qube", "must be >= 0", "-5"),
        (
            "[network]\nnode_cap_bits = { at-gratz = 5 }",
            17,
            "network.node_cap_bits.at-gratz",
            "no such site in use or terrestrial node",
            '"at-gratz"',
        ),
        (
            "[network]\nnode_cap_bits = { FR = 5 }",
            17,
            "network.node_cap_bits.FR",
            "a country without fibre stores no key: its stations do",
            '"FR"',
        ),
        (
            '[network]\nedge_caps = [{ end_a = "at-graz", end_b = "de-oph", cap_bits = 5 }]',
            17,
            "network.edge_caps[0]",
            "holds no key: must be a satellite and a site, or the two ends of a fibre link",
            "at-graz and de-oph",
        ),
        (
            '[network]\nedge_caps = [{ end_a = "at-graz", end_b = "qube", cap_bits = 5 },\n'
            '{ end_a = "qube", end_b = "at-graz", cap_bits = 5 }]',
            18,
            "network.edge_caps[1]",
            "the cap of this edge is given twice",
            "at-graz and qube",
        ),
        (
            '[network]\ninitial_stocks = [{ end_a = "at-graz", end_b = "qube", bits = 5, age_s = 7 },\n'
            '{ end_a = "qube", end_b = "at-graz", bits = 6, age_s = 7 }]',
            18,
            "network.initial_stocks[1]",
            "the stock of this edge and age is given twice",
            "qube and at-graz",
        ),
        (
            '[network]\ninitial_stocks = [{ end_a = "at-graz", end_b = "FR", bits = 5 }]',
            17,
            "network.initial_stocks[0]",
            "holds no key: must be a satellite and a site, or the two ends of a fibre link",
            "at-graz and FR",
        ),
        (
            '[network]\ninitial_stocks = [{ end_a = "at-graz", end_b = "qube", bits = 5, age_s = -1 }]',
            17,
            "network.initial_stocks[0].age_s",
            "must be >= 0",
            "-1",
        ),
        ('[schedule]\npins = ["a", "a"]', 17, "schedule.pins[1]", "is named twice", '"a"'),
        (
            '[schedule]\npins = ["a"]\nvetoes = ["b", "a"]',
            18,
            "schedule.vetoes[1]",
            "is pinned too: it must be one or the other",
            '"a"',
        ),
        ('[schedule]\npins = "a"', 17, "schedule.pins", "must be an array", '"a"'),
        ('[schedule]\npins = ["a", 3]', 17, "schedule.pins[1]", "must be a string", "3"),
        ('[schedule]\nvetoes = [""]', 17, "schedule.vetoes[0]", "must not be empty", '""'),
        ("[schedule]\nslew_rate_deg_s = 0", 17, "schedule.slew_rate_deg_s", "must be > 0", "0"),
        ("[schedule]\ncut_grid_s = -1", 17, "schedule.cut_grid_s", "must be >= 0", "-1"),
        ("[schedule]\nadd_price_frac = 1.5", 17, "schedule.add_price_frac", "must be <= 1", "1.5"),
        ('[schedule]\nsolver = "glop"', 17, "schedule.solver", "no such solver", '"glop"'),
        ("[schedule]\nobjectives = []", 17, "schedule.objectives", "must not be empty", None),
        (
            '[schedule]\nobjectives = ["fairness", "mean_met"]',
            17,
            "schedule.objectives[1]",
            "must stand first: it chooses the contacts, the others hand out their key",
            '"mean_met"',
        ),
        ("[schedule]\nn_scenarios = 0", 17, "schedule.n_scenarios", "must be >= 1", "0"),
        ("[schedule]\ncvar_tail_frac = 0.0", 17, "schedule.cvar_tail_frac", "must be > 0", "0.0"),
        (
            '[schedule]\nobjectives = ["guarantees"]',
            17,
            "schedule.objectives",
            "needs one more: what it names may count nothing, or leave open who gets the key",
            None,
        ),
        (
            '[schedule]\nobjectives = ["fairness", "fairnes"]',
            17,
            "schedule.objectives[1]",
            "no such objective",
            '"fairnes"',
        ),
        (
            '[sites]\nlimits = { satellite_ids = ["qub"] }',
            13,
            "sites.limits.satellite_ids[0]",
            "no such satellite",
            '"qub"',
        ),
        (
            "[sites.override.at-graz.limits]\nmax_nights = -1",
            17,
            "sites.override.at-graz.limits.max_nights",
            "must be >= 0",
            "-1",
        ),
        (
            "[satellites.qube.duty]\nmax_contact_s_per_orbit = 480.5",
            17,
            "satellites.qube.duty.max_contact_s_per_orbit",
            "must be a whole number",
            "480.5",
        ),
    ],
)
def test_a_wrong_table(small, problems, text, line, field, message, got) -> None:  # type: ignore[no-untyped-def]
    change = (T, "[sites]\n", f"{text}\n") if text.startswith("[sites]\n") else tables(text)
    assert problems(small(change)) == [(T, line, field, message, got)]


@pytest.mark.parametrize(
    ("column", "cell", "message", "hint"),
    [
        ("trusted_nodes", "AT at-gratz", "is no site, country or terrestrial node of the scenario", "at-graz"),
        ("trusted_nodes", "qube", "is no site, country or terrestrial node of the scenario", "trusted_satellites"),
        ("trusted_satellites", "qub", "no such satellite", "qube"),
        ("start_utc", "2026-06-22T00:00:00Z", "must lie within the horizon", None),
        ("start_utc", "2026-06-14T23:59:59Z", "must lie within the horizon", None),
        ("deadline_utc", "2026-06-15T00:00:00Z", "must lie within the horizon", None),
        ("deadline_utc", "2026-06-22T00:00:01Z", "must lie within the horizon", None),
        ("deadline_after_hours", "168.1", "must lie within the horizon", None),
        ("start_after_hours", "168", "must lie within the horizon", None),
    ],
)
def test_a_wrong_cell(small, column: str, cell: str, message: str, hint: str | None) -> None:  # type: ignore[no-untyped-def]
    path = small(
        (D, "guarantee_bits\n", f"guarantee_bits,{column}\n"), (D, "50000\n", f"50000,{cell}\n"), (D, ",,\n", ",,,\n")
    )
    with pytest.raises(InputError) as caught:
        load_scenario(path)
    (problem,) = caught.value.problems
    assert (problem.line, problem.field) == (2, column)
    assert problem.message.startswith(message)
    assert hint is None or hint in (problem.hint or "")


def test_a_deadline_before_the_start(small, problems) -> None:  # type: ignore[no-untyped-def]
    path = small(
        (D, "guarantee_bits\n", "guarantee_bits,start_after_hours,deadline_utc\n"),
        (D, "50000\n", "50000,24,2026-06-16T00:00:00Z\n"),
        (D, ",,\n", ",,,,\n"),
    )
    assert problems(path) == [(D, 2, "deadline_utc", "must be after the start", "2026-06-16T00:00:00Z")]


def test_more_bits_than_whole_numbers_can_hold(small, problems) -> None:  # type: ignore[no-untyped-def]
    rows = "".join(f"x{n},DE,FR,1000000000000,,,1000,\n" for n in range(10))
    ((name, line, field, message, got),) = problems(small((D, "de-fr,DE", f"{rows}de-fr,DE")))
    assert (name, line, field, got) == (D, 11, "priority", str(10**16))
    assert message.startswith("bits times priority of all demands up to here must stay below")


def test_classical_contacts_of_a_satellite_that_nobody_knows(small, problems) -> None:  # type: ignore[no-untyped-def]
    path = small((T, 'profile = "eagle1-like"', 'profile = "eagle1-like"\nclassical_contacts_file = "classical.csv"'))
    (path.parent / "classical.csv").write_text(
        "start_utc,end_utc,satellite_id\n2026-06-16T00:00:00Z,2026-06-16T00:10:00Z,qub\n"
        "2026-06-17T00:00:00Z,2026-06-16T00:10:00Z,qube\n"
    )
    assert problems(path) == [("classical.csv", 3, "end_utc", "must be after start_utc", "2026-06-16T00:10:00Z")]
    text = (path.parent / "classical.csv").read_text().replace("2026-06-17T", "2026-06-15T")
    (path.parent / "classical.csv").write_text(text)
    assert problems(path) == [("classical.csv", 2, "satellite_id", "is not known to the scenario", "qub")]


GOOD = """\
[network]
nodes = ["frankfurt"]
max_hops = 4
max_age_s = 604800
delivery_interval_s = 86400
satellite_cap_bits = { qube = 500000 }
node_cap_bits = { at-graz = 200000, frankfurt = 7 }
edge_caps = [{ end_a = "qube", end_b = "at-graz", cap_bits = 50 }]
initial_stocks = [{ end_a = "qube", end_b = "at-graz", bits = 100, age_s = 86400 }]
[[network.fibre]]
link_id = "de"
node_a = "frankfurt"
node_b = "DE"
rate_bps = 2.5
availability_frac = 0.5
[schedule]
pins = ["p"]
vetoes = ["v"]
cut_grid_s = 30
key_delay_s = 0
slew_rate_deg_s = 1.0
[satellites.qube.duty]
max_contact_s_per_orbit = 480
[sites.limits]
set_up_s = 300
satellite_ids = ["qube"]"""

VALUES = (
    *("-1", "0", "nan", "inf", "1e400", "99999999999999999999", "true", '""', '"x"', '"none"', "[]", "[[]]", "{}"),
    *("[3]", "{ qube = {} }", "2026-01-01", '["qube", "qube"]', "0.5", '[{ end_a = "qube" }]'),
)


def test_nonsense_in_any_key_is_an_error_with_its_line_or_harmless(small) -> None:  # type: ignore[no-untyped-def]
    """Each spoilt file is read, or refused with problems that name the file and the line of the key or below."""
    lines = GOOD.splitlines()
    keys = [n for n, line in enumerate(lines) if " = " in line]
    rng = random.Random(5)
    found: list[Problem] = []
    refused = 0
    for _ in range(150):
        n = rng.choice(keys)
        spoilt = [*lines]
        spoilt[n] = f"{lines[n].split(' = ')[0]} = {rng.choice(VALUES)}"
        try:
            load_scenario(small(tables("\n".join(spoilt))))
        except InputError as error:
            found += error.problems
            refused += 1
    assert min(problem.line or 0 for problem in found) >= 16
    assert all(problem.message for problem in found)
    assert refused > 100


ODD = (
    *("", "x", "-1", "nan", "0", "none", "AT", "AT;at-graz", "qube", "1e9", "2026-06-16T00:00:00Z", "2026-13-01"),
    *("0x10", "３", "99999999999999999999", "pqc_ok", "☃", "a b c"),
)


def test_nonsense_in_any_cell_is_an_error_with_its_line_or_harmless(small) -> None:  # type: ignore[no-untyped-def]
    columns = (*demand.REQUIRED, *demand.OPTIONAL)
    path = small()
    rng = random.Random(6)
    lines: set[int | None] = set()
    refused = 0
    for _ in range(150):
        row = dict.fromkeys(columns, "") | {"demand_id": "d", "node_a": "DE", "node_b": "FR", "bits": "5"}
        row |= {rng.choice(columns): rng.choice(ODD) for _ in range(rng.randrange(1, 4))}
        (path.parent / D).write_text(f"{','.join(columns)}\n{','.join(row.values())}\n", encoding="utf-8")
        try:
            (found,) = load_scenario(path).demands
        except InputError as error:
            lines.update(problem.line for problem in error.problems)
            refused += 1
        else:
            assert 0 <= found.start_s < found.deadline_s <= 604_800
            assert 0 <= found.guarantee_bits <= found.bits
    assert lines == {2}
    assert 80 < refused < 150
