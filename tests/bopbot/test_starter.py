"""The starter model is as the README describes it."""

import json
from pathlib import Path

import pytest
from held_out_halves import generate_dances, predict_second_half

from bopbot.codec_presets import DEFAULT_PRESET, find_codec_preset
from bopbot.dance_model import STARTER, TRAINING, DanceModel
from bopbot.inputs.clips import clips_of
from pose_vocab.cleaning import Cleaning
from pose_vocab.extraction import extract
from pose_vocab.normalization import Clip

LARGEST_BYTES = 20_000_000


def test_it_is_small_and_whole(starter: DanceModel) -> None:
    assert sum(path.stat().st_size for path in STARTER.rglob("*") if path.is_file()) < LARGEST_BYTES
    assert list(starter.language_models) == ["gpt2", "lstm", "mixture"]
    assert starter.codec.preset == DEFAULT_PRESET
    assert starter.codec.lexicon.n_words <= find_codec_preset(DEFAULT_PRESET).max_words
    assert starter.exemplars
    assert starter.adapted_from is None


def test_its_networks_predict_held_out_takes_better_than_counts_do() -> None:
    perplexity = json.loads((STARTER / TRAINING).read_text())["held_out_perplexity_a_frame"]
    assert max(perplexity["gpt2"], perplexity["lstm"]) < perplexity["bigram"] < perplexity["unigram"]
    assert perplexity["bigram"] < perplexity["repeat"]


@pytest.fixture(scope="module")
def dancer(data: Path, starter: DanceModel) -> list[Clip]:
    """A real dancer that the starter was not trained on."""
    return clips_of(extract(data / "video" / "dancer_3.mp4"), find_codec_preset(starter.codec.preset), Cleaning())


@pytest.mark.slow
def test_adapting_to_half_of_a_clip_improves_the_other_half(starter: DanceModel, dancer: list[Clip]) -> None:
    figures = predict_second_half(starter, "gpt2", dancer)
    assert figures.error_with <= 0.055 < figures.error_without
    assert figures.bits_with < figures.bits_without


@pytest.mark.slow
@pytest.mark.parametrize("language_model", ["gpt2", "lstm"])
def test_a_dance_is_the_dancers_own_and_no_copy(starter: DanceModel, dancer: list[Clip], language_model: str) -> None:
    figures = generate_dances(starter, language_model, dancer)
    assert figures.own_share > 0.9
    assert figures.longest_copied_s <= 3
    assert figures.distinct_words > 0.5 * figures.real_distinct_words
