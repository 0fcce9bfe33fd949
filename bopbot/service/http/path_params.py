"""Path parameters: the id of a job and the number of a take."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path

from bopbot.service.errors import NoSuchJobError
from bopbot.service.http.schemas import ID_EXAMPLE
from bopbot.service.store.storage import ID

LARGEST_NUMBER = 2**31 - 1
"""Largest integer that the database can store."""


def _job_id(job_id: Annotated[str, Path(description="The id of the job.", examples=[ID_EXAMPLE])]) -> str:
    if not ID.fullmatch(job_id):
        raise NoSuchJobError("there is no such job; an id has 22 letters, digits, - and _")
    return job_id


JobId = Annotated[str, Depends(_job_id)]
"""An id in the right format; the job may not exist."""
Number = Annotated[int, Path(ge=1, le=LARGEST_NUMBER, description="The number of the take, from 1.", examples=[1])]
