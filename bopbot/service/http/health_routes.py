"""Health and Prometheus endpoints."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Annotated, Literal, get_args

import sqlalchemy as sa
from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, generate_latest
from prometheus_client.core import GaugeHistogramMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from pydantic import BaseModel, Field
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bopbot.service.http.event_broker import EventBroker
from bopbot.service.store.job import State
from bopbot.service.store.store import Store
from bopbot.service.store.worker_leases import live_workers

TAKE_S = (1, 2, 3, 5, 8, 12, 20, 30, 60, 120, 300, 900)
"""Upper bounds of the histogram of take durations, in seconds."""


class Health(BaseModel):
    """The health of the service."""

    status: Literal["ok", "failing"]
    database: Annotated[bool, Field(description="Whether it responds.")]
    folder: Annotated[bool, Field(description="Whether it can be written to.")]
    workers: Annotated[int, Field(description="Number of workers that are alive.")]


class Metrics(Collector):
    """The metrics of the service; none contains an id.

    Parameters
    ----------
    store, event_broker : queried at each scrape.
    """

    def __init__(self, store: Store, event_broker: EventBroker) -> None:
        self._store, self._event_broker = store, event_broker
        self.registry = CollectorRegistry()
        self.registry.register(self)
        self.uploads = Counter("bopbot_uploads", "Uploads that became jobs.", registry=self.registry)
        self.requests = Counter("bopbot_requests", "Requests answered.", ["status"], registry=self.registry)

    def collect(self) -> Iterator[GaugeMetricFamily | GaugeHistogramMetricFamily]:
        """Yield the metrics that are queried at each scrape."""
        takes = GaugeMetricFamily("bopbot_takes", "Takes by state.", labels=["state"])
        counts = self._store.jobs.counts()
        for state in get_args(State):
            takes.add_metric([state], counts.get(state, 0))
        yield takes
        yield GaugeMetricFamily("bopbot_kept_bytes", "Size of all files, in bytes.", self._store.storage.used_bytes())
        yield GaugeMetricFamily("bopbot_event_streams", "Open event streams.", self._event_broker.n_streams)
        yield GaugeMetricFamily("bopbot_workers", "Workers that are alive.", len(live_workers(self._store.storage)))
        seconds = self._store.jobs.seconds_taken()
        yield GaugeHistogramMetricFamily(
            "bopbot_take_seconds",
            "Seconds from request to result of finished takes.",
            buckets=[
                *((str(float(most)), sum(took <= most for took in seconds)) for most in TAKE_S),
                ("+Inf", len(seconds)),
            ],
            gsum_value=sum(seconds),
        )


class RequestCounter:
    """Middleware that counts responses by status."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._requests = metrics.requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_wrapped(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._requests.labels(message["status"]).inc()
            await send(message)

        await self._app(scope, receive, send_wrapped)


def router(store: Store, metrics: Metrics) -> APIRouter:
    """Return the health and metrics routes."""
    routes = APIRouter(tags=["operation"])

    @routes.get(
        "/healthz",
        responses={503: {"model": Health, "description": "The database, the folder or the workers are unavailable."}},
    )
    def health(response: Response) -> Health:
        """Check that the database responds, the folder can be written to, and a worker is alive."""
        responds, writable = _database_responds(store), os.access(store.storage.jobs, os.W_OK)
        n_workers = len(live_workers(store.storage)) if writable else 0
        is_well = responds and writable and n_workers > 0
        response.status_code = 200 if is_well else 503
        return Health(status="ok" if is_well else "failing", database=responds, folder=writable, workers=n_workers)

    @routes.get(
        "/metrics",
        response_class=Response,
        responses={
            200: {"description": "Metrics in the text format of Prometheus.", "content": {CONTENT_TYPE_LATEST: {}}}
        },
    )
    def count() -> Response:
        """Return the metrics for Prometheus."""
        return Response(generate_latest(metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return routes


def _database_responds(store: Store) -> bool:
    try:
        with store.engine.connect() as connection:
            connection.execute(sa.text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True
