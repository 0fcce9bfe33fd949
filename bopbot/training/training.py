"""Learning to dance: language models from a corpus, scored beside the baselines."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from bopbot.dance_model import CURVES, TRAINING, DanceModel
from bopbot.language_models import find_kind, row_layout_of
from bopbot.progress import Progress, of_stage, silent
from bopbot.training.corpus import Corpus
from models.baselines import BASELINES
from models.language_model import LanguageModel, TrainableLanguageModel, mean_loss
from models.presets import Preset
from models.pretrained import gpt2_from_pretrained
from models.resume_state import Run
from models.training import TrainingOptions, train
from models.training_log import Check, TrainingReport, draw_losses, tensorboard

FORMAT = "bopbot-training 2"
"""The version line of a model's training figures."""
Watch = Callable[[str, Check], None]
"""Told the name of the language model that learns, and how it stands."""


@dataclass(frozen=True)
class TrainingPlan:
    """How language models learn a corpus.

    Parameters
    ----------
    language_models : names of rows of `bopbot.language_models.LANGUAGE_MODELS`.
    preset : how large they are.
    training : how long they learn.
    learning_rate : of all of them; None for the preset's.
    init : a pretrained GPT-2 (a folder, or a name of the model hub) whose blocks the GPT-2 starts with.
    tensorboard : folder of a log for TensorBoard.
    """

    language_models: Sequence[str]
    preset: Preset
    training: TrainingOptions
    learning_rate: float | None = None
    init: str | None = None
    tensorboard: Path | None = None


@dataclass(frozen=True)
class Learned:
    """A dance model, and how it came to know what it knows.

    Parameters
    ----------
    model : what was learned.
    reports : of each language model's training, by name.
    bits : what a held-out frame costs, in bits, by each baseline and each language model; empty if
        nothing was held out.
    """

    model: DanceModel
    reports: Mapping[str, TrainingReport]
    bits: Mapping[str, float]

    def save(self, folder: Path, corpus: Corpus) -> None:
        """Write the model with its figures and loss curves; raises OutputError where that fails."""
        described = {
            "format": FORMAT,
            "frames": corpus.frames,
            "words": self.model.words.lexicon.n_words,
            "held_out_words": sum(map(len, corpus.held_out)),
            "held_out_perplexity_a_frame": {name: 2**bits for name, bits in self.bits.items()},
            "training": {
                name: {"kept_step": report.kept_step, "history": [asdict(check) for check in report.history]}
                for name, report in self.reports.items()
            },
        }

        def write_figures(beside: Path) -> None:
            (beside / TRAINING).write_text(json.dumps(described, indent=1) + "\n")
            for name, report in self.reports.items():
                draw_losses(report.history, beside / CURVES[name])

        self.model.save(folder, write_figures)


def learn(
    corpus: Corpus,
    lesson: TrainingPlan,
    state: Path | None = None,
    progress: Progress = silent,
    watch: Watch = lambda name, check: None,
) -> Learned:
    """Teach language models a corpus, one after the other.

    Parameters
    ----------
    corpus : what to learn, and what to foresee.
    lesson : which models, and how.
    state : folder in which the trainings keep their states; called again, they go on from there.
    progress : told how far each training is.
    watch : told how each training stands.

    Raises
    ------
    ModelError : a training failed, or what `state` holds is of another one.
    """
    models: dict[str, TrainableLanguageModel] = {}
    reports: dict[str, TrainingReport] = {}
    for name in lesson.language_models:
        models[name] = _untrained(name, corpus, lesson)
        rate = lesson.learning_rate or lesson.preset.learning_rates[name]
        with ExitStack() as logs:
            watches: list[Callable[[Check], None]] = [partial(watch, name)]
            if lesson.tensorboard is not None:
                watches.append(logs.enter_context(tensorboard(lesson.tensorboard / name)))
            reports[name] = train(
                models[name],
                corpus.streams,
                replace(lesson.training, learning_rate=rate),
                corpus.held_out,
                of_stage(progress, f"learning, {find_kind(name).title}"),
                None if state is None else Run(state / name),
                _all_told(watches),
            )
    model = DanceModel(corpus.words, models, memory=corpus.memory)
    return Learned(model, reports, bits_a_frame(models, corpus))


def bits_a_frame(models: Mapping[str, LanguageModel], corpus: Corpus) -> dict[str, float]:
    """What a held-out frame costs, in bits, by each baseline fitted to the corpus and by each model.

    2 to the power of it is the perplexity a frame.
    """
    if not corpus.held_out:
        return {}
    codec = corpus.words.codec()
    bits_a_nat = codec.row / codec.moments.frames / float(np.log(2))
    row_layout = row_layout_of(codec.lexicon)
    baselines = {name: baseline.fit(corpus.streams, row_layout) for name, baseline in BASELINES.items()}
    return {name: mean_loss(model, corpus.held_out) * bits_a_nat for name, model in {**baselines, **models}.items()}


def _untrained(name: str, corpus: Corpus, lesson: TrainingPlan) -> TrainableLanguageModel:
    words, seed = corpus.words.lexicon, lesson.training.seed
    if name == "gpt2" and lesson.init is not None:
        size = lesson.preset.gpt2
        return gpt2_from_pretrained(lesson.init, row_layout_of(words), seed, size.context_length, size.dropout)
    return find_kind(name).new(lesson.preset, words, seed)


def _all_told(watches: Sequence[Callable[[Check], None]]) -> Callable[[Check], None]:
    def tell(check: Check) -> None:
        for watch in watches:
            watch(check)

    return tell
