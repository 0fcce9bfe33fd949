"""Known motion, drawn as a mannequin, filmed, watched again: what the line does to a dance.

    python tests/closed_loop.py shared/data/mocap

prints the figures that settled how mocap joints map to MediaPipe's, and whether words are 2D or 3D.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bopbot.presets import PRESETS
from pose_vocab.body_features import facing_rad, turn
from pose_vocab.bvh import load_bvh
from pose_vocab.camera import Camera
from pose_vocab.cleaning import clean
from pose_vocab.codec import Codec
from pose_vocab.extraction import extract
from pose_vocab.mapping import to_dancer
from pose_vocab.normalization import Clip, hip_centres, normalize
from pose_vocab.resampling import resample
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER
from pose_vocab.vocabulary import Vocabulary
from render.renderer import DanceRenderer
from render.writer import write_video

FPS = 20.0
SIZE_PX = (480, 640)


@dataclass(frozen=True)
class Filmed:
    """One take seen by one camera: what was danced, and what was seen of it.

    `danced` are the mocap joints projected into the picture (pixels); `seen` MediaPipe's landmarks in
    it, `seen_in_space` its world landmarks (metres); all on the dancer skeleton, frame by frame.
    """

    danced: PoseSequence
    seen: PoseSequence
    seen_in_space: PoseSequence


@cache
def film(motion: Path, yaw_deg: float, seconds: float = 15.0) -> Filmed:
    """Draw a take as a mannequin from `yaw_deg` to the side, and let MediaPipe watch the video."""
    dance = resample(load_bvh(motion), FPS)[: round(seconds * FPS)]
    with TemporaryDirectory() as folder:
        video = Path(folder) / "take.mp4"
        write_video(DanceRenderer("mannequin", *SIZE_PX, yaw_deg).frames(dance), video, FPS)
        seen, seen_in_space = (to_dancer(extract(video, FPS, world=world)) for world in (False, True))
    dancer = to_dancer(dance)
    return Filmed(Camera.facing(dancer, yaw_deg, *SIZE_PX).project(dancer), seen, seen_in_space)


def torso_px(poses: PoseSequence) -> float:
    """Length of the torso in the picture, as `normalize` takes it."""
    return normalize(poses).placement.scale


def joint_errors(filmed: Filmed) -> NDArray[np.float64]:
    """(frames, joints) distance between danced and seen joints, in torso lengths."""
    return np.linalg.norm(filmed.danced.keypoints - filmed.seen.keypoints, axis=2) / torso_px(filmed.danced)
