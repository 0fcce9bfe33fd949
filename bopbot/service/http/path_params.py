"""The parts of an address that name a job and a take."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path

from bopbot.service.errors import NoSuchJobError
from bopbot.service.http.schemas import ID_EXAMPLE
from bopbot.service.store.storage import ID

LARGEST_NUMBER = 2**31 - 1
"""What a database takes for an integer."""


def _job_id(job_id: Annotated[str, Path(description="The key to the job.", examples=[ID_EXAMPLE])]) -> str:
    if not ID.fullmatch(job_id):
        raise NoSuchJobError("there is no such job; an id is 22 letters, digits, - and _")
    return job_id


JobId = Annotated[str, Depends(_job_id)]
"""Has the form of an id; whether there is such a job is another question."""
Number = Annotated[int, Path(ge=1, le=LARGEST_NUMBER, description="The number of the take, from 1.", examples=[1])]
