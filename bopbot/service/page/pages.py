"""HTML pages, rendered on the server; they work without JavaScript, and scripts in `web/static/` extend them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, get_args

import jinja2
from fastapi import APIRouter, Form, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles

from bopbot.service.errors import ServiceError
from bopbot.service.events import STAGES
from bopbot.service.http.exception_handlers import validation_message
from bopbot.service.http.path_params import LARGEST_NUMBER, JobId, Number
from bopbot.service.limits import Limits
from bopbot.service.options import Style, TakeOptions
from bopbot.service.page.words import read_text
from bopbot.service.store.deletion import remove
from bopbot.service.store.job import Job, Take
from bopbot.service.store.store import Store

LENGTHS_S = (10, 15, 30, 60)
"""Lengths of a new dance that the page offers."""
STYLES = dict(zip(get_args(Style), ("Stick", "Bones", "BopBot", "Person", "Shadow", "Neon"), strict=True))
"""Drawing styles with the names that the page shows."""
SHARED_SHEETS = ("base", "buttons", "stage", "options")
SHEETS = {
    "start": (*SHARED_SHEETS, "start", "choosing", "gallery"),
    "job": (*SHARED_SHEETS, "work", "job", "result", "controls", "after", "poem"),
}
"""Style sheets of each kind of page. All pages of a job share one list, as scripts swap them without a reload."""
DOWNLOADS = (
    ("dance.mp4", "Film", "MP4"),
    ("dance.gif", "Animation", "GIF"),
    ("poses.npz", "Poses for NumPy", "NPZ"),
    ("poses.json", "Poses for everything else", "JSON"),
    ("words.txt", "Words", "TXT"),
    ("player.html", "A page that plays it", "HTML"),
)
"""Files of a take, each with its description and its format."""
OVER = {
    "failed": ("That did not work.", "Another video may work better, or another part of this one."),
    "cancelled": ("Stopped.", "Nothing goes on in the background."),
}
"""Heading and advice for a take that failed or was cancelled."""
PROBLEMS = {404: "Nothing is here.", 409: "Not now.", 413: "Too large.", 429: "Too fast.", 503: "Too busy."}
"""Headings of error pages by status; others are `UNUSABLE`."""
UNUSABLE = "That cannot be used."
GONE = "This dance has expired, was deleted, or never existed."

Receive = Callable[[Request], Awaitable[tuple[str, bool]]]
"""Makes a job from a posted form; returns its id, and whether it is new."""


def static_files() -> StaticFiles:
    """Return the application that serves style sheets, scripts and drawings."""
    return StaticFiles(packages=[(__package__, "web/static")])


def router(store: Store, receive: Receive) -> APIRouter:
    """Return the routes of the pages.

    Parameters
    ----------
    store : jobs and limits.
    receive : makes a job from a posted form.
    """
    jobs = store.jobs
    templates = _templates(store.limits)

    def page(name: str, status: int = 200, /, **shown: Any) -> HTMLResponse:
        return HTMLResponse(templates.get_template(name).render(shown), status)

    def problem(status: int, what: str, retry_after_s: int | None, back: str) -> HTMLResponse:
        response = page(
            "problem.html",
            status,
            status=status,
            heading=PROBLEMS.get(status, UNUSABLE),
            what=what,
            retry_after_s=retry_after_s,
            back=back,
        )
        if retry_after_s is not None:
            response.headers["Retry-After"] = str(retry_after_s)
        return response

    class ForPeople(APIRoute):
        """A route whose errors are shown as pages."""

        def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
            handle = super().get_route_handler()

            async def show(request: Request) -> Response:
                try:
                    return await handle(request)
                except ServiceError as error:
                    job_id = request.path_params.get("job_id")
                    if job_id and error.status == 404:
                        return problem(404, GONE, None, "/")
                    back = f"/d/{job_id}" if job_id else "/"
                    return problem(error.status, _sentence(str(error)), error.retry_after_s, back)
                except RequestValidationError as error:
                    if any(wrong["loc"][0] == "path" for wrong in error.errors()):
                        return problem(404, GONE, None, "/")
                    return problem(422, _sentence(validation_message(error)), None, "/")

            return show

    routes = APIRouter(route_class=ForPeople, include_in_schema=False)

    @routes.get("/")
    def start() -> HTMLResponse:
        return page("start.html", options=TakeOptions())

    @routes.post("/")
    async def send(request: Request) -> RedirectResponse:
        job_id, _ = await receive(request)
        return RedirectResponse(f"/d/{job_id}", 303)

    @routes.get("/d/{job_id}")
    def show_newest(request: Request, job_id: JobId) -> HTMLResponse:
        job = jobs.job(job_id)
        return show(request, job, job.takes[-1])

    @routes.get("/d/{job_id}/{number}")
    def show_take(request: Request, job_id: JobId, number: Number) -> HTMLResponse:
        return show(request, jobs.job(job_id), jobs.take(job_id, number))

    def show(request: Request, job: Job, take: Take) -> HTMLResponse:
        text = read_text(jobs.events(job.id, take.number), store.storage.take(job.id, take.number))
        shown = {
            "job": job,
            "take": take,
            "origin": str(request.base_url).rstrip("/"),
            "words": text.lines,
            "per_row": text.per_row,
            "places": text.places,
            "next_options": take.options.model_copy(update={"seed": max(each.options.seed for each in job.takes) + 1}),
        }
        if not take.is_over:
            return page("work.html", heading=_heading(take), progress=_progress(take), **shown)
        if take.state == "done":
            return page("result.html", **shown)
        heading, advice = OVER[take.state]
        return page("over.html", heading=heading, what=_sentence(take.error or ""), advice=advice, **shown)

    @routes.post("/d/{job_id}/takes")
    def dance_again(job_id: JobId, options: Annotated[TakeOptions, Form()]) -> RedirectResponse:
        return RedirectResponse(f"/d/{job_id}/{jobs.add_take(job_id, options)}", 303)

    @routes.post("/d/{job_id}/cancel")
    def cancel(job_id: JobId, take: Annotated[int, Form(ge=1, le=LARGEST_NUMBER)]) -> RedirectResponse:
        jobs.cancel(job_id, take)
        return RedirectResponse(f"/d/{job_id}/{take}", 303)

    @routes.post("/d/{job_id}/delete")
    def delete(job_id: JobId) -> RedirectResponse:
        remove(store, job_id)
        return RedirectResponse("/", 303)

    return routes


def _templates(limits: Limits) -> jinja2.Environment:
    templates = jinja2.Environment(
        loader=jinja2.PackageLoader("bopbot.service.page", "web/templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    templates.filters.update(sentence=_sentence, duration=duration, moment=_moment, iso=_iso)
    templates.globals.update(
        limits=limits,
        keep=duration(limits.keep_h * 3600),
        length=duration(limits.video_s),
        size=f"{limits.upload_bytes / 2**20:.0f} MB",
        lengths=_lengths,
        stages=STAGES,
        styles=STYLES,
        downloads=DOWNLOADS,
        sheets=SHEETS,
    )
    return templates


def duration(seconds: float) -> str:
    """Return a time in words: 45 seconds, 3 minutes, 24 hours, 7 days."""
    for unit, unit_s, at_least in (("day", 86400, 2), ("hour", 3600, 2), ("minute", 60, 2), ("second", 1, 0)):
        if seconds >= at_least * unit_s:
            n = round(seconds / unit_s)
            return f"{n} {unit}{'' if n == 1 else 's'}"
    raise ValueError(f"a duration cannot be negative, got {seconds} seconds")


def _lengths(chosen: float) -> Sequence[float]:
    return sorted({*LENGTHS_S, int(chosen) if chosen == int(chosen) else chosen})


def _heading(take: Take) -> str:
    if take.state == "queued":
        return "You are next" if take.place in (None, 1) else f"Number {take.place} in line"
    return STAGES.get(take.stage or "", "Beginning")


def _progress(take: Take) -> dict[str, dict[str, str | int]]:
    """Return the state of each stage (done, now or todo) and its progress in percent."""
    reached = list(STAGES).index(take.stage) if take.stage in STAGES else -1
    percent = {"done": 100, "now": 100 * take.done // max(take.total, 1), "todo": 0}
    states = ["done" if k < reached else "now" if k == reached else "todo" for k in range(len(STAGES))]
    return {stage: {"state": state, "percent": percent[state]} for stage, state in zip(STAGES, states, strict=True)}


def _sentence(text: str) -> str:
    """Return a message as a sentence: error messages start in lower case and have no full stop."""
    return text and text[0].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def _moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%-d %B, %H:%M} UTC"


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
