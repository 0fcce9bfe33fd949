"""Benchmark BopBot: each result is a speed ratio to a named peer, both measured in turns in the same run.

make bench
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from functools import partial
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from tests.builders import random_walk_px

ROUNDS = 5
"""Number of times that each pair is run in turns; the medians are compared."""


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def ratio(ours: Callable[[], object], peer: Callable[[], object]) -> tuple[float, float, float]:
    """Return our speed over the peer's, our seconds and the peer's: medians of rounds in turns."""
    ours(), peer()
    pairs = [(seconds(ours), seconds(peer)) for _ in range(ROUNDS)]
    return (
        statistics.median(theirs / mine for mine, theirs in pairs),
        statistics.median(mine for mine, _ in pairs),
        statistics.median(theirs for _, theirs in pairs),
    )


def bare_landmarker(video: Path, model: Path) -> None:
    """Run the peer of extraction: MediaPipe's own loop over the same frames, in one process."""
    import mediapipe
    from mediapipe.tasks.python import BaseOptions, vision

    from pose_vocab.video import FPS, read_frames

    options = vision.PoseLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(model)), running_mode=vision.RunningMode.VIDEO
    )
    with vision.PoseLandmarker.create_from_options(options) as landmarker:
        for k, frame in enumerate(read_frames(video, FPS)):
            image = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=frame)
            landmarker.detect_for_video(image, round(k * 1000 / FPS))


def extraction(example: Path) -> None:
    """Extract a dance of half a minute: the example twice."""
    from pose_vocab.extraction import extract
    from pose_vocab.extraction.bundle import find_pose_model
    from pose_vocab.extraction.native_stderr import suppressed_stderr
    from pose_vocab.video import FPS, read_frames
    from render.writer import write_video

    model = find_pose_model()
    with TemporaryDirectory() as folder:
        video = Path(folder) / "dance.mp4"
        write_video(chain(read_frames(example, FPS), read_frames(example, FPS)), video, FPS)

        def peer() -> None:
            with suppressed_stderr():
                bare_landmarker(video, model)

        for workers in (1, 2):
            speed, ours, theirs = ratio(partial(extract, video, workers=workers), peer)
            show(
                f"extraction, {workers} process(es)", "a bare landmarker loop", speed, f"{ours:.1f} s to {theirs:.1f} s"
            )


def generation() -> None:
    import torch
    from transformers.models.gpt2 import GPT2LMHeadModel

    from models.gpt2 import GPT2, GPT2Size
    from models.presets import PRESETS
    from models.row_layout import RowLayout
    from models.sampling import GenerationOptions, generate

    for name, size in (("starter", PRESETS["starter"].gpt2), ("4 x 256", GPT2Size(4, 8, 256, 64))):
        model = GPT2(size, RowLayout((500,), "bench"))
        prompt = np.arange(size.context_length // 2) % 500
        n_words = size.context_length // 2 - 1
        options = GenerationOptions(n_words, top_k=8, top_p=0.9)

        def ours(model: GPT2 = model, prompt: np.ndarray = prompt, options: GenerationOptions = options) -> None:
            generate(model, prompt, options, torch.Generator().manual_seed(0))

        network = GPT2LMHeadModel(model.network.config).eval()

        def peer(network: GPT2LMHeadModel = network, prompt: np.ndarray = prompt, n_words: int = n_words) -> None:
            network.generate(
                torch.from_numpy(prompt)[None], max_new_tokens=n_words, min_new_tokens=n_words,
                do_sample=True, top_k=8, top_p=0.9, temperature=1.0, pad_token_id=500,
            )  # fmt: skip

        speed, mine, theirs = ratio(ours, peer)
        rates = f"{n_words / mine:.0f} to {n_words / theirs:.0f} words/s"
        show(f"generation, {name}", "transformers' generate", speed, rates)


def training() -> None:
    """Train the same network on as many windows of the same length, for as many steps."""
    import torch
    from transformers import Trainer, TrainingArguments
    from transformers.models.gpt2 import GPT2LMHeadModel

    from models.gpt2 import GPT2
    from models.presets import PRESETS
    from models.row_layout import RowLayout
    from models.training import TrainingOptions, train

    preset, n_words, steps, on_gpu = PRESETS["starter"], 2000, 60, torch.cuda.is_available()
    length, batch_size = preset.gpt2.context_length, preset.training.batch_size
    dances = [np.random.default_rng(seed).integers(0, n_words, 1000) for seed in range(20)]
    rows = [
        torch.from_numpy(dance[start : start + length]) for dance in dances for start in range(0, 1000 - length, length)
    ]

    def ours() -> None:
        train(GPT2(preset.gpt2, RowLayout((n_words,), "bench")), dances, TrainingOptions(steps, batch_size))

    def peer() -> None:
        with TemporaryDirectory() as folder:
            arguments = TrainingArguments(
                folder, max_steps=steps, per_device_train_batch_size=batch_size, save_strategy="no",
                report_to=[], disable_tqdm=True, logging_strategy="no", dataloader_pin_memory=on_gpu, bf16=on_gpu,
            )  # fmt: skip
            network = GPT2LMHeadModel(GPT2(preset.gpt2, RowLayout((n_words,), "bench")).network.config)
            dataset = [{"input_ids": row, "labels": row} for row in rows]
            Trainer(network, arguments, train_dataset=dataset).train()

    speed, mine, theirs = ratio(ours, peer)
    words = steps * batch_size * length
    rates = f"{words / mine:,.0f} to {words / theirs:,.0f} words/s"
    show("training, starter", "transformers' Trainer", speed, rates)
    if on_gpu:
        print(f"  GPU: {torch.cuda.max_memory_allocated() / 2**20:,.0f} MiB at most, {torch.cuda.utilization()} % busy")
    else:
        print("  no CUDA GPU: measured on the CPU")


def line(example: Path) -> None:
    """The example from upload to new dance, everything loaded before; the stages are those that progress tells."""
    from bopbot.choreography.pipeline import choreograph

    began: dict[str, float] = {}

    def note(stage: str, done: int, total: int) -> None:
        began.setdefault(stage, time.perf_counter())

    def run(folder: str) -> dict[str, float]:
        """Seconds of each stage, up to the beginning of the next one."""
        began.clear()
        started = time.perf_counter()
        choreograph(example, Path(folder) / "new.mp4", progress=note)
        moments = [started, *list(began.values())[1:], time.perf_counter()]
        return dict(zip(began, np.diff(moments), strict=True))

    with TemporaryDirectory() as folder:
        run(folder)
        runs = [run(folder) for _ in range(ROUNDS)]
    whole = statistics.median(sum(stages.values()) for stages in runs)
    print(f"{'the whole line, 15 s':<28} {whole:5.1f} s, everything loaded before; medians of its stages:", flush=True)
    for stage in runs[0]:
        print(f"  {stage:<34} {statistics.median(stages[stage] for stages in runs):5.1f} s", flush=True)


def drawing() -> None:
    from pose_format import Pose
    from pose_format.numpy import NumPyPoseBody
    from pose_format.pose_header import PoseHeader, PoseHeaderComponent, PoseHeaderDimensions
    from pose_format.pose_visualizer import PoseVisualizer

    from pose_vocab.skeletons import DANCER
    from render.renderer import DanceRenderer
    from render.styles import STYLES

    side, frames = 720, 300
    clip = random_walk_px(frames, seed=0, fps=30)
    keypoints = DanceRenderer("stick", side, side).lay_out([clip]).dancers[0].joints
    component = PoseHeaderComponent(
        "DANCER", list(DANCER.joint_names), list(DANCER.bones), [(200, 80, 30)] * len(DANCER.joint_names), "XYC"
    )
    header = PoseHeader(0.2, PoseHeaderDimensions(side, side, 1), [component])
    pose = Pose(header, NumPyPoseBody(30, keypoints[:, None], np.ones((frames, 1, DANCER.n_joints))))

    def peer() -> None:
        for _ in PoseVisualizer(pose).draw():
            pass

    for style in STYLES:

        def ours(style: str = style) -> None:
            for _ in DanceRenderer(style, side, side).frames(clip):
                pass

        speed, mine, theirs = ratio(ours, peer)
        rates = f"{frames / mine:.0f} to {frames / theirs:.0f} frames/s"
        show(f"drawing {style}, {side}x{side}", "pose-format's visualizer", speed, rates)


def filming() -> None:
    """Render and encode videos of 1280x720 at 30 fps; the peer is the duration of the dance."""
    from render.renderer import DanceRenderer
    from render.styles import STYLES
    from render.writer import write_video

    fps, frames = 30.0, 300
    clip = random_walk_px(frames, seed=0, fps=fps)
    with TemporaryDirectory() as folder:
        for style in STYLES:
            renderer = DanceRenderer(style, 1280, 720)
            path = Path(folder) / f"{style}.mp4"
            write_video(renderer.frames(clip[:30]), path, fps)
            taken = [seconds(lambda r=renderer, p=path: write_video(r.frames(clip), p, fps)) for _ in range(ROUNDS)]
            rate = frames / statistics.median(taken)
            show(f"filming {style}, 1280x720", "real time", rate / fps, f"{rate:.0f} frames/s")
        renderer = DanceRenderer("stick", 320, 180)
        rates = []
        for length in (1_000, 20_000):
            dance = random_walk_px(length, seed=0, fps=fps)
            rates.append(length / seconds(lambda d=dance: write_video(renderer.frames(d), Path(folder) / "a.mp4", fps)))
        detail = f"{rates[1]:.0f} to {rates[0]:.0f} frames/s"
        show("filming 20,000 frames", "1,000 frames, a frame", rates[1] / rates[0], detail)


def show(what: str, peer: str, speed: float, detail: str) -> None:
    print(f"{what:<28} {speed:5.2f} times {peer} ({detail})", flush=True)


def main() -> None:
    from bopbot.example.make_salsa import VIDEO

    print(f"{os.cpu_count()} processors, medians of {ROUNDS} rounds in turns")
    drawing()
    filming()
    generation()
    training()
    line(VIDEO)
    extraction(VIDEO)


if __name__ == "__main__":
    main()
