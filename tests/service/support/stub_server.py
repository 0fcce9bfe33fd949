"""A small server that speaks the documented API, and refuses where a test wants it to."""

import json
import random
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse

EVENTS: list[tuple[str, dict[str, Any]]] = [
    ("state", {"state": "queued", "error": None, "place": 2}),
    ("state", {"state": "running", "error": None, "place": None}),
    ("progress", {"stage": "reading", "done": 1, "total": 2}),
    ("words", {"start": 0, "words": ["tänzerin-1", "b"]}),
    ("progress", {"stage": "drawing", "done": 450, "total": 450}),
    ("state", {"state": "done", "error": None, "place": None}),
]
FILE = random.Random(0).randbytes(300_000)


class StubServer:
    """One job's server. What `trouble` names is first answered with what stands there."""

    def __init__(self) -> None:
        self.app = FastAPI()
        self.upload = bytearray()
        self.length = 0
        self.uploads_deleted = 0
        self.forms: list[tuple[str, dict[str, Any]]] = []
        self.resumed_after: list[str | None] = []
        self.events = EVENTS
        self.take: dict[str, Any] = {"number": 1, "state": "done", "error": None}
        self.options: list[Any] = []
        self.trouble: dict[tuple[str, str], list[Response]] = {}
        self.asked: list[tuple[str, str]] = []
        self.report: dict[str, Any] = {}
        self.deleted = False
        self._routes()

    def _routes(self) -> None:
        app = self.app

        @app.middleware("http")
        async def stumble(request: Request, go_on: Any) -> Any:
            key = (request.method, request.url.path)
            self.asked.append(key)
            if self.trouble.get(key):
                return self.trouble[key].pop(0)
            return await go_on(request)

        @app.get("/api/options")
        def options() -> Any:
            return {"styles": ["stick"], "limits": {"upload_bytes": 10**9}}

        @app.post("/api/uploads", status_code=201)
        def create(request: Request, response: Response) -> None:
            assert request.headers["Tus-Resumable"] == "1.0.0"
            self.length = int(request.headers["Upload-Length"])
            response.headers["Location"] = "/api/uploads/u1"

        @app.head("/api/uploads/u1")
        def offset(response: Response) -> None:
            response.headers["Upload-Offset"] = str(len(self.upload))

        @app.patch("/api/uploads/u1", status_code=204, response_class=Response)
        async def add(request: Request, response: Response) -> None:
            assert int(request.headers["Upload-Offset"]) == len(self.upload)
            async for chunk in request.stream():
                self.upload += chunk
            response.headers["Upload-Offset"] = str(len(self.upload))

        @app.delete("/api/uploads/u1", status_code=204)
        def remove() -> None:
            self.uploads_deleted += 1

        @app.post("/api/jobs", status_code=201)
        async def job(request: Request) -> Any:
            self.forms.append((request.headers["Idempotency-Key"], dict(await request.form())))
            return {"id": "j1", "takes": [self.take]}

        @app.get("/api/jobs/j1/takes/1")
        def take() -> Any:
            return self.take

        @app.post("/api/jobs/j1/takes", status_code=201)
        async def another(request: Request) -> Any:
            self.options.append(await request.json())
            return {"number": 2, "state": "queued"}

        @app.get("/api/jobs/j1/takes/1/events")
        def events(request: Request) -> Any:
            after = request.headers.get("Last-Event-ID")
            self.resumed_after.append(after)
            left = list(enumerate(self.events, 1))[int(after or 0) :]
            if not left:
                return Response(status_code=204)
            return StreamingResponse(map(on_the_wire, left), media_type="text/event-stream")

        @app.get("/api/jobs/j1/takes/1/dance.mp4")
        def file() -> Any:
            return Response(FILE, media_type="video/mp4")

        @app.delete("/api/jobs/j1", status_code=204)
        def forget() -> None:
            self.deleted = True

        @app.get("/api/jobs/j1/takes/1/report.json")
        def report() -> Any:
            return self.report


def on_the_wire(event: tuple[int, tuple[str, Any]]) -> str:
    number, (kind, data) = event
    padding = ": " + "." * 200  # so that a line can break between two events
    return f"retry: 10\nid: {number}\nevent: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n{padding}\n\n"
