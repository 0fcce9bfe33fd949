"""What every test may ask for: the real clips and motion that lie beside the checkout."""

import os
from pathlib import Path

import pytest

import models  # noqa: F401  first of all: it sets how the threads of torch wait


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real clips, motion and reference landmarks (``shared/data`` beside the checkout).

    ``BOPBOT_DATA`` names another. Missing data skips a test on a visitor's machine and fails it in CI.
    """
    beside_the_checkout = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("BOPBOT_DATA", beside_the_checkout))
    if folder.is_dir():
        return folder
    reason = f"no test data at {folder}; set BOPBOT_DATA to a folder that holds video/, mocap/ and reference/"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
