"""How a refusal leaves over HTTP: the status of its kind, and one sentence that says what would work."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from bopbot.service.errors import ServiceError
from bopbot.service.http.schemas import ErrorDetail
from bopbot.service.middleware.error_responses import retry_after
from pose_vocab.errors import BopBotError

MEANINGS = {
    400: "The service does not go by that host name.",
    403: "The page of another site made a browser ask.",
    404: "There is no such job or take; it may have expired.",
    408: "The upload stood still, or was too slow.",
    409: "It cannot be done yet, or not any more.",
    413: "More bytes than are taken.",
    422: "A field says what cannot be.",
    429: "Too many requests from this address.",
    503: "Too much waits already.",
    507: "There is no room on the server's disk.",
}
"""What each status says in the API's documentation."""
METHODS = ("GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS")
WAITS = (429, 503, 507)
"""Those that may say when asking again helps."""


def error_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The refusals of an endpoint, for its documentation."""
    retry = {
        "Retry-After": {"description": "Seconds after which asking again may help.", "schema": {"type": "integer"}}
    }
    return {
        status: {
            "model": ErrorDetail,
            "description": MEANINGS[status],
            **({"headers": retry} if status in WAITS else {}),
        }
        for status in statuses
    }


def register_exception_handlers(app: FastAPI) -> None:
    """Let every error of an app leave as a `Refusal`."""

    @app.exception_handler(ServiceError)
    def on_service_error(request: Request, error: ServiceError) -> JSONResponse:
        return error_response(error.status, str(error), retry_after(error))

    @app.exception_handler(BopBotError)
    def on_our_error(request: Request, error: BopBotError) -> JSONResponse:
        return error_response(400, str(error))

    @app.exception_handler(RequestValidationError)
    def on_bad_request(request: Request, error: RequestValidationError) -> JSONResponse:
        return error_response(422, validation_message(error))

    @app.exception_handler(HTTPException)
    def on_http_error(request: Request, error: HTTPException) -> JSONResponse:
        if error.status_code == 405:
            allowed = ", ".join(_allowed(request))
            return error_response(
                405, f"{request.method} is not taken at this address; {allowed} is", {"Allow": allowed}
            )
        if error.status_code == 404:
            return error_response(404, "there is nothing at this address; /docs names all that there is")
        return error_response(error.status_code, str(error.detail), error.headers)


def error_response(status: int, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The answer to what is not done."""
    return JSONResponse(ErrorDetail(detail=detail).model_dump(), status, headers)


def validation_message(error: RequestValidationError | ValidationError) -> str:
    """The first thing that is wrong with fields: which one, its value, and what would work."""
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"] if part not in ("body", "query", "path", "header")) or "the body"
    what = first["msg"][:1].lower() + first["msg"][1:]
    match first["type"]:
        case "missing":
            return f"{name} is missing"
        case "extra_forbidden":
            return f"there is no field {reprlib.repr(name)}"
        case "json_invalid":
            return f"the body is no JSON: {first['ctx']['error'].lower()}"
        case _:
            return f"{name} cannot be {reprlib.repr(first['input'])}: {what.replace('input should', 'it should')}"


def _allowed(request: Request) -> list[str]:
    """The methods that some route takes at an address; Starlette itself names those of the first route alone."""
    asked = [{**request.scope, "method": method} for method in METHODS]
    return [
        scope["method"]
        for scope in asked
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.router.routes)
    ]
