"""Training in several processes, on the GPUs of one or more machines.

``torchrun`` and ``accelerate launch`` start all processes with the same command.
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
"""Timeout for waiting on another process: the first may read videos for days before training starts."""
Loss = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class Processes:
    """This process within a group that trains one model; a single process communicates nothing."""

    rank: int
    count: int
    device: torch.device

    @classmethod
    def joined(cls) -> Processes:
        """Join the group that torchrun or accelerate describes in the environment variables."""
        device, count = best_device(), int(os.environ.get("WORLD_SIZE", "1"))
        if count == 1:
            return cls(0, 1, device)
        if device.type == "cuda":
            device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
            torch.cuda.set_device(device)
        if not distributed.is_initialized():  # once per process: a destroyed group cannot be created again
            distributed.init_process_group(timeout=PATIENCE)
            atexit.register(distributed.destroy_process_group)
        return cls(distributed.get_rank(), count, device)

    def loss_of(self, model: TrainableLanguageModel) -> Loss:
        """Return the model's loss function; its gradients are averaged over all processes."""
        return model.loss if self.count == 1 else DistributedDataParallel(_Loss(model))

    def mean(self, value: torch.Tensor) -> float:
        """Return the mean of `value` over all processes, in each of them; `value` is overwritten."""
        if self.count > 1:
            distributed.all_reduce(value)
        return value.item() / self.count

    def from_main(self, make: Callable[[], T]) -> T:
        """Call `make` in the first process and return its result, or raise its error, in all processes."""
        if self.count == 1:
            return make()
        result: list[T | BopBotError | None] = [None]
        if self.rank == 0:
            try:
                result = [make()]
            except BopBotError as error:
                result = [error]
        distributed.broadcast_object_list(result)
        if isinstance(result[0], BopBotError):
            raise result[0]
        return cast(T, result[0])

    def seed_dropout(self, seed: int) -> None:
        """Seed the generator of this device only: 100 times faster than `torch.manual_seed`."""
        cuda = self.device.type == "cuda"
        generator = torch.cuda.default_generators[torch.cuda.current_device()] if cuda else torch.default_generator
        generator.manual_seed(seed)


class _Loss(nn.Module):
    """A module whose forward pass is a model's loss, as DistributedDataParallel requires."""

    def __init__(self, model: TrainableLanguageModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, windows: torch.Tensor) -> torch.Tensor:
        return self.model.loss(windows)
