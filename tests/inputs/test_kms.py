"""Stocks from a key manager, against a server that follows the standard and a client that others wrote."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from eagleplan.errors import InputError
from eagleplan.inputs.kms import KmeAccess, fetch_status, parse_status

sys.path.insert(0, str(Path(__file__).parent))
from kme import KEY_SIZE_BITS, MASTER, MAX_KEY_COUNT, SLAVE, Kme, running_kme


@pytest.fixture
def kme(tmp_path: Path) -> Iterator[Kme]:
    with running_kme(tmp_path) as server:
        yield server


def access(kme: Kme) -> KmeAccess:
    return KmeAccess(
        url=kme.url, slave_sae_id=SLAVE, ca_file=kme.ca_file, cert_file=kme.cert_file, key_file=kme.key_file
    )


def refusal(asked: KmeAccess) -> str:
    with pytest.raises(InputError) as caught:
        fetch_status(asked)
    return str(caught.value)


def test_status_is_read_over_mutual_tls(kme: Kme) -> None:
    status = parse_status(fetch_status(access(kme)).decode(), "status")
    assert (status.master_sae_id, status.slave_sae_id) == (MASTER, SLAVE)
    assert status.stored_bits == 1000 * KEY_SIZE_BITS
    assert status.max_bits == MAX_KEY_COUNT * KEY_SIZE_BITS


def test_only_status_is_ever_asked(kme: Kme) -> None:
    fetch_status(access(kme))
    assert kme.paths == [f"/api/v1/keys/{SLAVE}/status"]


def test_another_client_sees_the_same_and_its_use_of_keys_shows(kme: Kme) -> None:
    from etsi_qkd_014_client import QKD014Client

    host = kme.url.removeprefix("https://")
    other = QKD014Client(host, str(kme.cert_file), str(kme.key_file), str(kme.ca_file))
    code, theirs = other.get_status(SLAVE)
    ours = parse_status(fetch_status(access(kme)).decode(), "status")
    assert (code, theirs.stored_key_count, theirs.key_size, theirs.max_key_count) == (
        200,
        ours.stored_key_count,
        ours.key_size_bits,
        ours.max_key_count,
    )
    code, container = other.get_key(SLAVE, number=7)
    assert (code, len(container.keys)) == (200, 7)
    assert parse_status(fetch_status(access(kme)).decode(), "status").stored_key_count == ours.stored_key_count - 7


def test_unknown_peer_is_refused_with_the_servers_words(kme: Kme) -> None:
    said = refusal(replace(access(kme), slave_sae_id="sae-x/y"))
    assert "answers 400: no keys are shared with sae-x/y" in said
    assert kme.paths == ["/api/v1/keys/sae-x%2Fy/status"]


def test_unknown_certificate_is_refused(kme: Kme) -> None:
    stranger = replace(access(kme), cert_file=kme.stranger_cert_file, key_file=kme.stranger_key_file)
    assert "answers 401: this SAE is not known" in refusal(stranger)


def test_a_key_manager_out_of_order_is_said_to_be(kme: Kme) -> None:
    kme.out_of_order = True
    assert "answers 503: the key manager is out of order" in refusal(access(kme))


def test_a_server_of_another_authority_is_not_trusted(kme: Kme, tmp_path: Path) -> None:
    elsewhere = tmp_path / "other"
    elsewhere.mkdir()
    with running_kme(elsewhere) as other:
        assert "TLS failed" in refusal(replace(access(kme), url=other.url))
        assert other.paths == []


def test_nobody_there(kme: Kme) -> None:
    assert "cannot be reached" in refusal(replace(access(kme), url="https://127.0.0.1:9", timeout_s=2.0))


@pytest.mark.parametrize("url", ["http://localhost:1", "localhost:1", "https://"])
def test_plain_http_is_never_spoken(kme: Kme, url: str) -> None:
    assert "must be an address that begins with https://" in refusal(replace(access(kme), url=url))


def test_missing_certificate_files_are_named(kme: Kme, tmp_path: Path) -> None:
    asked = replace(access(kme), key_file=tmp_path / "gone.key")
    with pytest.raises(InputError) as caught:
        fetch_status(asked)
    assert "certificates cannot be used" in str(caught.value)
    assert "gone.key" in (caught.value.problems[0].hint or "")


def test_an_endless_answer_is_cut_off(kme: Kme) -> None:
    kme.answer = b" " * (2 << 20)
    assert "longer than any status" in refusal(access(kme))


GOOD = {
    "source_KME_ID": "a",
    "target_KME_ID": "b",
    "master_SAE_ID": "c",
    "slave_SAE_ID": "d",
    "key_size": 256,
    "stored_key_count": 4,
    "max_key_count": 10,
}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"key_size": 0}, "key_size"),
        ({"key_size": True}, "key_size"),
        ({"stored_key_count": -1}, "stored_key_count"),
        ({"stored_key_count": 11}, "stored_key_count"),
        ({"stored_key_count": "4"}, "stored_key_count"),
        ({"max_key_count": 1.5}, "max_key_count"),
        ({"slave_SAE_ID": ""}, "slave_SAE_ID"),
        ({"target_KME_ID": 3}, "target_KME_ID"),
    ],
)
def test_a_wrong_field_is_named(change: dict[str, object], field: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_status(json.dumps(GOOD | change), "kme")
    assert [problem.field for problem in caught.value.problems] == [field]


@pytest.mark.parametrize("text", ["", "<html>", "[1]"])
def test_what_is_no_status_object_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="JSON"):
        parse_status(text, "kme")


def test_everything_wrong_is_said_at_once() -> None:
    with pytest.raises(InputError) as caught:
        parse_status("{}", "kme")
    assert len(caught.value.problems) == len(GOOD)
