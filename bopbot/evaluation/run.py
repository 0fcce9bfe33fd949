"""The whole of an evaluation in one function: dances in, figures out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from bopbot.choreography.generation import OPENING_S
from bopbot.dance_model import STARTER
from bopbot.evaluation.figures import joined
from bopbot.evaluation.foreseeing import BEST_OF, GIVEN_SHARE
from bopbot.evaluation.material import Material, labels
from bopbot.evaluation.measures import NEAR_TORSOS
from bopbot.evaluation.part import NO_MODEL, Entry, Part, Question, measure_part
from bopbot.evaluation.reference import KINETIC_WINDOW_S
from bopbot.evaluation.report import Report, Settings, versions
from bopbot.progress import Progress, silent
from pose_vocab.errors import ModelError

MOST_MODELS = 2
"""So many models stand side by side."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The report, and what it is of."""

    report: Report
    parts: Sequence[Part]


def evaluate(question: Question, notice: Callable[[str], None], progress: Progress = silent) -> Evaluation:
    """Measure models, what they must beat, and other dances, beside held-out ones.

    `notice` is told of files that hold no dance.

    Raises
    ------
    ModelError : more than `MOST_MODELS` models, one that cannot be used or lacks the language model, or a
        dance that is both held out and learned.
    VocabularyError : a model's words are damaged.
    PoseError, NobodyDancingError : a source does not exist, or there is no dance in it.
    """
    question.sources.check()
    folders = question.models or (() if question.sources.dances else (STARTER,))
    if len(folders) > MOST_MODELS:
        raise ModelError(f"{len(folders)} models do not stand side by side; name {MOST_MODELS} at most")
    entries = [Entry.load(*label, question) for label in labels(folders)] or [Entry(NO_MODEL, None, None, ())]
    read: dict[tuple[int, float], Material] = {}
    left_out: list[str] = []
    parts = []
    for entry in entries:
        kind = entry.kind
        if (kind.dims, kind.fps) not in read:
            read[kind.dims, kind.fps] = question.sources.read(kind, question.cleaning, notice, progress)
        parts.append(measure_part(entry, read[kind.dims, kind.fps], question, left_out.append, progress))
    settings = Settings(
        seed=question.seed,
        dances=question.n_dances,
        seconds=question.seconds,
        opening_s=OPENING_S,
        given_share=GIVEN_SHARE,
        best_of=BEST_OF,
        kinetic_window_s=KINETIC_WINDOW_S,
        near_torsos=NEAR_TORSOS,
        cleaning=asdict(question.cleaning),
    )
    report = Report(
        models=tuple(part.data for part in parts),
        settings=settings,
        groups=joined(group for part in parts for group in part.groups),
        left_out=tuple(dict.fromkeys(left_out)),
        versions=versions(),
    )
    return Evaluation(report, parts)
