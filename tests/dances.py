"""Made-up dances of words, untrained language models over them, and what a reader foresees."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from models.gpt2 import GPT2, GPT2Size
from models.language_model import LanguageModel, TrainableLanguageModel
from models.lstm import LSTM, LSTMSize
from models.mixture_lstm import MixtureLSTM, MixtureSize
from models.row_layout import RowLayout

ONE = RowLayout((11,), "these words")
SEVERAL = RowLayout((4, 1, 3), "these words")
GRAMMARS = {"one place": ONE, "several places": SEVERAL}
N_FEATURES = 4
"""Of each place."""


def words_of(*vocabularies: int) -> RowLayout:
    return RowLayout(vocabularies, "x")


def poses(layout: RowLayout, n_features: int = N_FEATURES, seed: int = 0) -> NDArray[np.float32]:
    """Mean poses of words, the columns of all places in a mixed order."""
    chance = np.random.default_rng(seed)
    columns = chance.permutation(np.repeat(np.arange(layout.places), n_features))
    places = layout.place_of(np.arange(layout.n_words))[:, None]
    numbers = chance.normal(size=(layout.n_words, len(columns)))
    return np.where(places == columns, numbers, np.nan).astype(np.float32)


def gpt2(layout: RowLayout = ONE, seed: int = 0) -> GPT2:
    return GPT2(GPT2Size(layers=2, heads=2, width=16, context_length=12), layout, seed)


def lstm(layout: RowLayout = ONE, seed: int = 0) -> LSTM:
    return LSTM(LSTMSize(layers=2, width=16, context_length=12), layout, seed)


def mixture(layout: RowLayout = ONE, seed: int = 0) -> MixtureLSTM:
    size = MixtureSize(layers=2, width=16, context_length=12, components=3)
    return MixtureLSTM(size, 3 + 5 * poses(layout), layout, seed)


KINDS: dict[str, Callable[..., TrainableLanguageModel]] = {"gpt2": gpt2, "lstm": lstm, "mixture": mixture}


@torch.no_grad()
def outspoken(model: TrainableLanguageModel) -> TrainableLanguageModel:
    """With all its weights so large that it tells contexts apart, and none at 0."""
    chance = seeded()
    for weights in model.parameters():
        weights.mul_(2).add_(0.3 * torch.randn(weights.shape, generator=chance))
    return model


def dance(layout: RowLayout, n_rows: int, seed: int = 0) -> NDArray[np.int64]:
    """A dance of chance, int64 (n_rows * places,)."""
    rows = np.random.default_rng(seed).integers(0, layout.vocabularies, (n_rows, layout.places))
    return (rows + layout.starts).ravel()


def cycle(*vocabularies: int, n_rows: int = 60) -> NDArray[np.int64]:
    """At each place the words follow each other in a ring."""
    return (np.arange(n_rows)[:, None] % vocabularies + words_of(*vocabularies).starts).ravel()


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def ids(*words: int) -> NDArray[np.int64]:
    return np.array(words, np.int64)


@torch.inference_mode()
def logits_by_forward(model: TrainableLanguageModel, stream: NDArray[np.int64]) -> torch.Tensor:
    """What the network's own forward says after a stream whose rows fit into a window, (n_words,)."""
    n_said = len(stream) % model.layout.places
    rows, said = np.split(stream, [len(stream) - n_said])
    hidden = model(torch.from_numpy(rows.reshape(1, -1, model.layout.places)))[0, -1:]
    logits = torch.full((model.layout.n_words,), -torch.inf)
    logits[model.layout.ids(n_said)] = model.logits(hidden, torch.from_numpy(said)[None])[0]
    return logits


def losses_by_reader(model: LanguageModel, stream: NDArray[np.int64]) -> list[float]:
    """How well a reader foresees a dance, word by word from its beginning, in nats."""
    reader, before, losses = model.reader(), model.layout.n_words, []
    for word in stream:
        losses.append(-torch.log_softmax(reader.read(ids(before)), 0)[word].item())
        before = word
    return losses


def close(a: torch.Tensor, b: torch.Tensor) -> bool:
    return torch.allclose(a, b, rtol=1e-5, atol=2e-4)


def same_weights(a: torch.nn.Module, b: torch.nn.Module) -> bool:
    ours, theirs = a.state_dict(), b.state_dict()
    return all(torch.equal(ours[name], theirs[name]) for name in (*ours, *theirs))


def with_half_the_weights(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def changed(folder: Path, **values: object) -> None:
    """Other values in the config.json of a folder."""
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))
