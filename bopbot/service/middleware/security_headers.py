"""Security headers of all responses.

Source of the choice: OWASP Secure Headers Project, https://owasp.org/www-project-secure-headers/.
"""

from __future__ import annotations

import re

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PAGES = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_PLAYER = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: blob:; media-src data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
POLICIES = (
    (re.compile(r"/docs"), _PAGES.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")),
    (re.compile(r"/api/jobs/[^/]+/takes/[^/]+/player\.html"), _PLAYER),
    (re.compile(r".*", re.DOTALL), _PAGES),
)
"""Content-Security-Policy by path; the first matching row applies. Swagger UI uses inline styles, and a player is one
self-contained file with an inline script, which may load nothing."""

STATIC = "/static/"
"""Files below this path are public; browsers may cache them, but must revalidate."""

_OFF = (
    "accelerometer display-capture geolocation gyroscope hid idle-detection magnetometer microphone midi payment "
    "screen-wake-lock serial usb xr-spatial-tracking"
)
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    # With no-referrer, browsers send "Origin: null" with the forms of this site.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": ", ".join(["camera=(self)", *(f"{feature}=()" for feature in _OFF.split())]),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class SecurityHeaders:
    """Middleware that adds the headers to every response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_wrapped(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_headers(scope["path"]))
            await send(message)

        await self._app(scope, receive, send_wrapped)


def _headers(path: str) -> dict[str, str]:
    policy = next(policy for paths, policy in POLICIES if paths.fullmatch(path))
    caching = {"Cache-Control": "no-cache"} if path.startswith(STATIC) else {"Cache-Control": "no-store"}
    robots = {} if path.startswith(STATIC) else {"X-Robots-Tag": "noindex"}
    return {**_ALWAYS, **caching, **robots, "Content-Security-Policy": policy}
