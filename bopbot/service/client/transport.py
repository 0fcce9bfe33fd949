"""How a server is asked over HTTP: what goes wrong becomes one sentence, and what passes is waited for."""

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
"""Seconds between one try and the next: a server that is started anew is there again by then."""
LONGEST_PAUSE_S = 60.0
"""A server that asks for more patience (``Retry-After``) is not waited for."""
PASSING = (429, 500, 502, 503, 504)
"""Statuses that may be others when asked again."""
PIECE_BYTES = 2**16
Answer = TypeVar("Answer")


class AnswerError(BopBotError):
    """A server says no, or nothing.

    Parameters
    ----------
    status : of HTTP; None where there was no answer.
    passes : whether asking again may help.
    retry_after_s : seconds until then, where the server says so.
    """

    def __init__(
        self, message: str, status: int | None = None, *, passes: bool = False, retry_after_s: float = 0.0
    ) -> None:
        super().__init__(message)
        self.status = status
        self.passes = passes and retry_after_s <= LONGEST_PAUSE_S
        self.retry_after_s = retry_after_s


def retry(attempt: Callable[[], Answer]) -> Answer:
    """What `attempt` gives, after up to six more tries where its AnswerError passes."""
    for pause_s in PAUSES_S:
        try:
            return attempt()
        except AnswerError as error:
            if not error.passes:
                raise
            time.sleep(max(pause_s, error.retry_after_s))
    return attempt()


class Server:
    """A server at an address.

    Parameters
    ----------
    url : like ``https://dance.example.org``.
    timeout_s : seconds without a byte after which it counts as gone.

    Raises
    ------
    AnswerError : that is no address. From each method: the server cannot be reached, or says no.
    """

    def __init__(self, url: str, timeout_s: float) -> None:
        try:
            parts = urlsplit(url)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        if not usable or parts.query or parts.fragment:
            raise AnswerError(f"{url!r} is no address of a server; write it like https://dance.example.org")
        self.url = url.rstrip("/")
        self._timeout_s = timeout_s
        self._session = requests.Session()
        self._session.headers["User-Agent"] = f"BopBot/{version('bopbot')}"

    def ask(self, method: str, path: str, **request: Any) -> requests.Response:
        """The answer to a request that does no harm when it is made twice."""
        return retry(lambda: self.ask_once(method, path, **request))

    def ask_once(
        self, method: str, path: str, *, passing: Collection[int] = PASSING, **request: Any
    ) -> requests.Response:
        """The answer to one request; no redirect is followed, to this host or another."""
        try:
            answer = self._session.request(
                method, self.url + path, timeout=self._timeout_s, allow_redirects=False, **request
            )
        except requests.RequestException as error:
            raise self._silence(error) from error
        if answer.status_code >= 300:
            with answer:
                raise self._refusal(answer, passing)
        return answer

    def pieces(self, answer: requests.Response, size: int | None = PIECE_BYTES) -> Iterator[bytes]:
        """The body of a streamed answer; with `size` None as it comes in. Cut off, it raises what passes."""
        try:
            yield from answer.iter_content(size)
        except requests.RequestException as error:
            raise self._silence(error) from error

    def _silence(self, error: requests.RequestException) -> AnswerError:
        if isinstance(error, requests.exceptions.SSLError):
            return AnswerError(f"there is no secure connection to {self.url}: {_reason(error)}")
        if isinstance(error, requests.Timeout):
            return AnswerError(f"{self.url} has not answered for {self._timeout_s:g} s; try again later", passes=True)
        if isinstance(error, requests.ConnectionError | requests.exceptions.ChunkedEncodingError):
            return AnswerError(
                f"{self.url} cannot be reached: {_reason(error)}; see whether it runs and the address is right",
                passes=True,
            )
        return AnswerError(f"{self.url} cannot be asked: {error}")

    def _refusal(self, answer: requests.Response, passing: Collection[int]) -> AnswerError:
        status = answer.status_code
        if "Location" in answer.headers:
            return AnswerError(f"{self.url} leads on to {answer.headers['Location']}; if you trust it, name it", status)
        wait_s = _retry_after_s(answer)
        try:
            said = str(answer.json()["detail"])
        except (ValueError, KeyError, TypeError, requests.RequestException):
            said = f"{self.url} answered {status} {answer.reason}" + (
                f"; try again in {wait_s:.0f} s" if wait_s else ""
            )
        return AnswerError(said, status, passes=status in passing, retry_after_s=wait_s)


def _retry_after_s(answer: requests.Response) -> float:
    try:
        return Retry().parse_retry_after(answer.headers["Retry-After"])
    except (KeyError, InvalidHeader):
        return 0.0


def _reason(error: BaseException) -> str:
    """What the system says, under all that libraries wrap around it."""
    said = str(error)
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, OSError) and inner.strerror:
            said = inner.strerror
        inner = inner.__cause__ or inner.__context__
    return said
