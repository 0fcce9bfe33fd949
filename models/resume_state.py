"""What a training keeps on disk, so that it goes on where it was cut off.

One file holds everything and takes the place of the one before at once: a process that is killed at
any moment leaves a whole state. It is a safetensors file; nothing in it could be executed.
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
"""What a training is, as JSON can hold it: a state belongs to the training of which all of this is true."""


@dataclass
class Saved:
    """A state as the disk knows it: tensors, and facts as JSON can hold them."""

    tensors: dict[str, torch.Tensor]
    facts: dict[str, Any]


@dataclass(frozen=True)
class Run:
    """The folder in which a training keeps its state; nobody needs it any more once the model is saved.

    Parameters
    ----------
    folder : made if it is not there. With several processes only the first of them needs to see it.
    every_s : seconds from one saving to the next; 0 saves after every step.

    Raises
    ------
    ModelError : `every_s` is negative.
    """

    folder: Path
    every_s: float = 60.0

    def __post_init__(self) -> None:
        if not self.every_s >= 0:
            raise ModelError(f"a training is saved every 0 or more seconds, got {self.every_s}")

    def open(self, identity: Identity) -> Saved | None:
        """The state that the folder holds, if any; the folder is made ready to save in.

        Raises
        ------
        ModelError : the state is damaged, or belongs to another training.
        OutputError : the folder cannot be written to.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"cannot write {self.folder}: {error.strerror or error}") from error
        for left_by_a_killed_process in self.folder.glob(f".{STATE_FILE}.*"):
            shutil.rmtree(left_by_a_killed_process)
        check_writable(self.folder / STATE_FILE)
        return self._read(identity) if (self.folder / STATE_FILE).exists() else None

    def save(self, saved: Saved, identity: Identity) -> None:
        """Put a state in the place of the one before. Raises OutputError if it cannot be written."""
        described = json.dumps({"identity": identity, **saved.facts})
        with write_beside(self.folder / STATE_FILE) as beside:
            save_file(saved.tensors, beside, {"format": FORMAT, "training": described})

    def _read(self, identity: Identity) -> Saved:
        path = self.folder / STATE_FILE
        remedy = "name another folder, or delete this one to begin anew"
        try:
            with safe_open(path, "pt") as file:
                written = file.metadata() or {}
                tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118, no mapping
        except (OSError, SafetensorError) as error:
            raise ModelError(f"the training kept in {path} is damaged ({error}); {remedy}") from error
        if written.get("format") != FORMAT:
            raise ModelError(f"{path} holds no training of this version, expected format {FORMAT!r}; {remedy}")
        facts = json.loads(written["training"])
        theirs = facts.pop("identity")
        differing = [
            f"{name} {theirs.get(name)} instead of {value}"
            for name, value in identity.items()
            if theirs.get(name) != value
        ]
        if differing:
            raise ModelError(f"{self.folder} keeps another training, with {', '.join(differing)}; {remedy}")
        return Saved(tensors, facts)


def identity_of(
    model: TrainableLanguageModel, streams: Sequence[NDArray[np.int64]], held_out: Sequence[NDArray[np.int64]]
) -> Identity:
    """Tells a model, with the weights that it starts from, and its dances from others."""
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
    """All that changes while a model learns. The model and the optimizer change in place.

    Parameters
    ----------
    model : on the device where it learns.
    optimizer : of all the parameters of the model, in their order.
    """

    def __init__(self, model: TrainableLanguageModel, optimizer: torch.optim.Optimizer) -> None:
        self.step = 0
        self.history: list[Check] = []
        self.loss_sum = torch.zeros((), device=next(model.parameters()).device)
        """Of the steps since the last check."""
        self._tensors = {**dict(model.named_parameters()), **dict(model.named_buffers())}
        self._optimizer = optimizer
        self._best: dict[str, torch.Tensor] = {}
        self._began = time.perf_counter()

    @property
    def seconds(self) -> float:
        """At work so far, in all sessions."""
        return time.perf_counter() - self._began

    @property
    def since_check(self) -> tuple[int, float]:
        """Steps and seconds since the last check."""
        if not self.history:
            return self.step, self.seconds
        return self.step - self.history[-1].step, self.seconds - self.history[-1].seconds

    def note(self, check: Check) -> None:
        """Add a check to the history, and keep the weights if they are the best so far."""
        self.history.append(check)
        self.loss_sum.zero_()
        if check.held_out_loss is not None and kept(self.history) is check:
            self._best = {name: tensor.detach().clone() for name, tensor in self._tensors.items()}

    def finish(self) -> None:
        """Give the model the best weights, if held-out dances told them apart."""
        self._put(self._best)

    def snapshot(self) -> Saved:
        """All of it, for the disk."""
        tensors = {"loss sum": self.loss_sum}
        tensors |= {f"weights/{name}": tensor for name, tensor in self._tensors.items()}
        tensors |= {f"best/{name}": tensor for name, tensor in self._best.items()}
        for index, moments in self._optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer/{index}/{name}": tensor for name, tensor in moments.items()}
        facts = {"step": self.step, "seconds": self.seconds, "history": [asdict(check) for check in self.history]}
        return Saved({name: tensor.detach().contiguous() for name, tensor in tensors.items()}, facts)

    def restore(self, saved: Saved) -> None:
        """Go on from what `snapshot` gave."""
        self.step = saved.facts["step"]
        self.history = [Check(**check) for check in saved.facts["history"]]
        self._began -= saved.facts["seconds"]
        self.loss_sum.copy_(saved.tensors["loss sum"])
        self._put(_under("weights/", saved))
        self._best = {name: tensor.to(self.loss_sum.device) for name, tensor in _under("best/", saved).items()}
        moments: defaultdict[int, dict[str, torch.Tensor]] = defaultdict(dict)
        for name, tensor in _under("optimizer/", saved).items():
            index, moment = name.split("/")
            moments[int(index)][moment] = tensor
        groups = self._optimizer.state_dict()["param_groups"]
        self._optimizer.load_state_dict({"state": moments, "param_groups": groups})

    @torch.no_grad()
    def _put(self, tensors: dict[str, torch.Tensor]) -> None:
        for name, tensor in tensors.items():
            self._tensors[name].copy_(tensor)


def _under(prefix: str, saved: Saved) -> dict[str, torch.Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in saved.tensors.items() if name.startswith(prefix)}
