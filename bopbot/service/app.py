"""The web application: every part of the service that answers HTTP, put together."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from importlib.metadata import version

from fastapi import FastAPI
from starlette.types import ASGIApp

from bopbot.service.http import docs_routes, file_routes, health_routes, job_routes, tus_routes
from bopbot.service.http.event_broker import EventBroker
from bopbot.service.http.exception_handlers import may_refuse, refuse_in_sentences
from bopbot.service.http.health_routes import Counting, Metrics
from bopbot.service.http.upload_intake import UploadIntake
from bopbot.service.limits import Limits
from bopbot.service.middleware.stack import guarded
from bopbot.service.page import pages
from bopbot.service.store.deletion import remove
from bopbot.service.store.jobs import Jobs
from bopbot.service.store.partial_uploads import Uploads
from bopbot.service.store.queue import Dances
from bopbot.service.store.storage import Storage

ABOUT = """Send a dance video, get new choreography.

`POST /api/jobs` makes a *job* of a video; its dances are its *takes*, numbered from 1. The events of a take tell how it
is made, and when it is done its files can be fetched. The id of a job is the only key to it: keep it to yourself.
Whatever is refused says why in one sentence, `{"detail": "..."}`."""


def create_app(
    jobs: Jobs,
    storage: Storage,
    limits: Limits,
    queue: Dances,
    allowed_hosts: Sequence[str],
    *,
    webhooks_to_private: bool = False,
    feed: EventBroker | None = None,
) -> ASGIApp:
    """The service as an ASGI application.

    Parameters
    ----------
    jobs, storage, queue : what the workers share with it.
    limits : what it takes.
    allowed_hosts : names by which it may be asked.
    webhooks_to_private : whether webhooks may call addresses of the own network.
    feed : for whoever is to close it when the server stops.
    """
    feed = feed or EventBroker(jobs)
    uploads = Uploads(storage, limits)
    metrics = Metrics(jobs, storage, feed)
    reception = UploadIntake(jobs, storage, uploads, metrics.uploads.inc, webhooks_to_private=webhooks_to_private)

    app = FastAPI(
        title="BopBot",
        version=version("bopbot"),
        description=ABOUT,
        docs_url=None,
        redoc_url=None,
        responses=may_refuse(400, 403, 422, 429),
    )
    refuse_in_sentences(app)
    app.include_router(job_routes.router(jobs, storage, limits, queue, reception, feed))
    app.include_router(file_routes.router(jobs, storage, queue))
    app.include_router(tus_routes.router(uploads))
    app.include_router(health_routes.router(jobs, storage, metrics))
    app.include_router(docs_routes.router())
    app.include_router(
        pages.router(jobs, limits, reception.receive, partial(remove, jobs=jobs, storage=storage, queue=queue))
    )
    app.mount("/static", pages.static_files())
    return Counting(guarded(app, limits, allowed_hosts), metrics)
