"""Retry of database operations, so that a worker survives a restart of its database."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import InterfaceError, OperationalError

FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 10.0
"""Wait before the first retry, and the longest one; it doubles from retry to retry."""

Result = TypeVar("Result")
log = logging.getLogger(__name__)


def retry_on_database_error(operation: Callable[[], Result]) -> Result:
    """Return the result of an operation, repeated for as long as the database is unreachable or locked."""
    wait_s = FIRST_WAIT_S
    while True:
        try:
            return operation()
        except (InterfaceError, OperationalError) as error:
            log.warning("the database does not respond (%s); retrying in %g s", type(error.orig).__name__, wait_s)
        time.sleep(wait_s)
        wait_s = min(2 * wait_s, LONGEST_WAIT_S)
