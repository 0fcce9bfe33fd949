"""What one model has to do with an evaluation: its words, its dancers and their rivals, measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bopbot.choreography.generation import OPENING_S
from bopbot.codec_presets import DEFAULT_PRESET, CodecPreset, find_codec_preset
from bopbot.dance_model import STARTER, DanceModel
from bopbot.evaluation.contestants import Dancer, Opening, as_the_seed, counted, dancers, opening_of
from bopbot.evaluation.figures import Group
from bopbot.evaluation.foreseeing import measure_foreseeing
from bopbot.evaluation.material import Clips, Material, Sources
from bopbot.evaluation.measures import Danced, measured
from bopbot.evaluation.reference import Dance, Reference, count_windows
from bopbot.evaluation.report import Data, ModelData
from bopbot.evaluation.words import measure_words
from bopbot.language_models import CHOICES
from bopbot.metrics.kinetics import MIN_SAMPLES
from bopbot.progress import Progress, of_stage
from bopbot.training.augmentation import mirrored_too
from models.baselines import BASELINES
from pose_vocab.cleaning import Cleaning
from pose_vocab.codec.codec import Codec
from pose_vocab.errors import NobodyDancingError
from pose_vocab.normalization import Clip

NO_MODEL = "no model"
COUNTED, GIVEN = "baselines", "other dances"
"""What baselines, and dances from files, are looked at together with."""
ALL = "all"
"""Every language model that a model has."""


@dataclass(frozen=True)
class Question:
    """What is to be measured.

    Parameters
    ----------
    sources : where the dances lie.
    models : folders of models, two at most; without one the starter, unless `sources` has dances.
    language_models : a row of `bopbot.language_models.CHOICES`; `ALL` for those that a model has.
    n_dances : how many dances each contestant dances.
    seconds : how long each.
    seed : the same gives the same figures.
    cleaning : what is done about unsure, missing and shaky keypoints.
    """

    sources: Sources
    models: Sequence[Path] = ()
    language_models: str = ALL
    n_dances: int = 8
    seconds: float = 20.0
    seed: int = 0
    cleaning: Cleaning = field(default_factory=Cleaning)


@dataclass(frozen=True, eq=False)
class Entry:
    """A model that is to be measured.

    Parameters
    ----------
    name : what it is called, or `NO_MODEL`.
    folder, model : None where there is none.
    dancers : those of its language models that were asked for.
    """

    name: str
    folder: Path | None
    model: DanceModel | None
    dancers: Sequence[Dancer]

    @classmethod
    def load(cls, name: str, folder: Path, question: Question) -> Entry:
        """Read a model; raises ModelError or VocabularyError where it cannot be used or lacks a language model."""
        model = DanceModel.load(folder)
        asked = question.language_models
        names = tuple(model.language_models) if asked == ALL else CHOICES[asked]
        title = "starter" if folder == STARTER else name
        return cls(title, folder, model, dancers(model, names, question.seed))

    @property
    def kind_name(self) -> str:
        return DEFAULT_PRESET if self.model is None else self.model.codec.preset

    @property
    def kind(self) -> CodecPreset[Any]:
        return find_codec_preset(self.kind_name)


@dataclass(frozen=True, eq=False)
class Start:
    """A clip of a held-out take, and its opening, which dances continue."""

    take: str
    clip: Clip
    opening: Opening


@dataclass(frozen=True, eq=False)
class Part:
    """What one model had to do with it, for those who want to see it.

    Parameters
    ----------
    model : None where there is none.
    data : what the report says of it.
    dancers : its language models, as they dance by default.
    material : the dances, ready for its words.
    starts : dance number i continues the i-th of them, and behind the last the first again.
    danced : all contestants' dances.
    groups : the figures.
    """

    model: DanceModel | None
    data: ModelData
    dancers: Sequence[Dancer]
    material: Material
    starts: Sequence[Start]
    danced: Sequence[Danced]
    groups: Sequence[Group]


def measure_part(
    entry: Entry, material: Material, question: Question, left_out: Callable[[str], None], progress: Progress
) -> Part:
    """Let a model and its rivals dance, and measure all that there is; raises NobodyDancingError where nobody can."""
    learned = [clip for clips in material.learned.values() for clip in clips]
    known = mirrored_too(learned)
    codec = None if entry.model is None else entry.model.codec
    danced: list[Danced] = []
    groups: list[Group] = []
    starts: list[Start] = []
    if entry.model is not None and codec is not None:
        rivals = counted(entry.model, learned, question.seed) if learned else []
        if not rivals:
            left_out(f"{', '.join(BASELINES)}: what was learned from is not known; name it with --learned-from")
        held_out, seed = material.held_out, question.seed
        groups.append(measure_words(entry.name, codec, held_out, seed, left_out))
        groups.append(measure_foreseeing(entry.name, [*rivals, *entry.dancers], held_out, seed, left_out, progress))
        starts = _starts(codec, held_out, left_out)
        beside = [
            *((dancer, dancer.name) for dancer in entry.dancers),
            *((as_the_seed(dancer), dancer.name) for dancer in entry.dancers),
            *((rival, COUNTED) for rival in rivals),
        ]
        for dancer, together in beside:
            dances = _dances(dancer, starts, known, question, of_stage(progress, f"dancing, {dancer.name}"))
            danced.append(Danced(entry.name, dancer.name, together, dances))
    for name, clips in material.dances.items():
        danced.append(Danced(entry.name, name, GIVEN, [Dance.read(clip, codec, known) for clip in clips]))
    reference = _reference(material, known, codec, danced, question)
    groups += measured(danced, reference, left_out)
    return Part(entry.model, _data(entry, material, reference), entry.dancers, material, starts, danced, groups)


def _starts(codec: Codec[Any], takes: Clips, left_out: Callable[[str], None]) -> list[Start]:
    starts = []
    for name, clips in takes.items():
        clip = max(clips, key=len)
        try:
            starts.append(Start(name, clip, opening_of(clip, codec, min(OPENING_S, clip.poses.duration_s / 2))))
        except NobodyDancingError as error:
            left_out(f"dances after {name}: {error}")
    if not starts:
        raise NobodyDancingError(
            f"in none of the {len(takes)} held-out takes a word can be read; film from head to foot"
        )
    return starts


def _dances(
    dancer: Dancer,
    starts: Sequence[Start],
    known: Sequence[Clip],
    question: Question,
    progress: Callable[[int, int], None],
) -> list[Dance]:
    dances = []
    for i in range(question.n_dances):
        opening = starts[i % len(starts)].opening
        rows, clip = dancer.dance(opening, round(question.seconds * dancer.codec.fps), question.seed + i)
        dances.append(Dance.read(clip, dancer.codec, known, rows))
        progress(i + 1, question.n_dances)
    return dances


def _reference(
    material: Material, known: Sequence[Clip], codec: Codec[Any] | None, danced: Sequence[Danced], question: Question
) -> Reference:
    real = [Dance.read(clip, codec, known) for clips in material.held_out.values() for clip in clips]
    learned = [Dance.read(clip, codec, ()) for clip in known]
    sets = [
        count_windows([dance.clip for dance in dances]) for dances in (real, learned, *(each.dances for each in danced))
    ]
    n_windows = min((n for n in sets if n >= MIN_SAMPLES), default=0)
    return Reference(real, learned, codec, n_windows, question.seconds, question.n_dances, question.seed)


def _data(entry: Entry, material: Material, reference: Reference) -> ModelData:
    kind = entry.kind

    def described(takes: Clips) -> Data:
        frames = sum(len(clip) for clips in takes.values() for clip in clips)
        return Data(tuple(takes), frames, frames / kind.fps)

    lexicon = None if entry.model is None else entry.model.codec.lexicon
    return ModelData(
        name=entry.name,
        folder=None if entry.folder is None else str(entry.folder),
        kind=entry.kind_name,
        fps=kind.fps,
        frames_a_word=kind.frames,
        vocabularies={} if lexicon is None else dict(zip(lexicon.parts, lexicon.sizes, strict=True)),
        language_models=tuple(dancer.name for dancer in entry.dancers),
        held_out=described(material.held_out),
        learned=described(material.learned),
        kinetic_windows=reference.n_windows,
        distinct_words_s=None if lexicon is None else reference.words_s,
    )
