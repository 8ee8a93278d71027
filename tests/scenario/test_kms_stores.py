"""Stocks of a scenario from a key manager, and from the copy of its answer."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from eagleplan.errors import InputError
from eagleplan.inputs.files import StoredFiles
from eagleplan.model import InitialStock
from eagleplan.resources import example_path
from eagleplan.scenario import load_scenario

sys.path.insert(0, str(Path(__file__).parents[1] / "inputs"))
from kme import KEY_SIZE_BITS, MAX_KEY_COUNT, SLAVE, Kme, running_kme


@pytest.fixture
def kme(tmp_path: Path) -> Iterator[Kme]:
    with running_kme(tmp_path) as server:
        yield server


def scenario_with(kme: Kme, folder: Path, stores: str | None = None) -> Path:
    stores = stores or (
        f'[[kms.stores]]\nend_a = "eagle1"\nend_b = "at-graz"\nurl = "{kme.url}"\nslave_sae_id = "{SLAVE}"\n'
    )
    example = example_path("eagle1-week.toml")
    (folder / "eagle1-week-demand.csv").write_bytes(example.with_name("eagle1-week-demand.csv").read_bytes())
    scenario = folder / "week.toml"
    files = f'ca_file = "{kme.ca_file.name}"\ncert_file = "{kme.cert_file.name}"\nkey_file = "{kme.key_file.name}"\n'
    scenario.write_text(example.read_text() + f"\n[kms]\n{files}{stores}")
    return scenario


STOCK = InitialStock(end_a="eagle1", end_b="at-graz", bits=1000 * KEY_SIZE_BITS)


def test_the_stock_is_what_the_key_manager_says(kme: Kme, tmp_path: Path) -> None:
    scenario = load_scenario(scenario_with(kme, tmp_path))
    assert scenario.network.initial_stocks == (STOCK,)
    assert scenario.network.edge_cap_bits == {("at-graz", "eagle1"): MAX_KEY_COUNT * KEY_SIZE_BITS}


def test_the_copy_needs_no_key_manager_and_holds_no_secret(kme: Kme, tmp_path: Path) -> None:
    scenario = load_scenario(scenario_with(kme, tmp_path))
    asked = len(kme.paths)
    copy = tmp_path / "copy"
    copy.mkdir()
    for name, data in scenario.stored_inputs().items():
        (copy / name).write_bytes(data)
        assert b"PRIVATE KEY" not in data
        assert b"CERTIFICATE" not in data
    kme.stored_key_count = 5
    again = load_scenario(StoredFiles(copy))
    assert again.network == scenario.network
    assert len(kme.paths) == asked


def test_a_refusal_is_an_error_with_the_address(kme: Kme, tmp_path: Path) -> None:
    kme.out_of_order = True
    with pytest.raises(InputError, match=r"https://localhost:\d+/api/v1/keys/sae-graz/status: answers 503"):
        load_scenario(scenario_with(kme, tmp_path))


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        (("eagle1", "at-grazz"), "no such satellite, site in use or terrestrial node"),
        (("at-graz", "de-trauen"), "holds no key"),
    ],
)
def test_stores_of_no_edge_are_refused(kme: Kme, tmp_path: Path, ends: tuple[str, str], said: str) -> None:
    stores = f'[[kms.stores]]\nend_a = "{ends[0]}"\nend_b = "{ends[1]}"\nurl = "{kme.url}"\nslave_sae_id = "x"\n'
    with pytest.raises(InputError, match=said):
        load_scenario(scenario_with(kme, tmp_path, stores))
    assert kme.paths == []


def test_two_stores_of_one_edge_are_refused(kme: Kme, tmp_path: Path) -> None:
    one = f'[[kms.stores]]\nend_a = "eagle1"\nend_b = "at-graz"\nurl = "{kme.url}"\nslave_sae_id = "{SLAVE}"\n'
    other = one.replace('end_a = "eagle1"\nend_b = "at-graz"', 'end_a = "at-graz"\nend_b = "eagle1"')
    with pytest.raises(InputError, match="is given already"):
        load_scenario(scenario_with(kme, tmp_path, one + other))


def test_certificates_are_required(kme: Kme, tmp_path: Path) -> None:
    scenario = scenario_with(kme, tmp_path)
    scenario.write_text(scenario.read_text().replace(f'key_file = "{kme.key_file.name}"\n', ""))
    with pytest.raises(InputError, match=r"kms\.stores: need kms\.key_file"):
        load_scenario(scenario)
