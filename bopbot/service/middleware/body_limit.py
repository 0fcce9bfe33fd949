"""Limits on the size of request bodies, and on the time that they may take."""

from __future__ import annotations

import asyncio
import re

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bopbot.service.errors import ServiceError, TooLargeError
from bopbot.service.limits import Limits

FIELDS_BYTES = 64 * 1024
"""Largest size of everything in a body that is not a video."""
IDLE_S = 30.0
"""Longest time without a byte."""
SLOWEST_BYTES_S = 1024
"""Lowest average rate of a body, in bytes per second."""

_WITH_VIDEO = re.compile(r"POST (/|/api/jobs)|PATCH /api/uploads/[^/]+")
_GONE: Message = {"type": "http.disconnect"}


class TooSlowError(ServiceError):
    """The body stalled or arrived too slowly."""

    status = 408


class BodyLimit:
    """Middleware that rejects bodies that are too large, as announced or as received, or too slow.

    The application sees the client of a rejected body as disconnected.
    """

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._upload_bytes = limits.upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with_video = _WITH_VIDEO.fullmatch(f"{scope['method']} {scope['path']}")
        body = _Body(receive, send, FIELDS_BYTES + (self._upload_bytes if with_video else 0))
        body.check(int(Headers(scope=scope).get("content-length", 0)))
        try:
            await self._app(scope, body.receive, body.send)
        except Exception:
            if body.error_response is None:
                raise
        if body.error_response is not None:
            raise body.error_response


class _Body:
    """A body that is being received."""

    def __init__(self, receive: Receive, send: Send, most_bytes: int) -> None:
        self.error_response: ServiceError | None = None
        self._receive, self._send = receive, send
        self._most_bytes = most_bytes
        self._begun_s = asyncio.get_running_loop().time()
        self._bytes = 0
        self._whole = False

    def check(self, n_bytes: int) -> None:
        """Raise TooLargeError if `n_bytes` exceed the limit."""
        if n_bytes > self._most_bytes:
            allowed = (
                f"{self._most_bytes / 2**20:.0f} MiB" if self._most_bytes >= 2**20 else f"{self._most_bytes} bytes"
            )
            raise TooLargeError(f"that is too large; this server accepts at most {allowed}")

    async def receive(self) -> Message:
        if self._whole:
            return await self._receive()
        if self.error_response is not None:
            return _GONE
        try:
            async with asyncio.timeout_at(self._due_s()):
                message = await self._receive()
            self._bytes += len(message.get("body", b""))
            self.check(self._bytes)
        except TimeoutError:
            self.error_response = TooSlowError("the upload stalled or was too slow; try again with a better connection")
            return _GONE
        except TooLargeError as error:
            self.error_response = error
            return _GONE
        self._whole = not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        if self.error_response is None:
            await self._send(message)

    def _due_s(self) -> float:
        now_s = asyncio.get_running_loop().time()
        return IDLE_S + min(now_s, self._begun_s + self._bytes / SLOWEST_BYTES_S)
