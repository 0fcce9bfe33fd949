"""Webhooks: calls to other servers when a take is over, which cannot reach the private network."""

from __future__ import annotations

import hashlib
import json
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.client import HTTPException
from importlib.metadata import version
from ipaddress import IPv4Address, IPv6Network, ip_address
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, LocationParseError
from urllib3.util import Url, parse_url

from bopbot.service.errors import InvalidOptionsError
from bopbot.service.hosts import is_address
from pose_vocab.errors import BopBotError

LONGEST_URL = 2000
"""Characters of a webhook's URL."""
TIMEOUT_S = 10.0
"""Time for name lookup, connection and response together."""
MOST_ADDRESSES = 3
"""Addresses of a host that are tried."""
LEAST_S = 0.1
"""Shortest timeout for one address."""
PORTS = {"http": 80, "https": 443}
GLOBAL_UNICAST = IPv6Network("2000::/3")
NAT64 = IPv6Network("64:ff9b::/96")
"""IPv6 addresses that stand for IPv4 ones (RFC 6052)."""

Resolve = Callable[..., list[tuple[Any, ...]]]
"""Like `socket.getaddrinfo`."""


class WebhookError(BopBotError):
    """A webhook could not be called: it is not allowed, cannot be reached, or does not respond with 2xx."""


def check_webhook(url: str, *, allow_private: bool = False) -> None:
    """Check the URL of a webhook when a job is created; its host is looked up only when it is called.

    Raises
    ------
    InvalidOptionsError : the URL is not http or https, has a password, is too long, or names a private address.
    """
    host = str(_parsed(url).host).strip("[]")
    if not allow_private and (host == "localhost" or (is_address(host) and not is_public(host))):
        raise InvalidOptionsError(f"the webhook {host} is not on the public internet; use a public server")


def deliver(
    url: str, body: Mapping[str, Any], *, allow_private: bool = False, resolve: Resolve = socket.getaddrinfo
) -> None:
    """POST `body` as JSON. The same body has the same ``Idempotency-Key``, so that a receiver can detect repetitions.

    The name is looked up once, and the connection goes to an address that was checked, so that a second lookup cannot
    lead elsewhere (DNS rebinding). Redirects are not followed, and the body of the response is not read.

    Parameters
    ----------
    allow_private : whether addresses of this machine and its network may be called.
    resolve : looks up the addresses of a name.

    Raises
    ------
    WebhookError : an address is not public, the server cannot be reached, or does not respond with 2xx in time.
    InvalidOptionsError : as `check_webhook`.
    """
    until = time.monotonic() + TIMEOUT_S
    parsed = _parsed(url)
    content = json.dumps(body).encode()
    headers = {
        "Host": str(parsed.netloc),
        "User-Agent": f"BopBot/{version('bopbot')}",
        "Content-Type": "application/json",
        "Idempotency-Key": hashlib.sha256(content).hexdigest(),
    }
    connection = _connect(parsed, _addresses(parsed, allow_private, resolve), until)
    hang_up = threading.Timer(_left(until), _cut, [connection])
    try:
        hang_up.start()
        connection.request("POST", parsed.request_uri, content, headers, preload_content=False)
        status = connection.getresponse().status
    except (HTTPError, HTTPException, OSError) as error:
        raise WebhookError(f"the webhook at {parsed.host} did not respond: {error}") from error
    finally:
        hang_up.cancel()
        connection.close()
    if not 200 <= status < 300:
        raise WebhookError(f"the webhook at {parsed.host} responded with {status}; it must respond with 2xx")


def is_public(address: str) -> bool:
    """Return whether an address, in any notation, is public; of IPv6, only what is routed on the internet."""
    found = ip_address(address)
    if found.version == 6:
        inside = found.ipv4_mapped or (IPv4Address(found.packed[12:]) if found in NAT64 else None)
        if inside is not None:
            found = inside
        elif found not in GLOBAL_UNICAST or found.sixtofour is not None:
            return False
    return found.is_global and not found.is_multicast


def _parsed(url: str) -> Url:
    try:
        parsed = parse_url(url)
    except LocationParseError:
        parsed = Url()
    if parsed.scheme not in PORTS or not parsed.host or parsed.port == 0 or len(url) > LONGEST_URL:
        raise InvalidOptionsError(f"{url[:80]!r} is not a webhook URL; write it like https://example.org/danced")
    if parsed.auth is not None:
        raise InvalidOptionsError("a webhook URL must not contain user and password; put a secret into its path")
    return parsed


def _addresses(parsed: Url, allow_private: bool, resolve: Resolve) -> list[str]:
    """Return the addresses of the host in their order of preference."""
    try:
        found = resolve(str(parsed.host).strip("[]"), _port(parsed), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise WebhookError(f"the webhook's host {parsed.host} was not found: {error}") from error
    addresses = [str(where[4][0]) for where in found]
    if not allow_private and not all(map(is_public, addresses)):
        raise WebhookError(f"the webhook's host {parsed.host} is not on the public internet")
    return addresses


def _connect(parsed: Url, addresses: list[str], until: float) -> HTTPConnection:
    """Return a connection to the first address that responds; its certificate must be valid for the host's name.

    The time until `until`, on the monotonic clock, is divided among the addresses, so that each gets a share.
    """
    why: Exception | None = None
    tried = addresses[:MOST_ADDRESSES]
    for n, address in enumerate(tried):
        timeout_s = _left(until) / (len(tried) - n)
        connection = (
            HTTPConnection(address, _port(parsed), timeout=timeout_s)
            if parsed.scheme == "http"
            else HTTPSConnection(address, _port(parsed), timeout=timeout_s, server_hostname=parsed.host)
        )
        try:
            connection.connect()
        except (HTTPError, OSError) as error:
            why = error
        else:
            connection.timeout = TIMEOUT_S  # from here on `deliver` limits the total time
            return connection
    raise WebhookError(f"the webhook at {parsed.host} cannot be reached: {why}") from why


def _cut(connection: HTTPConnection) -> None:
    """Close a connection whose response takes too long."""
    with suppress(OSError):  # closed already
        if connection.sock is not None:
            connection.sock.shutdown(socket.SHUT_RDWR)


def _left(until: float) -> float:
    return max(LEAST_S, until - time.monotonic())


def _port(parsed: Url) -> int:
    return parsed.port or PORTS[str(parsed.scheme)]
