"""Jobs, takes and events as the rest of the service sees them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, Literal

from bopbot.service.options import DancerOptions, TakeOptions

State = Literal["queued", "running", "done", "failed", "cancelled"]
UNFINISHED = ("queued", "running")
"""States from which a take still changes."""
ID_BYTES = 16
"""Random bytes in an id."""


@dataclass(frozen=True)
class Take:
    """One dance of a job. `place` is its position in the queue, 1 for the next one; None unless it is queued."""

    number: int
    state: State
    stage: str | None
    done: int
    total: int
    options: TakeOptions
    error: str | None
    place: int | None
    created_s: float
    finished_s: float | None
    last_event: int

    @property
    def is_over(self) -> bool:
        return self.state not in UNFINISHED


@dataclass(frozen=True)
class Job:
    """An upload and its takes; times in seconds since 1970."""

    id: str
    created_s: float
    expires_s: float
    dancer: DancerOptions
    learned: bool
    notices: tuple[str, ...]
    takes: tuple[Take, ...]


@dataclass(frozen=True)
class RecordedEvent:
    """One event of a take, numbered from 1."""

    seq: int
    kind: str
    data: dict[str, Any]


def new_id() -> str:
    """Return a random id that cannot be guessed."""
    return secrets.token_urlsafe(ID_BYTES)
