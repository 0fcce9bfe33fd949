"""The least that a dance can be made of quickly."""

from __future__ import annotations

from pathlib import Path

import cv2

from pose_vocab.video import read_frames
from render.writer import write_video

EXAMPLE = Path(__file__).parents[3] / "bopbot" / "example" / "salsa.mp4"
SECONDS, FPS = 4.0, 20.0


def write_short_clip(path: Path) -> Path:
    """Write four seconds of the example, half as large."""
    pictures = read_frames(EXAMPLE, FPS, stop_s=SECONDS)
    write_video((cv2.resize(picture, None, fx=0.5, fy=0.5) for picture in pictures), path, FPS)
    return path
