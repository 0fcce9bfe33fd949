"""How an upload becomes a job: its bytes are on the disk and its row in the database before anybody is told so."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from fastapi import Request
from pydantic import Field, ValidationError
from starlette.concurrency import run_in_threadpool

from bopbot.service.errors import BusyError, FullError, InvalidOptionsError, NoSuchJobError
from bopbot.service.http.exception_handlers import validation_message
from bopbot.service.http.multipart_stream import VIDEO, MultipartForm
from bopbot.service.options import DancerOptions, TakeOptions
from bopbot.service.store.job import new_id
from bopbot.service.store.partial_uploads import UploadLockedError, Uploads
from bopbot.service.store.store import Store
from bopbot.service.webhook import LONGEST_URL, check_webhook

RECEIVING = ".receiving."
"""How the folder of an upload begins while it comes in; no job is called so, so it goes with the strays."""
LOCKED_S = 5.0
"""How long a request waits for another one that has the same resumable upload."""
LOCKED_POLL_S = 0.25
"""How often it is looked at meanwhile."""


class JobOptions(DancerOptions, TakeOptions):
    """The fields of an upload beside its video."""

    upload: Annotated[
        str,
        Field(
            description="Instead of a video: the id of a whole resumable upload.", json_schema_extra={"minLength": 1}
        ),
    ] = ""
    webhook: Annotated[
        str, Field(max_length=LONGEST_URL, description="A public URL that is posted to when a take is over.")
    ] = ""

    @property
    def of_dancer(self) -> DancerOptions:
        return DancerOptions.model_validate(self.model_dump(include=set(DancerOptions.model_fields)))

    @property
    def of_take(self) -> TakeOptions:
        return TakeOptions.model_validate(self.model_dump(include=set(TakeOptions.model_fields)))


class UploadIntake:
    """Takes in what the page and the API are sent.

    Parameters
    ----------
    told : called for each new job.
    webhooks_to_private : whether webhooks may call addresses of the own network.
    """

    def __init__(
        self,
        store: Store,
        uploads: Uploads,
        count_job: Callable[[], None],
        *,
        webhooks_to_private: bool = False,
    ) -> None:
        self._store = store
        self._uploads = uploads
        self._count_job = count_job
        self._webhooks_to_private = webhooks_to_private

    async def receive(self, request: Request, key: str | None = None) -> tuple[str, bool]:
        """Make a job of a multipart form.

        Parameters
        ----------
        key : the same request sent again under the same key finds the job that it made the first time.

        Returns
        -------
        The id of the job, and whether it is new.

        Raises
        ------
        InvalidOptionsError : a field says what cannot be, or there is no video.
        BusyError, FullError : too much waits, or there is no room; found out before the video is read, but with a
            key, as the job may be there already, the queue is looked at after it.
        NoSuchJobError, NotReadyError : the resumable upload is not there, or not whole.
        """
        announced = int(request.headers.get("content-length", self._uploads.most_bytes))
        if key is None:
            await run_in_threadpool(self._store.jobs.check_queue)
        await run_in_threadpool(self._store.storage.check_room, announced)
        folder = await run_in_threadpool(tempfile.mkdtemp, prefix=RECEIVING, dir=self._store.storage.jobs)
        try:
            form = await _read(request, Path(folder))
            return await self._keep_when_free(form, key)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise FullError("the server's disk is full; try again later", retry_after_s=3600) from error
            raise
        finally:
            await run_in_threadpool(shutil.rmtree, folder, ignore_errors=True)

    async def _keep_when_free(self, form: MultipartForm, key: str | None) -> tuple[str, bool]:
        clock = asyncio.get_running_loop().time
        due_s = clock() + LOCKED_S
        while True:
            try:
                return await run_in_threadpool(self._keep, form, key)
            except UploadLockedError as error:
                if clock() > due_s:
                    raise BusyError("another request still has this upload; try again", retry_after_s=2) from error
            await asyncio.sleep(LOCKED_POLL_S)

    def _keep(self, form: MultipartForm, key: str | None) -> tuple[str, bool]:
        options = _options(form.fields)
        if (form.n_bytes > 0) == bool(options.upload):
            raise InvalidOptionsError(
                f"send one video: as a file in the field {VIDEO}, or the id of a whole resumable upload in upload"
            )
        if options.webhook:
            check_webhook(options.webhook, allow_private=self._webhooks_to_private)
        digest = None if key is None else _digest(key, form.digest.hexdigest(), options)
        known = self._store.jobs.find(digest)
        if known is not None:
            return known, False
        if not options.upload:
            return self._make(form.video, options, digest)
        try:
            with self._uploads.taking(options.upload) as received:
                return self._make(received, options, digest)
        except NoSuchJobError:
            known = self._store.jobs.find(digest)  # An upload goes only after its job is there.
            if known is None:
                raise
            return known, False

    def _make(self, received: Path, options: JobOptions, digest: str | None) -> tuple[str, bool]:
        made, kept = new_id(), None
        try:
            self._store.storage.create_job_folder(made, received)
            kept = self._store.jobs.create(
                made, options.of_dancer, options.of_take, webhook=options.webhook or None, idempotency=digest
            )
        except FileNotFoundError as error:
            raise NoSuchJobError("there is no such upload; it was deleted") from error
        finally:
            if kept != made:
                self._store.storage.remove(made)
        if kept == made:
            self._count_job()
        return kept, kept == made


async def _read(request: Request, folder: Path) -> MultipartForm:
    form = MultipartForm(request.headers.get("content-type", ""), tuple(JobOptions.model_fields), folder)
    try:
        async for piece in request.stream():
            await run_in_threadpool(form.write, piece)
        form.finish()
    finally:
        form.close()
    return form


def _options(fields: dict[str, str]) -> JobOptions:
    try:
        return JobOptions.model_validate(fields)
    except ValidationError as error:
        raise InvalidOptionsError(validation_message(error)) from error


def _digest(key: str, video: str, options: JobOptions) -> str:
    """What tells a request that is sent again from another one that was given the same key."""
    said = json.dumps([key, video, options.model_dump()], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()
