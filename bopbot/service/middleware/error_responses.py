"""What went wrong, said in one sentence: JSON for programs, plain text for people."""

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
    """Answers what is raised: a ServiceError by its status and sentence, all else by 500 and a line in the log."""

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
            # Starlette answers 500 in its own words before it passes an exception on.
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
    """The header that says when asking again may help, where that is known."""
    return {} if error.retry_after_s is None else {"Retry-After": str(error.retry_after_s)}


def _answer(scope: Scope, error: Exception) -> Response:
    if isinstance(error, ServiceError):
        status, validation_message, headers = error.status, str(error), retry_after(error)
    else:
        story = without_ids("".join(traceback.format_exception(error)))
        _LOGGER.error("%s %s failed\n%s", scope["method"], path_for_log(scope), story)
        status, validation_message, headers = 500, "something went wrong in the service; its log says what", {}
    if "text/html" in Headers(scope=scope).get("accept", ""):
        return PlainTextResponse(validation_message, status, headers)
    return JSONResponse({"detail": validation_message}, status, headers)
