"""Delayed close of a connection whose response was sent before the whole body was received."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LINGER_S = 5.0
"""Longest time for which the rest of a rejected body is read and discarded."""


class LingeringClose:
    """Middleware that lets a client read an early response, and then closes the connection.

    A socket that is closed with unread bytes is reset, and the response is lost with it (RFC 9112, section 9.6).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        if "transfer-encoding" not in headers and headers.get("content-length", "0") == "0":
            await self._app(scope, receive, send)
            return
        whole = False

        async def receive_wrapped() -> Message:
            nonlocal whole
            message = await receive()
            whole = not message.get("more_body", False)
            return message

        async def send_wrapped(message: Message) -> None:
            if not whole and message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Connection"] = "close"
            if whole or message["type"] == "http.response.start" or message.get("more_body", False):
                await send(message)
                return
            await send({**message, "more_body": True})
            with suppress(TimeoutError):
                async with asyncio.timeout(LINGER_S):
                    while not whole:
                        await receive_wrapped()
            await send({"type": "http.response.body"})

        await self._app(scope, receive_wrapped, send_wrapped)
