"""The API does what its documentation says, whatever it is sent."""

import os
from collections.abc import Callable
from contextlib import suppress

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.schemas import APIOperation, BaseSchema
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance
from service.support.app_server import AppServer

schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
TUS = {"Tus-Resumable": "1.0.0"}
"""Uploads that can be resumed answer nothing without it."""
FAR_S = 4_000_000_000
"""A worker whose file was touched then, in seconds since 1970, is alive for all of the test."""
EXCEPT = {
    # In a form all is text, so a wrong type may look like the right one.
    "POST /api/jobs": [negative_data_rejection],
    # How large an upload may be is up to the operator.
    "POST /api/uploads": [positive_data_acceptance],
}
thorough = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
    database=None,
    derandomize=True,
)


@pytest.fixture(scope="module")
def app_server(app_server_with: Callable[..., AppServer]) -> AppServer:
    app_server = app_server_with(waiting=1_000_000, takes=1_000_000)
    worker = app_server.storage.root / "workers" / "by-hand.0"
    worker.parent.mkdir(exist_ok=True)
    worker.write_text("ready")
    os.utime(worker, (FAR_S, FAR_S))
    return app_server


@pytest.fixture(scope="module")
def operations(app_server: AppServer) -> list[APIOperation]:
    documentation: BaseSchema = schemathesis.openapi.from_url(f"{app_server.url}/openapi.json")
    return [found.ok() for found in documentation.get_all_operations()]


def check(case: Case) -> None:
    if isinstance(case.body, dict):
        case.body.pop("webhook", None)  # not every text is a URL
    case.call_and_validate(timeout=20, headers=TUS, excluded_checks=EXCEPT.get(case.operation.label, []))


@pytest.mark.slow
@pytest.mark.parametrize("mode", GenerationMode)
def test_whatever_is_sent(operations: list[APIOperation], mode: GenerationMode, subtests: pytest.Subtests) -> None:
    for operation in operations:
        nothing_can_be_wrong = [Unsatisfiable] if mode is GenerationMode.NEGATIVE else []
        with subtests.test(operation.label), suppress(*nothing_can_be_wrong):
            thorough(given(operation.as_strategy(mode))(check))()


def test_whatever_is_asked_of_a_dance(
    operations: list[APIOperation], app_server: AppServer, subtests: pytest.Subtests
) -> None:
    job_id = app_server.danced()
    (app_server.storage.take(job_id, 1) / "dance.gif").write_bytes(b"GIF89a")
    for operation in operations:
        if "{job_id}" not in operation.path or operation.label == "DELETE /api/jobs/{job_id}":
            continue
        known = {"job_id": job_id, **({"number": 1} if "{number}" in operation.path else {})}
        with subtests.test(operation.label):
            thorough(given(operation.as_strategy(path_parameters=known))(check))()
