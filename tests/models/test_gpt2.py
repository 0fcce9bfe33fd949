import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from transformers.models.gpt2 import GPT2Config, GPT2LMHeadModel
from word_dances import (
    LAYOUTS,
    ONE,
    close,
    column,
    gpt2,
    layout_of,
    logits_by_forward,
    next_logits,
    random_dance,
    seeded_generator,
    with_large_weights,
)

from models.gpt2 import GPT2, GPT2Size
from models.row_layout import RowLayout
from models.sampling import GenerationOptions, generate
from pose_vocab.errors import ModelError


def transformers_model(model: GPT2) -> GPT2LMHeadModel:
    """Return the language model of transformers with the weights of ours."""
    size = model.size
    config = GPT2Config(
        vocab_size=model.layout.n_words + 1, n_layer=size.layers, n_head=size.heads, n_embd=size.width,
        n_positions=size.context_length, bos_token_id=None, eos_token_id=None,
    )  # fmt: skip
    network = GPT2LMHeadModel(config)
    network.transformer.load_state_dict(model.network.state_dict())
    return network.eval()


@torch.inference_mode()
def test_with_one_place_it_is_the_gpt2_of_transformers() -> None:
    model = with_large_weights(gpt2(ONE))
    network = transformers_model(model)
    assert sum(weights.numel() for weights in model.parameters()) == network.num_parameters()
    ids = random_dance(ONE, 12)
    logits = network(torch.from_numpy(ids.T)).logits[0, :, :-1]
    for n in range(1, 13):
        assert close(next_logits(model, ids[:n]), logits[n - 1])
    expected = -torch.log_softmax(logits[:-1], -1)[torch.arange(11), torch.from_numpy(ids[1:, 0])]
    assert model.loss(torch.from_numpy(ids)[None]).item() == pytest.approx(expected.mean().item(), rel=1e-4)


def test_greedy_words_are_those_of_transformers() -> None:
    model = with_large_weights(gpt2(ONE))
    expected = transformers_model(model).generate(
        torch.from_numpy(random_dance(ONE, 3).T),
        max_new_tokens=9, do_sample=False, suppress_tokens=[ONE.bos], pad_token_id=0,
    )  # fmt: skip
    ours = generate(model, random_dance(ONE, 3), GenerationOptions(9, temperature=0), seeded_generator())
    assert ours[:, 0].tolist() == expected[0, 3:].tolist()


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize(("n", "first"), [(12, 0), (13, 6), (18, 6), (19, 12), (100, 90)])
@pytest.mark.parametrize("gaps", [0, 0.4])
def test_a_full_window_drops_its_older_half(layout: RowLayout, n: int, first: int, gaps: float) -> None:
    model, ids = with_large_weights(gpt2(layout)), random_dance(layout, n, gaps=gaps)
    reader = model.reader()
    for words in ids:
        reader.read(words[None])
    prefix = layout.starts[:-1]
    for place in range(layout.places):
        assert close(
            reader.logits(np.array(prefix[:place], np.int64)), logits_by_forward(model, ids[first:], prefix[:place])
        )


@pytest.mark.parametrize("length", [2, 3, 7])
def test_a_dance_may_be_longer_than_a_window_of_any_length(length: int) -> None:
    small = GPT2(GPT2Size(1, 1, 4, length), layout_of(3))
    assert len(generate(small, column(0, 1, 2), GenerationOptions(4 * length), seeded_generator())) == 4 * length


def test_a_place_of_several_has_layers_of_its_own() -> None:
    """One place adds no weights; several add an MLP for each, one norm, and an embedding of the words of a prefix."""
    one, several = (gpt2(layout_of(*sizes)) for sizes in ((8,), (4, 1, 3)))
    added = {name for name, _ in several.named_parameters()} - {name for name, _ in one.named_parameters()}
    assert all(name.startswith("words.places.") for name in added)
    width = 16
    mlp = 2 * width + (width + 1) * 2 * width + (2 * width + 1) * width
    counts = [sum(weights.numel() for weights in model.parameters()) for model in (one, several)]
    assert counts[1] - counts[0] == 3 * mlp + 2 * width + (4 + 1) * width


@pytest.mark.parametrize(
    "size", [(0, 2, 16, 12), (2, 0, 16, 12), (2, 3, 16, 12), (2, 2, 0, 12), (2, 2, 16, 1), (2, 2, 16, 12, 1.0)]
)
def test_impossible_sizes_are_rejected(size: tuple[int, int, int, int]) -> None:
    with pytest.raises(ModelError):
        GPT2Size(*size)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="torch brings another thread library elsewhere")
def test_idle_threads_sleep() -> None:
    """GNU's thread library, which torch for Linux contains, prints how long it spins when it loads."""
    environment = {**os.environ, "OMP_DISPLAY_ENV": "verbose"}
    environment.pop("OMP_WAIT_POLICY", None)
    loading = [sys.executable, "-c", "import models.gpt2"]
    printed = subprocess.run(loading, env=environment, capture_output=True, text=True, check=True).stderr
    assert "GOMP_SPINCOUNT = '0'" in printed  # 300000 where nothing is set
