"""An LSTM over mean poses that foresees the next one as a mixture of Gaussians: a dance as numbers, not as words.

The way of dance generators before language models. Bishop, *Mixture Density Networks* (1994); Graves,
*Generating Sequences With Recurrent Neural Networks* (2013).
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal
from torch.nn import functional

from models.checkpoints import load_checkpoint, save_checkpoint
from models.device import seeded
from models.recurrent import RecurrentModel, RecurrentSize
from pose_vocab.errors import ModelError

FORMAT = "bopbot-mixture 1"
"""The version line of a saved model."""

MIN_DEVIATION = 1.0
"""Least standard deviation of a Gaussian, in standard deviations of the feature over the vocabulary.

Words are points: without it a Gaussian shrinks onto one of them, and its density there grows without
bound. It is this large because a body's features move together, and a Gaussian that takes them for
independent counts what they share many times over. At 0.1 held-out salsa has the higher density, but
word for word a perplexity of 1,260,000 instead of 105 (2,000 words, 34 features).
"""

STILL = 1e-4
"""A feature whose standard deviation is less than this share of the largest is left as narrow as it is: it is noise."""

MIXTURES_AT_ONCE = 32
"""Mixtures whose densities at all words stand in memory together; the result does not hang on it."""


@dataclass(frozen=True)
class MixtureSize(RecurrentSize):
    """How large an LSTM over mean poses is: `RecurrentSize`, and how many Gaussians say the next pose.

    Parameters
    ----------
    components : Gaussians in a mixture, each with a mean and a standard deviation for every feature.

    Raises
    ------
    ModelError : no network has such a size.
    """

    components: int = 24

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.components < 1:
            raise ModelError(f"a mixture needs at least one component, got {self.components}")


class MixtureLSTM(RecurrentModel):
    """An LSTM with a mixture density head over the mean poses of one vocabulary.

    It reads the mean pose of each word and is taught the density of the next one. As a language model
    it gives each word the density at its mean pose, so its perplexity stands beside that of the others.

    Parameters
    ----------
    size : layers, width, context, components.
    vectors : float32 (vocab_size, n_features), the mean pose of each word; finite. Within, each
        feature has mean 0 and standard deviation 1.
    fingerprint : names the vocabulary that the ids belong to.
    seed : of the untrained weights.

    Raises
    ------
    ModelError : no mean poses, or such as are no finite numbers.
    """

    rows: torch.Tensor
    """The standardized mean poses, float32 (vocab_size, n_features)."""

    def __init__(self, size: MixtureSize, vectors: NDArray[np.float32], fingerprint: str, seed: int = 0) -> None:
        rows = _standardized(vectors)
        vocab_size, n_features = rows.shape
        with seeded(seed, torch.device("cpu")):
            super().__init__(size, n_features, vocab_size, fingerprint)
            self.size = size
            self.head = nn.Linear(size.width, size.components * (1 + 2 * n_features))
        self.beginning = nn.Parameter(torch.zeros(n_features))
        self.register_buffer("rows", torch.from_numpy(rows))
        self.eval()

    def embed(self, ids: torch.Tensor) -> torch.Tensor:
        """ids int64 (...) -> the words' standardized mean poses (..., n_features); what begins a dance has one too."""
        begins = (ids == self.vocab_size).unsqueeze(-1)
        return torch.where(begins, self.beginning, self.rows[ids.clamp(max=self.vocab_size - 1)])

    def density(self, hidden: torch.Tensor) -> MixtureSameFamily:
        """The last layer's output (..., width) -> the density of the next standardized mean pose (n_features,)."""
        shape = (*hidden.shape[:-1], self.size.components, self.rows.shape[1])
        said = self.head(hidden).float()
        n_numbers = shape[-2] * shape[-1]
        shares, means, deviations = torch.split(said, [shape[-2], n_numbers, n_numbers], dim=-1)
        gaussians = Normal(
            means.reshape(shape), MIN_DEVIATION + functional.softplus(deviations).reshape(shape), validate_args=False
        )
        return MixtureSameFamily(
            Categorical(logits=shares, validate_args=False), Independent(gaussians, 1), validate_args=False
        )

    def logits(self, hidden: torch.Tensor) -> torch.Tensor:
        """The last layer's output (..., width) -> log density at each word's mean pose (..., vocab_size)."""
        pieces = torch.split(hidden.flatten(0, -2), MIXTURES_AT_ONCE)
        densities = [_log_density(self.density(piece), self.rows) for piece in pieces]
        return torch.cat(densities).reshape(*hidden.shape[:-1], self.vocab_size)

    def loss(self, windows: torch.Tensor) -> torch.Tensor:
        """What training makes smaller, in nats a word: windows int64 (batch, time + 1) -> a scalar.

        It is the mean negative log density of the next word's standardized mean pose; perplexity
        comes from `losses`. The id that begins a dance is read, not foreseen.
        """
        hidden, _ = self.follow(windows[:, :-1])
        words = windows[:, 1:]
        foreseen = words != self.vocab_size
        mixture: Any = self.density(hidden[foreseen])  # torch leaves its distributions' methods untyped
        loss: torch.Tensor = -mixture.log_prob(self.rows[words[foreseen]]).mean()
        return loss

    def save(self, folder: str | Path) -> None:
        """Write the model as a folder; `load` gives back the same. Raises OutputError if it cannot be written."""
        config = {"vocab_size": self.vocab_size, "n_features": self.rows.shape[1], "size": asdict(self.size)}
        save_checkpoint(folder, FORMAT, self.fingerprint, config, self)

    @classmethod
    def load(cls, folder: str | Path, fingerprint: str) -> MixtureLSTM:
        """Read a folder that `save` wrote, for the vocabulary that `fingerprint` names.

        Raises
        ------
        ModelError : no model there, a damaged one, or one that was trained on another vocabulary.
        """

        def build(config: dict[str, Any]) -> MixtureLSTM:
            unread = np.zeros((config["vocab_size"], config["n_features"]), np.float32)
            return cls(MixtureSize(**config["size"]), unread, fingerprint)

        return load_checkpoint(folder, FORMAT, fingerprint, build)


def _standardized(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each feature with mean 0 and standard deviation 1, unless it stands still."""
    if vectors.ndim != 2 or not vectors.size:
        raise ModelError(f"mean poses are rows of numbers, one a word and at least one, got shape {vectors.shape}")
    if not np.isfinite(vectors).all():
        broken = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
        raise ModelError(
            f"mean poses must be finite numbers, but {len(broken)} are not, first that of word {broken[0]}"
        )
    spread = vectors.std(axis=0, dtype=np.float64)
    moves = spread > STILL * spread.max()
    centred = vectors - vectors.mean(axis=0, dtype=np.float64)
    return np.asarray(centred / np.where(moves, spread, 1), dtype=np.float32)


def _log_density(mixture: Any, rows: torch.Tensor) -> torch.Tensor:
    """Log density of n mixtures at all rows (words, n_features): (n, words).

    The square in each Gaussian is multiplied out, so that words and components meet in matrix
    products and no array has words, components and features at once. That costs few digits: over
    standardized rows and deviations of at least `MIN_DEVIATION` the terms are about as large as there are features.
    """
    gaussians = mixture.component_distribution.base_dist
    means, precisions = gaussians.loc, gaussians.scale**-2
    constants = (precisions.log() - means.square() * precisions - math.log(2 * math.pi)).sum(-1) / 2
    squares = (precisions * means) @ rows.T - precisions / 2 @ rows.square().T  # (n, components, words)
    weighted = squares + (mixture.mixture_distribution.logits + constants).unsqueeze(-1)
    return torch.logsumexp(weighted, dim=-2)
