"""Protection against cross-site request forgery."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from bopbot.service.errors import ServiceError

HARMLESS = {"GET", "HEAD", "OPTIONS"}
"""Methods that change nothing."""


class CrossOriginError(ServiceError):
    """A page of another site sent the request."""

    status = 403


class CrossOriginCheck:
    """Middleware that rejects changes requested by pages of other sites (cross-site request forgery).

    Source: Fetch Metadata, https://www.w3.org/TR/fetch-metadata/. Older browsers, and pages without TLS, send an Origin
    header instead. Programs send neither.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in HARMLESS and _is_foreign(Headers(scope=scope)):
            raise CrossOriginError("a page of another site sent this request; use the page of this service")
        await self._app(scope, receive, send)


def _is_foreign(headers: Headers) -> bool:
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        return site not in ("same-origin", "none")
    return origin is not None and urlsplit(origin).netloc.lower() != headers.get("host", "").lower()
