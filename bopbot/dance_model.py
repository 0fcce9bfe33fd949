"""A trained model: a codec and the language models that continue its rows of words."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bopbot.codecs import load_codec, save_codec
from bopbot.exemplars import Exemplar, load_exemplars, save_exemplars
from bopbot.language_models import LANGUAGE_MODELS, find_kind, row_layout_of
from models.language_model import TrainableLanguageModel
from pose_vocab.codec.codec import Codec
from pose_vocab.errors import ModelError
from pose_vocab.files import write_beside

FORMAT = "bopbot-model 2"
"""The version line of a model."""
WORDS, EXEMPLARS, DESCRIPTION = "words", "memory.npz", "model.json"
TRAINING, CURVES = "training.json", {name: f"{name}.png" for name in LANGUAGE_MODELS}
"""Figures of the training, and the loss curve of each language model."""
MODEL_FILES = (WORDS, EXEMPLARS, DESCRIPTION, *LANGUAGE_MODELS, TRAINING, *CURVES.values())
"""Names of the files that a model's folder may hold."""
STARTER = Path(__file__).parent / "starter" / "model"
"""The model that is shipped in the package."""


@dataclass(frozen=True)
class DanceModel:
    """A codec and the language models that were trained on its words.

    Parameters
    ----------
    codec : motion to words and back.
    language_models : by name in `bopbot.language_models.LANGUAGE_MODELS`, at least one.
    adapted_from : for each place the count of the words that came from others; the words behind them belong to the
        one dancer whom the model was adapted to. None if it was not adapted.
    exemplars : dances that it was trained on.

    Raises
    ------
    ModelError : there is no language model.
    """

    codec: Codec[Any]
    language_models: Mapping[str, TrainableLanguageModel]
    adapted_from: tuple[int, ...] | None = None
    exemplars: tuple[Exemplar, ...] = ()

    def __post_init__(self) -> None:
        if not self.language_models:
            raise ModelError("a dance model needs at least one language model")

    def language_model(self, name: str) -> TrainableLanguageModel:
        """Return the language model of that name; raise ModelError where it was not trained."""
        kind = find_kind(name)
        if name not in self.language_models:
            raise ModelError(
                f"the model has no {kind.title}, only {', '.join(self.language_models)}; choose that, or make one: "
                + (
                    "bopbot train --lm all"
                    if self.adapted_from is None
                    else "bopbot choreograph --lm both --save-model"
                )
            )
        return self.language_models[name]

    @cached_property
    def own_words(self) -> NDArray[np.bool_]:
        """Whether each word belongs to the dancer whom the model was adapted to, (n_words,)."""
        sizes = self.codec.lexicon.sizes
        known = self.adapted_from or sizes
        return np.concatenate([np.arange(size) >= others for size, others in zip(sizes, known, strict=True)])

    def save(self, folder: Path, write_more: Callable[[Path], None] | None = None) -> None:
        """Write the model and what `write_more` writes as one folder; `load` gives it back.

        Raises
        ------
        OutputError : the folder cannot be written, or holds something else, which would be lost.
        """
        described = {
            "format": FORMAT,
            "language_models": list(self.language_models),
            "adapted_from": self.adapted_from,
        }
        with write_beside(folder, MODEL_FILES) as beside:
            beside.mkdir()
            save_codec(self.codec, beside / WORDS)
            save_exemplars(self.exemplars, beside / EXEMPLARS)
            for name, model in self.language_models.items():
                model.save(beside / name)
            if write_more is not None:
                write_more(beside)
            (beside / DESCRIPTION).write_text(json.dumps(described, indent=1) + "\n")

    @classmethod
    def load(cls, folder: Path) -> DanceModel:
        """Read a folder that `save` wrote.

        Raises
        ------
        ModelError : no such folder, damaged, or a model was trained on other words.
        VocabularyError : its words are damaged.
        """
        path = folder / DESCRIPTION
        try:
            described = json.loads(path.read_text())
            if described["format"] != FORMAT:
                raise ModelError(
                    f"{path} has the format {described['format']!r}, expected {FORMAT!r}; train the model again"
                )
            names, known = tuple(described["language_models"]), described["adapted_from"]
            adapted_from = None if known is None else tuple(map(int, known))
        except (FileNotFoundError, NotADirectoryError):
            raise ModelError(
                f"{folder} is no model (no {DESCRIPTION}); make one with: bopbot train SOURCE -o MODEL"
            ) from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(f"{path} is damaged: {error}") from error
        codec = load_codec(folder / WORDS)
        row_layout = row_layout_of(codec.lexicon)
        models = {name: find_kind(name).load(folder / name, row_layout) for name in names}
        exemplars = load_exemplars(folder / EXEMPLARS, row_layout.places)
        return cls(codec, models, adapted_from, exemplars)
