"""How fast BopBot is: each figure a ratio to a named peer, both measured in turns in the same run.

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

ROUNDS = 5
"""Each pair is run so often in turns; the medians are compared."""


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def ratio(ours: Callable[[], object], peer: Callable[[], object]) -> tuple[float, float, float]:
    """(how many times as fast as the peer, our seconds, the peer's), medians of rounds in turns."""
    ours(), peer()
    pairs = [(seconds(ours), seconds(peer)) for _ in range(ROUNDS)]
    return (
        statistics.median(theirs / mine for mine, theirs in pairs),
        statistics.median(mine for mine, _ in pairs),
        statistics.median(theirs for _, theirs in pairs),
    )


def bare_landmarker(video: Path, model: Path) -> None:
    """The peer of extraction: MediaPipe's own loop over the same frames, one process."""
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
    """A dance of half a minute: the example twice over."""
    from pose_vocab.extraction import extract
    from pose_vocab.extraction.bundle import pose_bundle
    from pose_vocab.extraction.quiet import quiet_stderr
    from pose_vocab.video import FPS, read_frames
    from render.writer import write_video

    with TemporaryDirectory() as folder, pose_bundle() as model:
        video = Path(folder) / "dance.mp4"
        write_video(chain(read_frames(example, FPS), read_frames(example, FPS)), video, FPS)

        def peer() -> None:
            with quiet_stderr():
                bare_landmarker(video, model)

        for workers in (1, 2):
            speed, ours, theirs = ratio(partial(extract, video, workers=workers), peer)
            show(
                f"extraction, {workers} process(es)", "a bare landmarker loop", speed, f"{ours:.1f} s to {theirs:.1f} s"
            )


def generation() -> None:
    import torch

    from models.gpt2 import GPT2
    from models.presets import ONE_DANCE, SMALL
    from models.sampling import GenerationOptions, generate

    for name, size in (("one-dance", ONE_DANCE.size), ("small", SMALL.size)):
        model = GPT2(size, 500, "bench")
        prompt = np.arange(size.context_length // 2) % 500
        n_words = size.context_length // 2 - 1
        options = GenerationOptions(n_words, top_k=8, top_p=0.9)

        def ours(model: GPT2 = model, prompt: np.ndarray = prompt, options: GenerationOptions = options) -> None:
            generate(model, prompt, options, torch.Generator().manual_seed(0))

        def peer(model: GPT2 = model, prompt: np.ndarray = prompt, n_words: int = n_words) -> None:
            model.network.generate(
                torch.from_numpy(prompt)[None], max_new_tokens=n_words, min_new_tokens=n_words,
                do_sample=True, top_k=8, top_p=0.9, temperature=1.0, pad_token_id=model.vocab_size,
            )  # fmt: skip

        speed, mine, theirs = ratio(ours, peer)
        rates = f"{n_words / mine:.0f} to {n_words / theirs:.0f} words/s"
        show(f"generation, {name} size", "transformers' generate", speed, rates)


def drawing() -> None:
    from pose_format import Pose
    from pose_format.numpy import NumPyPoseBody
    from pose_format.pose_header import PoseHeader, PoseHeaderComponent, PoseHeaderDimensions
    from pose_format.pose_visualizer import PoseVisualizer

    from pose_vocab.sequence import PoseSequence
    from pose_vocab.skeletons import DANCER
    from render.renderer import DanceRenderer

    side, frames = 720, 300
    times = np.arange(frames) / 30
    generator = np.random.default_rng(0)
    places = generator.uniform(150, 570, (1, DANCER.n_joints, 2))
    swings = 60 * np.sin(times[:, None, None] * 3 + generator.uniform(0, 6, places.shape))
    keypoints = (places + swings).astype(np.float32)
    clip = PoseSequence.fully_seen(keypoints, 30, DANCER)
    component = PoseHeaderComponent(
        "DANCER", list(DANCER.joint_names), list(DANCER.bones), [(200, 80, 30)] * len(DANCER.joint_names), "XYC"
    )
    header = PoseHeader(0.2, PoseHeaderDimensions(side, side, 1), [component])
    pose = Pose(header, NumPyPoseBody(30, keypoints[:, None], np.ones((frames, 1, DANCER.n_joints))))

    def ours() -> None:
        for _ in DanceRenderer("stick", side, side).frames(clip):
            pass

    def peer() -> None:
        for _ in PoseVisualizer(pose).draw():
            pass

    speed, mine, theirs = ratio(ours, peer)
    show(
        f"drawing, {side}x{side}",
        "pose-format's visualizer",
        speed,
        f"{frames / mine:.0f} to {frames / theirs:.0f} frames/s",
    )


def show(what: str, peer: str, speed: float, detail: str) -> None:
    print(f"{what:<28} {speed:5.2f} times {peer} ({detail})", flush=True)


def main() -> None:
    from bopbot.example.make_salsa import VIDEO

    print(f"{os.cpu_count()} processors, medians of {ROUNDS} rounds in turns")
    drawing()
    generation()
    extraction(VIDEO)


if __name__ == "__main__":
    main()
