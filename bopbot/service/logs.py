"""Where the service writes what happens: lines on stderr, without ids and names."""

from __future__ import annotations

import logging


def log_to_stderr(level: str = "INFO") -> None:
    """Set up the log of a process of the service."""
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    logging.getLogger("dbos").setLevel(logging.CRITICAL)  # It names the ids of jobs, which are keys.
