"""Build the web application from its parts."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

from fastapi import FastAPI
from starlette.types import ASGIApp

from bopbot.service.http import docs_routes, file_routes, health_routes, job_routes, tus_routes
from bopbot.service.http.event_broker import EventBroker
from bopbot.service.http.exception_handlers import error_responses, register_exception_handlers
from bopbot.service.http.health_routes import Metrics, RequestCounter
from bopbot.service.http.upload_intake import UploadIntake
from bopbot.service.middleware.stack import with_middleware
from bopbot.service.page import pages
from bopbot.service.store.partial_uploads import Uploads
from bopbot.service.store.store import Store

DESCRIPTION = """Send a dance video, get new choreography.

`POST /api/jobs` makes a *job* from a video. The dances of a job are its *takes*, numbered from 1. The events of a take
report its progress; its files can be fetched when its state is `done`. Whoever knows the id of a job can read and
delete it, so keep the id secret. An error response holds one sentence: `{"detail": "..."}`."""


def create_app(
    store: Store,
    allowed_hosts: Sequence[str],
    *,
    webhooks_to_private: bool = False,
    event_broker: EventBroker | None = None,
) -> ASGIApp:
    """Return the service as an ASGI application.

    Parameters
    ----------
    store : jobs, files and queue, shared with the workers.
    allowed_hosts : host names under which the service answers.
    webhooks_to_private : whether webhooks may call private addresses.
    event_broker : pass it to close event streams when the server stops.
    """
    event_broker = event_broker or EventBroker(store.jobs)
    uploads = Uploads(store.storage, store.limits)
    metrics = Metrics(store, event_broker)
    intake = UploadIntake(store, uploads, metrics.uploads.inc, webhooks_to_private=webhooks_to_private)

    app = FastAPI(
        title="BopBot",
        version=version("bopbot"),
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        responses=error_responses(400, 403, 422, 429),
    )
    register_exception_handlers(app)
    app.include_router(job_routes.router(store, intake, event_broker))
    app.include_router(file_routes.router(store))
    app.include_router(tus_routes.router(uploads))
    app.include_router(health_routes.router(store, metrics))
    app.include_router(docs_routes.router())
    app.include_router(pages.router(store, intake.receive))
    app.mount("/static", pages.static_files())
    return RequestCounter(with_middleware(app, store.limits, allowed_hosts), metrics)
