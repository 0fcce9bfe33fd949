"""A log line for each request, without ids, addresses or file names."""

from __future__ import annotations

import logging
import re
import time
from urllib.parse import quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONGEST_PATH = 200
"""Most characters of a path in the log."""

_LOGGER = logging.getLogger("bopbot.access")
_IDS = re.compile(r"[\w-]{22,}", re.ASCII)


class AccessLog:
    """Middleware that logs method, path without ids, status and milliseconds."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = "-"

        async def send_wrapped(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        begun_s = time.perf_counter()
        try:
            await self._app(scope, receive, send_wrapped)
        finally:
            spent_ms = 1000 * (time.perf_counter() - begun_s)
            _LOGGER.info("%s %s %s %.0f ms", scope["method"], path_for_log(scope), status, spent_ms)


def path_for_log(scope: Scope) -> str:
    """Return the requested path on one line, with a star for every id."""
    return quote(without_ids(scope["path"]), safe="/*")[:LONGEST_PATH]


def without_ids(text: str) -> str:
    """Return the text with a star for everything that may be or contain an id."""
    return _IDS.sub("*", text)
