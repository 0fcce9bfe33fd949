"""A trained model on disk: a folder with its configuration and its weights.

`config.json` is a human-readable configuration that `load_checkpoint` reads; `model.safetensors` holds
the weights. Loading executes no code from either file.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from safetensors import SafetensorError
from safetensors.torch import load_model, save_model
from torch import nn

from models.row_layout import RowLayout
from pose_vocab.errors import ModelError
from pose_vocab.files import write_beside

Network = TypeVar("Network", bound=nn.Module)

CONFIG_FILE = "config.json"
WEIGHTS_FILE = "model.safetensors"


def save_checkpoint(
    folder: str | Path, format: str, layout: RowLayout, config: dict[str, Any], network: nn.Module
) -> None:
    """Write a network's weights and its configuration.

    Parameters
    ----------
    folder : replaced atomically: the new one is written beside it, then renamed.
    format : the version line, e.g. ``"bopbot-gpt2 1"``.
    layout : the row layout of the ids.
    config : what is needed to build the network again, as JSON values.

    Raises
    ------
    OutputError : the folder cannot be written.
    """
    description = {
        "format": format,
        "vocabulary": layout.fingerprint,
        "words": list(layout.sizes),
        **config,
    }
    with write_beside(folder, {CONFIG_FILE, WEIGHTS_FILE}) as beside:
        beside.mkdir()
        (beside / CONFIG_FILE).write_text(json.dumps(description, indent=2) + "\n", encoding="utf-8")
        save_model(network, str(beside / WEIGHTS_FILE))


def load_checkpoint(
    folder: str | Path, format: str, layout: RowLayout, build: Callable[[dict[str, Any]], Network]
) -> Network:
    """Return the network that `save_checkpoint` wrote.

    Parameters
    ----------
    folder, format, layout : the same as for `save_checkpoint`.
    build : builds an untrained network from the saved `config`; a KeyError, TypeError or ValueError that it
        raises means that the config is damaged.

    Raises
    ------
    ModelError : there is no model, it is damaged, of another version, or has another vocabulary.
    """
    config = _read_config(folder, format, layout)
    try:
        network = build(config)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"the {CONFIG_FILE} of the model in {folder} has no valid size: {error}") from error
    _read_weights(folder, network)
    return network


def _read_config(folder: str | Path, format: str, layout: RowLayout) -> dict[str, Any]:
    path = Path(folder) / CONFIG_FILE
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise ModelError(f"there is no model in {folder}: it has no {CONFIG_FILE}") from None
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read: {error}") from error
    if not isinstance(config, dict) or config.pop("format", None) != format:
        raise ModelError(f"{path} does not describe a model of this version: expected format {format!r}")
    fingerprint = config.pop("vocabulary", None)
    if fingerprint != layout.fingerprint:
        raise ModelError(
            f"the model in {folder} was trained on vocabulary {fingerprint}, not on {layout.fingerprint}; "
            "use the vocabulary that it was trained on, or train a model with this one"
        )
    words = config.pop("words", None)
    if words != list(layout.sizes):
        raise ModelError(f"{path} names {words} words, but vocabulary {fingerprint} has {list(layout.sizes)}")
    return config


def _read_weights(folder: str | Path, network: nn.Module) -> None:
    path = Path(folder) / WEIGHTS_FILE
    try:
        load_model(network, path)
    except FileNotFoundError:
        raise ModelError(f"the model in {folder} is incomplete: it has no {WEIGHTS_FILE}") from None
    except (OSError, RuntimeError, SafetensorError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(f"{path} is damaged or belongs to another model: {reason}") from error
