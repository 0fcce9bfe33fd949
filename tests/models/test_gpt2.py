import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.gpt2 import GPT2, GPT2Size
from models.sampling import GenerationOptions, generate
from pose_vocab.errors import ModelError, OutputError

N_WORDS = 11
SIZE = GPT2Size(layers=2, heads=2, width=16, context_length=12)


@pytest.fixture(scope="module")
def model() -> GPT2:
    """An untrained model whose weights are large enough to tell contexts apart."""
    model = GPT2(SIZE, N_WORDS, "these words", seed=3)
    with torch.no_grad():
        for weights in model.parameters():
            weights.mul_(4)
    return model


def words(n: int, seed: int = 0) -> NDArray[np.int64]:
    return np.random.default_rng(seed).integers(0, N_WORDS, n)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@torch.inference_mode()
def last_logits(model: GPT2, ids: NDArray[np.int64]) -> torch.Tensor:
    """What transformers' own forward says comes after ids."""
    return model(torch.from_numpy(ids)[None])[0, -1]


def close(a: torch.Tensor, b: torch.Tensor) -> bool:
    return torch.allclose(a, b, rtol=0, atol=1e-4)


@pytest.mark.parametrize("n", [1, 2, 7, 12])
def test_a_reader_says_what_the_network_says(model: GPT2, n: int) -> None:
    logits = model.reader().read(words(n))
    assert logits.shape == (N_WORDS,)
    assert logits.dtype == torch.float32
    assert close(logits, last_logits(model, words(n)))


def test_the_id_before_a_dance_is_read_and_never_predicted(model: GPT2) -> None:
    beginning = np.array([N_WORDS])
    assert close(model.reader().read(beginning), last_logits(model, beginning))
    assert set(generate(model, words(0), GenerationOptions(60, top_k=None, top_p=1), seeded())) <= set(range(N_WORDS))


@settings(max_examples=60, deadline=None)
@given(pieces=st.lists(st.integers(1, 30), min_size=1, max_size=6))
def test_in_whatever_pieces_a_dance_is_read_the_next_word_is_the_same(model: GPT2, pieces: list[int]) -> None:
    dance = words(sum(pieces))
    reader = model.reader()
    for piece in np.split(dance, np.cumsum(pieces)[:-1]):
        logits = reader.read(piece)
    assert close(logits, model.reader().read(dance))


@pytest.mark.parametrize(("n", "first"), [(12, 0), (13, 6), (18, 6), (19, 12), (100, 90)])
def test_a_full_window_drops_its_older_half(model: GPT2, n: int, first: int) -> None:
    reader = model.reader()
    for word in words(n):
        logits = reader.read(np.array([word]))
    assert close(logits, last_logits(model, words(n)[first:]))


@pytest.mark.parametrize("length", [2, 3, 7])
def test_a_window_of_any_length_can_be_danced_beyond(length: int) -> None:
    small = GPT2(GPT2Size(1, 1, 4, length), 3, "x")
    assert len(generate(small, np.arange(3), GenerationOptions(4 * length), seeded())) == 4 * length


@pytest.mark.parametrize("ids", [[], [N_WORDS + 1], [0, -1]])
def test_ids_that_are_no_words_are_refused(model: GPT2, ids: list[int]) -> None:
    with pytest.raises(ModelError, match="reads ids 0 to 11"):
        model.reader().read(np.array(ids, np.int64))


def test_greedy_words_are_those_of_transformers(model: GPT2) -> None:
    theirs = model.network.generate(
        torch.from_numpy(words(3))[None], max_new_tokens=9, do_sample=False, suppress_tokens=[N_WORDS], pad_token_id=0
    )
    ours = generate(model, words(3), GenerationOptions(9, temperature=0), seeded())
    assert ours.tolist() == theirs[0, 3:].tolist()


def test_the_seed_decides_the_untrained_weights_and_leaves_other_chance_alone() -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    first, again, other = (GPT2(SIZE, N_WORDS, "x", seed=seed) for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first.network.lm_head.weight, again.network.lm_head.weight)
    assert not torch.equal(first.network.lm_head.weight, other.network.lm_head.weight)


def test_a_saved_model_comes_back_bit_for_bit(model: GPT2, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    loaded = GPT2.load(tmp_path / "model", "these words")
    assert (loaded.size, loaded.vocab_size, loaded.fingerprint) == (SIZE, N_WORDS, "these words")
    assert torch.equal(model.reader().read(words(30)), loaded.reader().read(words(30)))
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["config.json", "model", "model.safetensors"]


def test_saving_again_takes_the_place_of_what_stood_there(model: GPT2, tmp_path: Path) -> None:
    GPT2(SIZE, N_WORDS, "older words").save(tmp_path / "model")
    model.save(tmp_path / "model")
    assert GPT2.load(tmp_path / "model", "these words").fingerprint == "these words"


def test_a_model_of_another_vocabulary_is_refused(model: GPT2, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    with pytest.raises(ModelError, match="trained on vocabulary these words, not on other words"):
        GPT2.load(tmp_path / "model", "other words")


def test_where_no_folder_is_nothing_is_saved(model: GPT2, tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        model.save(tmp_path / "missing" / "model")


def _without_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def _with_half_the_weights(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _with_no_json(folder: Path) -> None:
    (folder / "config.json").write_text("{")


def _changed(folder: Path, **values: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (_without_weights, "incomplete"),
        (_with_half_the_weights, "damaged"),
        (_with_no_json, "cannot be read"),
        (lambda folder: (folder / "config.json").unlink(), "no model"),
        (lambda folder: (folder / "config.json").write_text("[]"), "does not describe"),
        (lambda folder: _changed(folder, format="bopbot-gpt2 99"), "bopbot-gpt2 2"),
        (lambda folder: _changed(folder, size={"layers": 2}), "does not say its size"),
        (lambda folder: _changed(folder, vocab_size=None), "does not say its size"),
        (lambda folder: _changed(folder, vocab_size=N_WORDS + 1), "belongs to another model"),
    ],
)
def test_a_damaged_model_is_refused_in_one_line(model: GPT2, tmp_path: Path, damage, complaint: str) -> None:
    model.save(tmp_path / "model")
    damage(tmp_path / "model")
    with pytest.raises(ModelError, match=complaint) as caught:
        GPT2.load(tmp_path / "model", "these words")
    assert "\n" not in str(caught.value)


def test_a_missing_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="there is no model"):
        GPT2.load(tmp_path / "nothing", "these words")


@pytest.mark.parametrize(
    "size", [(0, 2, 16, 12), (2, 0, 16, 12), (2, 3, 16, 12), (2, 2, 0, 12), (2, 2, 16, 1), (2, 2, 16, 12, 1.0)]
)
def test_impossible_sizes_are_refused(size: tuple[int, int, int, int]) -> None:
    with pytest.raises(ModelError):
        GPT2Size(*size)


def test_a_model_of_no_words_is_refused() -> None:
    with pytest.raises(ModelError, match="at least one word"):
        GPT2(SIZE, 0, "x")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="torch brings another thread library elsewhere")
def test_idle_threads_sleep() -> None:
    """GNU's thread library says how long it spins when it loads; torch for Linux carries it."""
    environment = {**os.environ, "OMP_DISPLAY_ENV": "verbose"}
    environment.pop("OMP_WAIT_POLICY", None)
    loading = [sys.executable, "-c", "import models.gpt2"]
    said = subprocess.run(loading, env=environment, capture_output=True, text=True, check=True).stderr
    assert "GOMP_SPINCOUNT = '0'" in said  # 300000 where nothing is set
