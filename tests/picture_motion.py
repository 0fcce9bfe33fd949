"""A second kind of motion, of small pictures; no other file knows that it has pixels instead of joints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bopbot.codec_presets import CodecPreset
from pose_vocab.codec.decoder import MeanDecoder
from pose_vocab.motion import Floats

SIDE_PX = 6
FPS = 10.0
PLACES = ("upper", "lower")
"""A row has two words: one for each half of the picture."""


@dataclass(frozen=True, eq=False)
class PictureClip:
    """Pictures float32 (frames, SIDE_PX, SIDE_PX), NaN where unseen."""

    pictures: NDArray[np.float32]
    fps: float = FPS
    begin_s: float = 0.0
    kind: str = f"pictures of {SIDE_PX}x{SIDE_PX}"

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, frames: slice) -> PictureClip:
        begin_s = self.begin_s + frames.indices(len(self))[0] / self.fps
        return replace(self, pictures=self.pictures[frames], begin_s=begin_s)

    @property
    def values(self) -> Floats:
        return self.pictures.reshape(len(self), -1).astype(np.float64)

    @property
    def centred(self) -> Floats:
        return self.values[..., None]

    grounded = placed = centred

    @property
    def floor_path(self) -> NDArray[np.float32]:
        return np.zeros((len(self), 0), np.float32)

    def with_values(self, values: Floats) -> PictureClip:
        return replace(self, pictures=np.asarray(values, np.float32).reshape(-1, SIDE_PX, SIDE_PX))

    def with_floor_path(self, path: NDArray[np.floating]) -> PictureClip:
        return self

    def standing_like(self, other: PictureClip) -> PictureClip:
        return self

    def mirrored(self) -> PictureClip:
        return replace(self, pictures=self.pictures[..., ::-1])

    def followed_by(self, *others: PictureClip) -> PictureClip:
        return replace(self, pictures=np.concatenate([self.pictures, *(other.pictures for other in others)]))


@dataclass(frozen=True)
class PictureFeatures:
    """The pixels of a picture, in rows from top to bottom."""

    size: int = SIDE_PX**2

    @property
    def columns(self) -> dict[str, NDArray[np.int64]]:
        return dict(zip(PLACES, np.split(np.arange(self.size), 2), strict=True))

    def transform(self, clip: PictureClip) -> NDArray[np.float32]:
        return clip.values.astype(np.float32)

    def inverse_transform(self, features: NDArray[np.float32], fps: float) -> PictureClip:
        return PictureClip(features.reshape(-1, SIDE_PX, SIDE_PX), fps)


def no_channels(clips: Sequence[PictureClip]) -> tuple[str, ...]:
    return ()


PICTURES = CodecPreset(
    parts=PLACES,
    dims=2,
    channels=no_channels,
    features=lambda channels: PictureFeatures(),
    finish=lambda clip: clip,
    frames=1,
    decoder=MeanDecoder(),
    max_words=60,
    fps=FPS,
)


def spot(frames: int, period: int = 16, seed: int = 0) -> PictureClip:
    """A bright spot that goes round in a circle, a little unsteadily."""
    generator = np.random.default_rng(seed)
    angle = 2 * np.pi * np.arange(frames) / period + generator.normal(0, 0.1, frames).cumsum() / 3
    centre = (SIDE_PX - 1) / 2
    across, down = centre + 1.7 * np.cos(angle), centre + 1.7 * np.sin(angle)
    y, x = np.mgrid[:SIDE_PX, :SIDE_PX]
    distance = (x - across[:, None, None]) ** 2 + (y - down[:, None, None]) ** 2
    return PictureClip(np.exp(-distance).astype(np.float32))
