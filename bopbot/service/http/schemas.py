"""Schemas of the API's responses and requests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator

from bopbot.service.events import STAGES
from bopbot.service.limits import Limits
from bopbot.service.options import DancerOptions, TakeOptions
from bopbot.service.store import job as model
from bopbot.service.store.job import State

ID_EXAMPLE = "jRm3OV1YSYmRtUqvCm4Z0g"


class ErrorDetail(BaseModel):
    """An error."""

    detail: Annotated[str, Field(description="One sentence: what was wrong, and what would work.")]


class TakeLinks(BaseModel):
    """Paths of everything about a take."""

    self: str
    events: str
    cancel: str
    video: str
    gif: str
    poses: str
    words: str
    report: str
    player: str


class Take(BaseModel):
    """One dance made from an upload."""

    number: Annotated[int, Field(description="Takes of an upload are numbered from 1.")]
    state: State
    stage: Annotated[str | None, Field(description=f"The current stage: one of {', '.join(STAGES)}.")]
    done: Annotated[int, Field(description="Finished steps of the stage.")]
    total: Annotated[int, Field(description="All steps of the stage; 0 if unknown.")]
    options: Annotated[TakeOptions, Field(serialization_alias="wish")]
    error: Annotated[str | None, Field(description="Why the take failed.")]
    place: Annotated[
        int | None, Field(description="Position in the queue, 1 for the next take; null unless the take is queued.")
    ]
    created: AwareDatetime
    finished: AwareDatetime | None
    links: TakeLinks

    @classmethod
    def of(cls, job_id: str, take: model.Take) -> Self:
        """Return the response for a take."""
        here = f"/api/jobs/{job_id}/takes/{take.number}"
        return cls(
            number=take.number,
            state=take.state,
            stage=take.stage,
            done=take.done,
            total=take.total,
            options=take.options,
            error=take.error,
            place=take.place,
            created=_moment(take.created_s),
            finished=None if take.finished_s is None else _moment(take.finished_s),
            links=TakeLinks(
                self=here,
                events=f"{here}/events",
                cancel=f"{here}/cancel",
                video=f"{here}/dance.mp4",
                gif=f"{here}/dance.gif",
                poses=f"{here}/poses.npz",
                words=f"{here}/words.json",
                report=f"{here}/report.json",
                player=f"{here}/player.html",
            ),
        )


class JobLinks(BaseModel):
    """Paths of everything about a job."""

    self: str
    page: str
    video: str
    keypoints: str


class Job(BaseModel):
    """An upload and its takes."""

    id: Annotated[
        str, Field(description="Secret: whoever knows it can read and delete the job.", examples=[ID_EXAMPLE])
    ]
    created: AwareDatetime
    expires: Annotated[AwareDatetime, Field(description="When the job and all its files are removed.")]
    dancer: DancerOptions
    learned: Annotated[bool, Field(description="Whether the moves are learned, so that more takes can be requested.")]
    notices: Annotated[list[str], Field(description="Remarks about the video.")]
    takes: list[Take]
    links: JobLinks

    @classmethod
    def of(cls, job: model.Job) -> Self:
        """Return the response for a job."""
        here = f"/api/jobs/{job.id}"
        return cls(
            id=job.id,
            created=_moment(job.created_s),
            expires=_moment(job.expires_s),
            dancer=job.dancer,
            learned=job.learned,
            notices=list(job.notices),
            takes=[Take.of(job.id, take) for take in job.takes],
            links=JobLinks(self=here, page=f"/d/{job.id}", video=f"{here}/video", keypoints=f"{here}/keypoints.json"),
        )


class TakeRequest(TakeOptions):
    """The options of a take as JSON, where a number is not accepted as text."""

    model_config = ConfigDict(strict=True, json_schema_extra={"examples": [{"seconds": 15, "seed": 1}]})

    @field_validator("seed", mode="before")
    @classmethod
    def _is_whole(cls, seed: object) -> object:
        """Convert whole floats: JSON has one kind of number, so 7.0 is 7."""
        return int(seed) if isinstance(seed, float) and seed.is_integer() else seed


class Bounds(BaseModel):
    """Limits of the service."""

    upload_bytes: Annotated[int, Field(description="Size of a video, in bytes.")]
    video_s: Annotated[float, Field(description="Length of a video, in seconds.")]
    picture_px: Annotated[int, Field(description="Pixels of a video frame.")]
    takes: Annotated[int, Field(description="Takes of one job.")]
    keep_h: Annotated[float, Field(description="Hours until a job is removed.")]

    @classmethod
    def of(cls, limits: Limits) -> Self:
        """Return the limits that concern a user."""
        return cls.model_validate(limits, from_attributes=True)


class Defaults(DancerOptions, TakeOptions):
    """Defaults of all options."""


class Options(BaseModel):
    """Options of a dance and limits of the server."""

    styles: list[str]
    layouts: list[str]
    language_models: list[str]
    limits: Bounds
    defaults: Defaults


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
