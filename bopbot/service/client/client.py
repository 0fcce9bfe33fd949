"""A Python client of the service: send a video, wait, fetch the dance. It needs no heavy library."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from time import sleep
from typing import Any, BinaryIO
from uuid import uuid4

import requests

from bopbot.progress import Progress, silent
from bopbot.service.client.event_stream import EventStream
from bopbot.service.client.transport import TRANSIENT, ResponseError, Server, retry
from pose_vocab.errors import BopBotError, VideoError
from pose_vocab.files import write_beside

Json = dict[str, Any]
"""A response of the server, documented under its ``/docs``."""
PIECE_BYTES = 4 * 2**20
"""Size of the pieces in which a video is sent; after a lost connection at most one is sent again."""
TUS = {"Tus-Resumable": "1.0.0"}
"""The protocol of resumable uploads, https://tus.io/protocols/resumable-upload."""
STILL_WRITING = (409, 423)
"""Status codes of a piece while the server still writes an earlier one, whose connection was lost."""
OVER = ("done", "failed", "cancelled")
"""Final states of a take."""


def ignore_progress(sent: int, size: int) -> None:
    """Ignore the number of sent bytes."""


class Client:
    """A client of one server.

    When a connection is lost or the server is busy, requests are repeated for at least half a minute.

    Parameters
    ----------
    url : address of the server, like ``https://dance.example.org``.
    timeout_s : seconds without a byte after which a request has failed.

    Raises
    ------
    ResponseError : from each method: the server cannot be reached, is no BopBot server, or rejects the request.
    """

    def __init__(self, url: str, timeout_s: float = 30.0) -> None:
        self._server = Server(url, timeout_s)

    def options(self) -> Json:
        """Return options, defaults and limits of the server. It is not repeated, so that a wrong address fails soon."""
        try:
            options = _json(self._server.ask_once("GET", "/api/options"))
        except ResponseError as error:
            if error.status not in (404, 405):
                raise
            options = {}
        if "limits" not in options:
            raise ResponseError(f"there is no BopBot server at {self._server.url}; check the address")
        return options

    def send(
        self,
        video: str | Path,
        dancer: Mapping[str, object] | None = None,
        options: Mapping[str, object] | None = None,
        *,
        told: Callable[[int, int], None] = ignore_progress,
    ) -> Json:
        """Send a video and ask for a dance, its take 1: the new job.

        Parameters
        ----------
        video : the file; its name stays here.
        dancer, wish : fields of `bopbot.service.options.DancerOptions` and `TakeOptions` that shall not be the default.
        told : called with the bytes sent and those in all.

        Raises
        ------
        VideoError : the file cannot be read, or is empty.
        """
        try:
            with Path(video).open("rb") as file:
                self.options()
                return self._send(file, {**(dancer or {}), **(options or {})}, told)
        except OSError as error:
            raise VideoError(f"cannot read {video}: {error.strerror or error}") from error

    def job(self, job_id: str) -> Json:
        """Return a job with all its takes."""
        return _json(self._server.ask("GET", f"/api/jobs/{job_id}"))

    def take(self, job_id: str, number: int = 1) -> Json:
        """Return one take of a job."""
        return _json(self._server.ask("GET", _path(job_id, number)))

    def events(self, job_id: str, number: int = 1) -> Iterator[tuple[str, Json]]:
        """Yield kind and data of each event of a take until it is over; resume after a lost connection."""
        stream = EventStream()
        while True:
            headers = {"Accept": "text/event-stream", "Last-Event-ID": stream.last_id or None}
            with self._server.ask("GET", f"{_path(job_id, number)}/events", headers=headers, stream=True) as answer:
                if answer.status_code == 204:
                    return
                with suppress(ResponseError):
                    for message in stream.read(self._server.pieces(answer, None)):
                        data = json.loads(message.data)
                        yield message.kind, data
                        if message.kind == "state" and data["state"] in OVER:
                            return
            sleep(stream.retry_s)

    def wait(self, job_id: str, number: int = 1, progress: Progress = silent) -> Json:
        """Wait until a take is done; return it.

        Raises
        ------
        BopBotError : the take failed, with the message of the server, or was cancelled.
        """
        for kind, data in self.events(job_id, number):
            if kind == "progress":
                progress(data["stage"], data["done"], data["total"])
            elif kind == "state":
                progress("waiting", int(data["state"] != "queued"), 1)
        take = self.take(job_id, number)
        if take["state"] != "done":
            raise BopBotError(take["error"] or f"there is no dance: the take was {take['state']}")
        return take

    def another_take(self, job_id: str, options: Mapping[str, object] | None = None) -> Json:
        """Request another take of the same dancer; return it. It is not repeated, as that could make two takes."""
        return _json(self._server.ask_once("POST", f"/api/jobs/{job_id}/takes", json=dict(options or {})))

    def report(self, job_id: str, number: int = 1) -> Json:
        """Return the report of a take."""
        return _json(self._server.ask("GET", f"{_path(job_id, number)}/report.json"))

    def fetch(self, job_id: str, number: int, name: str, path: str | Path) -> None:
        """Download a file of a take, like ``dance.mp4`` or ``poses.npz``, to `path`.

        Raises
        ------
        OutputError : `path` cannot be written.
        """

        def download() -> None:
            with (
                self._server.ask_once("GET", f"{_path(job_id, number)}/{name}", stream=True) as answer,
                write_beside(path) as beside,
                beside.open("wb") as file,
            ):
                for piece in self._server.pieces(answer):
                    file.write(piece)

        retry(download)

    def cancel(self, job_id: str, number: int = 1) -> Json:
        """Cancel a take; return it."""
        return _json(self._server.ask("POST", f"{_path(job_id, number)}/cancel"))

    def delete(self, job_id: str) -> None:
        """Delete a job and all of its files from the server, if it still exists; work on it stops."""
        try:
            self._server.ask("DELETE", f"/api/jobs/{job_id}")
        except ResponseError as error:
            if error.status != 404:
                raise

    def _send(self, file: BinaryIO, fields: Mapping[str, object], told: Callable[[int, int], None]) -> Json:
        size = file.seek(0, 2)
        if not size:
            raise VideoError(f"{file.name} is empty; send a video")
        made = self._server.ask("POST", "/api/uploads", headers={**TUS, "Upload-Length": str(size)})
        upload = made.headers.get("Location", "").rpartition("/")[2]
        path = f"/api/uploads/{upload}"
        try:
            sent = 0
            while sent < size:
                told(sent, size)
                sent = retry(partial(self._send_piece, path, file, size))
            told(size, size)
            return self._make({"upload": upload, **fields})
        except BaseException:
            with suppress(ResponseError):
                self._server.ask_once("DELETE", path, headers=TUS)
            raise

    def _make(self, fields: Mapping[str, object]) -> Json:
        """Create the job and return it; after Ctrl-C meanwhile it is deleted again."""
        request: Json = {
            "files": {name: (None, _text(value)) for name, value in fields.items()},
            "headers": {"Idempotency-Key": str(uuid4())},
        }
        try:
            return _json(self._server.ask("POST", "/api/jobs", **request))
        except KeyboardInterrupt:
            with suppress(ResponseError):
                self.delete(_json(self._server.ask_once("POST", "/api/jobs", **request))["id"])
            raise

    def _send_piece(self, path: str, file: BinaryIO, size: int) -> int:
        """Send a piece from the offset that the server reports; return the new offset."""
        offset = int(self._server.ask_once("HEAD", path, headers=TUS).headers["Upload-Offset"])
        if offset >= size:
            return offset
        file.seek(offset)
        piece = file.read(PIECE_BYTES)
        if not piece:
            raise VideoError(f"{file.name} was truncated while it was sent; send it again")
        answer = self._server.ask_once(
            "PATCH",
            path,
            transient=(*TRANSIENT, *STILL_WRITING),
            data=piece,
            headers={**TUS, "Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"},
        )
        return int(answer.headers["Upload-Offset"])


def _path(job_id: str, number: int) -> str:
    return f"/api/jobs/{job_id}/takes/{number}"


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _json(answer: requests.Response) -> Json:
    try:
        said = answer.json()
    except requests.JSONDecodeError:
        said = None
    if not isinstance(said, dict):
        raise ResponseError(f"the response of {answer.url} is not from a BopBot server; check the address")
    return said
