"""What the API answers with, and how it is made of the job model."""

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
    """Why something was not done."""

    detail: Annotated[str, Field(description="One sentence: what was wrong, and what would work.")]


class TakeLinks(BaseModel):
    """Where everything of a take is."""

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
    """One dance that is made of an upload."""

    number: Annotated[int, Field(description="Takes of an upload are numbered from 1.")]
    state: State
    stage: Annotated[str | None, Field(description=f"What is being done: one of {', '.join(STAGES)}.")]
    done: Annotated[int, Field(description="Steps of the stage that are done.")]
    total: Annotated[int, Field(description="Steps of the stage; 0 where that is not known.")]
    options: Annotated[TakeOptions, Field(serialization_alias="wish")]
    error: Annotated[str | None, Field(description="Why a failed take failed.")]
    place: Annotated[int | None, Field(description="Of a queued take: 1 for the next in the queue.")]
    created: AwareDatetime
    finished: AwareDatetime | None
    links: TakeLinks

    @classmethod
    def of(cls, job_id: str, take: model.Take) -> Self:
        """The answer about a take of the job model."""
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
    """Where everything of a job is."""

    self: str
    page: str
    video: str
    keypoints: str


class Job(BaseModel):
    """An upload, and the dances that are made of it."""

    id: Annotated[
        str, Field(description="The only key to it: who has it may see and delete it.", examples=[ID_EXAMPLE])
    ]
    created: AwareDatetime
    expires: Annotated[AwareDatetime, Field(description="When everything of it is removed.")]
    dancer: DancerOptions
    learned: Annotated[bool, Field(description="Whether the moves are learned, so that more takes may be asked for.")]
    notices: Annotated[list[str], Field(description="What should be known about the video.")]
    takes: list[Take]
    links: JobLinks

    @classmethod
    def of(cls, job: model.Job) -> Self:
        """The answer about a job of the job model."""
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
    """The wish for a take as JSON: a number is a number there, and no text that looks like one."""

    model_config = ConfigDict(strict=True, json_schema_extra={"examples": [{"seconds": 15, "seed": 1}]})

    @field_validator("seed", mode="before")
    @classmethod
    def _is_whole(cls, seed: object) -> object:
        """JSON has one kind of number: 7.0 is 7."""
        return int(seed) if isinstance(seed, float) and seed.is_integer() else seed


class Bounds(BaseModel):
    """How much the service takes and keeps."""

    upload_bytes: Annotated[int, Field(description="Bytes of one video.")]
    video_s: Annotated[float, Field(description="Seconds of one video.")]
    picture_px: Annotated[int, Field(description="Pixels of one of its pictures.")]
    takes: Annotated[int, Field(description="Dances of one upload.")]
    keep_h: Annotated[float, Field(description="Hours until everything is removed.")]

    @classmethod
    def of(cls, limits: Limits) -> Self:
        """What of the limits concerns a user."""
        return cls.model_validate(limits, from_attributes=True)


class Defaults(DancerOptions, TakeOptions):
    """What is meant where a wish says nothing."""


class Options(BaseModel):
    """What may be asked for."""

    styles: list[str]
    layouts: list[str]
    language_models: list[str]
    limits: Bounds
    defaults: Defaults


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
