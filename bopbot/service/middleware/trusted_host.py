"""Refuse requests under a host name that is not the service's own."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from bopbot.service.errors import ServiceError
from bopbot.service.hosts import is_address


class UntrustedHostError(ServiceError):
    """The service does not go by that name."""

    status = 400


class TrustedHost:
    """Refuses requests under a foreign name: whoever rebinds their own name to our address gets nothing."""

    def __init__(self, app: ASGIApp, allowed: Sequence[str]) -> None:
        self._app = app
        self._allowed = {host.strip("[]").lower() for host in allowed}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._goes_by(Headers(scope=scope).get("host", "")):
            raise UntrustedHostError("this service does not go by that host name; its operator can allow it")
        await self._app(scope, receive, send)

    def _goes_by(self, authority: str) -> bool:
        try:
            host = urlsplit(f"//{authority}").hostname or ""
        except ValueError:
            return False
        if host == "localhost" or is_address(host):  # Nobody can make a name of their own look like these.
            return True
        parents = {f"*.{host.split('.', n)[n]}" for n in range(1, host.count(".") + 1)}
        return not self._allowed.isdisjoint({"*", host} | parents)
