"""Dances made of word ids, small language models over them, and slow references for what a reader computes."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from models.gpt2 import GPT2, GPT2Size
from models.language_model import LanguageModel, TrainableLanguageModel
from models.lstm import LSTM, LSTMSize
from models.mixture_lstm import MixtureLSTM, MixtureSize
from models.row_layout import RowLayout
from pose_vocab.ids import GAP, Ids

ONE = RowLayout((11,), "these words")
SEVERAL = RowLayout((4, 1, 3), "these words")
LAYOUTS = {"one place": ONE, "several places": SEVERAL}
N_FEATURES = 4
"""Columns of the mean poses, for each place."""


def layout_of(*sizes: int) -> RowLayout:
    return RowLayout(sizes, "x")


def mean_poses(layout: RowLayout, n_features: int = N_FEATURES, seed: int = 0) -> NDArray[np.float32]:
    """Return random mean poses of the words; the columns of all places are in mixed order."""
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
    return MixtureLSTM(size, 3 + 5 * mean_poses(layout), layout, seed)


NETWORKS: dict[str, Callable[..., TrainableLanguageModel]] = {"gpt2": gpt2, "lstm": lstm, "mixture": mixture}


@torch.no_grad()
def with_large_weights(model: TrainableLanguageModel) -> TrainableLanguageModel:
    """Enlarge all weights in place, none stays 0: an untrained model then predicts differently in each context."""
    generator = seeded_generator()
    for weights in model.parameters():
        weights.mul_(2).add_(0.3 * torch.randn(weights.shape, generator=generator))
    return model


def random_dance(layout: RowLayout, n_rows: int, seed: int = 0, gaps: float = 0) -> Ids:
    """Return random words (n_rows, places), about a share `gaps` of them replaced with gaps."""
    chance = np.random.default_rng(seed)
    ids = chance.integers(0, layout.sizes, (n_rows, layout.places)) + layout.starts
    return np.where(chance.random(ids.shape) < gaps, GAP, ids)


def cyclic_dance(*sizes: int, n_rows: int = 60) -> Ids:
    """Return rows in which the words of each place follow each other in a cycle, (n_rows, places)."""
    return np.arange(n_rows)[:, None] % sizes + layout_of(*sizes).starts


def seeded_generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def row(*words: int) -> Ids:
    """Return one row of words, or the first words of one, (n,)."""
    return np.array(words, np.int64)


def rows(*rows: Sequence[int]) -> Ids:
    """Return a dance, (rows, places); at least one row."""
    return np.array(rows, np.int64)


def column(*words: int) -> Ids:
    """Return a dance with one place, (words, 1)."""
    return row(*words)[:, None]


def next_logits(model: LanguageModel, rows: Ids, prefix: Sequence[int] = ()) -> torch.Tensor:
    """Return a new reader's logits (n_words,) of the word behind rows (n, places) and the prefix of the next row."""
    reader = model.reader()
    reader.read(rows)
    return reader.logits(row(*prefix))


@torch.inference_mode()
def logits_by_forward(model: TrainableLanguageModel, rows: Ids, prefix: Sequence[int] = ()) -> torch.Tensor:
    """Return what `next_logits` returns, from the network's own forward; the rows must fit into one window."""
    hidden = model(torch.from_numpy(rows)[None])[0, -1:]
    logits = torch.full((model.layout.n_words,), -torch.inf)
    logits[model.layout.ids(len(prefix))] = model.logits(hidden, torch.from_numpy(row(*prefix))[None])[0]
    return logits


def losses_by_reader(model: LanguageModel, ids: Ids) -> NDArray[np.float64]:
    """Return the negative log-likelihood in nats of each word by a reader, (rows, places); NaN for a gap."""
    reader, before, losses = model.reader(), model.layout.bos_row, np.full(ids.shape, np.nan)
    for i, words in enumerate(ids):
        reader.read(before[None])
        for place, word in enumerate(words):
            if word != GAP:
                losses[i, place] = -torch.log_softmax(reader.logits(words[:place]), 0)[word].item()
        before = words
    return losses


def close(a: torch.Tensor, b: torch.Tensor) -> bool:
    return torch.allclose(a, b, rtol=1e-5, atol=2e-4)


def same_weights(a: torch.nn.Module, b: torch.nn.Module) -> bool:
    ours, theirs = a.state_dict(), b.state_dict()
    return all(torch.equal(ours[name], theirs[name]) for name in (*ours, *theirs))


def truncate_weights(folder: Path) -> None:
    """Cut the file of the weights in half."""
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def change_config(folder: Path, **values: object) -> None:
    """Replace values in the config.json of a folder."""
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))
