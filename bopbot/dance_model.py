"""What was learned from dances: words, and the language models that continue streams of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bopbot.codecs import PoseCodec, load_codec, save_codec
from bopbot.exemplars import Take, load_exemplars, save_exemplars
from bopbot.language_models import LANGUAGE_MODELS, find_kind, row_layout_of
from models.language_model import TrainableLanguageModel
from pose_vocab.errors import ModelError
from pose_vocab.files import write_beside

FORMAT = "bopbot-model 2"
"""The version line of a model."""
WORDS, MEMORY, DESCRIPTION = "words", "memory.npz", "model.json"
TRAINING, CURVES = "training.json", {name: f"{name}.png" for name in LANGUAGE_MODELS}
"""How a model was trained: its figures, and the loss curve of each language model."""
MODEL_FILES = (WORDS, MEMORY, DESCRIPTION, *LANGUAGE_MODELS, TRAINING, *CURVES.values())
"""What a model's folder holds, at most."""
STARTER = Path(__file__).parent / "starter" / "model"
"""The model that the package carries."""


@dataclass(frozen=True)
class DanceModel:
    """Words and the language models that were trained on them.

    Parameters
    ----------
    words : what a pose is called.
    language_models : by their names in `bopbot.language_models.LANGUAGE_MODELS`, at least one.
    adapted_from : how many of the words of each part came from others, in front of those of the one
        dancer whom the model was adapted to; None if it was not.
    memory : dances that it learned from, in its words.

    Raises
    ------
    ModelError : there is no language model.
    """

    words: PoseCodec
    language_models: Mapping[str, TrainableLanguageModel]
    adapted_from: tuple[int, ...] | None = None
    memory: tuple[Take, ...] = ()

    def __post_init__(self) -> None:
        if not self.language_models:
            raise ModelError("a dance model needs at least one language model")

    def language_model(self, name: str) -> TrainableLanguageModel:
        """The language model of that name; raises ModelError where it was not trained."""
        kind = find_kind(name)
        if name not in self.language_models:
            raise ModelError(
                f"the model has no {kind.title}, but {', '.join(self.language_models)}; choose that, or make one: "
                + (
                    "bopbot train --lm all"
                    if self.adapted_from is None
                    else "bopbot choreograph --lm both --save-model"
                )
            )
        return self.language_models[name]

    @cached_property
    def own_words(self) -> NDArray[np.bool_]:
        """(n_words,) whether a word is of the dancer whom the model was adapted to; none is if it was not."""
        sizes = self.words.lexicon.sizes
        known = self.adapted_from or sizes
        return np.concatenate([np.arange(size) >= others for size, others in zip(sizes, known, strict=True)])

    def save(self, folder: Path, write_more: Callable[[Path], None] | None = None) -> None:
        """Write the model as one folder, and in there what `write_more` writes too; `load` gives it back.

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
            save_codec(self.words, beside / WORDS)
            save_exemplars(self.memory, beside / MEMORY)
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
                raise ModelError(f"{path} is of another version: expected {FORMAT!r}, got {described['format']!r}")
            names, known = tuple(described["language_models"]), described["adapted_from"]
            adapted_from = None if known is None else tuple(map(int, known))
        except (FileNotFoundError, NotADirectoryError):
            raise ModelError(
                f"{folder} is no model (no {DESCRIPTION}); make one with: bopbot train SOURCE -o MODEL"
            ) from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(f"{path} is damaged: {error}") from error
        words = load_codec(folder / WORDS)
        row_layout = row_layout_of(words.lexicon)
        models = {name: find_kind(name).load(folder / name, row_layout) for name in names}
        return cls(words, models, adapted_from, load_exemplars(folder / MEMORY))
