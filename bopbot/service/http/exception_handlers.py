"""Errors as HTTP responses: the status of the error, and one sentence that says what would work."""

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
    400: "The host name is not allowed.",
    403: "A page of another site sent the request.",
    404: "The job or take does not exist; it may have expired.",
    408: "The upload stalled or was too slow.",
    409: "This is not possible yet, or not any more.",
    413: "The body is too large.",
    422: "A field has an invalid value.",
    429: "Too many requests from this address.",
    503: "The queue is full.",
    507: "The server's disk is full.",
}
"""Descriptions of the status codes in the documentation of the API."""
METHODS = ("GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS")
RETRYABLE = (429, 503, 507)
"""Status codes that may come with Retry-After."""


def error_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the error responses of an endpoint, for its documentation."""
    retry = {"Retry-After": {"description": "Seconds after which a retry may succeed.", "schema": {"type": "integer"}}}
    return {
        status: {
            "model": ErrorDetail,
            "description": MEANINGS[status],
            **({"headers": retry} if status in RETRYABLE else {}),
        }
        for status in statuses
    }


def register_exception_handlers(app: FastAPI) -> None:
    """Make an application answer every error with an `ErrorDetail`."""

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
            return error_response(405, f"this path does not accept {request.method}; use {allowed}", {"Allow": allowed})
        if error.status_code == 404:
            return error_response(404, "this path does not exist; /docs lists all paths")
        return error_response(error.status_code, str(error.detail), error.headers)


def error_response(status: int, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return an error response."""
    return JSONResponse(ErrorDetail(detail=detail).model_dump(), status, headers)


def validation_message(error: RequestValidationError | ValidationError) -> str:
    """Return the first invalid field as a sentence: its name, its value, and what would be valid."""
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"] if part not in ("body", "query", "path", "header")) or "the body"
    what = first["msg"][:1].lower() + first["msg"][1:]
    match first["type"]:
        case "missing":
            return f"{name} is missing"
        case "extra_forbidden":
            return f"there is no field {reprlib.repr(name)}"
        case "json_invalid":
            return f"the body is not valid JSON: {first['ctx']['error'].lower()}"
        case _:
            return f"{name} cannot be {reprlib.repr(first['input'])}: {what.replace('input should', 'it should')}"


def _allowed(request: Request) -> list[str]:
    """Return the methods that any route accepts at a path; Starlette returns only those of the first route."""
    scopes = [{**request.scope, "method": method} for method in METHODS]
    return [
        scope["method"]
        for scope in scopes
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.router.routes)
    ]
