"""A GPT-2 with blocks pretrained on text and newly initialized word embeddings.

Lu et al., *Frozen Pretrained Transformers as Universal Computation Engines* (2022): transformer blocks
pretrained on text also help with other kinds of sequences.
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

REQUIRED_CONFIG: dict[str, set[Any]] = {
    "activation_function": {"gelu_new", "gelu_pytorch_tanh"},
    "layer_norm_epsilon": {1e-5},
    "scale_attn_weights": {True},
    "scale_attn_by_inverse_layer_idx": {False},
    "add_cross_attention": {False},
}
"""Config values for which the blocks of a checkpoint compute the same as those of `models.gpt2.GPT2`."""


def gpt2_from_pretrained(
    checkpoint: str | Path,
    layout: RowLayout,
    seed: int = 0,
    context_length: int | None = None,
    dropout: float = 0.1,
) -> GPT2:
    """Return a GPT-2 with the blocks, final layer norm and position embeddings of a Hugging Face checkpoint.

    The word embeddings are sampled from a normal distribution with the mean and standard deviation that
    the checkpoint's embeddings have in each dimension, so their scale suits the blocks.

    Parameters
    ----------
    checkpoint : a folder written by `save_pretrained`, or a name on the Hugging Face hub, e.g. ``"gpt2"``.
    layout : the row layout of the ids.
    seed : seed of the new embeddings.
    context_length : maximum context in rows; None, or a larger number, for that of the checkpoint.
    dropout : share of activations dropped in training, in 0..1.

    Raises
    ------
    ModelError : there is no checkpoint, it is damaged, or it holds another kind of network.
    """
    config, pretrained = _read(checkpoint)
    context_length = min(context_length or config.n_positions, config.n_positions)
    size = GPT2Size(config.n_layer, config.n_head, config.n_embd, context_length, dropout)
    model = GPT2(size, layout, seed)
    network: Any = model.network  # torch types its submodules as Module | Tensor
    network.h.load_state_dict(pretrained.h.state_dict())
    network.ln_f.load_state_dict(pretrained.ln_f.state_dict())
    with torch.no_grad():
        network.wpe.weight.copy_(pretrained.wpe.weight[: size.context_length])
        spread = torch.randn(network.wte.weight.shape, generator=torch.Generator().manual_seed(seed))
        network.wte.weight.copy_(pretrained.wte.weight.mean(0) + pretrained.wte.weight.std(0) * spread)
    return model


def _read(checkpoint: str | Path) -> tuple[GPT2Config, Any]:
    with _reading(checkpoint):
        config_dict, _ = GPT2Config.get_config_dict(checkpoint)
    if config_dict.get("model_type") != "gpt2":
        raise ModelError(
            f"{checkpoint} holds no GPT-2: the model_type in its config.json is {config_dict.get('model_type')!r}"
        )
    with _reading(checkpoint):
        config = GPT2Config.from_dict(config_dict)
        library: Any = GPT2Model  # its stubs omit the loading info
        network, loading_info = library.from_pretrained(
            checkpoint,
            dtype=torch.float32,
            use_safetensors=True,  # the other format is a pickle, which could execute anything
            ignore_mismatched_sizes=True,  # reported below, with a shorter message
            output_loading_info=True,
        )
    unusable = sorted(map(str, {*loading_info["missing_keys"], *loading_info["mismatched_keys"]}))
    if unusable:
        raise ModelError(f"the GPT-2 in {checkpoint} is damaged: its weights do not fit its config.json, {unusable[0]}")
    for name, allowed in {**REQUIRED_CONFIG, "n_inner": {None, 4 * config.n_embd}}.items():
        if getattr(config, name) not in allowed:
            raise ModelError(
                f"the GPT-2 in {checkpoint} is an unsupported variant: its {name} is {getattr(config, name)}"
            )
    return config, network


@contextmanager
def _reading(checkpoint: str | Path) -> Iterator[None]:
    """Silence the library's log and progress bars, and turn any error it raises into a ModelError."""
    log: Any = logging  # only partly typed
    verbosity, progress_bars = log.get_verbosity(), log.is_progress_bar_enabled()
    log.set_verbosity_error()
    log.disable_progress_bar()
    try:
        yield
    except Exception as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise ModelError(
            f"no GPT-2 can be read from {checkpoint} ({reason}); "
            "give a folder with config.json and model.safetensors, or the name of a model on the Hugging Face hub"
        ) from None
    finally:
        log.set_verbosity(verbosity)
        if progress_bars:
            log.enable_progress_bar()
