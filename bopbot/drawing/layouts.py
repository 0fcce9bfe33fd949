"""What stands in the picture: the new dance alone, or beside the video that it came from; several side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
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
"""The video beside the dance is at most this many times as wide as high; a wider one is made smaller."""

Dances = Mapping[str, PoseSequence]
"""New dances by their titles."""
Layout = Callable[[Dances, str, Path | None, PoseSequence], Iterator[Image]]
"""Pictures of (the new dances, their style, the source video if there is one, the poses seen in it)."""


def dance_alone(dances: Dances, style: str, video: Path | None, watched: PoseSequence) -> Iterator[Image]:
    """The new dance, square; several from left to right, each under its title."""
    drawn = []
    for title, dance in dances.items():
        scenery = Scenery(title=title if len(dances) > 1 else "")
        drawn.append(DanceRenderer(style, SIDE_PX, SIDE_PX, scenery=scenery).frames(dance))
    yield from drawn[0] if len(drawn) == 1 else map(np.hstack, zip(*drawn, strict=True))


def side_by_side(dances: Dances, style: str, video: Path | None, watched: PoseSequence) -> Iterator[Image]:
    """Left the video with the keypoints that were seen, over and over; right of it the new dances.

    Without a video, the dance that was given is drawn in the style of the new ones.
    """
    [fps] = {dance.fps for dance in dances.values()}
    right = dance_alone(dances, style, video, watched)
    left = over_and_over(watched, style, fps) if video is None else with_keypoints(video, watched, fps)
    for new, source in zip(right, left, strict=False):
        yield np.hstack([source, new])


def over_and_over(dance: PoseSequence, style: str, fps: float) -> Iterator[Image]:
    """A dance, drawn again and again from its beginning."""
    dance = resample(to_dancer(dance), fps)
    while True:
        yield from DanceRenderer(style, SIDE_PX, SIDE_PX).frames(dance)


def with_keypoints(video: Path, watched: PoseSequence, fps: float) -> Iterator[Image]:
    """The video's pictures, `SIDE_PX` high, with the dancer's keypoints on them; it begins anew at its end."""
    info = probe(video)
    scale = min(SIDE_PX / info.height, WIDEST * SIDE_PX / info.width)
    size = (round(info.width * scale), round(info.height * scale))
    seen = resample(to_dancer(watched), fps)
    seen = seen.with_keypoints(seen.keypoints * np.float32(scale))
    overlay = DanceRenderer("overlay", *size, scenery=Scenery(shadow=False))
    while True:
        pictures = filmed(video, fps, size)
        # What is filmed after the last pose stays as it is.
        yield from map(letterboxed, chain(overlay.frames(seen, over=pictures), pictures))


def letterboxed(picture: Image) -> Image:
    """The picture in the middle of a black one of height `SIDE_PX`."""
    missing = SIDE_PX - picture.shape[0]
    return np.pad(picture, ((missing // 2, missing - missing // 2), (0, 0), (0, 0)))


LAYOUTS: dict[str, Layout] = {"dance": dance_alone, "side-by-side": side_by_side}
"""The layouts by name; the first is the default."""
