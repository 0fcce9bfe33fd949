"""Train language models on a corpus, and score them beside the baselines."""

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
from models.resume_state import Run
from models.training import TrainingOptions, train
from models.training_log import Check, TrainingReport, draw_losses, tensorboard
from pose_vocab.ids import GAP

FORMAT = "bopbot-training 2"
"""The version line of a model's training figures."""
Watch = Callable[[str, Check], None]
"""Called with the name of the language model that is trained, and its newest check."""


@dataclass(frozen=True)
class TrainingPlan:
    """How language models are trained on a corpus.

    Parameters
    ----------
    language_models : names of rows of `bopbot.language_models.LANGUAGE_MODELS`.
    preset : their sizes.
    training : steps, batch size and so on.
    learning_rate : of all of them; None for the preset's.
    init : a pretrained GPT-2 (a folder, or a name on the model hub) whose blocks the GPT-2 starts with.
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
    """A dance model, and how its training went.

    Parameters
    ----------
    model : the trained model.
    reports : of each language model's training, by name.
    bits : bits per held-out frame of each baseline and each language model; empty if nothing was held out.
    """

    model: DanceModel
    reports: Mapping[str, TrainingReport]
    bits: Mapping[str, float]

    def save(self, folder: Path, corpus: Corpus) -> None:
        """Write the model with its figures and loss curves; raises OutputError where that fails."""
        described = {
            "format": FORMAT,
            "frames": corpus.frames,
            "words": self.model.codec.lexicon.n_words,
            "held_out_words": int(sum((ids != GAP).sum() for ids in corpus.held_out)),
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
    plan: TrainingPlan,
    state: Path | None = None,
    progress: Progress = silent,
    watch: Watch = lambda name, check: None,
) -> Learned:
    """Train language models on a corpus, one after the other.

    Parameters
    ----------
    corpus : what to train on, and what to score.
    plan : which models, and how.
    state : folder in which the trainings keep their states; called again, they continue from there.
    progress : called with the progress of each training.
    watch : called with each check.

    Raises
    ------
    ModelError : a training failed, or what `state` holds is of another one.
    """
    models: dict[str, TrainableLanguageModel] = {}
    reports: dict[str, TrainingReport] = {}
    for name in plan.language_models:
        models[name] = _untrained(name, corpus, plan)
        rate = plan.learning_rate or plan.preset.learning_rates[name]
        with ExitStack() as logs:
            watches: list[Callable[[Check], None]] = [partial(watch, name)]
            if plan.tensorboard is not None:
                watches.append(logs.enter_context(tensorboard(plan.tensorboard / name)))
            reports[name] = train(
                models[name],
                corpus.dances,
                replace(plan.training, learning_rate=rate),
                corpus.held_out,
                of_stage(progress, f"learning, {find_kind(name).title}"),
                None if state is None else Run(state / name),
                _call_all(watches),
            )
    model = DanceModel(corpus.codec, models, exemplars=corpus.exemplars)
    return Learned(model, reports, bits_a_frame(models, corpus))


def bits_a_frame(models: Mapping[str, LanguageModel], corpus: Corpus) -> dict[str, float]:
    """Return the bits per held-out frame of each baseline, fitted to the corpus, and of each model.

    2 to the power of it is the perplexity per frame.
    """
    if not corpus.held_out:
        return {}
    codec = corpus.codec
    bits_a_nat = len(codec.places) / codec.segments.frames / float(np.log(2))
    row_layout = row_layout_of(codec.lexicon)
    baselines = {name: baseline.fit(corpus.dances, row_layout) for name, baseline in BASELINES.items()}
    return {name: mean_loss(model, corpus.held_out) * bits_a_nat for name, model in {**baselines, **models}.items()}


def _untrained(name: str, corpus: Corpus, plan: TrainingPlan) -> TrainableLanguageModel:
    lexicon, seed = corpus.codec.lexicon, plan.training.seed
    if name == "gpt2" and plan.init is not None:
        from models.pretrained import gpt2_from_pretrained  # brings transformers along

        size = plan.preset.gpt2
        return gpt2_from_pretrained(plan.init, row_layout_of(lexicon), seed, size.context_length, size.dropout)
    return find_kind(name).new(plan.preset, lexicon, seed)


def _call_all(watches: Sequence[Callable[[Check], None]]) -> Callable[[Check], None]:
    def call(check: Check) -> None:
        for watch in watches:
            watch(check)

    return call
