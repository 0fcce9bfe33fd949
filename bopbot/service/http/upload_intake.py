"""Creation of jobs from uploads: the file is on the disk and the row in the database before the response is sent."""

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
"""Prefix of the folder of an upload while it is received; it matches no job, so leftovers are removed as orphans."""
LOCKED_S = 5.0
"""Longest time that a request waits for another one that uses the same resumable upload."""
LOCKED_POLL_S = 0.25
"""Interval at which it checks meanwhile."""


class JobOptions(DancerOptions, TakeOptions):
    """The fields of an upload form beside the video."""

    upload: Annotated[
        str,
        Field(
            description="Instead of a video: the id of a complete resumable upload.", json_schema_extra={"minLength": 1}
        ),
    ] = ""
    webhook: Annotated[
        str, Field(max_length=LONGEST_URL, description="A public URL that receives a POST request when a take is over.")
    ] = ""

    @property
    def of_dancer(self) -> DancerOptions:
        return DancerOptions.model_validate(self.model_dump(include=set(DancerOptions.model_fields)))

    @property
    def of_take(self) -> TakeOptions:
        return TakeOptions.model_validate(self.model_dump(include=set(TakeOptions.model_fields)))


class UploadIntake:
    """The common handler of uploads from the page and the API.

    Parameters
    ----------
    store : where jobs are created.
    uploads : resumable uploads.
    count_job : called for each new job.
    webhooks_to_private : whether webhooks may call private addresses.
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
        """Create a job from a multipart form.

        Parameters
        ----------
        key : an idempotency key; the same request with the same key returns the job of the first one.

        Returns
        -------
        The id of the job, and whether it is new.

        Raises
        ------
        InvalidOptionsError : a field is invalid, or there is no video.
        BusyError, FullError : the queue or the disk is full. Both are checked before the video is read; with a key the
            queue is checked afterwards, as the job may exist already.
        NoSuchJobError, NotReadyError : the resumable upload does not exist or is incomplete.
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
                    raise BusyError("another request still uses this upload; try again", retry_after_s=2) from error
            await asyncio.sleep(LOCKED_POLL_S)

    def _keep(self, form: MultipartForm, key: str | None) -> tuple[str, bool]:
        options = _options(form.fields)
        if (form.n_bytes > 0) == bool(options.upload):
            raise InvalidOptionsError(
                f"send one video: as a file in the field {VIDEO}, or as the id of a complete resumable upload in the "
                "field upload"
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
            known = self._store.jobs.find(digest)  # An upload is removed only after its job was created.
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
            raise NoSuchJobError("the upload was deleted; send it again") from error
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
    """Return a digest of key and request, so that another request with the same key is a job of its own."""
    text = json.dumps([key, video, options.model_dump()], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
