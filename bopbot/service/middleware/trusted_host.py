"""Check of the Host header."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from bopbot.service.errors import ServiceError
from bopbot.service.hosts import is_address


class UntrustedHostError(ServiceError):
    """The host name of a request is not allowed."""

    status = 400


class TrustedHost:
    """Middleware that rejects unknown host names, which protects against DNS rebinding."""

    def __init__(self, app: ASGIApp, allowed: Sequence[str]) -> None:
        self._app = app
        self._allowed = {host.strip("[]").lower() for host in allowed}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._goes_by(Headers(scope=scope).get("host", "")):
            raise UntrustedHostError(
                "this host name is not allowed; the operator of the service can allow it with --allow-host"
            )
        await self._app(scope, receive, send)

    def _goes_by(self, authority: str) -> bool:
        try:
            host = urlsplit(f"//{authority}").hostname or ""
        except ValueError:
            return False
        if host == "localhost" or is_address(host):  # DNS rebinding needs a name.
            return True
        parents = {f"*.{host.split('.', n)[n]}" for n in range(1, host.count(".") + 1)}
        return not self._allowed.isdisjoint({"*", host} | parents)
