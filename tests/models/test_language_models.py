"""What holds for every network, whether a row has one place or several."""

import math
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from word_dances import (
    LAYOUTS,
    NETWORKS,
    ONE,
    SEVERAL,
    change_config,
    close,
    column,
    layout_of,
    logits_by_forward,
    losses_by_reader,
    next_logits,
    random_dance,
    row,
    rows,
    same_weights,
    seeded_generator,
    truncate_weights,
    with_large_weights,
)

from models import lstm_stack
from models.language_model import TrainableLanguageModel, mean_loss
from models.row_layout import RowLayout
from models.sampling import GenerationOptions, generate
from models.training import TrainingOptions, train
from pose_vocab.errors import ModelError, OutputError
from pose_vocab.ids import GAP

every_network = pytest.mark.parametrize("name", NETWORKS)
every_layout = pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)


@pytest.fixture(scope="module", params=product(NETWORKS, LAYOUTS), ids=" of ".join)
def model(request: pytest.FixtureRequest) -> TrainableLanguageModel:
    name, layout = request.param
    return with_large_weights(NETWORKS[name](LAYOUTS[layout], seed=3))


@pytest.fixture(scope="module", params=NETWORKS)
def model_of_several(request: pytest.FixtureRequest) -> TrainableLanguageModel:
    """An untrained network over rows of several places."""
    return with_large_weights(NETWORKS[request.param](SEVERAL, seed=3))


@pytest.mark.parametrize("gaps", [0, 0.4])
@pytest.mark.parametrize("n_rows", [1, 2, 7, 11])
def test_a_reader_computes_what_the_network_computes(model: TrainableLanguageModel, n_rows: int, gaps: float) -> None:
    """At each place of the next row."""
    *ids, following = random_dance(model.layout, n_rows + 1, gaps=gaps)
    reader = model.reader()
    reader.read(rows(*ids))
    for place in range(model.layout.places):
        logits = reader.logits(following[:place])
        assert (logits.shape, logits.dtype) == ((model.layout.n_words,), torch.float32)
        assert close(logits, logits_by_forward(model, rows(*ids), following[:place]))


def test_only_words_of_the_next_place_are_possible(model: TrainableLanguageModel) -> None:
    layout, reader = model.layout, model.reader()
    ids = random_dance(layout, 2)
    for before, following in pairwise([layout.bos_row, *ids, ids[0]]):
        reader.read(before[None])
        for place in range(layout.places):
            possible = torch.isfinite(reader.logits(following[:place]))
            assert layout.place_of(np.flatnonzero(possible)).tolist() == [place] * layout.sizes[place]


@settings(max_examples=30, deadline=None)
@given(pieces=st.lists(st.integers(1, 10), min_size=1, max_size=6), gaps=st.sampled_from([0, 0.4, 1]))
def test_the_pieces_in_which_a_dance_is_read_do_not_matter(
    model: TrainableLanguageModel, pieces: list[int], gaps: float
) -> None:
    *ids, following = random_dance(model.layout, sum(pieces), gaps=gaps)
    following = np.where(following == GAP, model.layout.starts, following)
    ids = rows(model.layout.bos_row, *ids)
    in_pieces, at_once = model.reader(), model.reader()
    at_once.read(ids)
    for piece in np.split(ids, np.cumsum(pieces)[:-1]):
        in_pieces.read(piece)
        in_pieces.read(piece[:0])
    for place in range(model.layout.places):
        assert close(in_pieces.logits(following[:place]), at_once.logits(following[:place]))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(n_rows=st.integers(0, 40), at_once=st.integers(1, 50), gaps=st.sampled_from([0, 0.3]))
def test_the_losses_of_a_dance_are_those_of_a_reader(
    model: TrainableLanguageModel, n_rows: int, at_once: int, gaps: float
) -> None:
    ids = random_dance(model.layout, n_rows, gaps=gaps)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lstm_stack, "SCORED_AT_ONCE", at_once)
        losses = model.losses(ids)
    assert (losses.shape, losses.dtype) == (ids.shape, np.float64)
    np.testing.assert_allclose(losses, losses_by_reader(model, ids), rtol=1e-4, atol=2e-4)


@pytest.mark.parametrize("before", [[], [[3, 4, 5]], [[3, GAP, 5]]], ids=["nothing", "a row", "a gap"])
def test_the_probabilities_of_all_rows_sum_to_one(model_of_several: TrainableLanguageModel, before: list) -> None:
    layout = model_of_several.layout
    every_row = list(product(*(range(layout.n_words)[layout.ids(place)] for place in range(layout.places))))
    losses = [model_of_several.losses(rows(*before, each))[-1].sum() for each in every_row]
    assert sum(math.exp(-loss) for loss in losses) == pytest.approx(1, abs=1e-4)


def test_a_word_depends_on_the_words_before_it_in_its_row(model_of_several: TrainableLanguageModel) -> None:
    logits = [next_logits(model_of_several, SEVERAL.bos_row[None], (first, 4))[5:] for first in range(4)]
    for one, other in pairwise(logits):
        assert not close(torch.log_softmax(one, 0), torch.log_softmax(other, 0))


@every_network
def test_words_that_come_together_are_predicted_together(name: str) -> None:
    """One of three random words, and the same of three others beside it: counting each place cannot predict that."""
    layout = layout_of(3, 3)
    first = np.random.default_rng(0).integers(0, 3, 300)
    together = np.stack([first, first + 3], axis=1)
    model = NETWORKS[name](layout)
    train(model, [together[:200]], TrainingOptions(steps=200, batch_size=8, learning_rate=1e-2))
    by_place = model.losses(together[200:]).mean(axis=0)
    assert by_place[0] > 0.9 * math.log(3)
    assert by_place[1] < 0.5 * math.log(3)


@pytest.mark.parametrize("name", ["gpt2", "lstm"])
def test_training_reduces_the_nats_of_whole_rows(name: str) -> None:
    """The row that begins a dance is read, not predicted; a check holds the loss per word."""
    model = with_large_weights(NETWORKS[name](SEVERAL))
    ids = random_dance(SEVERAL, 5)
    window = np.concatenate([SEVERAL.bos_row[None], ids, SEVERAL.bos_row[None]])
    row_loss = model.loss(torch.from_numpy(window)[None]).item()
    assert row_loss == pytest.approx(model.losses(ids).sum() / 5, rel=1e-4)
    check = train(NETWORKS[name](SEVERAL), [ids], TrainingOptions(steps=1)).history[0]
    assert 0.5 < check.train_loss / (np.log(SEVERAL.sizes).sum() / 3) < 2


@pytest.mark.parametrize("name", ["gpt2", "lstm"])
def test_how_a_dance_begins_is_learned_and_a_cycle_is_continued(name: str) -> None:
    """It begins on the last words, which stand nowhere else; the cycles of both places have lengths of their own."""
    layout = layout_of(4, 6)
    ids = np.stack([np.arange(-1, 60) % 3, 4 + np.arange(-1, 60) % 5], axis=1)
    ids[0] = 3, 9
    model = NETWORKS[name](layout)
    train(model, [ids], TrainingOptions(steps=300, batch_size=8, learning_rate=1e-2))
    generated = generate(model, ids[:0], GenerationOptions(12, temperature=0), seeded_generator())
    assert generated.tolist() == ids[:12].tolist()


def test_the_row_that_begins_a_dance_is_read_and_never_generated(model: TrainableLanguageModel) -> None:
    layout = model.layout
    begins = layout.bos_row[None]
    assert close(next_logits(model, begins), logits_by_forward(model, begins))
    generated = generate(model, begins[:0], GenerationOptions(60, top_k=None, top_p=1), seeded_generator())
    assert generated.shape == (60, layout.places)
    assert (layout.check(generated) != GAP).all()


@pytest.mark.parametrize("unknown", [12, -2])
def test_ids_that_are_no_words_are_rejected(model: TrainableLanguageModel, unknown: int) -> None:
    for place in range(model.layout.places):
        ids = random_dance(model.layout, 2)
        ids[1, place] = unknown
        for read in (model.reader().read, model.losses):
            with pytest.raises(ModelError, match=f"the model knows 0 to {model.layout.n_words - 1}"):
                read(ids)


def test_words_that_cannot_stand_there_are_rejected(model_of_several: TrainableLanguageModel) -> None:
    reader = model_of_several.reader()
    with pytest.raises(ModelError, match="nothing was read"):
        reader.logits(row())
    with pytest.raises(ModelError, match=r"a dance is ids of shape \(rows, 3\), got \(1, 2\)"):
        reader.read(rows([3, 4]))
    reader.read(SEVERAL.bos_row[None])
    expected = reader.logits(row(3))
    with pytest.raises(ModelError, match="word 5 belongs at place 2"):
        reader.read(rows([3, 5, 5]))
    assert torch.equal(reader.logits(row(3)), expected)
    reader.read(rows([3, 4, 5]))
    assert torch.equal(reader.logits(row(3)), next_logits(model_of_several, rows([8, 8, 8], [3, 4, 5]), (3,)))
    assert not torch.equal(reader.logits(row()), next_logits(model_of_several, SEVERAL.bos_row[None]))
    for ids in (rows([3, 4]), rows([4, 3, 5]), rows([3, 4, 8]), row(3, 4, 5)):
        with pytest.raises(ModelError):
            model_of_several.losses(ids)


@every_layout
def test_ids_that_are_a_view_are_read(layout: RowLayout) -> None:
    ids = random_dance(layout, 9)
    for build in NETWORKS.values():
        model = build(layout)
        assert torch.equal(next_logits(model, ids[::-1]), next_logits(model, ids[::-1].copy()))


@every_network
@every_layout
def test_the_seed_sets_the_untrained_weights_and_leaves_other_randomness_alone(name: str, layout: RowLayout) -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    first, again, other = (NETWORKS[name](layout, seed) for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    assert same_weights(first, again)
    first_random, other_random = (
        [weights for _, weights in model.named_parameters() if weights.std() > 0] for model in (first, other)
    )
    assert len(first_random) > 3
    assert not any(torch.equal(a, b) for a, b in zip(first_random, other_random, strict=True))


@every_network
@every_layout
def test_the_same_seed_learns_the_same_weights_bit_for_bit(name: str, layout: RowLayout) -> None:
    learned = [NETWORKS[name](layout) for _ in range(3)]
    for model, seed in zip(learned, (1, 1, 2), strict=True):
        train(model, [random_dance(layout, 30)], TrainingOptions(steps=5, batch_size=4, seed=seed))
    assert same_weights(*learned[:2])
    assert not same_weights(*learned[1:])


def test_a_saved_model_is_loaded_bit_for_bit(model: TrainableLanguageModel, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    loaded = type(model).load(tmp_path / "model", model.layout)
    assert (loaded.size, loaded.layout, loaded.context_length) == (model.size, model.layout, 12)
    assert not loaded.training
    assert same_weights(loaded, model)
    for gaps in (0, 0.4):
        ids = random_dance(model.layout, 30, gaps=gaps)
        assert torch.equal(next_logits(model, ids), next_logits(loaded, ids))
        assert np.array_equal(model.losses(ids), loaded.losses(ids), equal_nan=True)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["config.json", "model", "model.safetensors"]


def test_saving_replaces_an_older_model(model: TrainableLanguageModel, tmp_path: Path) -> None:
    NETWORKS["lstm"](layout_of(3)).save(tmp_path / "model")
    model.save(tmp_path / "model")
    assert same_weights(type(model).load(tmp_path / "model", model.layout), model)


def test_a_model_of_another_vocabulary_is_rejected(model: TrainableLanguageModel, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    with pytest.raises(ModelError, match="trained on vocabulary these words, not on other words"):
        type(model).load(tmp_path / "model", RowLayout(model.layout.sizes, "other words"))
    with pytest.raises(ModelError, match=r"names \[.*\] words, but vocabulary these words has \[3, 2\]"):
        type(model).load(tmp_path / "model", RowLayout((3, 2), "these words"))


def test_nothing_is_saved_where_there_is_no_folder(model: TrainableLanguageModel, tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        model.save(tmp_path / "missing" / "model")


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda folder: (folder / "model.safetensors").unlink(), "incomplete"),
        (truncate_weights, "damaged"),
        (lambda folder: (folder / "config.json").write_text("{"), "cannot be read"),
        (lambda folder: (folder / "config.json").unlink(), "no model"),
        (lambda folder: (folder / "config.json").write_text("[]"), "does not describe"),
        (
            lambda folder: change_config(folder, format="bopbot-poem 1"),
            r"expected format 'bopbot-(gpt2 3|lstm 2|mixture 2)'",
        ),
        (lambda folder: change_config(folder, size={"layers": 2}), "has no valid size"),
        (lambda folder: change_config(folder, words=None), "names None words"),
        (lambda folder: change_config(folder, words=12), "names 12 words"),
    ],
)
def test_a_damaged_model_is_rejected_in_one_line(
    model: TrainableLanguageModel, tmp_path: Path, damage, complaint: str
) -> None:
    model.save(tmp_path / "model")
    damage(tmp_path / "model")
    with pytest.raises(ModelError, match=complaint) as caught:
        type(model).load(tmp_path / "model", model.layout)
    assert "\n" not in str(caught.value)


@every_network
def test_weights_of_another_size_are_rejected(name: str, tmp_path: Path) -> None:
    model = NETWORKS[name]()
    model.save(tmp_path / "model")
    change_config(tmp_path / "model", words=[12])
    with pytest.raises(ModelError, match="belongs to another model"):
        type(model).load(tmp_path / "model", RowLayout((12,), "these words"))


@every_network
def test_a_missing_model_is_rejected(name: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="there is no model"):
        type(NETWORKS[name]()).load(tmp_path / "nothing", ONE)


@pytest.mark.parametrize("gaps", [0, 0.4])
def test_the_mean_loss_is_that_of_all_words(model: TrainableLanguageModel, gaps: float) -> None:
    dances = [random_dance(model.layout, n_rows, seed=n_rows, gaps=gaps) for n_rows in (3, 0, 9)]
    losses = np.concatenate([model.losses(ids)[ids != GAP] for ids in dances])
    assert mean_loss(model, dances) == pytest.approx(losses.mean())


def test_the_mean_loss_needs_a_word() -> None:
    model = NETWORKS["lstm"](ONE)
    for dances in ([], [column()], [column(GAP), column(GAP, GAP)]):
        with pytest.raises(ModelError, match=f"no words in {len(dances)} dances"):
            mean_loss(model, dances)
