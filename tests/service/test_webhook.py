"""Webhooks: what they say, and whom they never reach."""

import json
import os
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from urllib3.connection import HTTPConnection

from bopbot.service import webhook
from bopbot.service.errors import InvalidOptionsError
from bopbot.service.webhook import WebhookError, check_webhook, deliver, is_public

BODY = {"job": "abc", "number": 1, "state": "done"}


class Receiver(ThreadingHTTPServer):
    """A server that hears webhooks and answers as told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Hearing)
        self.status = 204
        self.headers: dict[str, str] = {}
        self.drips = False
        self.calls: list[tuple[str, dict[str, str], Any]] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class Hearing(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.calls.append((self.path, dict(self.headers), said))
        if self.server.drips:
            try:
                for letter in b"HTTP/1.1 204" + b" " * 1000:
                    self.wfile.write(bytes([letter]))
                    time.sleep(0.05)
            except OSError:
                return
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *said: object) -> None:
        pass


@contextmanager
def running(server: Receiver) -> Iterator[Receiver]:
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def received() -> Iterator[Receiver]:
    with running(Receiver()) as server:
        yield server


def names(*addresses: str) -> webhook.Resolve:
    """A resolver that knows these addresses for every name."""

    def resolve(host: str, port: int, **rest: object) -> list[tuple[Any, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    return resolve


def test_it_says_what_happened(received: Receiver) -> None:
    url = f"http://studio.example:{received.port}/danced?key=1"
    deliver(url, BODY, allow_private=True, resolve=names("127.0.0.1"))
    deliver(url, BODY, allow_private=True, resolve=names("127.0.0.1"))
    deliver(url, {**BODY, "number": 2}, allow_private=True, resolve=names("127.0.0.1"))
    path, headers, said = received.calls[0]
    assert (path, said) == ("/danced?key=1", BODY)
    assert headers["Host"] == f"studio.example:{received.port}"
    assert headers["Content-Type"] == "application/json"
    assert headers["User-Agent"].startswith("BopBot/")
    first, second, other = (headers["Idempotency-Key"] for _, headers, _ in received.calls)
    assert first == second != other


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f.1", "2130706433", "0.0.0.0", "[::ffff:127.0.0.1]"])
def test_this_machine_is_not_reached_however_it_is_written(received: Receiver, host: str) -> None:
    with pytest.raises(WebhookError, match="public internet"):
        deliver(f"http://{host}:{received.port}/", BODY)
    assert received.calls == []


def test_one_private_address_among_public_ones_is_enough_to_refuse(received: Receiver) -> None:
    with pytest.raises(WebhookError, match=r"studio\.example is not on the public internet"):
        deliver(f"http://studio.example:{received.port}/", BODY, resolve=names("93.184.216.34", "127.0.0.1"))
    assert received.calls == []


def test_a_name_that_changes_its_mind_leads_nowhere_else(received: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "TIMEOUT_S", 0.2)
    # 192.0.0.9 is public (RFC 7723) and answers nobody here; the system itself knows localhost as this machine.
    answers = [names("192.0.0.9"), names("127.0.0.1")]

    def rebinding(*asked: Any, **rest: Any) -> list[tuple[Any, ...]]:
        return answers.pop(0)(*asked, **rest)

    with pytest.raises(WebhookError, match="cannot be reached"):
        deliver(f"http://localhost:{received.port}/", BODY, resolve=rebinding)
    assert len(answers) == 1
    assert received.calls == []


def test_the_next_address_is_tried_where_one_is_not_there(received: Receiver) -> None:
    deliver(f"http://two.example:{received.port}/", BODY, allow_private=True, resolve=names("127.1.2.3", "127.0.0.1"))
    assert len(received.calls) == 1


def test_silent_addresses_leave_time_for_the_others_but_only_three_are_tried(
    received: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "TIMEOUT_S", 0.6)
    url = f"http://many.example:{received.port}/"
    silent = "192.0.0.9"
    begun = time.monotonic()
    deliver(url, BODY, allow_private=True, resolve=names(silent, silent, "127.0.0.1"))
    assert len(received.calls) == 1
    with pytest.raises(WebhookError, match="cannot be reached"):
        deliver(url, BODY, allow_private=True, resolve=names(*["127.1.2.3"] * 3, "127.0.0.1"))
    with pytest.raises(WebhookError, match="cannot be reached"):
        deliver(url, BODY, allow_private=True, resolve=names(*[silent] * 20))
    assert time.monotonic() - begun < 3
    assert len(received.calls) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed(received: Receiver, status: int) -> None:
    received.status, received.headers = status, {"Location": f"http://127.0.0.1:{received.port}/inside"}
    with pytest.raises(WebhookError, match=f"responded with {status}"):
        deliver(f"http://127.0.0.1:{received.port}/", BODY, allow_private=True)
    assert [path for path, _, _ in received.calls] == ["/"]


@pytest.mark.parametrize("status", [400, 404, 500, 503])
def test_anything_but_2xx_was_not_heard(received: Receiver, status: int) -> None:
    received.status = status
    with pytest.raises(WebhookError, match=f"responded with {status}"):
        deliver(f"http://127.0.0.1:{received.port}/", BODY, allow_private=True)


def test_an_answer_letter_by_letter_is_cut_off(received: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "TIMEOUT_S", 0.5)
    received.drips = True
    begun = time.monotonic()
    with pytest.raises(WebhookError, match="did not respond"):
        deliver(f"http://127.0.0.1:{received.port}/", BODY, allow_private=True)
    assert time.monotonic() - begun < 5


def test_a_line_that_is_closed_already_is_cut_without_a_word() -> None:
    connection = HTTPConnection("127.0.0.1")
    connection.sock = socket.socket()
    connection.sock.close()
    webhook._cut(connection)


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(WebhookError, match=r"127\.0\.0\.1 cannot be reached"):
        deliver(f"http://127.0.0.1:{port}/", BODY, allow_private=True)


def test_a_name_that_nobody_knows() -> None:
    def resolve(*asked: Any, **rest: Any) -> list[tuple[Any, ...]]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(WebhookError, match=r"nowhere\.example was not found: .*not known"):
        deliver("https://nowhere.example/", BODY, resolve=resolve)


def test_the_certificate_must_be_that_of_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    words = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=studio.example"
    files = ["-addext", "subjectAltName=DNS:studio.example", "-keyout", key, "-out", certificate]
    subprocess.run([*words.split(), *files], check=True, capture_output=True)
    server = Receiver()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    here = names("127.0.0.1")
    with running(server):
        with pytest.raises(WebhookError, match="CERTIFICATE_VERIFY_FAILED"):
            deliver(f"https://studio.example:{server.port}/", BODY, allow_private=True, resolve=here)
        monkeypatch.setitem(os.environ, "SSL_CERT_FILE", str(certificate))
        deliver(f"https://studio.example:{server.port}/", BODY, allow_private=True, resolve=here)
        with pytest.raises(WebhookError, match="Hostname mismatch"):
            deliver(f"https://another.example:{server.port}/", BODY, allow_private=True, resolve=here)
    assert len(server.calls) == 1


PRIVATE = """127.0.0.1 10.0.0.1 172.16.3.4 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255
 240.0.0.1 198.18.0.1 ::1 :: fe80::1 fe80::1%eth0 fc00::1 fec0::1 ff02::1 ::ffff:10.0.0.1 ::127.0.0.1 2001:db8::1
 2002:7f00:1:: 2001:0:7f00:1:: 64:ff9b::127.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 100::1""".split()
PUBLIC = "1.1.1.1 93.184.216.34 2606:4700:4700::1111 ::ffff:1.1.1.1 64:ff9b::1.1.1.1".split()


@pytest.mark.parametrize("address", PRIVATE)
def test_private(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org",
        "http://example.org:8080/a?b=c",
        "https://1.1.1.1/",
        "https://[2606:4700:4700::1111]:65535/",
        "https://bücher.example/",
    ],
)
def test_a_webhook(url: str) -> None:
    check_webhook(url)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "is not a webhook URL"),
        ("example.org/danced", "is not a webhook URL"),
        ("ftp://example.org/", "is not a webhook URL"),
        ("file:///etc/passwd", "is not a webhook URL"),
        ("https://", "is not a webhook URL"),
        ("https://example.org:0/", "is not a webhook URL"),
        ("https://example.org:65536/", "is not a webhook URL"),
        ("https://exa mple.org/", "is not a webhook URL"),
        ("https://example.org\r\nX: y/", "is not a webhook URL"),
        ("https://[::1/", "is not a webhook URL"),
        ("https://example.org/" + "a" * 2000, "is not a webhook URL"),
        ("https://me:secret@example.org/", "must not contain user and password"),
        ("http://127.0.0.1:5432/", "not on the public internet"),
        ("http://localhost/", "not on the public internet"),
        ("http://[::1]/", "not on the public internet"),
        ("http://169.254.169.254/latest", "not on the public internet"),
    ],
)
def test_no_webhook(url: str, says: str) -> None:
    with pytest.raises(InvalidOptionsError, match=says):
        check_webhook(url)


def test_where_private_ones_are_allowed() -> None:
    check_webhook("http://127.0.0.1:8080/", allow_private=True)
