"""A trained model on disk: a folder with its configuration and its weights.

`config.json` is for people and for `load_checkpoint`; `model.safetensors` holds the weights and
nothing that could be executed.
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
    folder : replaced as a whole: written beside, then renamed.
    format : the version line, e.g. ``"bopbot-gpt2 1"``.
    layout : of the ids.
    config : what builds the network again, as JSON.

    Raises
    ------
    OutputError : the folder cannot be written.
    """
    described = {
        "format": format,
        "vocabulary": layout.fingerprint,
        "words": list(layout.sizes),
        **config,
    }
    with write_beside(folder, {CONFIG_FILE, WEIGHTS_FILE}) as beside:
        beside.mkdir()
        (beside / CONFIG_FILE).write_text(json.dumps(described, indent=2) + "\n", encoding="utf-8")
        save_model(network, str(beside / WEIGHTS_FILE))


def load_checkpoint(
    folder: str | Path, format: str, layout: RowLayout, build: Callable[[dict[str, Any]], Network]
) -> Network:
    """Return the network that `save_checkpoint` wrote.

    Parameters
    ----------
    folder, format, layout : as they were given to `save_checkpoint`.
    build : makes an untrained network from the saved `config`; its KeyError, TypeError or ValueError means that
        the config is damaged.

    Raises
    ------
    ModelError : no model there, a damaged one, one of another version, or one with another vocabulary.
    """
    config = _read_config(folder, format, layout)
    try:
        network = build(config)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"the config.json of the model in {folder} lacks its size: {error}") from error
    _read_weights(folder, network)
    return network


def _read_config(folder: str | Path, format: str, layout: RowLayout) -> dict[str, Any]:
    path = Path(folder) / CONFIG_FILE
    try:
        described = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise ModelError(f"there is no model in {folder}: it has no {CONFIG_FILE}") from None
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read: {error}") from error
    if not isinstance(described, dict) or described.pop("format", None) != format:
        raise ModelError(f"{path} does not describe a model of this version: expected format {format!r}")
    theirs = described.pop("vocabulary", None)
    if theirs != layout.fingerprint:
        raise ModelError(
            f"the model in {folder} was trained on vocabulary {theirs}, not on {layout.fingerprint}; "
            "use the vocabulary that it was trained on, or train a model on this one"
        )
    words = described.pop("words", None)
    if words != list(layout.sizes):
        raise ModelError(f"{path} names {words} words, but vocabulary {theirs} has {list(layout.sizes)}")
    return described


def _read_weights(folder: str | Path, network: nn.Module) -> None:
    path = Path(folder) / WEIGHTS_FILE
    try:
        load_model(network, path)
    except FileNotFoundError:
        raise ModelError(f"the model in {folder} is incomplete: it has no {WEIGHTS_FILE}") from None
    except (OSError, RuntimeError, SafetensorError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(f"{path} is damaged or belongs to another model: {reason}") from error
