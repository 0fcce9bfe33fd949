"""A command line that tests can type into, and the poses of the example video, extracted once."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from builders import TINY, random_walk_px

from bopbot.__main__ import main
from bopbot.dance_model import STARTER, DanceModel
from bopbot.training.corpus import CorpusOptions, build_corpus
from bopbot.training.training import TrainingPlan, learn
from pose_vocab.cleaning import Cleaning
from pose_vocab.extraction import extract
from pose_vocab.sequence import PoseSequence

EXAMPLE = Path(__file__).resolve().parents[2] / "bopbot" / "example" / "salsa.mp4"


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


Bopbot = Callable[..., Answer]


@pytest.fixture
def bopbot(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Bopbot:
    """Run ``bopbot`` with these words behind it, in this process."""

    def run(*words: object) -> Answer:
        monkeypatch.setattr(sys, "argv", ["bopbot", *map(str, words)])
        capfd.readouterr()
        code = 0
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        captured = capfd.readouterr()
        return Answer(code, captured.out, captured.err)

    return run


@pytest.fixture(scope="session")
def example() -> Path:
    """The video of a mannequin dancing salsa that the package carries."""
    return EXAMPLE


@pytest.fixture(scope="session")
def example_poses(example: Path) -> PoseSequence:
    """What MediaPipe sees in the example video."""
    return extract(example)


@pytest.fixture(scope="session")
def example_poses_file(example_poses: PoseSequence, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("example") / "salsa.npz"
    example_poses.save(path)
    return path


@pytest.fixture(scope="session")
def dances(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of four dances of five seconds."""
    folder = tmp_path_factory.mktemp("dances")
    for take in range(4):
        random_walk_px(100, seed=take).save(folder / f"take_{take}.npz")
    return folder


@pytest.fixture(scope="session")
def starter() -> DanceModel:
    """The model that the package carries; tests do not change it."""
    return DanceModel.load(STARTER)


@pytest.fixture(scope="session")
def tiny_model(dances: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model of 30 words that has learned next to nothing, with both language models of a dancer."""
    recipe = CorpusOptions("limbs", 30, None, None, "0", False, 0, Cleaning())
    corpus = build_corpus([dances], recipe, notice=pytest.fail)
    path = tmp_path_factory.mktemp("learned") / "model"
    learn(corpus, TrainingPlan(["gpt2", "lstm"], TINY, replace(TINY.training, steps=2))).save(path, corpus)
    return path
