"""An LSTM over mean poses that predicts the next one as a mixture of Gaussians: a dance as numbers, not as words.

Dance generators before language models worked so. Bishop, *Mixture Density Networks* (1994); Graves,
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
from models.lstm_stack import RecurrentModel, RecurrentSize
from models.row_layout import RowLayout
from pose_vocab.errors import ModelError

FORMAT = "bopbot-mixture 2"
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
"""Mixtures whose densities at all words stand in memory together; the result does not depend on it."""


@dataclass(frozen=True)
class MixtureSize(RecurrentSize):
    """The size of an LSTM over mean poses: `RecurrentSize`, and the number of Gaussians of the next pose.

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
    """An LSTM with a mixture density head over the mean poses that words stand for.

    It reads the pose that the words of a row make together and learns the density of the next one. As a language
    model it gives each word the density at its mean pose, so its perplexity compares with that of the others; the
    words of a row are predicted one after another, p(word | words before it) from the density of their joint pose. A
    GAP is read as the mean pose and has no density.

    Parameters
    ----------
    size : layers, width, context, components.
    vectors : float32 (n_words, n_features), the mean pose of each word. The words of one place have
        some of the columns, in which they are finite; in those of other places they are NaN. Within, each
        column has mean 0 and standard deviation 1.
    layout : the words.
    seed : of the untrained weights.

    Raises
    ------
    ModelError : not one mean pose for each word, or such as are not finite in just the columns of their place.
    """

    poses: torch.Tensor
    """The standardized mean poses, float32 (n_words, n_features), 0 in the columns of other places."""

    def __init__(self, size: MixtureSize, vectors: NDArray[np.float32], layout: RowLayout, seed: int = 0) -> None:
        columns = _places_of_columns(vectors, layout)
        n_features = len(columns)
        with seeded(seed, torch.device("cpu")):
            super().__init__(size, n_features, layout)
            self.size = size
            self.head = nn.Linear(size.width, size.components * (1 + 2 * n_features))
        self._columns = columns
        self.beginning = nn.Parameter(torch.zeros(n_features))
        self.register_buffer("poses", torch.from_numpy(_standardized(vectors)))
        self.eval()

    def embed(self, rows: torch.Tensor) -> torch.Tensor:
        """Return the standardized poses (..., n_features) of rows int64 (..., places); `bos` has a learned one."""
        begins = rows[..., :1] == self.layout.bos
        return torch.where(begins, self.beginning, self._pose(rows.clamp(max=self.layout.n_words - 1)))

    def _pose(self, words: torch.Tensor) -> torch.Tensor:
        """Return the joint pose (..., n_features) of the first words of a row int64 (..., n), 0 where there is none."""
        return (self.poses[words.clamp(min=0)] * (words >= 0).unsqueeze(-1)).sum(-2)

    def _seen(self, words: torch.Tensor) -> torch.Tensor:
        """Return bool (..., n_features): the columns of which the first words of a row int64 (..., n) tell."""
        return functional.pad(words >= 0, (0, self.layout.places - words.shape[-1]))[..., self._columns]

    def density(self, hidden: torch.Tensor) -> MixtureSameFamily:
        """Return the density of the next standardized pose (n_features,) from the last layer's output (..., width)."""
        shape = (*hidden.shape[:-1], self.size.components, self.poses.shape[1])
        numbers = self.head(hidden).float()
        n_numbers = shape[-2] * shape[-1]
        shares, means, deviations = torch.split(numbers, [shape[-2], n_numbers, n_numbers], dim=-1)
        gaussians = Normal(
            means.reshape(shape), MIN_DEVIATION + functional.softplus(deviations).reshape(shape), validate_args=False
        )
        return MixtureSameFamily(
            Categorical(logits=shares, validate_args=False), Independent(gaussians, 1), validate_args=False
        )

    def logits(self, hidden: torch.Tensor, prefix: torch.Tensor) -> torch.Tensor:
        """Return, for each word of a place, the log density of its mean pose together with those of the prefix."""
        pieces = zip(torch.split(hidden, MIXTURES_AT_ONCE), torch.split(prefix, MIXTURES_AT_ONCE), strict=True)
        return torch.cat([self._log_densities(*piece) for piece in pieces])

    def _log_densities(self, hidden: torch.Tensor, prefix: torch.Tensor) -> torch.Tensor:
        """Return those of n mixtures, with all words in memory together: (n, words of the place)."""
        place = prefix.shape[-1]
        mixture: Any = self.density(hidden)  # torch leaves its distributions' methods untyped
        gaussians = mixture.component_distribution.base_dist
        before, here = self._columns < place, self._columns == place
        densities = gaussians.log_prob(self._pose(prefix).unsqueeze(-2)) * self._seen(prefix).unsqueeze(-2)
        densities = densities[..., before].sum(-1)  # (n, components)
        return _log_density(
            mixture.mixture_distribution.logits + densities,
            Normal(gaussians.loc[..., here], gaussians.scale[..., here], validate_args=False),
            self.poses[self.layout.ids(place), here],
        )

    def loss(self, windows: torch.Tensor) -> torch.Tensor:
        """Return what training minimizes, in nats per row: windows int64 (batch, time + 1, places) -> a scalar.

        It is the mean negative log density of what is seen of the next row's standardized pose; perplexity comes from
        `losses`. The row that begins a dance is read, not predicted.
        """
        rows = windows[:, 1:]
        predicted = rows[..., 0] != self.layout.bos
        words = rows[predicted]
        mixture: Any = self.density(self(windows[:, :-1])[predicted])
        gaussians = mixture.component_distribution.base_dist
        densities = gaussians.log_prob(self._pose(words).unsqueeze(-2)) * self._seen(words).unsqueeze(-2)
        shares = torch.log_softmax(mixture.mixture_distribution.logits, dim=-1)
        return -torch.logsumexp(densities.sum(-1) + shares, dim=-1).mean()

    def save(self, folder: str | Path) -> None:
        """Write the model as a folder; `load` gives back the same. Raises OutputError if it cannot be written."""
        config = {"columns": self._columns.tolist(), "size": asdict(self.size)}
        save_checkpoint(folder, FORMAT, self.layout, config, self)

    @classmethod
    def load(cls, folder: str | Path, layout: RowLayout) -> MixtureLSTM:
        """Read a folder that `save` wrote, for the words of a layout.

        Raises
        ------
        ModelError : no model there, a damaged one, or one that was trained on another vocabulary.
        """

        def build(config: dict[str, Any]) -> MixtureLSTM:
            places = layout.place_of(np.arange(layout.n_words))[:, None]
            unread = np.where(np.equal(places, config["columns"]), np.float32(0), np.float32(np.nan))
            return cls(MixtureSize(**config["size"]), unread, layout)

        return load_checkpoint(folder, FORMAT, layout, build)


def _places_of_columns(vectors: NDArray[np.float32], layout: RowLayout) -> NDArray[np.int64]:
    """Return the place whose words are finite in each column, (n_features,)."""
    if vectors.ndim != 2 or len(vectors) != layout.n_words or not vectors.size:
        raise ModelError(
            f"mean poses are rows of numbers, one for each of {layout.n_words} words, got shape {vectors.shape}"
        )
    columns = layout.place_of(np.argmin(np.isnan(vectors), axis=0))
    stands = layout.place_of(np.arange(layout.n_words))[:, None] == columns
    broken = np.flatnonzero(~np.where(stands, np.isfinite(vectors), np.isnan(vectors)).all(axis=1))
    if len(broken):
        raise ModelError(
            "mean poses must be finite numbers in the columns of their place and NaN in the others, "
            f"but {len(broken)} are not, first that of word {broken[0]}"
        )
    return columns


def _standardized(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return each column with mean 0 and standard deviation 1, unless it is constant, and 0 for words without it."""
    spread = np.nanstd(vectors, axis=0, dtype=np.float64)
    moves = spread > STILL * spread.max()
    centred = vectors - np.nanmean(vectors, axis=0, dtype=np.float64)
    return np.asarray(np.nan_to_num(centred / np.where(moves, spread, 1)), np.float32)


def _log_density(shares: torch.Tensor, gaussians: Normal, poses: torch.Tensor) -> torch.Tensor:
    """Return the log density of n mixtures, log shares (n, components), at poses (words, n_features): (n, words).

    The square in each Gaussian is multiplied out, so that words and components meet in matrix
    products and no array has words, components and features at once. That costs few digits: over
    standardized poses and deviations of at least `MIN_DEVIATION` the terms are about as large as there are features.
    """
    means, precisions = gaussians.loc, gaussians.scale**-2
    constants = (precisions.log() - means.square() * precisions - math.log(2 * math.pi)).sum(-1) / 2
    squares = (precisions * means) @ poses.T - precisions / 2 @ poses.square().T  # (n, components, words)
    return torch.logsumexp(squares + (shares + constants).unsqueeze(-1), dim=-2)
