"""Let a client that is answered while it still sends read the answer before the connection closes."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LINGER_S = 5.0
"""How long a refused body is read on and thrown away, so that the answer is read before the line is cut."""


class LingeringClose:
    """Lets a client that is answered while it still sends read the answer, and then cuts the line.

    A socket that is closed with unread bytes in it is reset, and the answer is lost with it
    (lingering close, RFC 9112, section 9.6).
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
