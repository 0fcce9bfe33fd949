"""Where the service writes what happens: lines on stderr, without ids and names."""

from __future__ import annotations

import logging

from bopbot.service.middleware.access_log import without_ids


def log_to_stderr(level: str = "INFO") -> None:
    """Set up the log of a process of the service."""
    handler = logging.StreamHandler()
    handler.setFormatter(_WithoutIds("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler])
    logging.getLogger("dbos").setLevel(logging.CRITICAL)  # It names the ids of jobs, which are keys.


class _WithoutIds(logging.Formatter):
    """Takes the ids out of tracebacks, too, which name paths and arguments."""

    def format(self, record: logging.LogRecord) -> str:
        return without_ids(super().format(record))
