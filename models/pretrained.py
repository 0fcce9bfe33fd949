"""A GPT-2 that begins with blocks which learned from text, and with word embeddings that are new.

Lu et al., *Frozen Pretrained Transformers as Universal Computation Engines* (2022): what text taught
the blocks helps with other sequences too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from transformers.models.gpt2 import GPT2Config, GPT2Model
from transformers.utils import logging

from models.gpt2 import GPT2, GPT2Size
from models.row_layout import RowLayout
from pose_vocab.errors import ModelError

ALIKE: dict[str, set[Any]] = {
    "activation_function": {"gelu_new", "gelu_pytorch_tanh"},
    "layer_norm_epsilon": {1e-5},
    "scale_attn_weights": {True},
    "scale_attn_by_inverse_layer_idx": {False},
    "add_cross_attention": {False},
}
"""What a checkpoint's config must say for its blocks to compute what those of `models.gpt2.GPT2` do."""


def gpt2_from_pretrained(
    checkpoint: str | Path,
    layout: RowLayout,
    seed: int = 0,
    context_length: int | None = None,
    dropout: float = 0.1,
) -> GPT2:
    """A GPT-2 with the blocks, the final layer norm and the positions of a Hugging Face checkpoint.

    The word embeddings are drawn anew, each number from a normal distribution with the mean and the
    deviation that the old embeddings have in that dimension: as large as what the blocks are used to.

    Parameters
    ----------
    checkpoint : a folder that `save_pretrained` wrote, or a name on the Hugging Face hub, e.g. ``"gpt2"``.
    layout : which words there are.
    seed : of the new embeddings.
    context_length : how many rows the model sees at most; None for as many as the checkpoint.
    dropout : share of activations dropped in training, in 0..1.

    Raises
    ------
    ModelError : no checkpoint there, a damaged one, or one of another kind of network.
    """
    config, old = _read(checkpoint)
    context_length = min(context_length or config.n_positions, config.n_positions)
    size = GPT2Size(config.n_layer, config.n_head, config.n_embd, context_length, dropout)
    model = GPT2(size, layout, seed)
    new: Any = model.network  # its parts are typed as any module or tensor
    new.h.load_state_dict(old.h.state_dict())
    new.ln_f.load_state_dict(old.ln_f.state_dict())
    with torch.no_grad():
        new.wpe.weight.copy_(old.wpe.weight[: size.context_length])
        spread = torch.randn(new.wte.weight.shape, generator=torch.Generator().manual_seed(seed))
        new.wte.weight.copy_(old.wte.weight.mean(0) + old.wte.weight.std(0) * spread)
    return model


def _read(checkpoint: str | Path) -> tuple[GPT2Config, Any]:
    with _reading(checkpoint):
        described, _ = GPT2Config.get_config_dict(checkpoint)
    if described.get("model_type") != "gpt2":
        raise ModelError(f"{checkpoint} holds no GPT-2: its config.json says {described.get('model_type')!r}")
    with _reading(checkpoint):
        config = GPT2Config.from_dict(described)
        library: Any = GPT2Model  # typed as if it gave the network alone
        network, found = library.from_pretrained(
            checkpoint,
            dtype=torch.float32,
            use_safetensors=True,  # the other format is a pickle, which could execute anything
            ignore_mismatched_sizes=True,  # it is found below, and told in a sentence
            output_loading_info=True,
        )
    lacking = sorted(map(str, {*found["missing_keys"], *found["mismatched_keys"]}))
    if lacking:
        raise ModelError(f"the GPT-2 in {checkpoint} is damaged: its weights do not fit its config.json, {lacking[0]}")
    for name, alike in {**ALIKE, "n_inner": {None, 4 * config.n_embd}}.items():
        if getattr(config, name) not in alike:
            raise ModelError(
                f"the GPT-2 in {checkpoint} computes in another way: its {name} is {getattr(config, name)}"
            )
    return config, network


@contextmanager
def _reading(checkpoint: str | Path) -> Iterator[None]:
    """The library reads without a word; whatever it raises (it has dozens of ways) becomes one sentence."""
    log: Any = logging  # only half of it is typed
    verbosity, bars = log.get_verbosity(), log.is_progress_bar_enabled()
    log.set_verbosity_error()
    log.disable_progress_bar()
    try:
        yield
    except Exception as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise ModelError(
            f"no GPT-2 can be read from {checkpoint} ({reason}); "
            "give a folder with config.json and model.safetensors, or a name on the Hugging Face hub"
        ) from None
    finally:
        log.set_verbosity(verbosity)
        if bars:
            log.enable_progress_bar()
