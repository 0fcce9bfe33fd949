"""Training from files to a model on disk; an interrupted run resumes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from bopbot.inputs.discovery import UNFINISHED
from bopbot.progress import Progress, silent
from bopbot.training.corpus import Corpus, CorpusOptions, build_corpus
from bopbot.training.training import Learned, TrainingPlan, Watch, learn
from models.distributed import Processes


def train_model(
    sources: Sequence[Path],
    output: Path,
    options: CorpusOptions,
    plan: TrainingPlan,
    notice: Callable[[str], None],
    progress: Progress = silent,
    watch: Watch = lambda name, check: None,
) -> tuple[Learned | None, Corpus]:
    """Build a corpus from files and folders, train on it, and write the model to `output`.

    Intermediate results are kept in a folder beside `output`, ``OUTPUT.unfinished``, until the model is
    written: the same call after an interruption resumes from them.

    Processes launched together (``torchrun``) train one model. The first process builds the corpus, on a
    disk that all can read, and writes the model; the others return None.

    Raises
    ------
    PoseError, NobodyDancingError : a source does not exist, or there is no dance in them.
    ModelError, VocabularyError : the options or the plan cannot be used, or the unfinished run is
        another one.
    OutputError : the model cannot be written.
    """
    output = output.resolve()
    unfinished = output.with_name(f"{output.name}{UNFINISHED}")
    identity = options.identity(sources)
    processes = Processes.joined()
    processes.from_main(lambda: _prepare(unfinished, identity, sources, options, notice, progress))
    corpus = Corpus.load(unfinished / "corpus", identity)
    learned = learn(corpus, plan, unfinished, progress, watch)
    if processes.rank > 0:
        return None, corpus
    learned.save(output, corpus)
    finished = output.with_name(
        f".{output.name}.done"
    )  # renamed first, so that a half-removed folder is never resumed from
    shutil.rmtree(finished, ignore_errors=True)
    unfinished.rename(finished)
    shutil.rmtree(finished)
    return learned, corpus


def _prepare(
    unfinished: Path,
    identity: str,
    sources: Sequence[Path],
    options: CorpusOptions,
    notice: Callable[[str], None],
    progress: Progress,
) -> None:
    if not (unfinished / "corpus").exists():
        corpus = build_corpus(sources, options, notice, progress, unfinished / "poses")
        unfinished.mkdir(parents=True, exist_ok=True)
        corpus.save(unfinished / "corpus", identity)
