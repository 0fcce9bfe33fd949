"""Evaluate one model: its vocabulary, its language models, and the baselines beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bopbot.choreography.generation import OPENING_S
from bopbot.codec_presets import DEFAULT_PRESET, CodecPreset, find_codec_preset
from bopbot.dance_model import STARTER, DanceModel
from bopbot.evaluation.dance_metrics import DanceSet, measure_dances
from bopbot.evaluation.dataset import Clips, Dataset
from bopbot.evaluation.evaluation_options import ALL, EvaluationOptions
from bopbot.evaluation.evaluation_report import DataSummary, ModelSummary
from bopbot.evaluation.figures import Group
from bopbot.evaluation.generators import (
    Generator,
    Opening,
    baseline_generators,
    model_generators,
    opening_of,
    with_original_settings,
)
from bopbot.evaluation.prediction import measure_prediction
from bopbot.evaluation.reference_dances import MeasuredDance, Reference, count_windows
from bopbot.evaluation.vocabulary_metrics import measure_vocabulary
from bopbot.language_models import CHOICES
from bopbot.metrics.kinetics import MIN_SAMPLES
from bopbot.progress import Progress, of_stage
from bopbot.training.augmentation import mirrored_too
from models.baselines import BASELINES
from pose_vocab.codec.codec import Codec
from pose_vocab.errors import NobodyDancingError
from pose_vocab.normalization import Clip

NO_MODEL = "no model"
BASELINE_PANEL, FILES_PANEL = "baselines", "other dances"
"""Plot panels of the baselines, and of dances from files; each language model has a panel of its own."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """A model that is to be evaluated.

    Parameters
    ----------
    name : in tables and plots; `NO_MODEL` where only dances from files are measured.
    folder, model : None where there is no model.
    generators : the language models that were asked for.
    """

    name: str
    folder: Path | None
    model: DanceModel | None
    generators: Sequence[Generator]

    @classmethod
    def load(cls, name: str, folder: Path, options: EvaluationOptions) -> Candidate:
        """Load a model; raise ModelError or VocabularyError if it cannot be used or lacks a language model."""
        model = DanceModel.load(folder)
        asked = options.language_models
        names = tuple(model.language_models) if asked == ALL else CHOICES[asked]
        title = "starter" if folder == STARTER else name
        return cls(title, folder, model, model_generators(model, names, options.seed))

    @property
    def kind_name(self) -> str:
        """Name of the codec preset."""
        return DEFAULT_PRESET if self.model is None else self.model.codec.preset

    @property
    def kind(self) -> CodecPreset[Any]:
        """Codec preset that dances are read for."""
        return find_codec_preset(self.kind_name)


@dataclass(frozen=True, eq=False)
class TakeOpening:
    """The longest clip of a held-out take, and the opening of it that generated dances continue."""

    take: str
    clip: Clip
    opening: Opening


@dataclass(frozen=True, eq=False)
class EvaluatedModel:
    """A model, the dances that were measured for it, and the results.

    Parameters
    ----------
    model : None where there is no model.
    summary : the model as the report describes it.
    generators : its language models with default settings.
    dataset : the dances at the frame rate of its codec.
    openings : generated dance i continues opening i modulo their number.
    dance_sets : every set of dances that was measured.
    groups : the results.
    """

    model: DanceModel | None
    summary: ModelSummary
    generators: Sequence[Generator]
    dataset: Dataset
    openings: Sequence[TakeOpening]
    dance_sets: Sequence[DanceSet]
    groups: Sequence[Group]


def evaluate_model(
    candidate: Candidate,
    dataset: Dataset,
    options: EvaluationOptions,
    left_out: Callable[[str], None],
    progress: Progress,
) -> EvaluatedModel:
    """Generate dances with a model and its baselines and measure everything.

    `left_out` receives a line for each thing that could not be measured.

    Raises
    ------
    NobodyDancingError : no held-out take can be encoded.
    """
    learned = [clip for clips in dataset.training.values() for clip in clips]
    training = mirrored_too(learned)
    codec = None if candidate.model is None else candidate.model.codec
    dance_sets: list[DanceSet] = []
    groups: list[Group] = []
    openings: list[TakeOpening] = []
    if candidate.model is not None and codec is not None:
        baselines = baseline_generators(candidate.model, learned, options.seed) if learned else []
        if not baselines:
            left_out(f"{', '.join(BASELINES)}: the training dances are not known; name them with --learned-from")
        held_out, seed, own = dataset.held_out, options.seed, candidate.generators
        groups.append(measure_vocabulary(candidate.name, codec, held_out, seed, left_out))
        groups.append(measure_prediction(candidate.name, [*baselines, *own], held_out, seed, left_out, progress))
        openings = _openings(codec, held_out, left_out)
        panels = [
            *((generator, generator.name) for generator in own),
            *((with_original_settings(generator), generator.name) for generator in own),
            *((generator, BASELINE_PANEL) for generator in baselines),
        ]
        for generator, panel in panels:
            of_generator = of_stage(progress, f"generating, {generator.name}")
            dances = _generate(generator, openings, training, options, of_generator)
            dance_sets.append(DanceSet(candidate.name, generator.name, panel, dances))
    for name, clips in dataset.dances.items():
        dances = [MeasuredDance.read(clip, codec, training) for clip in clips]
        dance_sets.append(DanceSet(candidate.name, name, FILES_PANEL, dances))
    reference = _reference(dataset, training, codec, dance_sets, options)
    groups += measure_dances(dance_sets, reference, left_out)
    summary = _summary(candidate, dataset, reference)
    return EvaluatedModel(candidate.model, summary, candidate.generators, dataset, openings, dance_sets, groups)


def _openings(codec: Codec[Any], takes: Clips, left_out: Callable[[str], None]) -> list[TakeOpening]:
    openings = []
    for name, clips in takes.items():
        clip = max(clips, key=len)
        try:
            openings.append(TakeOpening(name, clip, opening_of(clip, codec, min(OPENING_S, clip.poses.duration_s / 2))))
        except NobodyDancingError as error:
            left_out(f"dances after {name}: {error}")
    if not openings:
        raise NobodyDancingError(
            f"no word can be encoded from any of the {len(takes)} held-out takes; film the dancer from head to foot"
        )
    return openings


def _generate(
    generator: Generator,
    openings: Sequence[TakeOpening],
    training: Sequence[Clip],
    options: EvaluationOptions,
    progress: Callable[[int, int], None],
) -> list[MeasuredDance]:
    dances = []
    for i in range(options.n_dances):
        opening = openings[i % len(openings)].opening
        rows, clip = generator.generate(opening, round(options.seconds * generator.codec.fps), options.seed + i)
        dances.append(MeasuredDance.read(clip, generator.codec, training, rows))
        progress(i + 1, options.n_dances)
    return dances


def _reference(
    dataset: Dataset,
    training: Sequence[Clip],
    codec: Codec[Any] | None,
    dance_sets: Sequence[DanceSet],
    options: EvaluationOptions,
) -> Reference:
    real = [MeasuredDance.read(clip, codec, training) for clips in dataset.held_out.values() for clip in clips]
    trained_on = [MeasuredDance.read(clip, codec, ()) for clip in training]
    counts = [
        count_windows([dance.clip for dance in dances])
        for dances in (real, trained_on, *(each.dances for each in dance_sets))
    ]
    n_windows = min((n for n in counts if n >= MIN_SAMPLES), default=0)
    return Reference(real, trained_on, codec, n_windows, options.seconds, options.n_dances, options.seed)


def _summary(candidate: Candidate, dataset: Dataset, reference: Reference) -> ModelSummary:
    kind = candidate.kind

    def summary_of(takes: Clips) -> DataSummary:
        frames = sum(len(clip) for clips in takes.values() for clip in clips)
        return DataSummary(tuple(takes), frames, frames / kind.fps)

    lexicon = None if candidate.model is None else candidate.model.codec.lexicon
    return ModelSummary(
        name=candidate.name,
        folder=None if candidate.folder is None else str(candidate.folder),
        kind=candidate.kind_name,
        fps=kind.fps,
        frames_per_word=kind.frames,
        vocabularies={} if lexicon is None else dict(zip(lexicon.parts, lexicon.sizes, strict=True)),
        language_models=tuple(generator.name for generator in candidate.generators),
        held_out=summary_of(dataset.held_out),
        learned=summary_of(dataset.training),
        kinetic_windows=reference.n_windows,
        distinct_words_s=None if lexicon is None else reference.distinct_words_s,
    )
