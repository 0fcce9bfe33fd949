"""What the version before wrote is still read, and gives the same words, dances and scores.

``tests/previous_version`` holds a vocabulary, a model with every language model (untrained, tiny), poses of 3 seconds
of the example, and in ``expected.json`` what that version (commit b0da58c) encoded, decoded, generated and scored.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from bopbot.codec_presets import find_codec_preset
from bopbot.codecs import load_codec, save_codec
from bopbot.dance_model import DanceModel
from bopbot.inputs.clips import clips_of
from models.sampling import GenerationOptions, generate
from pose_vocab.cleaning import Cleaning
from pose_vocab.codec.codec import Codec
from pose_vocab.normalization import Clip
from pose_vocab.sequence import PoseSequence

FOLDER = Path(__file__).resolve().parents[1] / "previous_version"
EXPECTED: dict[str, Any] = json.loads((FOLDER / "expected.json").read_text())


@pytest.fixture(scope="module")
def model() -> DanceModel:
    return DanceModel.load(FOLDER / "model")


def assert_encodes_the_same(codec: Codec[Clip], preset: str) -> None:
    (clip,) = clips_of(PoseSequence.load(FOLDER / "poses.npz"), find_codec_preset(preset), Cleaning())
    ids = codec.encode(clip)
    assert ids.reshape(-1).tolist() == EXPECTED[f"encoded_{preset}"]
    decoded = codec.decode(ids[:20]).poses.keypoints[5]
    np.testing.assert_allclose(decoded, EXPECTED[f"decoded_{preset}"], atol=1e-5)


def test_a_vocabulary_encodes_and_decodes_the_same(tmp_path: Path) -> None:
    codec = load_codec(FOLDER / "vocabulary_picture")
    assert_encodes_the_same(codec, "picture")
    save_codec(codec, tmp_path / "words")
    assert_encodes_the_same(load_codec(tmp_path / "words"), "picture")


def test_a_models_words_are_the_same(model: DanceModel) -> None:
    assert_encodes_the_same(model.codec, "limbs")


@pytest.mark.parametrize("name", ["gpt2", "lstm", "mixture"])
def test_a_language_model_generates_and_scores_the_same(model: DanceModel, name: str) -> None:
    (exemplar,) = model.exemplars
    assert exemplar.name == "salsa"
    network, prompt = model.language_model(name), exemplar.ids[:5]
    ids = generate(network, prompt, GenerationOptions(6), torch.Generator().manual_seed(5))
    assert ids.reshape(-1).tolist() == EXPECTED["generated"][name]
    np.testing.assert_allclose(network.losses(prompt).reshape(-1), EXPECTED["losses"][name], rtol=1e-5)


def test_what_is_saved_again_is_of_this_version(model: DanceModel, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    again = DanceModel.load(tmp_path / "model")
    assert again.exemplars[0].ids.tolist() == model.exemplars[0].ids.tolist()
    assert_encodes_the_same(again.codec, "limbs")
