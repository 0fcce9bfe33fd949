"""GPT-2 over rows of words: transformers' network with an embedding of its own, built from scratch, never downloaded.

Radford et al., *Language Models are Unsupervised Multitask Learners* (2019).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from models.checkpoints import load_checkpoint, save_checkpoint
from models.device import seeded
from models.language_model import TrainableLanguageModel
from models.row_embedding import RowEmbedding
from models.row_layout import RowLayout
from models.row_reader import RowReader
from pose_vocab.errors import ModelError
from pose_vocab.ids import Ids

FORMAT = "bopbot-gpt2 3"
"""The version line of a saved model."""


@dataclass(frozen=True)
class GPT2Size:
    """The size of a GPT-2.

    Parameters
    ----------
    layers, heads, width : blocks, attention heads per block, numbers per row; heads divide the width.
    context_length : rows that it sees, 2 or more.
    dropout : share of activations dropped in training, in 0..1.

    Raises
    ------
    ModelError : no network has such a size.
    """

    layers: int
    heads: int
    width: int
    context_length: int
    dropout: float = 0.1

    def __post_init__(self) -> None:
        if min(self.layers, self.heads, self.width) < 1 or self.width % self.heads:
            raise ModelError(
                f"a GPT-2 needs layers, heads and a width that the heads divide, "
                f"got {self.layers} layers, {self.heads} heads, width {self.width}"
            )
        if self.context_length < 2:
            raise ModelError(f"a GPT-2 must see at least 2 rows, got a context of {self.context_length}")
        if not 0 <= self.dropout < 1:
            raise ModelError(f"dropout must be at least 0 and below 1, got {self.dropout}")


class GPT2(TrainableLanguageModel):
    """A GPT-2 language model over rows of words.

    Parameters
    ----------
    size : layers, heads, width, context.
    layout : the words.
    seed : of the untrained weights.
    """

    def __init__(self, size: GPT2Size, layout: RowLayout, seed: int = 0) -> None:
        super().__init__()
        self.size = size
        self.layout = layout
        self.context_length = size.context_length
        from transformers.models.gpt2 import GPT2Config, GPT2Model  # takes seconds, so only where it is used

        config = GPT2Config(
            vocab_size=layout.n_words + 1,  # every word is a token, and so is `bos`
            n_layer=size.layers,
            n_head=size.heads,
            n_embd=size.width,
            n_positions=size.context_length,
            resid_pdrop=size.dropout,
            embd_pdrop=size.dropout,
            attn_pdrop=size.dropout,
            activation_function="gelu_pytorch_tanh",  # the same function as GPT-2's "gelu_new", in one kernel
            bos_token_id=layout.bos,
            eos_token_id=None,
        )
        with seeded(seed, torch.device("cpu")):
            self.network = GPT2Model(config)
            self.words = RowEmbedding(layout, self.network.wte)
        self.eval()

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        embedded = self.words.embed(rows)
        hidden: torch.Tensor = self.network(inputs_embeds=embedded, use_cache=False).last_hidden_state
        return hidden

    def logits(self, hidden: torch.Tensor, prefix: torch.Tensor) -> torch.Tensor:
        return self.words.logits(hidden, prefix)

    def reader(self) -> GPT2Reader:
        """Return a reader that has read nothing yet."""
        return GPT2Reader(self)

    def save(self, folder: str | Path) -> None:
        """Write the model as a folder; `load` gives back the same. Raises OutputError if it cannot be written."""
        save_checkpoint(folder, FORMAT, self.layout, {"size": asdict(self.size)}, self)

    @classmethod
    def load(cls, folder: str | Path, layout: RowLayout) -> GPT2:
        """Read a folder that `save` wrote, for the words of a layout.

        Raises
        ------
        ModelError : no model there, a damaged one, or one that was trained on another vocabulary.
        """
        return load_checkpoint(folder, FORMAT, layout, lambda config: cls(GPT2Size(**config["size"]), layout))


class GPT2Reader(RowReader):
    """Keeps the keys and values of the rows in the window.

    A full window is not moved by one row, which would cost a whole window for every row: its older half is dropped and
    the rest is read again, so a row always sees more than half a window. The network's parts are called one after
    another: the same sums as in its `forward`, without the bookkeeping, which costs small networks more than the
    sums (compared in the tests).
    """

    def __init__(self, model: GPT2) -> None:
        super().__init__(model.layout)
        size, weight = model.size, model.words.embedding.weight
        shape = (size.layers, size.heads, size.context_length, size.width // size.heads)
        self._model = model
        self._device = weight.device
        self._keys = torch.empty(shape, device=weight.device, dtype=weight.dtype)
        self._values = torch.empty_like(self._keys)
        self._window = np.empty((0, model.layout.places), np.int64)

    def follow(self, rows: Ids) -> None:
        length, half = self._model.context_length, self._model.context_length // 2
        kept = len(self._window)
        self._window = np.concatenate([self._window, rows])
        if len(self._window) > length:
            too_many = len(self._window) - length
            self._window = self._window[-(-too_many // half) * half :]
            kept = 0
        self._hidden = self._after(kept)

    def logits_of_place(self, prefix: Ids) -> torch.Tensor:
        return self._model.logits(self._hidden, torch.from_numpy(prefix[None]).to(self._device))[0]

    def _after(self, kept: int) -> torch.Tensor:
        """Return what the row behind the window is predicted from, (1, width); `kept` rows have keys and values."""
        width, heads = self._model.size.width, self._model.size.heads
        decoder: Any = self._model.network  # its parts are typed as any module or tensor
        new = torch.from_numpy(self._window[kept:]).to(self._device)
        end, n = len(self._window), len(new)
        seen = torch.ones(n, end, dtype=torch.bool, device=self._device).tril(kept) if n > 1 else None
        x = self._model.words.embed(new) + decoder.wpe.weight[kept:end]  # (n, width)
        for block, keys, values in zip(decoder.h, self._keys, self._values, strict=True):
            projected = block.attn.c_attn(block.ln_1(x)).view(n, 3 * heads, width // heads)
            query, key, value = projected.transpose(0, 1).chunk(3)  # each (heads, n, width / heads)
            keys[:, kept:end], values[:, kept:end] = key, value
            attended = functional.scaled_dot_product_attention(query, keys[:, :end], values[:, :end], attn_mask=seen)
            x = x + block.attn.c_proj(attended.transpose(0, 1).reshape(n, width))
            x = x + block.mlp(block.ln_2(x))
        hidden: torch.Tensor = decoder.ln_f(x[-1:])
        return hidden
