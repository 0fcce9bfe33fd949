"""A dance, and a tiny model of it."""

import pytest
from builders import TINY, random_walk_px

from bopbot.codecs import build_codec
from bopbot.dance_model import DanceModel
from bopbot.training.corpus import Corpus, stretches_of
from bopbot.training.training import TrainingPlan, learn
from pose_vocab.normalization import Clip, normalize


@pytest.fixture(scope="session")
def clip() -> Clip:
    return normalize(random_walk_px(120, seed=3))


@pytest.fixture(scope="session")
def model(clip: Clip) -> DanceModel:
    words = build_codec([clip], "limbs", n_words=60, seed=0)
    corpus = Corpus(words, stretches_of(words, [clip]), [], len(clip))
    return learn(corpus, TrainingPlan(["gpt2"], TINY, TINY.training)).model
