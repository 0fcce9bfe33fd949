"""The documentation of the API as a page: Swagger UI, served from this machine."""

from __future__ import annotations

from importlib import resources

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>BopBot: the API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="icon" href="/docs/favicon-32x32.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
START = 'SwaggerUIBundle({ url: "/openapi.json", dom_id: "#swagger-ui", validatorUrl: null });\n'
"""A separate file, as the Content-Security-Policy forbids inline scripts."""
FILES = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "favicon-32x32.png": "image/png",
}
"""Files of the package fastapi_swagger with their media types."""


def router() -> APIRouter:
    """Return the routes of the page and the files that it loads."""
    routes = APIRouter(prefix="/docs", include_in_schema=False)

    @routes.get("", response_class=HTMLResponse)
    def page() -> str:
        return PAGE

    @routes.get("/start.js")
    def start() -> Response:
        return Response(START, media_type="text/javascript")

    def add(name: str, media_type: str) -> None:
        content = (resources.files("fastapi_swagger.resources") / name).read_bytes()

        @routes.get(f"/{name}", name=name)
        def fetch() -> Response:
            return Response(content, media_type=media_type)

    for name, media_type in FILES.items():
        add(name, media_type)
    return routes
