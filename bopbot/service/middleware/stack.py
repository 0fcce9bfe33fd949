"""What stands between the world and the application: each guard does one thing, and they stand in this order."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.types import ASGIApp

from bopbot.service.limits import Limits
from bopbot.service.middleware.access_log import AccessLog
from bopbot.service.middleware.body_limit import BodyLimit
from bopbot.service.middleware.cross_origin import CrossOriginCheck
from bopbot.service.middleware.error_responses import ErrorResponses
from bopbot.service.middleware.lingering_close import LingeringClose
from bopbot.service.middleware.rate_limit import RateLimit
from bopbot.service.middleware.security_headers import SecurityHeaders
from bopbot.service.middleware.trusted_host import TrustedHost


def with_middleware(app: ASGIApp, limits: Limits, allowed_hosts: Sequence[str]) -> ASGIApp:
    """The application behind its guards.

    Parameters
    ----------
    app : what answers in the end.
    limits : how large and how frequent requests may be.
    allowed_hosts : the names that the service goes by, without port; "*.example.org" for all below
        one, "*" for any.
    """
    app = BodyLimit(app, limits)
    app = CrossOriginCheck(app)
    app = RateLimit(app, limits)
    app = TrustedHost(app, allowed_hosts)
    app = ErrorResponses(app)
    app = LingeringClose(app)
    app = SecurityHeaders(app)
    return AccessLog(app)
