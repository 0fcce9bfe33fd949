"""``bopbot train`` as a user types it: learned, scored beside the baselines, killed and gone on with."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from builders import random_walk_px
from transformers import GPT2Config, GPT2LMHeadModel

from bopbot.dance_model import DanceModel
from models.baselines import BASELINES

Bopbot = Callable[..., Any]

pytestmark = pytest.mark.slow


def test_all_language_models_beside_the_baselines(bopbot: Bopbot, dances: Path, tmp_path: Path) -> None:
    model = tmp_path / "model"
    answer = bopbot("train", dances, "-o", model, "--lm", "all", "--steps", 20, "--tensorboard", tmp_path / "log")
    assert answer.code == 0, answer.err
    assert answer.err == ""
    for name in (*BASELINES, "gpt2", "lstm", "mixture"):
        assert f"  {name} " in answer.out
    assert "words, learned from 300 frames" in answer.out

    told = json.loads((model / "training.json").read_text())
    assert set(told["held_out_perplexity_a_frame"]) == {*BASELINES, "gpt2", "lstm", "mixture"}
    assert told["held_out_words"] == 250  # 100 frames: 50 moments of five words
    assert told["training"]["lstm"]["history"][-1]["step"] <= 20
    for name in ("gpt2", "lstm", "mixture"):
        assert (model / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        assert any((tmp_path / "log" / name).iterdir())
    assert list(DanceModel.load(model).language_models) == ["gpt2", "lstm", "mixture"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log", "model"]

    for name in ("lstm", "mixture"):
        dance = tmp_path / f"{name}.npz"
        assert bopbot("generate", "--model", model, "--lm", name, "-o", dance, "--seconds", 1).code == 0
    answer = bopbot("generate", "--model", model, "--lm", "both", "-o", tmp_path / "a.npz")
    assert answer.code == 2


def test_one_file_is_learned_and_nothing_scored(bopbot: Bopbot, dances: Path, tmp_path: Path) -> None:
    answer = bopbot("train", dances / "take_0.npz", "-o", tmp_path / "model", "--steps", 5, "--no-augment")
    assert answer.code == 0, answer.err
    assert "no files were held out, so there are no validation scores" in answer.out


def test_a_pretrained_gpt2_lends_its_blocks(bopbot: Bopbot, dances: Path, tmp_path: Path) -> None:
    config = GPT2Config(vocab_size=50, n_layer=1, n_head=2, n_embd=16, n_positions=64)
    GPT2LMHeadModel(config).save_pretrained(tmp_path / "pretrained")
    words = ["train", dances, "-o", tmp_path / "model", "--steps", 1, "--learning-rate", 1e-7]
    answer = bopbot(*words, "--init", tmp_path / "pretrained")
    assert answer.code == 0, answer.err
    gpt2 = DanceModel.load(tmp_path / "model").language_model("gpt2")
    assert "layers=1" in str(getattr(gpt2, "size", ""))
    assert bopbot(*words, "--init", tmp_path / "pretrained", "--lm", "lstm").code == 2
    answer = bopbot(*words, "--init", tmp_path / "none")
    assert answer.code == 1
    assert len(answer.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("option", "value", "why"),
    [
        ("--held-out", "nobody*", "no file's name matches"),
        ("--held-out", "2", "below 1"),
        ("--vocab", "none", "is no vocabulary"),
    ],
)
def test_what_cannot_be_trained_is_said(
    bopbot: Bopbot, dances: Path, tmp_path: Path, option: str, value: str, why: str
) -> None:
    answer = bopbot("train", dances, "-o", tmp_path / "model", option, value)
    assert answer.code == 1
    assert why in answer.err
    assert len(answer.err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def weights(model: Path) -> dict[str, bytes]:
    return {path.name + path.parent.name: path.read_bytes() for path in model.rglob("*.safetensors")}


def test_killed_and_started_again_it_ends_with_the_same_weights(dances: Path, tmp_path: Path) -> None:
    def command(output: Path) -> list[str]:
        return [
            sys.executable,
            "-m",
            "bopbot",
            "train",
            str(dances),
            "-o",
            str(output),
            "--lm",
            "both",
            "--steps",
            "150",
        ]

    subprocess.run(command(tmp_path / "unbroken"), check=True, capture_output=True)
    output = tmp_path / "killed"
    unfinished = tmp_path / "killed.unfinished"
    for reached in ("corpus", "lstm"):
        running = subprocess.Popen(command(output), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not (unfinished / reached).exists():
            assert running.poll() is None
            time.sleep(0.02)
        os.kill(running.pid, signal.SIGKILL)
        running.wait()
        assert not output.exists()
    done = subprocess.run(command(output), check=True, capture_output=True, text=True)
    assert done.stderr == ""
    assert weights(output) == weights(tmp_path / "unbroken")
    assert not unfinished.exists()


def test_what_is_left_of_another_training_is_not_gone_on_with(bopbot: Bopbot, dances: Path, tmp_path: Path) -> None:
    (tmp_path / "dances").mkdir()
    for path in dances.iterdir():
        (tmp_path / "dances" / path.name).write_bytes(path.read_bytes())
    command = [sys.executable, "-m", "bopbot", "train", str(tmp_path / "dances"), "-o", str(tmp_path / "model")]
    running = subprocess.Popen([*command, "--steps", "100000"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not (tmp_path / "model.unfinished" / "gpt2").exists():
        assert running.poll() is None
        time.sleep(0.02)
    running.kill()
    running.wait()
    random_walk_px(80, seed=7).save(tmp_path / "dances" / "more.npz")
    answer = bopbot(*command[3:], "--steps", 5)
    assert answer.code == 1
    assert "other dances or with other options" in answer.err


def test_two_processes_learn_together(dances: Path, tmp_path: Path) -> None:
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "bopbot"]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [*launch, "train", str(dances), "-o", str(tmp_path / "model"), "--steps", "20"],
        env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("learned from 300 frames") == 1
    assert list(DanceModel.load(tmp_path / "model").language_models) == ["gpt2"]
