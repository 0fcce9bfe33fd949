"""The log of the service: lines on stderr, without ids and names."""

from __future__ import annotations

import logging

from bopbot.service.middleware.access_log import without_ids


def log_to_stderr(level: str = "INFO") -> None:
    """Configure the log of a process of the service."""
    handler = logging.StreamHandler()
    handler.setFormatter(_WithoutIds("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler])
    logging.getLogger("dbos").setLevel(logging.CRITICAL)  # Its messages contain ids of jobs, which are secret.


class _WithoutIds(logging.Formatter):
    """A formatter that removes ids, also from the paths and arguments in tracebacks."""

    def format(self, record: logging.LogRecord) -> str:
        return without_ids(super().format(record))
