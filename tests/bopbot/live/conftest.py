"""A dancer who walks about, as poses and as a file."""

from pathlib import Path

import pytest
from builders import random_walk_px

from pose_vocab.sequence import PoseSequence


@pytest.fixture(scope="session")
def walk() -> PoseSequence:
    """Twenty seconds of a random walk."""
    return random_walk_px(440, seed=3)[20:420]


@pytest.fixture(scope="session")
def walk_file(walk: PoseSequence, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("live") / "walk.npz"
    walk.save(path)
    return path
