"""A queue that only remembers, and a clock that tests set."""

import sqlalchemy as sa

NOON_S = 43_200.0


class FakeQueue:
    """A queue that only remembers."""

    def __init__(self) -> None:
        self.put_in: list[tuple[str, int]] = []
        self.calls: list[tuple[str, int]] = []

    def put(self, connection: sa.Connection, job_id: str, number: int) -> None:
        self.put_in.append((job_id, number))

    def put_webhook(self, connection: sa.Connection, job_id: str, number: int) -> None:
        self.calls.append((job_id, number))

    def cancel(self, job_id: str, number: int) -> None:
        self.put_in.remove((job_id, number))


class Clock:
    now_s = NOON_S

    def __call__(self) -> float:
        return self.now_s
