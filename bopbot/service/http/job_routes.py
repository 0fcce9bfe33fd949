"""Routes of jobs, takes and their events."""

from __future__ import annotations

from typing import Annotated, Any, get_args

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema
from starlette.concurrency import run_in_threadpool

from bopbot.service.http.event_broker import EVENT, EventBroker, EventsResponse
from bopbot.service.http.exception_handlers import error_responses
from bopbot.service.http.multipart_stream import VIDEO
from bopbot.service.http.path_params import LARGEST_NUMBER, JobId, Number
from bopbot.service.http.schemas import Bounds, Defaults, Job, Options, Take, TakeRequest
from bopbot.service.http.upload_intake import JobOptions, UploadIntake
from bopbot.service.middleware.rate_limit import address_of
from bopbot.service.options import DancerOptions, Layout, Style
from bopbot.service.store.deletion import remove
from bopbot.service.store.store import Store

SHORTEST_KEY, LONGEST_KEY = 16, 255
"""Lengths of an Idempotency-Key; whoever guesses one and has the same video gets the job."""

IdempotencyKey = Annotated[
    Annotated[str, Field(min_length=SHORTEST_KEY, max_length=LONGEST_KEY)] | SkipJsonSchema[None],
    Header(
        description="A random UUID, new for each job and secret like a password. The same request with the same key "
        "returns the same job, so a request without a response can be repeated.",
    ),
]
After = Annotated[
    int, Query(ge=0, le=LARGEST_NUMBER, description="The id of the last known event; later ones are sent.")
]
LastEventId = Annotated[
    int, Header(ge=0, le=LARGEST_NUMBER, description="The same, as browsers send it; it takes precedence over `after`.")
]


def router(store: Store, intake: UploadIntake, event_broker: EventBroker) -> APIRouter:
    """Return the routes of the API that handle jobs and takes."""
    jobs = store.jobs
    routes = APIRouter(prefix="/api")

    @routes.get("/options", tags=["jobs"])
    def options() -> Options:
        """Return the options of a dance, their defaults, and the limits of this server."""
        return Options(
            styles=list(get_args(Style)),
            layouts=list(get_args(Layout)),
            language_models=list(get_args(DancerOptions.model_fields["language_model"].annotation)),
            limits=Bounds.of(store.limits),
            defaults=Defaults(),
        )

    @routes.post(
        "/jobs",
        status_code=201,
        tags=["jobs"],
        responses={
            200: {"model": Job, "description": "An earlier request with the same key created the job."},
            201: {"headers": {"Location": {"description": "The path of the job.", "schema": {"type": "string"}}}},
            **error_responses(404, 408, 409, 413, 503, 507),
        },
        openapi_extra={"requestBody": _form()},
    )
    async def create(request: Request, response: Response, idempotency_key: IdempotencyKey = None) -> Job:
        """Create a job from a video and queue its first take. The job is on the disk before the response is sent."""
        job_id, is_new = await intake.receive(request, idempotency_key)
        job = Job.of(await run_in_threadpool(jobs.job, job_id))
        response.status_code = 201 if is_new else 200
        response.headers["Location"] = job.links.self
        return job

    @routes.get("/jobs/{job_id}", tags=["jobs"], responses=error_responses(404))
    def show(job_id: JobId) -> Job:
        """Return a job with its takes."""
        return Job.of(jobs.job(job_id))

    @routes.delete("/jobs/{job_id}", status_code=204, tags=["jobs"], responses=error_responses(404))
    def delete(job_id: JobId) -> None:
        """Delete a job with all its data: the video, the dances, and every record of them."""
        remove(store, job_id)

    @routes.post("/jobs/{job_id}/takes", status_code=201, tags=["takes"], responses=error_responses(404, 409, 503))
    def dance_again(job_id: JobId, options: TakeRequest) -> Take:
        """Queue another take of the same dancer. The learned moves are used again, so this is quick."""
        return Take.of(job_id, jobs.take(job_id, jobs.add_take(job_id, options)))

    @routes.get("/jobs/{job_id}/takes/{number}", tags=["takes"], responses=error_responses(404))
    def show_take(job_id: JobId, number: Number) -> Take:
        """Return one take."""
        return Take.of(job_id, jobs.take(job_id, number))

    @routes.post("/jobs/{job_id}/takes/{number}/cancel", tags=["takes"], responses=error_responses(404))
    def cancel(job_id: JobId, number: Number) -> Take:
        """Cancel a take that is not over; a finished one does not change."""
        return Take.of(job_id, jobs.cancel(job_id, number))

    @routes.get(
        "/jobs/{job_id}/takes/{number}/events",
        tags=["takes"],
        response_class=Response,
        responses={
            200: {
                "description": "Events with JSON in `data`, until the take is over.",
                "content": {EventsResponse.media_type: {"schema": EVENT}},
            },
            204: {"description": "The take is over, and there are no events after that one."},
            **error_responses(404),
        },
    )
    def stream_events(
        request: Request, job_id: JobId, number: Number, after: After = 0, last_event_id: LastEventId = 0
    ) -> Response:
        """Stream the past and future events of a take as server-sent events."""
        known = last_event_id or after
        take = jobs.take(job_id, number)
        if take.is_over and known >= take.last_event:
            return Response(status_code=204)
        address = address_of(request.scope)
        event_broker.check(address)
        # Without this header nginx buffers the stream.
        return EventsResponse(event_broker.stream(job_id, number, known, address), headers={"X-Accel-Buffering": "no"})

    return routes


def _form() -> dict[str, Any]:
    """Return the schema of the upload form; FastAPI cannot derive it, as the form is parsed while it streams in."""
    schema = JobOptions.model_json_schema()
    video = {"type": "string", "format": "binary", "minLength": 1, "description": "The file name is ignored."}
    schema["properties"] = {VIDEO: video, **schema["properties"]}
    schema["oneOf"] = [{"required": [VIDEO]}, {"required": ["upload"]}]
    return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
