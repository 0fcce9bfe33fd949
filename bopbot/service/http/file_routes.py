"""Routes of the files of a job and its takes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from limits import RateLimitItemPerHour
from starlette.concurrency import run_in_threadpool

from bopbot.service.errors import BusyError, NoSuchJobError, NotReadyError
from bopbot.service.http.exception_handlers import error_responses
from bopbot.service.http.path_params import JobId, Number
from bopbot.service.middleware.rate_limit import RateCounter
from bopbot.service.store.file_names import ABOUT, DANCE, FILM, GIF, KEYPOINTS, PLAYER, POSES, POSES_JSON, UPLOAD
from bopbot.service.store.store import Store

GIF_S = 60.0
"""Longest time that a request waits for a GIF."""
GIF_POLL_S = 0.5
"""Interval at which it checks for the file."""
GIFS = RateLimitItemPerHour(300)
"""New GIFs that one address may request."""
UNKNOWN = "application/octet-stream"
"""The media type of unknown content."""


@dataclass(frozen=True)
class Result:
    """A file in the folder of a take."""

    name: str
    media_type: str
    title: str


RESULTS = (
    Result(FILM, "video/mp4", "The dance as a film"),
    Result(POSES, UNKNOWN, "The dance as poses, in BopBot's own format"),
    Result(POSES_JSON, "application/json", "The dance as poses"),
    Result(PLAYER, "text/html", "The dance as a page that plays it"),
)
"""The files of a finished take."""


def _words(made: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in made.items() if name != "report"}


FROM_DANCE: dict[str, tuple[str, type[Response], Callable[[dict[str, Any]], Any]]] = {
    "words.txt": (
        "The words of the dance, one a line",
        PlainTextResponse,
        lambda made: "\n".join(made["words"]) + "\n",
    ),
    "words.json": ("The words of the dance, words per row and per second", JSONResponse, _words),
    "report.json": ("How the dance was made, with measurements", JSONResponse, lambda made: made["report"]),
}
"""Responses derived from `DANCE`: name -> title, class of response, and a function that returns its content."""

Download = Annotated[bool, Query(description="Ask the browser to save the file instead of showing it.")]


def router(store: Store) -> APIRouter:
    """Return the routes of all files."""
    jobs, storage, queue = store.jobs, store.storage, store.queue
    routes = APIRouter(prefix="/api/jobs/{job_id}", tags=["results"])
    counter = RateCounter()

    def done(job_id: str, number: int) -> Path:
        """Return the folder of a finished take."""
        take = jobs.take(job_id, number)
        if take.state != "done":
            raise NotReadyError(_why_not(take.state))
        return storage.take(job_id, number)

    def add_file(result: Result) -> None:
        @routes.get(
            f"/takes/{{number}}/{result.name}",
            summary=result.title,
            name=result.name,
            response_class=FileResponse,
            responses=_file_of(result.media_type),
        )
        def fetch(job_id: JobId, number: Number, download: Download = False) -> FileResponse:
            return _file(
                done(job_id, number) / result.name, result.media_type, _saved_as(result.name, number, download)
            )

    def add_derived(name: str, title: str, kind: type[Response], derive: Callable[[dict[str, Any]], Any]) -> None:
        @routes.get(
            f"/takes/{{number}}/{name}",
            summary=title,
            name=name,
            response_class=Response,
            responses={200: {"content": {str(kind.media_type): {}}}, **error_responses(404, 409)},
        )
        def fetch(job_id: JobId, number: Number, download: Download = False) -> Response:
            with _existing():
                made = json.loads((done(job_id, number) / DANCE).read_bytes())
            saved_as = _saved_as(name, number, download)
            headers = {} if saved_as is None else {"Content-Disposition": f'attachment; filename="{saved_as}"'}
            return kind(derive(made), headers=headers)

    for result in RESULTS:
        add_file(result)
    for name, row in FROM_DANCE.items():
        add_derived(name, *row)

    @routes.get(
        f"/takes/{{number}}/{GIF}",
        summary="The dance as a GIF, made at the first request",
        response_class=FileResponse,
        responses={**_file_of("image/gif"), **error_responses(503)},
    )
    async def gif(request: Request, job_id: JobId, number: Number, download: Download = False) -> FileResponse:
        path = await run_in_threadpool(done, job_id, number) / GIF

        def is_ready() -> bool:
            if not path.exists() and queue.gif_failed(job_id, number):
                raise NotReadyError("the GIF of this take could not be made; fetch dance.mp4 instead")
            return path.exists() or not path.parent.exists()

        if not await run_in_threadpool(path.exists):
            counter.count(GIFS, "gif", request.scope, "GIFs an hour")
            await run_in_threadpool(queue.put_gif, job_id, number)
            await _until(is_ready, request)
        return await run_in_threadpool(_file, path, "image/gif", _saved_as(GIF, number, download))

    @routes.get(
        "/keypoints.json",
        summary="The keypoints that were seen in the video",
        response_class=FileResponse,
        responses=_file_of("application/json"),
    )
    def keypoints(job_id: JobId) -> FileResponse:
        jobs.check(job_id)
        path = storage.folder(job_id) / KEYPOINTS
        if path.parent.exists() and not path.exists():
            raise NotReadyError("the dancer of this video is not found yet; the events of its first take report when")
        return _file(path, "application/json")

    @routes.get(
        "/video",
        summary="The video as it was uploaded",
        response_class=FileResponse,
        responses=_file_of("video/*", UNKNOWN),
    )
    def video(job_id: JobId) -> FileResponse:
        jobs.check(job_id)
        folder = storage.folder(job_id)
        return _file(folder / UPLOAD, _media_type(folder / ABOUT))

    return routes


async def _until(is_ready: Callable[[], bool], request: Request) -> None:
    """Wait for a GIF until `GIF_S` has passed or the client disconnects."""
    loop = asyncio.get_running_loop()
    due_s = loop.time() + GIF_S
    while not await run_in_threadpool(is_ready):
        if loop.time() > due_s or await request.is_disconnected():
            raise BusyError("the GIF is not ready yet; try again in a moment", retry_after_s=5)
        await asyncio.sleep(GIF_POLL_S)


def _file(path: Path, media_type: str, saved_as: str | None = None) -> FileResponse:
    with _existing():
        return FileResponse(path, media_type=media_type, filename=saved_as, stat_result=path.stat())


@contextmanager
def _existing() -> Iterator[None]:
    """Raise NoSuchJobError for a missing file, as a job can be deleted at any time."""
    try:
        yield
    except FileNotFoundError as error:
        raise NoSuchJobError("this file does not exist any more; the job was deleted") from error


def _saved_as(name: str, number: int, download: bool) -> str | None:
    stem, suffix = name.split(".")
    return f"{stem}-{number}.{suffix}" if download else None


def _why_not(state: str) -> str:
    if state in ("failed", "cancelled"):
        return f"the state of this take is {state}, so it has no files; request another take"
    return f"this take is {state}; its events report when it is done"


def _media_type(about: Path) -> str:
    """Return the media type of the upload, `UNKNOWN` until it has been checked to be a video."""
    media_type = ""
    with suppress(FileNotFoundError):
        media_type = str(json.loads(about.read_bytes())["media_type"])
    return media_type if media_type.startswith("video/") else UNKNOWN


def _file_of(*media_types: str) -> dict[int | str, dict[str, Any]]:
    binary = {"type": "string", "format": "binary"}
    content = {kind: {"schema": {} if kind == "application/json" else binary} for kind in media_types}
    return {
        200: {"description": "The file.", "content": content},
        206: {"description": "The part of the file that a Range header requests.", "content": content},
        416: {"description": "The requested range is outside the file."},
        **error_responses(404, 409),
    }
