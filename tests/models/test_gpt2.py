import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from dances import ONE, SEVERAL, close, dance, gpt2, ids, logits_by_forward, outspoken, seeded, words_of
from transformers.models.gpt2 import GPT2Config, GPT2LMHeadModel

from models.gpt2 import GPT2, GPT2Size
from models.row_layout import RowLayout
from models.sampling import GenerationOptions, generate
from pose_vocab.errors import ModelError


def theirs(model: GPT2) -> GPT2LMHeadModel:
    """Transformers' own language model with the weights of ours."""
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
    model = outspoken(gpt2(ONE))
    network = theirs(model)
    assert sum(weights.numel() for weights in model.parameters()) == network.num_parameters()
    stream = dance(ONE, 12)
    logits = network(torch.from_numpy(stream)[None]).logits[0, :, :-1]
    for n in range(1, 13):
        assert close(model.reader().read(stream[:n]), logits[n - 1])
    expected = -torch.log_softmax(logits[:-1], -1)[torch.arange(11), torch.from_numpy(stream[1:])]
    windows = torch.from_numpy(stream)[None, :, None]
    assert model.loss(windows).item() == pytest.approx(expected.mean().item(), rel=1e-4)


def test_greedy_words_are_those_of_transformers() -> None:
    model = outspoken(gpt2(ONE))
    expected = theirs(model).generate(
        torch.from_numpy(dance(ONE, 3))[None],
        max_new_tokens=9, do_sample=False, suppress_tokens=[ONE.n_words], pad_token_id=0,
    )  # fmt: skip
    ours = generate(model, dance(ONE, 3), GenerationOptions(9, temperature=0), seeded())
    assert ours.tolist() == expected[0, 3:].tolist()


@pytest.mark.parametrize("layout", [ONE, SEVERAL], ids=["one place", "several places"])
@pytest.mark.parametrize(("n", "first"), [(12, 0), (13, 6), (18, 6), (19, 12), (100, 90)])
def test_a_full_window_drops_its_older_half(layout: RowLayout, n: int, first: int) -> None:
    model, stream = outspoken(gpt2(layout)), dance(layout, n)
    reader = model.reader()
    reader.read(stream[: layout.places])
    for word in stream[layout.places :]:
        logits = reader.read(ids(word))
    assert close(logits, logits_by_forward(model, stream[first * layout.places :]))


@pytest.mark.parametrize("length", [2, 3, 7])
def test_a_window_of_any_length_can_be_danced_beyond(length: int) -> None:
    small = GPT2(GPT2Size(1, 1, 4, length), words_of(3))
    assert len(generate(small, np.arange(3), GenerationOptions(4 * length), seeded())) == 4 * length


def test_a_place_of_several_has_layers_of_its_own() -> None:
    """Of one place no weights are added; else an MLP for each, one norm, and numbers for words said to later places."""
    one, several = (gpt2(words_of(*vocabularies)) for vocabularies in ((8,), (4, 1, 3)))
    added = {name for name, _ in several.named_parameters()} - {name for name, _ in one.named_parameters()}
    assert all(name.startswith("words.places.") for name in added)
    width = 16
    mlp = 2 * width + (width + 1) * 2 * width + (2 * width + 1) * width
    counts = [sum(weights.numel() for weights in model.parameters()) for model in (one, several)]
    assert counts[1] - counts[0] == 3 * mlp + 2 * width + (4 + 1) * width


@pytest.mark.parametrize(
    "size", [(0, 2, 16, 12), (2, 0, 16, 12), (2, 3, 16, 12), (2, 2, 0, 12), (2, 2, 16, 1), (2, 2, 16, 12, 1.0)]
)
def test_impossible_sizes_are_refused(size: tuple[int, int, int, int]) -> None:
    with pytest.raises(ModelError):
        GPT2Size(*size)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="torch brings another thread library elsewhere")
def test_idle_threads_sleep() -> None:
    """GNU's thread library says how long it spins when it loads; torch for Linux carries it."""
    environment = {**os.environ, "OMP_DISPLAY_ENV": "verbose"}
    environment.pop("OMP_WAIT_POLICY", None)
    loading = [sys.executable, "-c", "import models.gpt2"]
    said = subprocess.run(loading, env=environment, capture_output=True, text=True, check=True).stderr
    assert "GOMP_SPINCOUNT = '0'" in said  # 300000 where nothing is set
