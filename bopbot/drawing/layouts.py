"""What a picture shows: the new dance alone, or beside its source; several new dances side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

import numpy as np

from bopbot.drawing.video_background import filmed
from pose_vocab.joint_mapping import to_dancer
from pose_vocab.resampling import resample
from pose_vocab.sequence import PoseSequence
from pose_vocab.video import probe
from render.renderer import DanceRenderer
from render.scenery import Scenery
from render.shapes import Image

SIDE_PX = 720
"""Height of the picture, and width of the new dance in it."""
WIDEST = 16 / 9
"""Largest ratio of width to height of the video beside the dance; a wider one is scaled down."""
APART = 0.5
"""Space between dancers that stand apart, over the width that each of them uses."""

Dances = Mapping[str, PoseSequence]
"""New dances by their titles."""
Layout = Callable[[Dances, str, Path | None, PoseSequence], Iterator[Image]]
"""Draws (the new dances, their style, the source video if there is one, the source's poses)."""


def dance_alone(dances: Dances, style: str, video: Path | None, shown: PoseSequence) -> Iterator[Image]:
    """Yield pictures of the new dance, square; several from left to right, each under its title."""
    drawn = []
    for title, dance in dances.items():
        scenery = Scenery(title=title if len(dances) > 1 else "")
        drawn.append(DanceRenderer(style, SIDE_PX, SIDE_PX, scenery=scenery).frames(dance))
    yield from drawn[0] if len(drawn) == 1 else map(np.hstack, zip(*drawn, strict=True))


def side_by_side(dances: Dances, style: str, video: Path | None, shown: PoseSequence) -> Iterator[Image]:
    """Yield pictures of the source on the left, repeated, and the new dances on the right.

    A video is shown with its keypoints; a pose file is drawn in the style of the new dances.
    """
    [fps] = {dance.fps for dance in dances.values()}
    right = dance_alone(dances, style, video, shown)
    left = repeated(shown, style, fps) if video is None else with_keypoints(video, shown, fps)
    for new, source in zip(right, left, strict=False):
        yield np.hstack([source, new])


def repeated(dance: PoseSequence, style: str, fps: float) -> Iterator[Image]:
    """Yield pictures of a dance, repeated without end."""
    dance = resample(to_dancer(dance), fps)
    while True:
        yield from DanceRenderer(style, SIDE_PX, SIDE_PX).frames(dance)


def with_keypoints(video: Path, shown: PoseSequence, fps: float) -> Iterator[Image]:
    """Yield the pictures of a video, `SIDE_PX` high, with the dancer's keypoints on them, repeated without end."""
    info = probe(video)
    scale = min(SIDE_PX / info.height, WIDEST * SIDE_PX / info.width)
    size = (round(info.width * scale), round(info.height * scale))
    seen = resample(to_dancer(shown), fps)
    seen = seen.with_keypoints(seen.keypoints * np.float32(scale))
    overlay = DanceRenderer("overlay", *size, scenery=Scenery(shadow=False))
    while True:
        pictures = filmed(video, fps, size)
        # Pictures after the last pose are shown without keypoints.
        yield from map(letterboxed, chain(overlay.frames(seen, over=pictures), pictures))


def letterboxed(picture: Image) -> Image:
    """Return the picture in the middle of a black one of height `SIDE_PX`."""
    missing = SIDE_PX - picture.shape[0]
    return np.pad(picture, ((missing // 2, missing - missing // 2), (0, 0), (0, 0)))


def stand_apart(dances: Sequence[PoseSequence]) -> list[PoseSequence]:
    """Return dances moved to the right so that all fit on one stage, from left to right."""
    moved: list[PoseSequence] = []
    free_from = -np.inf
    for dance in dances:
        left, right = np.nanmin(dance.keypoints[..., 0]), np.nanmax(dance.keypoints[..., 0])
        shift = np.zeros(dance.dims, np.float32)
        shift[0] = max(free_from - left, 0)
        moved.append(dance.with_keypoints(dance.keypoints + shift))
        free_from = right + shift[0] + APART * (right - left)
    return moved


ALONE = "dance"
"""The default layout, which needs no source."""
LAYOUTS: dict[str, Layout] = {ALONE: dance_alone, "side-by-side": side_by_side}
"""The layouts by name."""
