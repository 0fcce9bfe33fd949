"""HTTP requests to a server, with retries, and with errors of one sentence."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from importlib.metadata import version
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import InvalidHeader
from urllib3.util import Retry

from pose_vocab.errors import BopBotError

PAUSES_S = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds between retries, together enough for a restart of the server."""
LONGEST_PAUSE_S = 60.0
"""A request is not repeated if the server asks for a longer pause (``Retry-After``)."""
TRANSIENT = (429, 500, 502, 503, 504)
"""Status codes after which a retry may succeed."""
PIECE_BYTES = 2**16
Answer = TypeVar("Answer")


class ResponseError(BopBotError):
    """A server rejected a request or did not respond.

    Parameters
    ----------
    status : the HTTP status; None if there was no response.
    transient : whether a retry may succeed.
    retry_after_s : seconds to wait before it, if the server specified them.
    """

    def __init__(
        self, message: str, status: int | None = None, *, transient: bool = False, retry_after_s: float = 0.0
    ) -> None:
        super().__init__(message)
        self.status = status
        self.transient = transient and retry_after_s <= LONGEST_PAUSE_S
        self.retry_after_s = retry_after_s


def retry(attempt: Callable[[], Answer]) -> Answer:
    """Return the result of `attempt`, repeated up to six times after transient errors."""
    for pause_s in PAUSES_S:
        try:
            return attempt()
        except ResponseError as error:
            if not error.transient:
                raise
            time.sleep(max(pause_s, error.retry_after_s))
    return attempt()


class Server:
    """A connection to a server.

    Parameters
    ----------
    url : its address, like ``https://dance.example.org``.
    timeout_s : seconds without a byte after which a request has failed.

    Raises
    ------
    ResponseError : the address is invalid. From each method: the server cannot be reached, or rejects the request.
    """

    def __init__(self, url: str, timeout_s: float) -> None:
        try:
            parts = urlsplit(url)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        if not usable or parts.query or parts.fragment:
            raise ResponseError(f"{url!r} is not the address of a server; write it like https://dance.example.org")
        self.url = url.rstrip("/")
        self._timeout_s = timeout_s
        self._session = requests.Session()
        self._session.headers["User-Agent"] = f"BopBot/{version('bopbot')}"

    def ask(self, method: str, path: str, **request: Any) -> requests.Response:
        """Return the response to a request that is safe to repeat."""
        return retry(lambda: self.ask_once(method, path, **request))

    def ask_once(
        self, method: str, path: str, *, transient: Collection[int] = TRANSIENT, **request: Any
    ) -> requests.Response:
        """Return the response to one request; redirects are not followed."""
        try:
            answer = self._session.request(
                method, self.url + path, timeout=self._timeout_s, allow_redirects=False, **request
            )
        except requests.RequestException as error:
            raise self._connection_error(error) from error
        if answer.status_code >= 300:
            with answer:
                raise self._refusal(answer, transient)
        return answer

    def pieces(self, answer: requests.Response, size: int | None = PIECE_BYTES) -> Iterator[bytes]:
        """Yield the body of a streamed response, with `size` None as it arrives; a lost connection is transient."""
        try:
            yield from answer.iter_content(size)
        except requests.RequestException as error:
            raise self._connection_error(error) from error

    def _connection_error(self, error: requests.RequestException) -> ResponseError:
        if isinstance(error, requests.exceptions.SSLError):
            return ResponseError(f"there is no secure connection to {self.url}: {_reason(error)}")
        if isinstance(error, requests.Timeout):
            return ResponseError(
                f"{self.url} has not responded for {self._timeout_s:g} s; try again later", transient=True
            )
        if isinstance(error, requests.ConnectionError | requests.exceptions.ChunkedEncodingError):
            return ResponseError(
                f"{self.url} cannot be reached: {_reason(error)}; check that it runs and that the address is right",
                transient=True,
            )
        return ResponseError(f"the request to {self.url} failed: {error}")

    def _refusal(self, answer: requests.Response, transient: Collection[int]) -> ResponseError:
        status = answer.status_code
        if "Location" in answer.headers:
            return ResponseError(
                f"{self.url} redirects to {answer.headers['Location']}; if you trust it, use that address", status
            )
        wait_s = _retry_after_s(answer)
        try:
            message = str(answer.json()["detail"])
        except (ValueError, KeyError, TypeError, requests.RequestException):
            message = f"{self.url} responded with {status} {answer.reason}" + (
                f"; try again in {wait_s:.0f} s" if wait_s else ""
            )
        return ResponseError(message, status, transient=status in transient, retry_after_s=wait_s)


def _retry_after_s(answer: requests.Response) -> float:
    try:
        return Retry().parse_retry_after(answer.headers["Retry-After"])
    except (KeyError, InvalidHeader):
        return 0.0


def _reason(error: BaseException) -> str:
    """Return the message of the system under the errors that libraries wrap around it."""
    message = str(error)
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, OSError) and inner.strerror:
            message = inner.strerror
        inner = inner.__cause__ or inner.__context__
    return message
