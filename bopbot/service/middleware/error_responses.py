"""Errors as responses of one sentence: JSON for programs, plain text for browsers."""

from __future__ import annotations

import logging
import traceback

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bopbot.service.errors import ServiceError
from bopbot.service.middleware.access_log import path_for_log, without_ids

_LOGGER = logging.getLogger("bopbot.service")


class ErrorResponses:
    """Middleware that answers a ServiceError with its status and message, and other errors with 500 and a log entry."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False
        held: list[Message] = []

        async def send_wrapped(message: Message) -> None:
            nonlocal started
            # Starlette sends a response of its own with status 500 before it raises the exception again.
            if held or message.get("status") == 500:
                held.append(message)
                return
            started = True
            await send(message)

        try:
            await self._app(scope, receive, send_wrapped)
        except ClientDisconnect:
            return
        except Exception as error:
            answer = _answer(scope, error)
            if not started:
                await answer(scope, receive, send)
            return
        for message in held:
            await send(message)


def retry_after(error: ServiceError) -> dict[str, str]:
    """Return the Retry-After header of an error, if it has one."""
    return {} if error.retry_after_s is None else {"Retry-After": str(error.retry_after_s)}


def _answer(scope: Scope, error: Exception) -> Response:
    if isinstance(error, ServiceError):
        status, message, headers = error.status, str(error), retry_after(error)
    else:
        trace = without_ids("".join(traceback.format_exception(error)))
        _LOGGER.error("%s %s failed\n%s", scope["method"], path_for_log(scope), trace)
        status, message, headers = 500, "something went wrong in the service; the reason is in its log", {}
    if "text/html" in Headers(scope=scope).get("accept", ""):
        return PlainTextResponse(message, status, headers)
    return JSONResponse({"detail": message}, status, headers)
