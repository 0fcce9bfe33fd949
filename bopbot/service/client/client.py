"""The service from Python: send a video, wait, fetch the dance. Nothing heavy is needed on this side."""

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
from bopbot.service.client.transport import PASSING, AnswerError, Server, retry
from pose_vocab.errors import BopBotError, VideoError
from pose_vocab.files import write_beside

Json = dict[str, Any]
"""What the server answers, as it is described under its ``/docs``."""
PIECE_BYTES = 4 * 2**20
"""A video is sent in pieces of this size: so much is sent again where a connection breaks."""
TUS = {"Tus-Resumable": "1.0.0"}
"""The protocol of resumable uploads, https://tus.io/protocols/resumable-upload."""
STILL_WRITING = (409, 423)
"""Statuses of a piece that comes while the server still writes the one whose connection broke."""
OVER = ("done", "failed", "cancelled")
"""States that a take does not leave."""


def ignore_progress(sent: int, size: int) -> None:
    """Tell nobody how many bytes are sent."""


class Client:
    """The dances of one server.

    Where a connection breaks or the server is busy, it is asked again for half a minute and more.

    Parameters
    ----------
    url : of the server, like ``https://dance.example.org``.
    timeout_s : seconds without a byte after which a request is given up, or made again.

    Raises
    ------
    AnswerError : from each method: the server cannot be reached, is no BopBot server, or says no.
    """

    def __init__(self, url: str, timeout_s: float = 30.0) -> None:
        self._server = Server(url, timeout_s)

    def options(self) -> Json:
        """What may be wished for, and the server's limits. Asked only once: a wrong address is found out at once."""
        try:
            options = _json(self._server.ask_once("GET", "/api/options"))
        except AnswerError as error:
            if error.status not in (404, 405):
                raise
            options = {}
        if "limits" not in options:
            raise AnswerError(f"there is no BopBot server at {self._server.url}; see whether the address is right")
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
        """A job with all its takes."""
        return _json(self._server.ask("GET", f"/api/jobs/{job_id}"))

    def take(self, job_id: str, number: int = 1) -> Json:
        """One take of a job."""
        return _json(self._server.ask("GET", _path(job_id, number)))

    def events(self, job_id: str, number: int = 1) -> Iterator[tuple[str, Json]]:
        """What happens to a take, from its beginning until it is over: the kinds of events and their data.

        Where the connection breaks, it goes on after the last event.
        """
        stream = EventStream()
        while True:
            headers = {"Accept": "text/event-stream", "Last-Event-ID": stream.last_id or None}
            with self._server.ask("GET", f"{_path(job_id, number)}/events", headers=headers, stream=True) as answer:
                if answer.status_code == 204:
                    return
                with suppress(AnswerError):
                    for message in stream.read(self._server.pieces(answer, None)):
                        data = json.loads(message.data)
                        yield message.kind, data
                        if message.kind == "state" and data["state"] in OVER:
                            return
            sleep(stream.retry_s)

    def wait(self, job_id: str, number: int = 1, progress: Progress = silent) -> Json:
        """Wait for a take to be done, and give it.

        Raises
        ------
        BopBotError : it failed, in the words of the server, or it was cancelled.
        """
        for kind, data in self.events(job_id, number):
            if kind == "progress":
                progress(data["stage"], data["done"], data["total"])
            elif kind == "state":
                progress("waiting", int(data["state"] != "queued"), 1)
        take = self.take(job_id, number)
        if take["state"] != "done":
            raise BopBotError(take["error"] or f"the dance is not made: it was {take['state']}")
        return take

    def another_take(self, job_id: str, options: Mapping[str, object] | None = None) -> Json:
        """Ask for one more dance of the same dancer: the new take. Asked only once, lest two are made."""
        return _json(self._server.ask_once("POST", f"/api/jobs/{job_id}/takes", json=dict(options or {})))

    def report(self, job_id: str, number: int = 1) -> Json:
        """How a take came about."""
        return _json(self._server.ask("GET", f"{_path(job_id, number)}/report.json"))

    def fetch(self, job_id: str, number: int, name: str, path: str | Path) -> None:
        """Write one of a take's files, like ``dance.mp4`` or ``poses.npz``, to `path`.

        Raises
        ------
        OutputError : it cannot be written there.
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
        """Stop the work on a take."""
        return _json(self._server.ask("POST", f"{_path(job_id, number)}/cancel"))

    def delete(self, job_id: str) -> None:
        """Remove a job and all of its files from the server, if it is still there; work on it is stopped."""
        try:
            self._server.ask("DELETE", f"/api/jobs/{job_id}")
        except AnswerError as error:
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
            with suppress(AnswerError):
                self._server.ask_once("DELETE", path, headers=TUS)
            raise

    def _make(self, fields: Mapping[str, object]) -> Json:
        """The job of these fields; where somebody presses Ctrl-C while it is asked for, there is none in the end."""
        request: Json = {
            "files": {name: (None, _text(value)) for name, value in fields.items()},
            "headers": {"Idempotency-Key": str(uuid4())},
        }
        try:
            return _json(self._server.ask("POST", "/api/jobs", **request))
        except KeyboardInterrupt:
            with suppress(AnswerError):
                self.delete(_json(self._server.ask_once("POST", "/api/jobs", **request))["id"])
            raise

    def _send_piece(self, path: str, file: BinaryIO, size: int) -> int:
        """Send a piece from where the server says that the upload ends; where it ends then."""
        offset = int(self._server.ask_once("HEAD", path, headers=TUS).headers["Upload-Offset"])
        if offset >= size:
            return offset
        file.seek(offset)
        piece = file.read(PIECE_BYTES)
        if not piece:
            raise VideoError(f"{file.name} became shorter while it was sent; send it again")
        answer = self._server.ask_once(
            "PATCH",
            path,
            passing=(*PASSING, *STILL_WRITING),
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
        raise AnswerError(f"{answer.url} answers something else than a BopBot server; see whether the address is right")
    return said
