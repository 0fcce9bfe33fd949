"""What holds for every network, whether a row has one place or several."""

import math
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest
import torch
from dances import (
    GRAMMARS,
    KINDS,
    ONE,
    SEVERAL,
    changed,
    close,
    dance,
    ids,
    logits_by_forward,
    losses_by_reader,
    outspoken,
    same_weights,
    seeded,
    with_half_the_weights,
    words_of,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models import lstm_stack as recurrent
from models.language_model import TrainableLanguageModel, mean_loss
from models.row_layout import RowLayout
from models.sampling import GenerationOptions, generate
from models.training import TrainingOptions, train
from pose_vocab.errors import ModelError, OutputError

every_kind = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture(scope="module", params=product(KINDS, GRAMMARS), ids=" of ".join)
def model(request: pytest.FixtureRequest) -> TrainableLanguageModel:
    kind, layout = request.param
    return outspoken(KINDS[kind](GRAMMARS[layout], seed=3))


@pytest.fixture(scope="module", params=KINDS)
def rows_model(request: pytest.FixtureRequest) -> TrainableLanguageModel:
    """Of several places."""
    return outspoken(KINDS[request.param](SEVERAL, seed=3))


@pytest.mark.parametrize("n_rows", [1, 2, 7, 11])
def test_a_reader_says_what_the_network_says(model: TrainableLanguageModel, n_rows: int) -> None:
    """After a whole row and within the next one."""
    stream = dance(model.layout, n_rows + 1)
    for end in range(n_rows * model.layout.places, len(stream)):
        logits = model.reader().read(stream[:end])
        assert (logits.shape, logits.dtype) == ((model.layout.n_words,), torch.float32)
        assert close(logits, logits_by_forward(model, stream[:end]))


def test_only_words_of_the_next_place_can_come(model: TrainableLanguageModel) -> None:
    reader = model.reader()
    for i, word in enumerate(ids(model.layout.n_words, *dance(model.layout, 2))):
        possible = torch.isfinite(reader.read(ids(word)))
        assert model.layout.place_of(np.flatnonzero(possible)).tolist() == (
            [i % model.layout.places] * model.layout.vocabularies[i % model.layout.places]
        )


@settings(max_examples=30, deadline=None)
@given(pieces=st.lists(st.integers(1, 30), min_size=1, max_size=6))
def test_in_whatever_pieces_a_dance_is_read_the_next_word_is_the_same(
    model: TrainableLanguageModel, pieces: list[int]
) -> None:
    stream = np.concatenate([[model.layout.n_words], dance(model.layout, sum(pieces))])[: sum(pieces)]
    reader = model.reader()
    for piece in np.split(stream, np.cumsum(pieces)[:-1]):
        logits = reader.read(piece)
    assert close(logits, model.reader().read(stream))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(n_rows=st.integers(0, 40), at_once=st.integers(1, 50))
def test_a_dance_is_scored_as_a_reader_foresees_it(model: TrainableLanguageModel, n_rows: int, at_once: int) -> None:
    stream = dance(model.layout, n_rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recurrent, "SCORED_AT_ONCE", at_once)
        losses = model.losses(stream)
    assert (losses.shape, losses.dtype) == (stream.shape, np.float64)
    np.testing.assert_allclose(losses, losses_by_reader(model, stream), rtol=1e-4, atol=2e-4)


def test_one_of_all_rows_comes_next(rows_model: TrainableLanguageModel) -> None:
    """Their probabilities sum to 1, after the beginning and after a row."""
    layout = rows_model.layout
    every_row = list(product(*(range(layout.n_words)[layout.ids(place)] for place in range(layout.places))))
    for before in (ids(), ids(3, 4, 5)):
        losses = [rows_model.losses(ids(*before, *row))[-3:].sum() for row in every_row]
        assert sum(math.exp(-loss) for loss in losses) == pytest.approx(1, abs=1e-4)


def test_a_word_hangs_on_the_words_before_it_in_its_row(rows_model: TrainableLanguageModel) -> None:
    after = [rows_model.reader().read(ids(8, first, 4))[5:] for first in range(4)]
    for one, other in pairwise(after):
        assert not close(torch.log_softmax(one, 0), torch.log_softmax(other, 0))


@every_kind
def test_words_that_come_together_are_foreseen_together(kind: str) -> None:
    """By chance one of three words, and the same of three others beside it: counting each place cannot tell."""
    layout = words_of(3, 3)
    first = np.random.default_rng(0).integers(0, 3, 300)
    together = np.stack([first, first + 3], axis=1).ravel()
    model = KINDS[kind](layout)
    train(model, [together[:400]], TrainingOptions(steps=200, batch_size=8, learning_rate=1e-2))
    by_place = model.losses(together[400:]).reshape(-1, 2).mean(axis=0)
    assert by_place[0] > 0.9 * math.log(3)
    assert by_place[1] < 0.5 * math.log(3)


@pytest.mark.parametrize("kind", ["gpt2", "lstm"])
def test_training_makes_the_nats_of_whole_rows_smaller(kind: str) -> None:
    """The row that begins a dance is read, not foreseen; a check tells the loss of a word."""
    model = outspoken(KINDS[kind](SEVERAL))
    stream = dance(SEVERAL, 5)
    rows = np.concatenate([SEVERAL.beginning, stream, SEVERAL.beginning]).reshape(1, -1, 3)
    row_loss = model.loss(torch.from_numpy(rows)).item()
    assert row_loss == pytest.approx(model.losses(stream).sum() / 5, rel=1e-4)
    check = train(KINDS[kind](SEVERAL), [stream], TrainingOptions(steps=1)).history[0]
    assert 0.5 < check.train_loss / (np.log(SEVERAL.vocabularies).sum() / 3) < 2


@pytest.mark.parametrize("kind", ["gpt2", "lstm"])
def test_how_a_dance_begins_is_learned_and_a_cycle_is_danced_on(kind: str) -> None:
    """It begins on the last words, which come nowhere else; the cycles of both places have their own lengths."""
    layout = words_of(4, 6)
    stream = np.stack([np.arange(-1, 60) % 3, 4 + np.arange(-1, 60) % 5], axis=1)
    stream[0] = 3, 9
    model = KINDS[kind](layout)
    train(model, [stream.ravel()], TrainingOptions(steps=300, batch_size=8, learning_rate=1e-2))
    danced = generate(model, ids(), GenerationOptions(12, temperature=0), seeded())
    assert danced.reshape(-1, 2).tolist() == stream[:12].tolist()


def test_the_beginning_is_read_and_never_predicted(model: TrainableLanguageModel) -> None:
    layout = model.layout
    assert close(model.reader().read(ids(layout.n_words)), logits_by_forward(model, layout.beginning))
    danced = generate(model, ids(), GenerationOptions(60, top_k=None, top_p=1), seeded())
    assert layout.rows(danced).shape == (60, layout.places)


@pytest.mark.parametrize("unreadable", [ids(), ids(12), ids(0, -1)])
def test_ids_that_are_no_words_are_refused(model: TrainableLanguageModel, unreadable: NDArray[np.int64]) -> None:
    with pytest.raises(ModelError, match=f"reads ids 0 to {model.layout.n_words}"):
        model.reader().read(unreadable)


def test_words_that_cannot_stand_there_are_refused(rows_model: TrainableLanguageModel) -> None:
    reader = rows_model.reader()
    with pytest.raises(ModelError, match="from its beginning, id 8, or from a whole row of 3 words on, got 2 words"):
        reader.read(ids(3, 4))
    expected = reader.read(ids(8, 3))
    with pytest.raises(ModelError, match="word 5 belongs at place 2"):
        reader.read(ids(5))
    assert torch.equal(reader.read(ids(4, 5, 3)), rows_model.reader().read(ids(8, 3, 4, 5, 3)))
    assert not torch.equal(expected, reader.read(ids(4)))
    for stream in (ids(3, 4), ids(4, 3, 5), ids(3, 4, 8)):
        with pytest.raises(ModelError):
            rows_model.losses(stream)


def test_a_stream_of_ids_that_is_a_view_is_read() -> None:
    stream = dance(ONE, 9)
    for build in KINDS.values():
        model = build(ONE)
        assert torch.equal(model.reader().read(stream[::-1]), model.reader().read(stream[::-1].copy()))


@every_kind
@pytest.mark.parametrize("layout", GRAMMARS.values(), ids=GRAMMARS)
def test_the_seed_decides_the_untrained_weights_and_leaves_other_chance_alone(kind: str, layout: RowLayout) -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    first, again, other = (KINDS[kind](layout, seed) for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    assert same_weights(first, again)
    first_drawn, other_drawn = (
        [weights for name, weights in model.named_parameters() if weights.std() > 0] for model in (first, other)
    )
    assert len(first_drawn) > 3
    assert not any(torch.equal(a, b) for a, b in zip(first_drawn, other_drawn, strict=True))


@every_kind
@pytest.mark.parametrize("layout", GRAMMARS.values(), ids=GRAMMARS)
def test_the_same_seed_learns_the_same_weights_bit_for_bit(kind: str, layout: RowLayout) -> None:
    learned = [KINDS[kind](layout) for _ in range(3)]
    for model, seed in zip(learned, (1, 1, 2), strict=True):
        train(model, [dance(layout, 30)], TrainingOptions(steps=5, batch_size=4, seed=seed))
    assert same_weights(*learned[:2])
    assert not same_weights(*learned[1:])


def test_a_saved_model_comes_back_bit_for_bit(model: TrainableLanguageModel, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    loaded = type(model).load(tmp_path / "model", model.layout)
    assert (loaded.size, loaded.layout, loaded.context_length) == (model.size, model.layout, 12)
    assert not loaded.training
    assert same_weights(loaded, model)
    stream = dance(model.layout, 30)
    assert torch.equal(model.reader().read(stream), loaded.reader().read(stream))
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["config.json", "model", "model.safetensors"]


def test_saving_again_takes_the_place_of_what_stood_there(model: TrainableLanguageModel, tmp_path: Path) -> None:
    KINDS["lstm"](words_of(3)).save(tmp_path / "model")
    model.save(tmp_path / "model")
    assert same_weights(type(model).load(tmp_path / "model", model.layout), model)


def test_a_model_of_another_vocabulary_is_refused(model: TrainableLanguageModel, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    with pytest.raises(ModelError, match="trained on vocabulary these words, not on other words"):
        type(model).load(tmp_path / "model", RowLayout(model.layout.vocabularies, "other words"))
    with pytest.raises(ModelError, match=r"tells of \[.*\] words, but there are \[3, 2\] in these words"):
        type(model).load(tmp_path / "model", RowLayout((3, 2), "these words"))


def test_where_no_folder_is_nothing_is_saved(model: TrainableLanguageModel, tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        model.save(tmp_path / "missing" / "model")


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda folder: (folder / "model.safetensors").unlink(), "incomplete"),
        (with_half_the_weights, "damaged"),
        (lambda folder: (folder / "config.json").write_text("{"), "cannot be read"),
        (lambda folder: (folder / "config.json").unlink(), "no model"),
        (lambda folder: (folder / "config.json").write_text("[]"), "does not describe"),
        (lambda folder: changed(folder, format="bopbot-poem 1"), r"expected format 'bopbot-(gpt2 3|lstm 2|mixture 2)'"),
        (lambda folder: changed(folder, size={"layers": 2}), "does not say its size"),
        (lambda folder: changed(folder, words=None), "tells of None words"),
        (lambda folder: changed(folder, words=12), "tells of 12 words"),
    ],
)
def test_a_damaged_model_is_refused_in_one_line(
    model: TrainableLanguageModel, tmp_path: Path, damage, complaint: str
) -> None:
    model.save(tmp_path / "model")
    damage(tmp_path / "model")
    with pytest.raises(ModelError, match=complaint) as caught:
        type(model).load(tmp_path / "model", model.layout)
    assert "\n" not in str(caught.value)


@every_kind
def test_weights_of_another_size_are_refused(kind: str, tmp_path: Path) -> None:
    model = KINDS[kind]()
    model.save(tmp_path / "model")
    changed(tmp_path / "model", words=[12])
    with pytest.raises(ModelError, match="belongs to another model"):
        type(model).load(tmp_path / "model", RowLayout((12,), "these words"))


@every_kind
def test_a_missing_model_is_refused(kind: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="there is no model"):
        type(KINDS[kind]()).load(tmp_path / "nothing", ONE)


def test_the_mean_loss_is_that_of_all_words(model: TrainableLanguageModel) -> None:
    streams = [dance(model.layout, n_rows, seed=n_rows) for n_rows in (3, 0, 9)]
    losses = np.concatenate([model.losses(stream) for stream in streams])
    assert mean_loss(model, streams) == pytest.approx(losses.mean())
