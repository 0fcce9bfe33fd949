"""Telling another server that a dance is made, without letting anybody reach into our own network by it."""

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
"""Characters."""
TIMEOUT_S = 10.0
"""For finding and reaching the server, and for its answer, all together."""
MOST_ADDRESSES = 3
"""Of those that a name stands for, so many are tried."""
LEAST_S = 0.1
"""What is left of the time for one of them, whatever went before."""
PORTS = {"http": 80, "https": 443}
GLOBAL_UNICAST = IPv6Network("2000::/3")
NAT64 = IPv6Network("64:ff9b::/96")
"""IPv6 addresses that stand for IPv4 ones (RFC 6052)."""

Resolve = Callable[..., list[tuple[Any, ...]]]
"""Like `socket.getaddrinfo`."""


class WebhookError(BopBotError):
    """A webhook could not be told: it may not be reached, cannot be, or does not answer with 2xx."""


def check_webhook(url: str, *, allow_private: bool = False) -> None:
    """Find out when it is asked for whether a webhook can be called; what its name stands for is seen when it is.

    Raises
    ------
    InvalidOptionsError : no http or https URL of a server, one with a password or too long, or a private address.
    """
    host = str(_parsed(url).host).strip("[]")
    if not allow_private and (host == "localhost" or (is_address(host) and not is_public(host))):
        raise InvalidOptionsError(f"the webhook {host} is not on the public internet; name a server that is")


def deliver(
    url: str, body: Mapping[str, Any], *, allow_private: bool = False, resolve: Resolve = socket.getaddrinfo
) -> None:
    """POST `body` as JSON. The same body has the same ``Idempotency-Key``, so that who is told twice may notice.

    The name is looked up once, and an address that was found allowed is connected to, so that no second look-up can
    lead elsewhere (DNS rebinding). No redirect is followed, and the answer's body is not read.

    Parameters
    ----------
    allow_private : whether addresses of the own network, and of this machine, may be called.
    resolve : finds the addresses of a name.

    Raises
    ------
    WebhookError : one of its addresses is not public, it cannot be reached, or does not answer with 2xx in time.
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
        raise WebhookError(f"the webhook at {parsed.host} did not answer: {error}") from error
    finally:
        hang_up.cancel()
        connection.close()
    if not 200 <= status < 300:
        raise WebhookError(f"the webhook at {parsed.host} answered {status}; only 2xx means that it was told")


def is_public(address: str) -> bool:
    """Whether an address, however it is written, is one of the public internet; of IPv6, only what is routed there."""
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
        raise InvalidOptionsError(f"{url[:80]!r} is no webhook; write one like https://example.org/danced")
    if parsed.auth is not None:
        raise InvalidOptionsError("a webhook's URL may hold no user and password; put a secret into its path")
    return parsed


def _addresses(parsed: Url, allow_private: bool, resolve: Resolve) -> list[str]:
    """All that the host's name stands for, in the order in which it is best tried."""
    try:
        found = resolve(str(parsed.host).strip("[]"), _port(parsed), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise WebhookError(f"the webhook's host {parsed.host} is not found: {error}") from error
    addresses = [str(where[4][0]) for where in found]
    if not allow_private and not all(map(is_public, addresses)):
        raise WebhookError(f"the webhook's host {parsed.host} is not on the public internet")
    return addresses


def _connect(parsed: Url, addresses: list[str], until: float) -> HTTPConnection:
    """A connection to the first address that answers; its certificate must be that of the host's name.

    The time until then, on the monotonic clock, is shared among the addresses, so that a silent one leaves some.
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
            connection.timeout = TIMEOUT_S  # from here on the whole is timed
            return connection
    raise WebhookError(f"the webhook at {parsed.host} cannot be reached: {why}") from why


def _cut(connection: HTTPConnection) -> None:
    """End a connection from whose other side bytes come too slowly to ever end."""
    with suppress(OSError):  # it is closed already
        if connection.sock is not None:
            connection.sock.shutdown(socket.SHUT_RDWR)


def _left(until: float) -> float:
    return max(LEAST_S, until - time.monotonic())


def _port(parsed: Url) -> int:
    return parsed.port or PORTS[str(parsed.scheme)]
