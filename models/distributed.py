"""Several processes that learn together: on the GPUs of one machine, or of several.

``torchrun`` and ``accelerate launch`` start them, all with the same command.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar, cast

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

from models.device import best_device
from models.language_model import TrainableLanguageModel
from pose_vocab.errors import BopBotError

T = TypeVar("T")
PATIENCE = timedelta(days=7)
"""How long a process waits for another: the first may watch videos for days before they learn together."""
Loss = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class Processes:
    """This process among those that learn together; alone, nothing is communicated."""

    rank: int
    count: int
    device: torch.device

    @classmethod
    def joined(cls) -> Processes:
        """All that were launched together, as torchrun and accelerate tell in the environment."""
        device, count = best_device(), int(os.environ.get("WORLD_SIZE", "1"))
        if count == 1:
            return cls(0, 1, device)
        if device.type == "cuda":
            device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
            torch.cuda.set_device(device)
        if not distributed.is_initialized():  # once a process: a group that is left cannot be formed again
            distributed.init_process_group(timeout=PATIENCE)
            atexit.register(distributed.destroy_process_group)
        return cls(distributed.get_rank(), count, device)

    def loss_of(self, model: TrainableLanguageModel) -> Loss:
        """The model's loss, whose gradients will be the mean of all processes'."""
        return model.loss if self.count == 1 else DistributedDataParallel(_Loss(model))

    def mean(self, value: torch.Tensor) -> float:
        """The mean of a number of each process, in all of them; changes `value`."""
        if self.count > 1:
            distributed.all_reduce(value)
        return value.item() / self.count

    def from_main(self, make: Callable[[], T]) -> T:
        """What the first process makes, in all of them; the others wait for it, and raise what it raises."""
        if self.count == 1:
            return make()
        made: list[T | BopBotError | None] = [None]
        if self.rank == 0:
            try:
                made = [make()]
            except BopBotError as error:
                made = [error]
        distributed.broadcast_object_list(made)
        if isinstance(made[0], BopBotError):
            raise made[0]
        return cast(T, made[0])

    def seed_dropout(self, seed: int) -> None:
        """What torch.manual_seed does, for this device alone and in a hundredth of the time."""
        cuda = self.device.type == "cuda"
        generator = torch.cuda.default_generators[torch.cuda.current_device()] if cuda else torch.default_generator
        generator.manual_seed(seed)


class _Loss(nn.Module):
    """A model's loss as a forward, which is where gradients of several processes are averaged."""

    def __init__(self, model: TrainableLanguageModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, windows: torch.Tensor) -> torch.Tensor:
        return self.model.loss(windows)
