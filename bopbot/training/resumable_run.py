"""A training from files to a model on disk, which goes on where it was cut off."""

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
    recipe: CorpusOptions,
    lesson: TrainingPlan,
    notice: Callable[[str], None],
    progress: Progress = silent,
    watch: Watch = lambda name, check: None,
) -> tuple[Learned | None, Corpus]:
    """Make a corpus of the dances in files and folders, learn it, and write the model to `output`.

    What is done already stands in a folder beside `output`, ``OUTPUT.unfinished``, until the model is
    written: the same call after it was cut off goes on from there.

    Several processes launched together (``torchrun``) learn together. The first of them makes the
    corpus, which all must see on disk, and writes the model; the others get None.

    Raises
    ------
    PoseError, NobodyDancingError : a source does not exist, or there is no dance in them.
    ModelError, VocabularyError : what the recipe or the lesson names cannot be used, or what is
        unfinished is another training.
    OutputError : the model cannot be written.
    """
    output = output.resolve()
    unfinished = output.with_name(f"{output.name}{UNFINISHED}")
    identity = recipe.identity(sources)
    processes = Processes.joined()
    processes.from_main(lambda: _prepare(unfinished, identity, sources, recipe, notice, progress))
    corpus = Corpus.load(unfinished / "corpus", identity)
    learned = learn(corpus, lesson, unfinished, progress, watch)
    if processes.rank > 0:
        return None, corpus
    learned.save(output, corpus)
    done = output.with_name(f".{output.name}.done")  # killed from here on, nothing half removed is gone on with
    shutil.rmtree(done, ignore_errors=True)
    unfinished.rename(done)
    shutil.rmtree(done)
    return learned, corpus


def _prepare(
    unfinished: Path,
    identity: str,
    sources: Sequence[Path],
    recipe: CorpusOptions,
    notice: Callable[[str], None],
    progress: Progress,
) -> None:
    if not (unfinished / "corpus").exists():
        corpus = build_corpus(sources, recipe, notice, progress, unfinished / "poses")
        unfinished.mkdir(parents=True, exist_ok=True)
        corpus.save(unfinished / "corpus", identity)
