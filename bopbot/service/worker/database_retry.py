"""A worker outlives its database: what is asked of it is asked again until it answers."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import InterfaceError, OperationalError

FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 10.0
"""How long to wait before the second asking, and at most; it doubles."""

Answer = TypeVar("Answer")
log = logging.getLogger(__name__)


def retry_on_database_error(ask: Callable[[], Answer]) -> Answer:
    """The answer of a database that may be restarting, or locked by another process for long."""
    wait_s = FIRST_WAIT_S
    while True:
        try:
            return ask()
        except (InterfaceError, OperationalError) as error:
            log.warning(
                "the database does not answer (%s); it is asked again in %g s", type(error.orig).__name__, wait_s
            )
        time.sleep(wait_s)
        wait_s = min(2 * wait_s, LONGEST_WAIT_S)
