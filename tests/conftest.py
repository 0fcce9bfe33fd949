"""What every test may ask for: the real clips and motion that lie beside the checkout."""

import os
import signal
from pathlib import Path

import pytest
from required_programs import lacks

import models  # noqa: F401  first of all: it sets how the threads of torch wait

# A run in the background may start with Ctrl-C ignored, and its child processes with it; tests press Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)


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
