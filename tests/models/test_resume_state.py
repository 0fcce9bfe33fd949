import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from word_dances import cyclic_dance, random_dance, same_weights

from models.gpt2 import GPT2, GPT2Size
from models.language_model import TrainableLanguageModel
from models.lstm import LSTM, LSTMSize
from models.resume_state import STATE_FILE, Run
from models.row_layout import RowLayout
from models.training import TrainingOptions, train
from models.training_log import Check, TrainingReport
from pose_vocab.errors import ModelError, OutputError
from pose_vocab.ids import Ids

SIZE = GPT2Size(layers=1, heads=2, width=16, context_length=8, dropout=0.1)
WORDS, ROWS = RowLayout((5,), "these words"), RowLayout((2, 3), "these words")
PAIRS = [random_dance(ROWS, 30), cyclic_dance(2, 3, n_rows=15)]
PAIRS_HELD_OUT = [random_dance(ROWS, 20, seed=1)]
OPTIONS = TrainingOptions(steps=20, batch_size=4, learning_rate=1e-2, check_every=5)


def one_word_per_row(dances: list[Ids]) -> list[Ids]:
    return [ids.reshape(-1, 1) for ids in dances]


DANCES, HELD_OUT = one_word_per_row(PAIRS), one_word_per_row(PAIRS_HELD_OUT)


class InterruptedTrainingError(Exception):
    pass


def gpt2(seed: int = 0) -> TrainableLanguageModel:
    return GPT2(SIZE, WORDS, seed)


def gpt2_of_pairs() -> TrainableLanguageModel:
    """Return a model of the same dances, read as rows of two words."""
    return GPT2(SIZE, ROWS)


def lstm() -> TrainableLanguageModel:
    return LSTM(LSTMSize(2, 16, 8, 0.2), WORDS)


def interrupt_after(step: int):
    def progress(done: int, _: int) -> None:
        if done == step:
            raise InterruptedTrainingError

    return progress


def without_time(history: tuple[Check, ...]) -> list[Check]:
    return [replace(check, words_per_second=0, seconds=0) for check in history]


def same_but_for_time(a: TrainingReport, b: TrainingReport) -> bool:
    return without_time(a.history) == without_time(b.history)


CASES = {
    "gpt2": (gpt2, DANCES, HELD_OUT),
    "gpt2_of_pairs": (gpt2_of_pairs, PAIRS, PAIRS_HELD_OUT),
    "lstm": (lstm, DANCES, HELD_OUT),
}


@cache
def uninterrupted(case: str, some_held_out: bool) -> tuple[TrainableLanguageModel, TrainingReport]:
    build, dances, held_out = CASES[case]
    model = build()
    return model, train(model, dances, OPTIONS, held_out if some_held_out else [])


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("some_held_out", [False, True], ids=["all learned", "some held out"])
@pytest.mark.parametrize("step", [1, 5, 8, 19, 20])
def test_an_interrupted_training_resumes_as_if_it_had_not_been(
    tmp_path: Path, case: str, some_held_out: bool, step: int
) -> None:
    build, dances, held_out = CASES[case]
    held_out = held_out if some_held_out else []
    model, expected = uninterrupted(case, some_held_out)
    run = Run(tmp_path / "run", every_s=0)
    with pytest.raises(InterruptedTrainingError):
        train(build(), dances, OPTIONS, held_out, progress=interrupt_after(step), run=run)
    resumed, steps = build(), []
    report = train(resumed, dances, OPTIONS, held_out, progress=lambda done, _: steps.append(done), run=run)
    assert steps == list(range(step + 1, 21))
    assert same_weights(resumed, model)
    assert same_but_for_time(report, expected)
    assert not resumed.training


def test_steps_after_the_last_save_are_repeated(tmp_path: Path) -> None:
    def interrupt(check: Check) -> None:
        if check.step == 10:  # called before step 10 is saved
            raise InterruptedTrainingError

    uninterrupted, resumed, run = gpt2(), gpt2(), Run(tmp_path / "run", every_s=0)
    expected = train(uninterrupted, DANCES, OPTIONS)
    with pytest.raises(InterruptedTrainingError):
        train(gpt2(), DANCES, OPTIONS, run=run, watch=interrupt)
    steps: list[int] = []
    report = train(resumed, DANCES, OPTIONS, progress=lambda done, _: steps.append(done), run=run)
    assert steps[0] == 10
    assert same_weights(resumed, uninterrupted)
    assert same_but_for_time(report, expected)


def test_saving_a_state_changes_no_weights(tmp_path: Path) -> None:
    with_state, without = gpt2(), gpt2()
    train(with_state, DANCES, OPTIONS, HELD_OUT, run=Run(tmp_path / "run", every_s=0))
    train(without, DANCES, OPTIONS, HELD_OUT)
    assert same_weights(with_state, without)


@pytest.mark.parametrize("options", [OPTIONS, replace(OPTIONS, patience=2)], ids=["all steps", "out of patience"])
def test_a_finished_training_returns_the_same_at_once(tmp_path: Path, options: TrainingOptions) -> None:
    first, again, run = gpt2(), gpt2(), Run(tmp_path / "run")
    report = train(first, DANCES, options, HELD_OUT, run=run)
    steps: list[int] = []
    assert train(again, DANCES, options, HELD_OUT, lambda done, _: steps.append(done), run) == report
    assert steps == []
    assert same_weights(first, again)


def test_seconds_continue_where_they_stopped(tmp_path: Path) -> None:
    run = Run(tmp_path / "run", every_s=0)
    with pytest.raises(InterruptedTrainingError):
        train(gpt2(), DANCES, OPTIONS, progress=interrupt_after(7), run=run, watch=lambda _: time.sleep(0.2))
    report = train(gpt2(), DANCES, OPTIONS, run=run)
    seconds = [check.seconds for check in report.history]
    assert seconds == sorted(seconds)
    assert seconds[1] > 0.2


def test_a_state_is_saved_as_often_as_asked(tmp_path: Path) -> None:
    seen: list[bool] = []
    run = Run(tmp_path / "run", every_s=3600)
    train(gpt2(), DANCES, OPTIONS, progress=lambda *_: seen.append((run.folder / STATE_FILE).exists()), run=run)
    assert seen == [False] * 19 + [True]


@pytest.mark.parametrize(
    ("other", "complaint"),
    [
        ({"options": replace(OPTIONS, steps=30)}, "steps 20 instead of 30;"),
        ({"options": replace(OPTIONS, learning_rate=0.1)}, "learning_rate 0.01 instead of 0.1;"),
        ({"options": replace(OPTIONS, patience=4)}, "patience None instead of 4;"),
        ({"options": replace(OPTIONS, seed=1, batch_size=3)}, "batch_size 4 instead of 3, seed 0 instead of 1;"),
        ({"streams": [DANCES[0], DANCES[1][:-1]]}, r"with dances \w+ instead of \w+;"),
        ({"streams": [np.concatenate(DANCES)]}, r"with dances \w+ instead of \w+;"),
        ({"held_out": [HELD_OUT[0][:15], HELD_OUT[0][15:30]]}, r"with held-out dances \w+ instead of \w+;"),
        ({"model": gpt2(seed=1)}, r"with starting weights \w+ instead of \w+;"),
        (
            {"model": GPT2(replace(SIZE, heads=4), WORDS)},
            r"with model GPT2 .*heads=2.* instead of .*heads=4",
        ),
        (
            {"model": GPT2(SIZE, replace(WORDS, fingerprint="other words"))},
            "with vocabulary these words instead of other words;",
        ),
    ],
)
def test_the_state_of_another_training_is_rejected(tmp_path: Path, other: dict, complaint: str) -> None:
    run = Run(tmp_path / "run", every_s=0)
    with pytest.raises(InterruptedTrainingError):
        train(gpt2(), DANCES, OPTIONS, HELD_OUT, interrupt_after(2), run)
    kept = (run.folder / STATE_FILE).read_bytes()
    arguments = {"model": gpt2(), "streams": DANCES, "options": OPTIONS, "held_out": HELD_OUT, **other}
    with pytest.raises(ModelError, match=complaint) as caught:
        train(**arguments, run=run)
    assert "choose another folder, or delete this one" in str(caught.value)
    assert (run.folder / STATE_FILE).read_bytes() == kept


def _halved(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (_halved, "is damaged"),
        (lambda path: path.write_bytes(b""), "is damaged"),
        (lambda path: path.write_text("a poem"), "is damaged"),
        (lambda path: path.write_bytes(path.read_bytes().replace(b"state 2", b"state 9")), "of this version"),
    ],
)
def test_a_damaged_state_is_rejected(tmp_path: Path, damage, complaint: str) -> None:
    run = Run(tmp_path / "run")
    train(gpt2(), DANCES, OPTIONS, run=run)
    damage(run.folder / STATE_FILE)
    with pytest.raises(ModelError, match=f"{complaint}.*delete this one"):
        train(gpt2(), DANCES, OPTIONS, run=run)


def test_a_folder_that_cannot_be_written_to_is_rejected_before_learning(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "taken" / STATE_FILE).mkdir(parents=True)
    steps: list[int] = []
    for folder in (tmp_path / "file", tmp_path / "file" / "run", tmp_path / "taken"):
        with pytest.raises(OutputError, match="cannot write"):
            train(gpt2(), DANCES, OPTIONS, progress=lambda done, _: steps.append(done), run=Run(folder))
    assert not steps


def test_files_that_a_killed_process_left_are_deleted(tmp_path: Path) -> None:
    run = Run(tmp_path / "new" / "run")
    half_written = run.folder / f".{STATE_FILE}.abc" / STATE_FILE
    half_written.parent.mkdir(parents=True)
    half_written.write_bytes(b"half")
    train(gpt2(), DANCES, OPTIONS, run=run)
    assert [path.name for path in run.folder.iterdir()] == [STATE_FILE]


def test_a_negative_time_between_saves_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="must be 0 or more seconds between saves, got -1"):
        Run(tmp_path, every_s=-1)


LEARNER = """
import sys
from pathlib import Path

import numpy as np

from models.row_layout import RowLayout
from models.lstm import LSTM, LSTMSize
from models.training import TrainingOptions, train
from models.resume_state import Run

folder = Path(sys.argv[1])
dances = [np.random.default_rng(seed).integers(0, (20, 30), (150, 2)) + (0, 20) for seed in (0, 1)]
model = LSTM(LSTMSize(layers=2, width=64, context_length=16, dropout=0.2), RowLayout((20, 30), "x"))
options = TrainingOptions(steps=300, batch_size=4)
train(model, dances[:1], options, dances[1:], lambda done, _: print(done, flush=True), Run(folder / "run", every_s=0))
model.save(folder / "model")
"""


def learner(folder: Path) -> subprocess.Popen[str]:
    folder.mkdir(exist_ok=True)
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    return subprocess.Popen(
        [sys.executable, "-c", LEARNER, str(folder)], env=environment, stdout=subprocess.PIPE, text=True
    )


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows kills in another way")
def test_a_killed_training_resumes_as_if_it_had_not_been(tmp_path: Path) -> None:
    chance = random.Random()
    first_steps = []
    for _ in range(3):
        with learner(tmp_path / "killed") as process:
            assert process.stdout is not None
            steps = [int(process.stdout.readline()) for _ in range(chance.randint(2, 80))]
            time.sleep(chance.uniform(0, 0.02))
            process.kill()
        assert process.returncode == -signal.SIGKILL
        first_steps.append(steps[0])
    assert 1 == first_steps[0] < first_steps[1] < first_steps[2]
    for folder in ("killed", "uninterrupted"):
        with learner(tmp_path / folder) as process:
            process.communicate()
        assert process.returncode == 0
    for name in ("model/model.safetensors", "model/config.json"):
        assert (tmp_path / "killed" / name).read_bytes() == (tmp_path / "uninterrupted" / name).read_bytes()
    assert [path.name for path in (tmp_path / "killed" / "run").iterdir()] == [STATE_FILE]
