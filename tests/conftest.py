"""What every test may ask for: the real clips and motion that lie beside the checkout."""

import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings
from required_programs import lacks

import models  # noqa: F401  first of all: it sets how the threads of torch wait

# A run in the background may start with Ctrl-C ignored, and its child processes with it; tests press Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes depends on what else the machine does.
settings.register_profile("bopbot", deadline=None)
settings.load_profile("bopbot")

LONGEST_FIRST = (
    "tests/test_readme.py",
    "tests/service/test_durability.py",
    "tests/bopbot/choreography/test_pipeline.py",
    "tests/bopbot/training/test_resumable_run.py",
    "tests/pose_vocab/extraction/test_dancers.py",
    "tests/service/test_load.py",
    "tests/bopbot/choreography/test_composition.py",
    "tests/service/worker/test_tasks.py",
    "tests/service/test_docs.py",
    "tests/service/store/test_postgres.py",
    "tests/render/test_outputs.py",
    "tests/service/http/test_schema.py",
    "tests/render/test_player.py",
    "tests/service/test_page.py",
    "tests/service/worker/test_sandbox.py",
    "tests/models/test_language_models.py",
)
"""Files that take longest begin first, or one process would still be at work when the other has nothing left."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files, and mark every test slow that needs a real browser."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)
    ranks = {file: rank for rank, file in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: ranks.get(item.nodeid.partition("::")[0], len(ranks)))


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real clips, motion and reference landmarks (``shared/data`` beside the checkout).

    ``BOPBOT_DATA`` names another. Without it a test is skipped, or fails in CI.
    """
    beside_the_checkout = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("BOPBOT_DATA", beside_the_checkout))
    if not folder.is_dir():
        lacks(f"no test data at {folder}; set BOPBOT_DATA to a folder that holds video/, mocap/ and reference/")
    return folder
