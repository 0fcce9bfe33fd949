"""Limits on the number of requests, uploads and takes of an address."""

from __future__ import annotations

import math
import re
import time
from ipaddress import IPv6Address, ip_address

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.types import ASGIApp, Receive, Scope, Send

from bopbot.service.errors import TooManyError
from bopbot.service.limits import Limits
from bopbot.service.middleware.security_headers import STATIC

REQUESTS_PER_MINUTE = 1200
"""Requests of one address, without static files, of which each page has dozens."""
UPLOADS = {"/": "job", "/api/jobs": "job", "/api/uploads": "upload"}
"""Paths to which videos are posted, with what is counted there; a resumable upload becomes a job later."""
TAKES = re.compile(r"/(api/jobs|d)/[^/]+/takes")
"""Paths to which requests for another take are posted."""
TAKES_A_VIDEO = 10
"""Takes that an address may request in an hour for each upload that it may send in an hour."""


class RateCounter:
    """Counters by address in a moving window; an IPv6 network /64, as one household has, is one address."""

    def __init__(self) -> None:
        self._counter = MovingWindowRateLimiter(MemoryStorage())

    def count(self, most: RateLimitItem, kind: str, scope: Scope, unit: str) -> None:
        """Count one event for the address of a request; raise TooManyError above the limit.

        Parameters
        ----------
        most : the limit.
        kind : name of the counter.
        unit : what is counted in which time, for the message: "requests a minute".
        """
        address = address_of(scope)
        if not self._counter.hit(most, kind, address):
            free_s = self._counter.get_window_stats(most, kind, address).reset_time - time.time()
            raise TooManyError(
                f"more than {most.amount} {unit} from your address; wait a little",
                retry_after_s=max(1, math.ceil(free_s)),
            )


class RateLimit:
    """Middleware that limits the requests, uploads and takes of each address."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._counter_by_address = RateCounter()
        self._uploads = RateLimitItemPerHour(limits.uploads_per_hour)
        self._takes = RateLimitItemPerHour(TAKES_A_VIDEO * limits.uploads_per_hour)
        self._requests = RateLimitItemPerMinute(REQUESTS_PER_MINUTE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith(STATIC):
            self._counter_by_address.count(self._requests, "request", scope, "requests a minute")
            if scope["method"] == "POST":
                self._count_post(scope)
        await self._app(scope, receive, send)

    def _count_post(self, scope: Scope) -> None:
        if kind := UPLOADS.get(scope["path"]):
            self._counter_by_address.count(self._uploads, kind, scope, "videos an hour")
        elif TAKES.fullmatch(scope["path"]):
            self._counter_by_address.count(self._takes, "take", scope, "dances an hour")


def address_of(scope: Scope) -> str:
    """Return the key by which requests of one client are counted."""
    if scope["client"] is None:
        return "local"
    try:
        address = ip_address(scope["client"][0])
    except ValueError:
        return str(scope["client"][0])
    if not isinstance(address, IPv6Address):
        return str(address)
    return str(address.ipv4_mapped or int(address) >> 64)
