"""Pictures dance through the same line as joints, without a line of special treatment."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from builders import TINY
from picture_motion import FPS, PICTURES, PLACES, SIDE_PX, PictureClip, spot

from bopbot.choreography.composition import compose, known_dances
from bopbot.choreography.generation import Sampling, continue_dance, opening_of
from bopbot.choreography.inbetweening import Span
from bopbot.choreography.options import CompositionOptions
from bopbot.codec_presets import CODEC_PRESETS
from bopbot.codecs import build_codec
from bopbot.dance_model import DanceModel
from bopbot.exemplars import Exemplar
from bopbot.training.adaptation import adapt
from bopbot.training.augmentation import mirrored_too
from bopbot.training.corpus import Corpus, stretches_of
from bopbot.training.training import TrainingPlan, learn
from pose_vocab.ids import GAP

CLIPS = [spot(240, seed=1), spot(200, seed=2)]
ONCE = CompositionOptions(max_copied=1)


@pytest.fixture(scope="module", autouse=True)
def preset() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(CODEC_PRESETS, "pictures", PICTURES)
        yield


@pytest.fixture(scope="module")
def model(preset: None) -> DanceModel:
    codec = build_codec(CLIPS, "pictures", n_words=60, seed=0)
    dances = stretches_of(codec, mirrored_too(CLIPS))
    exemplars = tuple(Exemplar("spot", ids) for ids in dances[:2])
    return learn(Corpus(codec, dances, [], 440, exemplars), TrainingPlan(["gpt2", "lstm"], TINY, TINY.training)).model


def brightest(clip: PictureClip) -> np.ndarray:
    """Distance of the brightest pixel from the middle, (frames,)."""
    at = clip.values.argmax(axis=1)
    return np.hypot(at // SIDE_PX - (SIDE_PX - 1) / 2, at % SIDE_PX - (SIDE_PX - 1) / 2)


def test_pictures_are_encoded_and_decoded(model: DanceModel) -> None:
    ids = model.codec.encode(CLIPS[0])
    assert ids.shape == (240, 2)
    decoded = model.codec.decode(ids)
    assert np.abs(decoded.values - CLIPS[0].values).mean() < 0.25 * CLIPS[0].values.std()


def test_what_is_saved_dances_the_same(model: DanceModel, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    loaded = DanceModel.load(tmp_path / "model")
    assert loaded.codec.places == PLACES
    assert [one.name for one in loaded.exemplars] == ["spot", "spot"]
    dances = [compose(one, "gpt2", CLIPS, [], Sampling(2, seed=3), ONCE).dance.values for one in (model, loaded)]
    assert np.array_equal(*dances)


@pytest.mark.parametrize("language_model", ["gpt2", "lstm"])
def test_a_new_dance_is_of_such_pictures(model: DanceModel, language_model: str) -> None:
    made = compose(model, language_model, CLIPS, known_dances(model, CLIPS), Sampling(6, seed=1), ONCE)
    assert isinstance(made.dance, PictureClip)
    assert (len(made.dance), made.ids.shape) == (61, (61, 2))
    assert np.mean(np.abs(brightest(made.dance) - np.median(brightest(CLIPS[0]))) < 1) > 0.8
    assert {nearest.name for nearest in made.novelty.seconds} <= {
        f"{name}{mirrored}" for name in ("the video", "spot") for mirrored in ("", ", mirrored")
    }


def test_a_copy_is_found(model: DanceModel) -> None:
    made = compose(model, "gpt2", CLIPS, [], Sampling(4, seed=1), ONCE)
    known = known_dances(model, [made.dance])
    again = compose(model, "gpt2", CLIPS, known, Sampling(4, seed=1), CompositionOptions(max_copied=0))
    assert again.drawn > 1
    assert again.seed != made.seed


def test_kept_seconds_stay_and_the_rest_is_filled(model: DanceModel) -> None:
    keep = (Span(1, 2), Span(4, 5))
    made = compose(model, "gpt2", CLIPS[:1], [], Sampling(6, seed=1), CompositionOptions(keep=keep, max_copied=1))
    for span in keep:
        frames = slice(round(span.begin_s * FPS), round(span.end_s * FPS))
        assert np.array_equal(made.dance.values[frames], CLIPS[0].values[frames])
    assert made.seam is not None and made.seam < 2


def test_a_dance_is_put_on_the_beat(model: DanceModel) -> None:
    made = compose(model, "gpt2", CLIPS, [], Sampling(6, seed=1), ONCE, np.arange(0.3, 20, 0.5))
    assert len(made.dance) == 6 * FPS + 1
    assert made.beat_alignment is not None


def test_a_model_is_adapted_to_other_pictures(model: DanceModel) -> None:
    other = PictureClip(np.float32(0.5) * spot(160, period=11, seed=5).pictures)
    adapted = adapt(model, [other], ["gpt2"], seed=0)
    assert adapted.codec.lexicon.n_words > model.codec.lexicon.n_words
    ids, _ = continue_dance(adapted, "gpt2", *opening_of(adapted.codec, [other]), Sampling(4, seed=1))
    assert adapted.own_words[ids].mean() > 0.7


def test_a_half_that_is_unseen_is_a_gap_and_is_filled(model: DanceModel) -> None:
    pictures = CLIPS[0].pictures.copy()
    pictures[:, SIDE_PX // 2 :] = np.nan
    half = PictureClip(pictures)
    opening, before = opening_of(model.codec, [half])
    assert (opening[:, 0] != GAP).all()
    assert (opening[:, 1] == GAP).all()
    ids, dance = continue_dance(model, "gpt2", opening, before, Sampling(3, seed=1))
    assert (ids != GAP).all()
    assert np.isfinite(dance.values).all()
    made = compose(model, "gpt2", [half], [], Sampling(5, seed=1), CompositionOptions(keep=(Span(1, 3),), max_copied=1))
    kept = made.dance.values[10:30]
    assert np.isfinite(made.dance.values).all()
    assert np.array_equal(kept[:, : SIDE_PX**2 // 2], CLIPS[0].values[10:30, : SIDE_PX**2 // 2])
