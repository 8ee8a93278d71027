"""A key management entity that follows ETSI GS QKD 014 V1.1.1 to the letter, on loopback with mutual TLS.

The common name of a client's certificate is its SAE ID. Answers are 200, 400, 401 and 503, nothing else.
"""

from __future__ import annotations

import base64
import json
import ssl
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import trustme

MASTER, SLAVE = "sae-eagle1", "sae-graz"
KEY_SIZE_BITS, MAX_KEY_COUNT, MAX_KEYS_PER_REQUEST = 256, 100_000, 128


@dataclass
class Kme:
    """The running server: where it is, what its clients need, and what it holds."""

    url: str
    ca_file: Path
    cert_file: Path
    key_file: Path
    stranger_cert_file: Path
    stranger_key_file: Path
    stored_key_count: int = 1000
    out_of_order: bool = False
    answer: bytes | None = None
    paths: list[str] = field(default_factory=list)
    handed_out: dict[str, bytes] = field(default_factory=dict)


@contextmanager
def running_kme(folder: Path) -> Iterator[Kme]:
    """A KME with keys between `MASTER` and `SLAVE`; files of all parties in `folder`."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    for common_name in (MASTER, SLAVE, "sae-stranger"):
        issued = authority.issue_cert(f"{common_name}.example", common_name=common_name)
        issued.cert_chain_pems[0].write_to_path(folder / f"{common_name}.pem")
        issued.private_key_pem.write_to_path(folder / f"{common_name}.key")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.handle_error = lambda request, address: None  # type: ignore[method-assign,assignment]  # refused handshakes
    kme = Kme(
        url=f"https://localhost:{server.server_address[1]}",
        ca_file=folder / "ca.pem",
        cert_file=folder / f"{MASTER}.pem",
        key_file=folder / f"{MASTER}.key",
        stranger_cert_file=folder / "sae-stranger.pem",
        stranger_key_file=folder / "sae-stranger.key",
    )
    server.kme = kme  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield kme
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """A test's output is no place for an access log."""

    def do_GET(self) -> None:
        self._serve({})

    def do_POST(self) -> None:
        try:
            self._serve(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        except ValueError:
            self._answer(400, {"message": "the request is no JSON"})

    def _serve(self, asked: dict[str, Any]) -> None:
        kme: Kme = self.server.kme  # type: ignore[attr-defined]
        path = urlsplit(self.path).path
        kme.paths.append(path)
        parts = path.split("/")
        if kme.out_of_order:
            return self._answer(503, {"message": "the key manager is out of order"})
        if parts[:4] != ["", "api", "v1", "keys"] or len(parts) != 6:
            return self._answer(400, {"message": "no such call"})
        caller, peer, call = self._caller(), unquote(parts[4]), parts[5]
        if caller not in (MASTER, SLAVE):
            return self._answer(401, {"message": "this SAE is not known"})
        if peer not in (MASTER, SLAVE) or peer == caller:
            return self._answer(400, {"message": f"no keys are shared with {peer}"})
        if call == "status" and self.command == "GET":
            return self._status(kme, caller, peer)
        if call == "enc_keys":
            return self._enc_keys(kme, asked)
        if call == "dec_keys" and self.command == "POST":
            return self._dec_keys(kme, asked)
        return self._answer(400, {"message": "no such call"})

    def _caller(self) -> str:
        subject = self.connection.getpeercert()["subject"]  # type: ignore[attr-defined]
        return next(value for ((name, value),) in subject if name == "commonName")

    def _status(self, kme: Kme, caller: str, peer: str) -> None:
        if kme.answer is not None:
            return self._send(200, kme.answer)
        return self._answer(
            200,
            {
                "source_KME_ID": "kme-eagle1",
                "target_KME_ID": "kme-graz",
                "master_SAE_ID": caller,
                "slave_SAE_ID": peer,
                "key_size": KEY_SIZE_BITS,
                "stored_key_count": kme.stored_key_count,
                "max_key_count": MAX_KEY_COUNT,
                "max_key_per_request": MAX_KEYS_PER_REQUEST,
                "max_key_size": 1024,
                "min_key_size": 64,
                "max_SAE_ID_count": 0,
            },
        )

    def _enc_keys(self, kme: Kme, asked: dict[str, Any]) -> None:
        number, size = asked.get("number") or 1, asked.get("size") or KEY_SIZE_BITS
        if size % 8:
            return self._answer(400, {"message": "size shall be a multiple of 8"})
        if number > min(kme.stored_key_count, MAX_KEYS_PER_REQUEST):
            return self._answer(503, {"message": "not enough keys"})
        kme.stored_key_count -= number
        keys = []
        for _ in range(number):
            key_id, key = str(uuid.uuid4()), uuid.uuid4().bytes * (size // 128)
            kme.handed_out[key_id] = key
            keys.append({"key_ID": key_id, "key": base64.b64encode(key).decode()})
        return self._answer(200, {"keys": keys})

    def _dec_keys(self, kme: Kme, asked: dict[str, Any]) -> None:
        wanted = [entry["key_ID"] for entry in asked.get("key_IDs", [])]
        if not wanted or any(key_id not in kme.handed_out for key_id in wanted):
            return self._answer(400, {"message": "one or more keys specified are not found on KME"})
        keys = [{"key_ID": i, "key": base64.b64encode(kme.handed_out.pop(i)).decode()} for i in wanted]
        return self._answer(200, {"keys": keys})

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        self._send(status, json.dumps(body).encode())

    def _send(self, status: int, data: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
