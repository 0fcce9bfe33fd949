"""A language model that learns more words: each begins as what the known words nearest to it are."""

import numpy as np
import torch
from numpy.typing import NDArray

from models.gpt2 import GPT2
from models.lstm import LSTM
from pose_vocab.errors import ModelError

Growing = GPT2 | LSTM
"""The language models that can learn more words."""


def grown(model: Growing, near: NDArray[np.int64], shares: NDArray[np.float64], fingerprint: str) -> Growing:
    """A model of the same size with more words behind those it knows; the given one stays as it is.

    Whatever the network holds once a word (embedding, bias) grows; the rest is copied.

    Parameters
    ----------
    near : ids (new words, k) of known words.
    shares : (new words, k), how much of each a new word begins as; every row sums to 1.
    fingerprint : names the larger vocabulary.

    Raises
    ------
    ModelError : shapes that do not fit each other, or a word that the model does not know.
    """
    if near.ndim != 2 or near.shape != shares.shape:
        raise ModelError(f"new words need as many shares as near words, got shapes {near.shape} and {shares.shape}")
    if near.size and (near.min() < 0 or near.max() >= model.vocab_size):
        raise ModelError(f"near words must be ids 0 to {model.vocab_size - 1}, got {near.min()} to {near.max()}")
    n_words = model.vocab_size + len(near)
    larger: Growing = (
        GPT2(model.size, n_words, fingerprint) if isinstance(model, GPT2) else LSTM(model.size, n_words, fingerprint)
    )
    ids, weights = torch.from_numpy(near), torch.from_numpy(shares).float()
    known = {name: tensor.detach().cpu() for name, tensor in model.state_dict().items()}
    with torch.no_grad():
        for name, tensor in larger.state_dict().items():
            old = known[name]
            if tensor.shape != old.shape:  # one row a word, and perhaps one for the id that begins a dance
                new = torch.einsum("nk,nk...->n...", weights, old[ids])
                old = torch.cat([old[: model.vocab_size], new, old[model.vocab_size :]])
            tensor.copy_(old)
    return larger
