"""Two processes that train one model, started as a user starts them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

LEARNER = """
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np

from models.row_layout import RowLayout
from models.lstm import LSTM, LSTMSize
from models.training import TrainingOptions, train
from models.resume_state import Run

folder, exit_after = Path(sys.argv[1]), int(sys.argv[2])
rank = os.environ.get("RANK", "0")
reported = []

def progress(done, _):
    reported.append(done)
    if done == exit_after:
        os._exit(1)

cycle = np.arange(60)[:, None] % (5, 3) + (0, 5)
model = LSTM(LSTMSize(layers=1, width=16, context_length=8, dropout=0), RowLayout((5, 3), "x"), seed=int(rank))
options = TrainingOptions(steps=100, batch_size=4, learning_rate=1e-2, check_every=5, patience=2)
report = train(model, [cycle], options, [cycle[::-1]], progress, Run(folder / "run", every_s=0))
model.save(folder / f"model{rank}")
history = [asdict(check) for check in report.history]
outcome = {"reported": reported, "kept": report.kept_step, "history": history}
(folder / f"report{rank}.json").write_text(json.dumps(outcome))
"""
TOGETHER = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]


def learn(folder: Path, *launcher: str, exit_after: int = 0) -> int:
    """Train in `folder`, started by a launcher or by none, and return the exit status."""
    folder.mkdir(exist_ok=True)
    (folder / "learner.py").write_text(LEARNER)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2]), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, *launcher, str(folder / "learner.py"), str(folder), str(exit_after)]
    return subprocess.run(command, env=environment, stderr=subprocess.DEVNULL, timeout=300).returncode


def outcome(folder: Path, rank: int) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    weights = load_file(folder / f"model{rank}" / "model.safetensors")
    return weights, json.loads((folder / f"report{rank}.json").read_text())


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(a[name], b[name]) for name in a)


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("together")
    assert learn(folder, *TOGETHER) == 0
    return folder


@pytest.mark.slow
def test_two_processes_learn_one_model(together: Path) -> None:
    """The held-out cycle runs backwards, so patience ends the training early: in both or never."""
    (main, report), (other, others) = outcome(together, 0), outcome(together, 1)
    assert same(main, other)
    assert report["history"] == others["history"]
    history = report["history"]
    assert history[-1]["train_loss"] < history[0]["train_loss"]
    steps = [check["step"] for check in history]
    assert steps[-1] == report["kept"] + 10 < 100
    assert report["reported"] == list(range(1, steps[-1] + 1))
    assert others["reported"] == []


@pytest.mark.slow
def test_each_process_learns_windows_of_its_own(together: Path, tmp_path: Path) -> None:
    """With the same windows in both, their mean gradient would be that of one process alone."""
    assert learn(tmp_path) == 0
    (alone, alone_report), (main, main_report) = outcome(tmp_path, 0), outcome(together, 0)
    assert alone_report["history"][0]["train_loss"] != pytest.approx(main_report["history"][0]["train_loss"], rel=1e-4)
    assert not same(alone, main)


@pytest.mark.slow
def test_two_processes_resume_as_if_they_had_not_been_interrupted(together: Path, tmp_path: Path) -> None:
    assert learn(tmp_path, *TOGETHER, exit_after=7) != 0
    assert learn(tmp_path, *TOGETHER) == 0
    (main, report), (expected, _) = outcome(tmp_path, 0), outcome(together, 0)
    assert report["reported"][0] == 8
    assert same(main, expected)
    assert same(main, outcome(tmp_path, 1)[0])
