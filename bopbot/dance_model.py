"""What was learned from dances: words, and a language model that continues streams of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bopbot.codecs import PoseCodec, load_codec, save_codec
from models.gpt2 import GPT2
from pose_vocab.errors import ModelError
from pose_vocab.files import write_beside

MODEL_FILES = WORDS, GPT2_FOLDER = "words", "gpt2"
"""What a model's folder holds."""


@dataclass(frozen=True)
class DanceModel:
    """Words and the language model that was trained on them."""

    words: PoseCodec
    language_model: GPT2

    def save(self, folder: Path) -> None:
        """Write both as one folder; `load` gives them back.

        Raises
        ------
        OutputError : the folder cannot be written.
        """
        with write_beside(folder, MODEL_FILES) as beside:
            beside.mkdir()
            save_codec(self.words, beside / WORDS)
            self.language_model.save(beside / GPT2_FOLDER)

    @classmethod
    def load(cls, folder: Path) -> DanceModel:
        """Read a folder that `save` wrote.

        Raises
        ------
        ModelError : no such folder, damaged, or the model was trained on other words.
        VocabularyError : its words are damaged.
        """
        if not (folder / WORDS).is_dir():
            raise ModelError(f"{folder} is no model; make one with: bopbot train SOURCE -o MODEL")
        words = load_codec(folder / WORDS)
        return cls(words, GPT2.load(folder / GPT2_FOLDER, words.vocabulary.fingerprint))
