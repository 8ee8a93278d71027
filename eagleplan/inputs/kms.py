"""Stocks from a key manager: the `status` call of ETSI GS QKD 014 V1.1.1, and nothing else of it.

A planner needs to know how many keys a pair of key management entities (KMEs) holds, never a key. Only `status`
(clause 5.1) is asked; the calls that hand out keys do not exist here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from eagleplan.errors import InputError, Problem

MAX_ANSWER_BYTES = 1 << 20
_TEXTS = ("source_KME_ID", "target_KME_ID", "master_SAE_ID", "slave_SAE_ID")
_COUNTS = ("key_size", "stored_key_count", "max_key_count")


@dataclass(frozen=True, slots=True, kw_only=True)
class KmeAccess:
    """How to ask one KME about its keys with one peer: mutual TLS, version 1.2 or later."""

    url: str
    slave_sae_id: str
    ca_file: Path
    cert_file: Path
    key_file: Path
    timeout_s: float = 10.0

    @property
    def status_url(self) -> str:
        """Address of the status call (ETSI GS QKD 014, table 1)."""
        return f"{self.url.rstrip('/')}/api/v1/keys/{quote(self.slave_sae_id, safe='')}/status"


@dataclass(frozen=True, slots=True, kw_only=True)
class KmsStatus:
    """What a KME says of its store with one peer (ETSI GS QKD 014, table 9)."""

    source_kme_id: str
    target_kme_id: str
    master_sae_id: str
    slave_sae_id: str
    key_size_bits: int
    stored_key_count: int
    max_key_count: int

    @property
    def stored_bits(self) -> int:
        return self.key_size_bits * self.stored_key_count

    @property
    def max_bits(self) -> int:
        return self.key_size_bits * self.max_key_count


def parse_status(text: str, path: str) -> KmsStatus:
    """The status that a KME answered with; raises InputError with everything that is wrong with it."""
    try:
        answer = json.loads(text)
    except ValueError as error:
        raise InputError(Problem(path=path, message=f"the key manager's answer is not JSON: {error}")) from None
    if not isinstance(answer, dict):
        raise InputError(Problem(path=path, message="the key manager's answer is not a JSON object"))
    problems = []
    for name in _TEXTS:
        if not isinstance(answer.get(name), str) or not answer[name]:
            problems.append(Problem(path=path, field=name, message="must be text", got=_got(answer, name)))
    for name in _COUNTS:
        if type(answer.get(name)) is not int or answer[name] < (name == "key_size"):
            least = 1 if name == "key_size" else 0
            message = f"must be a whole number, at least {least}"
            problems.append(Problem(path=path, field=name, message=message, got=_got(answer, name)))
    if not problems and answer["stored_key_count"] > answer["max_key_count"]:
        message = f"must be <= max_key_count {answer['max_key_count']}"
        problems.append(
            Problem(path=path, field="stored_key_count", message=message, got=_got(answer, "stored_key_count"))
        )
    if problems:
        raise InputError(problems, hint="ETSI GS QKD 014 table 9 names the fields of a status")
    return KmsStatus(
        source_kme_id=answer["source_KME_ID"],
        target_kme_id=answer["target_KME_ID"],
        master_sae_id=answer["master_SAE_ID"],
        slave_sae_id=answer["slave_SAE_ID"],
        key_size_bits=answer["key_size"],
        stored_key_count=answer["stored_key_count"],
        max_key_count=answer["max_key_count"],
    )


def fetch_status(access: KmeAccess) -> bytes:
    """The KME's answer to `status`, as it came; raises InputError where it cannot be had.

    The standard knows 200, 400, 401 and 503. Redirects are not followed: a key manager has one address.
    """
    # Late: a plan without a key manager needs neither.
    import http.client
    import ssl

    where = urlsplit(access.url)
    if where.scheme != "https" or not where.hostname:
        raise _refused(access, "must be an address that begins with https://", hint="the standard asks for TLS")
    try:
        context = ssl.create_default_context(cafile=str(access.ca_file))
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(str(access.cert_file), str(access.key_file), password=_no_password)
    except (OSError, ValueError) as error:
        named = ", ".join(str(file) for file in (access.ca_file, access.cert_file, access.key_file))
        raise _refused(access, f"the certificates cannot be used: {_said(error)}", hint=f"PEM files: {named}") from None
    connection = http.client.HTTPSConnection(
        where.hostname, where.port or 443, timeout=access.timeout_s, context=context
    )
    try:
        connection.request("GET", urlsplit(access.status_url).path, headers={"Accept": "application/json"})
        with connection.getresponse() as response:
            data = response.read(MAX_ANSWER_BYTES + 1)
    except ssl.SSLError as error:
        raise _refused(access, f"TLS failed: {_said(error)}", hint="check ca_file, cert_file and the name") from None
    except (OSError, http.client.HTTPException) as error:
        raise _refused(access, f"cannot be reached: {_said(error)}") from None
    finally:
        connection.close()
    if response.status != 200:
        raise _refused(access, f"answers {response.status}: {_message(data)}", hint=_ADVICE.get(response.status))
    if len(data) > MAX_ANSWER_BYTES:
        raise _refused(access, "the answer is longer than any status")
    return data


_ADVICE = {
    400: "slave_sae_id may be wrong",
    401: "the key manager does not know this certificate, or not for this slave_sae_id",
    503: "the key manager is busy or out of order: try again later",
}


def _no_password() -> str:
    """An encrypted private key would make the terminal ask; nothing here runs before eyes."""
    raise ValueError("the private key is encrypted")


def _refused(access: KmeAccess, message: str, hint: str | None = None) -> InputError:
    return InputError(Problem(path=access.status_url, message=message, hint=hint))


def _message(data: bytes) -> str:
    """The `message` of the standard's error object, or that there is none."""
    try:
        said = json.loads(data[:4096]).get("message")
    except (ValueError, AttributeError):
        said = None
    return str(said)[:200] if said else "without a message"


def _said(error: BaseException) -> str:
    return str(getattr(error, "strerror", None) or error or type(error).__name__)


def _got(answer: dict[str, object], name: str) -> str:
    return json.dumps(answer[name])[:80] if name in answer else "nothing"
