"""Routes of resumable uploads: tus 1.0.0 with creation, termination and expiration.

Source: https://tus.io/protocols/resumable-upload. Upload-Metadata is ignored.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from typing import Annotated, Any, BinaryIO

from fastapi import APIRouter, Header, Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from bopbot.service.errors import NotReadyError, ServiceError
from bopbot.service.http.exception_handlers import error_response
from bopbot.service.http.schemas import ErrorDetail
from bopbot.service.middleware.error_responses import retry_after
from bopbot.service.store.partial_uploads import Upload, Uploads

VERSION = "1.0.0"
EXTENSIONS = "creation,termination,expiration"
CHUNK_TYPE = "application/offset+octet-stream"
PATH = "/api/uploads"
BINARY = {"type": "string", "format": "binary"}


class NotResumableError(ServiceError):
    """The client uses another version of the protocol."""

    status = 412


class NotAChunkError(ServiceError):
    """The content type of the body is not that of a part of an upload."""

    status = 415


async def _receive(request: Request, file: BinaryIO, upload: Upload) -> None:
    """Append the body of a request, as far as it arrives, and flush it to the disk."""
    offset = file.tell()
    try:
        async for chunk in request.stream():
            offset += len(chunk)
            upload.check_fits(offset)
            await run_in_threadpool(file.write, chunk)
    except ClientDisconnect:
        pass
    finally:
        await run_in_threadpool(_settle, file)


def _settle(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


class _TusRoute(APIRoute):
    """A route that checks and sets the version header of the protocol."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        handle = super().get_route_handler()

        async def handle_tus(request: Request) -> Response:
            try:
                if request.method != "OPTIONS" and request.headers.get("tus-resumable") != VERSION:
                    raise NotResumableError(
                        f"send the header Tus-Resumable: {VERSION}; other versions are not supported"
                    )
                response = await handle(request)
            except ServiceError as error:
                response = error_response(error.status, str(error), {"Tus-Version": VERSION, **retry_after(error)})
            response.headers["Tus-Resumable"] = VERSION
            return response

        return handle_tus


TusVersion = Annotated[str | None, Header(description=f"{VERSION}, the version of the protocol")]


def _refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    meanings = {
        404: "The upload does not exist.",
        409: "The offset is not the end of the upload.",
        412: "The version of tus is not supported.",
        413: "The upload is larger than allowed or announced.",
        415: "The body is not a part of an upload.",
        423: "Another request writes to the upload.",
        507: "The server's disk is full.",
    }
    return {status: {"model": ErrorDetail, "description": meanings[status]} for status in statuses}


def router(uploads: Uploads) -> APIRouter:
    """Return the routes of the protocol below `PATH`."""
    routes = APIRouter(prefix=PATH, route_class=_TusRoute, tags=["resumable uploads"])

    @routes.options("", status_code=204, response_class=Response)
    @routes.options("/{upload_id}", status_code=204, response_class=Response)
    def capabilities() -> Response:
        """Return the supported version and extensions of the protocol."""
        headers = {"Tus-Version": VERSION, "Tus-Extension": EXTENSIONS, "Tus-Max-Size": str(uploads.most_bytes)}
        return Response(status_code=204, headers=headers)

    @routes.post("", status_code=201, response_class=Response, responses=_refusals(412, 413, 507))
    def create(
        request: Request, upload_length: Annotated[int, Header(ge=1)], tus_resumable: TusVersion = None
    ) -> Response:
        """Start an upload; the Location header of the response is where to send its parts."""
        upload_id = uploads.create(upload_length)
        location = f"{request.scope.get('root_path', '')}{PATH}/{upload_id}"
        return Response(status_code=201, headers={"Location": location, **expiry(uploads.find(upload_id))})

    @routes.head("/{upload_id}", response_class=Response, responses=_refusals(404, 412))
    def state(upload_id: str, tus_resumable: TusVersion = None) -> Response:
        """Return how much of an upload was received."""
        upload = uploads.find(upload_id)
        headers = {"Upload-Offset": str(upload.offset), "Upload-Length": str(upload.length)}
        return Response(headers={**headers, "Cache-Control": "no-store", **expiry(upload)})

    @routes.patch(
        "/{upload_id}",
        status_code=204,
        response_class=Response,
        responses=_refusals(404, 409, 412, 413, 415, 423, 507),
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {CHUNK_TYPE: {"schema": {"type": "string", "format": "binary"}}},
            },
        },
    )
    async def add(
        request: Request,
        upload_id: str,
        upload_offset: Annotated[int, Header(ge=0)],
        tus_resumable: TusVersion = None,
    ) -> Response:
        """Append a part to an upload. Bytes received before a connection broke are kept."""
        if request.headers.get("content-type") != CHUNK_TYPE:
            raise NotAChunkError(f"send parts as Content-Type: {CHUNK_TYPE}")
        upload = await run_in_threadpool(uploads.find, upload_id)
        with ExitStack() as held:
            file = await run_in_threadpool(held.enter_context, upload.locked())
            if upload_offset != file.tell():
                raise NotReadyError(f"the upload ends at {file.tell()}, not at {upload_offset}; continue from there")
            announced = int(request.headers.get("content-length", upload.length - upload_offset))
            upload.check_fits(upload_offset + announced)
            await run_in_threadpool(uploads.check_room, announced)
            await _receive(request, file, upload)
            headers = {"Upload-Offset": str(file.tell()), **await run_in_threadpool(expiry, upload)}
        return Response(status_code=204, headers=headers)

    @routes.delete("/{upload_id}", status_code=204, response_class=Response, responses=_refusals(404, 412))
    def remove(upload_id: str, tus_resumable: TusVersion = None) -> Response:
        """Delete an upload."""
        uploads.find(upload_id).path.unlink(missing_ok=True)
        return Response(status_code=204)

    def expiry(upload: Upload) -> dict[str, str]:
        return {"Upload-Expires": uploads.expires(upload)}

    return routes
