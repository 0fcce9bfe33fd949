"""Run a whole evaluation: read dances, measure each model, and return the report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from bopbot.choreography.generation import OPENING_S
from bopbot.dance_model import STARTER
from bopbot.evaluation.dance_metrics import NEAR_TORSOS
from bopbot.evaluation.dataset import Dataset, labels
from bopbot.evaluation.evaluation_options import EvaluationOptions
from bopbot.evaluation.evaluation_report import EvaluationReport, EvaluationSettings, package_versions
from bopbot.evaluation.figures import merge_groups
from bopbot.evaluation.model_evaluation import NO_MODEL, Candidate, EvaluatedModel, evaluate_model
from bopbot.evaluation.prediction import BEST_OF, GIVEN_SHARE
from bopbot.evaluation.reference_dances import KINETIC_WINDOW_S
from bopbot.progress import Progress, silent
from pose_vocab.errors import ModelError

MAX_MODELS = 2
"""Models that one report compares, at most."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The report, and the models and dances that it describes."""

    report: EvaluationReport
    models: Sequence[EvaluatedModel]


def evaluate(options: EvaluationOptions, notice: Callable[[str], None], progress: Progress = silent) -> Evaluation:
    """Measure models, their baselines and other dances against held-out real dances.

    `notice` receives a line for each file that holds no dance.

    Raises
    ------
    ModelError : more than `MAX_MODELS` models, a model that cannot be loaded or lacks the language model, or a
        dance that is both held out and trained on.
    VocabularyError : the vocabulary of a model is damaged.
    PoseError, NobodyDancingError : a source does not exist, or holds no dance.
    """
    options.sources.check()
    folders = options.models or (() if options.sources.dances else (STARTER,))
    if len(folders) > MAX_MODELS:
        raise ModelError(f"cannot compare {len(folders)} models; name {MAX_MODELS} at most")
    candidates = [Candidate.load(*label, options) for label in labels(folders)] or [Candidate(NO_MODEL, None, None, ())]
    datasets: dict[tuple[int, float], Dataset] = {}
    left_out: list[str] = []
    models = []
    for candidate in candidates:
        kind = candidate.kind
        if (kind.dims, kind.fps) not in datasets:
            datasets[kind.dims, kind.fps] = options.sources.read(kind, options.cleaning, notice, progress)
        models.append(evaluate_model(candidate, datasets[kind.dims, kind.fps], options, left_out.append, progress))
    settings = EvaluationSettings(
        seed=options.seed,
        dances=options.n_dances,
        seconds=options.seconds,
        opening_s=OPENING_S,
        given_share=GIVEN_SHARE,
        best_of=BEST_OF,
        kinetic_window_s=KINETIC_WINDOW_S,
        near_torsos=NEAR_TORSOS,
        cleaning=asdict(options.cleaning),
    )
    report = EvaluationReport(
        models=tuple(model.summary for model in models),
        settings=settings,
        groups=merge_groups(group for model in models for group in model.groups),
        left_out=tuple(dict.fromkeys(left_out)),
        versions=package_versions(),
    )
    return Evaluation(report, models)
