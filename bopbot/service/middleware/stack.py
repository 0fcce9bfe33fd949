"""The order of all middleware."""

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
    """Return an application wrapped in all middleware.

    Parameters
    ----------
    app : the application.
    limits : limits on the size and frequency of requests.
    allowed_hosts : host names of the service, without port; "*.example.org" for all subdomains, "*" for any.
    """
    app = BodyLimit(app, limits)
    app = CrossOriginCheck(app)
    app = RateLimit(app, limits)
    app = TrustedHost(app, allowed_hosts)
    app = ErrorResponses(app)
    app = LingeringClose(app)
    app = SecurityHeaders(app)
    return AccessLog(app)
