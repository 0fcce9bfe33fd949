"""The web service: a page and an HTTP API that take a dance video, and workers that answer with new choreography."""
