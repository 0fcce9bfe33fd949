"""Dancers made by hand, whose answers follow by hand."""

import numpy as np
from numpy.typing import NDArray

from models.gpt2 import GPT2Size
from models.lstm import LSTMSize
from models.mixture_lstm import MixtureSize
from models.presets import Preset
from models.training import TrainingOptions
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER

TORSO_PX = 100.0
GROUND_PX = 900.0

TINY = Preset(
    max_words=40,
    gpt2=GPT2Size(layers=1, heads=2, width=16, context_length=32),
    lstm=LSTMSize(layers=1, width=16, context_length=32),
    mixture=MixtureSize(layers=1, width=16, context_length=32, components=2),
    training=TrainingOptions(steps=20, batch_size=4, patience=5),
    learning_rates={"gpt2": 1e-3, "lstm": 4e-3, "mixture": 2e-3},
)
"""Language models that learn in the blink of an eye, and not much."""

STANDING = {
    "nose": (0.0, 1.3), "neck": (0.0, 1.0),
    "left_shoulder": (0.35, 1.0), "right_shoulder": (-0.35, 1.0),
    "left_elbow": (0.45, 0.45), "right_elbow": (-0.45, 0.45),
    "left_wrist": (0.5, -0.1), "right_wrist": (-0.5, -0.1),
    "left_hip": (0.2, 0.0), "right_hip": (-0.2, 0.0),
    "left_knee": (0.2, -0.85), "right_knee": (-0.2, -0.85),
    "left_ankle": (0.2, -1.7), "right_ankle": (-0.2, -1.7),
    "left_toe": (0.3, -1.75), "right_toe": (-0.3, -1.75),
}  # fmt: skip
"""A dancer standing upright: torso lengths from the hips, y up."""


def standing_px(frames: int = 40, fps: float = 20.0, x_px: float = 500.0) -> PoseSequence:
    """A dancer who stands still on the ground line, torso `TORSO_PX` long."""
    body = np.array([STANDING[name] for name in DANCER.joint_names], dtype=np.float32)
    hips = np.array([x_px, GROUND_PX - 1.75 * TORSO_PX])
    pose = hips + body * [TORSO_PX, -TORSO_PX]
    return PoseSequence.fully_seen(np.repeat(pose[None], frames, axis=0), fps, DANCER)


def moved(poses: PoseSequence, offset_px: NDArray[np.floating]) -> PoseSequence:
    """Every joint shifted, frame by frame: `offset_px` is (frames, 2)."""
    return poses.with_keypoints(poses.keypoints + np.asarray(offset_px, dtype=np.float32)[:, None])


def random_walk_px(frames: int, seed: int, fps: float = 20.0) -> PoseSequence:
    """A dancer whose joints wander smoothly: every frame another pose."""
    generator = np.random.default_rng(seed)
    still = standing_px(frames, fps)
    steps = generator.normal(0, 1, still.keypoints.shape)
    kernel = np.hanning(15) / np.hanning(15).sum()
    wander = np.apply_along_axis(lambda path: np.convolve(path, kernel, mode="same"), 0, steps.cumsum(axis=0))
    return still.with_keypoints(still.keypoints + 4 * (wander - wander.mean(axis=0)))
