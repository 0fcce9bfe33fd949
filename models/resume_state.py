"""The state of a training run on disk, from which an interrupted run resumes.

The state is one file, which replaces the previous one atomically: a process killed at any time leaves a
complete state. It is a safetensors file, so loading it executes no code.
"""

import hashlib
import json
import shutil
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from models.language_model import TrainableLanguageModel
from models.training_log import Check, kept
from pose_vocab.errors import ModelError, OutputError
from pose_vocab.files import check_writable, write_beside

FORMAT = "bopbot-training-state 2"
"""The version line of a saved state."""
STATE_FILE = "training.safetensors"

Identity = dict[str, Any]
"""What identifies a training run, as JSON values; a state is only restored into a run with an equal identity."""


@dataclass
class Saved:
    """A training state as stored: tensors, and facts as JSON values."""

    tensors: dict[str, torch.Tensor]
    facts: dict[str, Any]


@dataclass(frozen=True)
class Run:
    """The folder of a training run's state; it can be deleted once the model is saved.

    Parameters
    ----------
    folder : created if missing. With several processes, only the first one uses it.
    every_s : seconds between two saves; 0 saves after every step.

    Raises
    ------
    ModelError : `every_s` is negative.
    """

    folder: Path
    every_s: float = 60.0

    def __post_init__(self) -> None:
        if not self.every_s >= 0:
            raise ModelError(f"every_s must be 0 or more seconds between saves, got {self.every_s}")

    def open(self, identity: Identity) -> Saved | None:
        """Create the folder if needed and return the state in it, or None if there is none.

        Raises
        ------
        ModelError : the state is damaged, or belongs to another training run.
        OutputError : the folder cannot be written to.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"cannot write {self.folder}: {error.strerror or error}") from error
        for leftover in self.folder.glob(f".{STATE_FILE}.*"):
            shutil.rmtree(leftover)
        check_writable(self.folder / STATE_FILE)
        return self._read(identity) if (self.folder / STATE_FILE).exists() else None

    def save(self, saved: Saved, identity: Identity) -> None:
        """Replace the stored state. Raises OutputError if it cannot be written."""
        description = json.dumps({"identity": identity, **saved.facts})
        with write_beside(self.folder / STATE_FILE) as beside:
            save_file(saved.tensors, beside, {"format": FORMAT, "training": description})

    def _read(self, identity: Identity) -> Saved:
        path = self.folder / STATE_FILE
        remedy = "choose another folder, or delete this one to start again"
        try:
            with safe_open(path, "pt") as file:
                metadata = file.metadata() or {}
                tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118, no mapping
        except (OSError, SafetensorError) as error:
            raise ModelError(f"the training state in {path} is damaged ({error}); {remedy}") from error
        if metadata.get("format") != FORMAT:
            raise ModelError(f"{path} holds no training state of this version: expected format {FORMAT!r}; {remedy}")
        facts = json.loads(metadata["training"])
        stored = facts.pop("identity")
        differing = [
            f"{name} {stored.get(name)} instead of {value}"
            for name, value in identity.items()
            if stored.get(name) != value
        ]
        if differing:
            raise ModelError(
                f"{self.folder} holds the state of another training run, with {', '.join(differing)}; {remedy}"
            )
        return Saved(tensors, facts)


def identity_of(
    model: TrainableLanguageModel, streams: Sequence[NDArray[np.int64]], held_out: Sequence[NDArray[np.int64]]
) -> Identity:
    """Return what identifies a training run: the model, its starting weights and the dances."""
    return {
        "model": f"{type(model).__name__} {getattr(model, 'size', '')}".strip(),
        "vocabulary": model.layout.fingerprint,
        "starting weights": _digest(tensor.cpu().numpy() for tensor in model.state_dict().values()),
        "dances": _digest(streams),
        "held-out dances": _digest(held_out),
    }


def _digest(arrays: Iterable[NDArray[Any]]) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype} {array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()[:16]


class TrainingState:
    """Everything that changes during training. The model and the optimizer are changed in place.

    Parameters
    ----------
    model : the model, already on the device it is trained on.
    optimizer : optimizer of all parameters of the model, in their order.
    """

    def __init__(self, model: TrainableLanguageModel, optimizer: torch.optim.Optimizer) -> None:
        self.step = 0
        self.history: list[Check] = []
        self.loss_sum = torch.zeros((), device=next(model.parameters()).device)
        """Sum of the losses of the steps since the last check."""
        self._tensors = {**dict(model.named_parameters()), **dict(model.named_buffers())}
        self._optimizer = optimizer
        self._best: dict[str, torch.Tensor] = {}
        self._started_at = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Return the training time so far, over all sessions."""
        return time.perf_counter() - self._started_at

    @property
    def since_check(self) -> tuple[int, float]:
        """Return the number of steps and seconds since the last check."""
        if not self.history:
            return self.step, self.seconds
        return self.step - self.history[-1].step, self.seconds - self.history[-1].seconds

    def note(self, check: Check) -> None:
        """Append a check to the history, and keep a copy of the weights if they are the best so far."""
        self.history.append(check)
        self.loss_sum.zero_()
        if check.held_out_loss is not None and kept(self.history) is check:
            self._best = {name: tensor.detach().clone() for name, tensor in self._tensors.items()}

    def finish(self) -> None:
        """Load the best weights into the model, if held-out dances were scored."""
        self._load_weights(self._best)

    def snapshot(self) -> Saved:
        """Return the whole state in the form that is stored."""
        tensors = {"loss sum": self.loss_sum}
        tensors |= {f"weights/{name}": tensor for name, tensor in self._tensors.items()}
        tensors |= {f"best/{name}": tensor for name, tensor in self._best.items()}
        for index, moments in self._optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer/{index}/{name}": tensor for name, tensor in moments.items()}
        facts = {"step": self.step, "seconds": self.seconds, "history": [asdict(check) for check in self.history]}
        return Saved({name: tensor.detach().contiguous() for name, tensor in tensors.items()}, facts)

    def restore(self, saved: Saved) -> None:
        """Restore the state that `snapshot` returned."""
        self.step = saved.facts["step"]
        self.history = [Check(**check) for check in saved.facts["history"]]
        self._started_at -= saved.facts["seconds"]
        self.loss_sum.copy_(saved.tensors["loss sum"])
        self._load_weights(_with_prefix("weights/", saved))
        self._best = {name: tensor.to(self.loss_sum.device) for name, tensor in _with_prefix("best/", saved).items()}
        moments: defaultdict[int, dict[str, torch.Tensor]] = defaultdict(dict)
        for name, tensor in _with_prefix("optimizer/", saved).items():
            index, moment = name.split("/")
            moments[int(index)][moment] = tensor
        groups = self._optimizer.state_dict()["param_groups"]
        self._optimizer.load_state_dict({"state": moments, "param_groups": groups})

    @torch.no_grad()
    def _load_weights(self, tensors: dict[str, torch.Tensor]) -> None:
        for name, tensor in tensors.items():
            self._tensors[name].copy_(tensor)


def _with_prefix(prefix: str, saved: Saved) -> dict[str, torch.Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in saved.tensors.items() if name.startswith(prefix)}
