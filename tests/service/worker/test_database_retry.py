"""A database that does not answer for a while."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from bopbot.service.worker import database_retry as patience
from bopbot.service.worker.database_retry import retry_on_database_error


def test_it_is_asked_until_it_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "FIRST_WAIT_S", 0.001)
    errors = [OperationalError("SELECT", {}, OSError("it restarts")) for _ in range(3)]

    def ask() -> str:
        if errors:
            raise errors.pop()
        return "here"

    assert retry_on_database_error(ask) == "here"


def test_what_is_wrong_with_the_question_is_told_at_once() -> None:
    def ask() -> None:
        raise IntegrityError("INSERT", {}, ValueError("it is there already"))

    with pytest.raises(IntegrityError):
        retry_on_database_error(ask)
