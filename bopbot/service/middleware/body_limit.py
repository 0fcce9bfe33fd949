"""What is sent to us: no more of it, and no slower, than agreed; and how to stop somebody who goes on."""

from __future__ import annotations

import asyncio
import re

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bopbot.service.errors import ServiceError, TooLargeError
from bopbot.service.limits import Limits

FIELDS_BYTES = 64 * 1024
"""Of everything in a request that is not a video."""
IDLE_S = 30.0
"""Longest time without a byte."""
SLOWEST_BYTES_S = 1024
"""Pace that a body must keep on the whole."""

_WITH_VIDEO = re.compile(r"POST (/|/api/jobs)|PATCH /api/uploads/[^/]+")
_GONE: Message = {"type": "http.disconnect"}


class TooSlowError(ServiceError):
    """The body stands still, or crawls."""

    status = 408


class BodyLimit:
    """Refuses bodies that are too large, by what they say of themselves or as they come, and too slow ones.

    To the application, a refused client has left.
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
    """A body on its way in."""

    def __init__(self, receive: Receive, send: Send, most_bytes: int) -> None:
        self.error_response: ServiceError | None = None
        self._receive, self._send = receive, send
        self._most_bytes = most_bytes
        self._begun_s = asyncio.get_running_loop().time()
        self._bytes = 0
        self._whole = False

    def check(self, n_bytes: int) -> None:
        """Raises TooLargeError for so many."""
        if n_bytes > self._most_bytes:
            allowed = (
                f"{self._most_bytes / 2**20:.0f} MiB" if self._most_bytes >= 2**20 else f"{self._most_bytes} bytes"
            )
            raise TooLargeError(f"that is too large; at most {allowed} are taken")

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
            self.error_response = TooSlowError("the upload stood still or was too slow; try again on a better line")
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
