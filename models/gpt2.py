"""GPT-2 over words: transformers' network with an embedding of its own, built from scratch, never downloaded.

Radford et al., *Language Models are Unsupervised Multitask Learners* (2019).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional
from transformers.models.gpt2 import GPT2Config, GPT2LMHeadModel

from models.checkpoints import load_checkpoint, save_checkpoint
from models.device import seeded
from models.language_model import TrainableLanguageModel, check_ids
from pose_vocab.errors import ModelError

FORMAT = "bopbot-gpt2 2"
"""The version line of a saved model."""


@dataclass(frozen=True)
class GPT2Size:
    """How large a GPT-2 is.

    Parameters
    ----------
    layers, heads, width : blocks, attention heads a block, numbers a word; heads divide the width.
    context_length : how many words it sees, 2 or more.
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
            raise ModelError(f"a GPT-2 must see at least 2 words, got a context of {self.context_length}")
        if not 0 <= self.dropout < 1:
            raise ModelError(f"dropout must be at least 0 and below 1, got {self.dropout}")


class GPT2(TrainableLanguageModel):
    """A GPT-2 language model over the words of one vocabulary.

    Parameters
    ----------
    size : layers, heads, width, context.
    vocab_size : how many words there are.
    fingerprint : names the vocabulary that the ids belong to.
    seed : of the untrained weights.

    Raises
    ------
    ModelError : there are no words.
    """

    def __init__(self, size: GPT2Size, vocab_size: int, fingerprint: str, seed: int = 0) -> None:
        super().__init__()
        if vocab_size < 1:
            raise ModelError(f"a language model needs at least one word, got {vocab_size}")
        self.size = size
        self.vocab_size = vocab_size
        self.context_length = size.context_length
        self.fingerprint = fingerprint
        config = GPT2Config(
            vocab_size=vocab_size + 1,  # every word is a token, and so is the id before a dance's first word
            n_layer=size.layers,
            n_head=size.heads,
            n_embd=size.width,
            n_positions=size.context_length,
            resid_pdrop=size.dropout,
            embd_pdrop=size.dropout,
            attn_pdrop=size.dropout,
            activation_function="gelu_pytorch_tanh",  # the same function as GPT-2's "gelu_new", in one kernel
            bos_token_id=vocab_size,
            eos_token_id=None,
        )
        with seeded(seed, torch.device("cpu")):
            self.network = GPT2LMHeadModel(config)
        self.eval()

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """ids int64 (batch, time), time <= context_length -> logits of each next word (batch, time, vocab_size)."""
        logits: torch.Tensor = self.network(input_ids=ids, use_cache=False).logits
        return logits[..., : self.vocab_size]

    def reader(self) -> GPT2Reader:
        """A reader that has read nothing yet."""
        return GPT2Reader(self)

    def save(self, folder: str | Path) -> None:
        """Write the model as a folder; `load` gives back the same. Raises OutputError if it cannot be written."""
        config = {"vocab_size": self.vocab_size, "size": asdict(self.size)}
        save_checkpoint(folder, FORMAT, self.fingerprint, config, self)

    @classmethod
    def load(cls, folder: str | Path, fingerprint: str) -> GPT2:
        """Read a folder that `save` wrote, for the vocabulary that `fingerprint` names.

        Raises
        ------
        ModelError : no model there, a damaged one, or one that was trained on another vocabulary.
        """
        return load_checkpoint(
            folder,
            FORMAT,
            fingerprint,
            lambda config: cls(GPT2Size(**config["size"]), config["vocab_size"], fingerprint),
        )


class GPT2Reader:
    """Reads a dance word by word, keeping the keys and values of the words in view.

    A full window is not moved by one word (that would cost a whole window for every word): its
    older half is dropped and the rest is read anew, so a word always sees more than half a window.
    The network's own parts are called one after another: the same sums as its `forward`, without
    the bookkeeping, which costs small networks more than the sums (compared in the tests).
    """

    def __init__(self, model: GPT2) -> None:
        size, weight = model.size, model.network.lm_head.weight
        shape = (size.layers, size.heads, size.context_length, size.width // size.heads)
        self._network = model.network
        self._size = size
        self._vocab_size = model.vocab_size
        self._device = weight.device
        self._keys = torch.empty(shape, device=weight.device, dtype=weight.dtype)
        self._values = torch.empty_like(self._keys)
        self._window = np.empty(0, np.int64)

    @torch.inference_mode()
    def read(self, ids: NDArray[np.int64]) -> torch.Tensor:
        """Read on: ids (n,), at least one; gives the logits of the next word, float32 (vocab_size,) on the CPU.

        Raises
        ------
        ModelError : nothing to read, or an id that the model does not know.
        """
        check_ids(ids, self._vocab_size)
        length, half = self._size.context_length, self._size.context_length // 2
        kept = len(self._window)
        self._window = np.concatenate([self._window, ids])
        if len(self._window) > length:
            too_many = len(self._window) - length
            self._window = self._window[-(-too_many // half) * half :]
            kept = 0
        return self._logits_after(kept)

    def _logits_after(self, kept: int) -> torch.Tensor:
        """Logits after the window, of which `kept` words have their keys and values already."""
        width, heads = self._size.width, self._size.heads
        decoder: Any = self._network.transformer  # its parts are typed as any module or tensor
        new = torch.from_numpy(self._window[kept:]).to(self._device)
        end, n = len(self._window), len(new)
        seen = torch.ones(n, end, dtype=torch.bool, device=self._device).tril(kept) if n > 1 else None
        x = decoder.wte(new) + decoder.wpe.weight[kept:end]  # (n, width)
        for block, keys, values in zip(decoder.h, self._keys, self._values, strict=True):
            projected = block.attn.c_attn(block.ln_1(x)).view(n, 3 * heads, width // heads)
            query, key, value = projected.transpose(0, 1).chunk(3)  # each (heads, n, width / heads)
            keys[:, kept:end], values[:, kept:end] = key, value
            attended = functional.scaled_dot_product_attention(query, keys[:, :end], values[:, :end], attn_mask=seen)
            x = x + block.attn.c_proj(attended.transpose(0, 1).reshape(n, width))
            x = x + block.mlp(block.ln_2(x))
        logits: torch.Tensor = self._network.lm_head(decoder.ln_f(x[-1]))[: self._vocab_size]
        return logits.float().cpu()
