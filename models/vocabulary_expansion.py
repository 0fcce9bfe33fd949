"""Add words to a language model: each begins as a mixture of the known words nearest to it."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from models.gpt2 import GPT2
from models.lstm import LSTM
from models.row_layout import RowLayout
from pose_vocab.errors import ModelError

Expandable = GPT2 | LSTM
"""The language models whose vocabulary can be expanded."""


def expand_vocabulary(
    model: Expandable, near: Sequence[NDArray[np.int64]], shares: Sequence[NDArray[np.float64]], fingerprint: str
) -> Expandable:
    """Return a model of the same size with more words behind those it knows at each place.

    Whatever the network holds per word (embedding, bias) grows; the rest is copied. `model` stays as it is.

    Parameters
    ----------
    near : for each place ids (new words, k) of known words that stand there.
    shares : for each place (new words, k), the weights of those in a new word; every row sums to 1.
    fingerprint : identifies the larger vocabularies.

    Raises
    ------
    ModelError : shapes that do not fit each other, or words that the model does not know at that place.
    """
    layout = model.layout
    _check(layout, near, shares)
    sizes = tuple(known + len(new) for known, new in zip(layout.sizes, near, strict=True))
    larger_layout = RowLayout(sizes, fingerprint)
    larger: Expandable = GPT2(model.size, larger_layout) if isinstance(model, GPT2) else LSTM(model.size, larger_layout)
    state = model.state_dict()
    with torch.no_grad():
        for name, tensor in larger.state_dict().items():
            old = state[name].cpu()
            tensor.copy_(old if tensor.shape == old.shape else _with_new_rows(old, layout, near, shares))
    return larger


def _check(layout: RowLayout, near: Sequence[NDArray[np.int64]], shares: Sequence[NDArray[np.float64]]) -> None:
    if not len(near) == len(shares) == layout.places:
        raise ModelError(
            f"new words must be given for {layout.places} places, got {len(near)} with {len(shares)} shares"
        )
    for place, (ids, weights) in enumerate(zip(near, shares, strict=True)):
        if ids.ndim != 2 or ids.shape != weights.shape:
            raise ModelError(f"new words need as many shares as near words, got shapes {ids.shape} and {weights.shape}")
        known = layout.ids(place)
        if ids.size and (ids.min() < known.start or ids.max() >= known.stop):
            raise ModelError(
                f"near words at place {place} must be ids {known.start} to {known.stop - 1}, "
                f"got {ids.min()} to {ids.max()}"
            )


def _with_new_rows(
    old: torch.Tensor, layout: RowLayout, near: Sequence[NDArray[np.int64]], shares: Sequence[NDArray[np.float64]]
) -> torch.Tensor:
    """Return a tensor with a row for each word, perhaps of all places but the last, perhaps one more for `bos`."""
    rows = []
    for place in range(layout.places):
        known = old[layout.ids(place)]
        if len(known):
            weights = torch.from_numpy(shares[place]).float()
            rows += [known, torch.einsum("nk,nk...->n...", weights, old[torch.from_numpy(near[place])])]
    return torch.cat([*rows, old[layout.n_words :]])
