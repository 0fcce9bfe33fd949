"""Measure the whole pipeline on known motion: rendered as a mannequin, extracted again, encoded and decoded.

    python -m tests.closed_loop FOLDER_OF_BVH

prints the results behind the mapping of mocap joints to MediaPipe's, and behind the choice of 2D words.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bopbot.codec_presets import find_codec_preset
from bopbot.codecs import build_codec
from bopbot.starter.synthetic_videos import FPS, SIZE_PX, render_and_extract
from pose_vocab.camera import Camera
from pose_vocab.codec.codec import Codec
from pose_vocab.codec.features_3d import facing_rad, turn
from pose_vocab.formats.bvh.load import load_bvh
from pose_vocab.joint_mapping import to_dancer
from pose_vocab.normalization import Clip, normalize
from pose_vocab.resampling import resample
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER

YAWS_DEG = (0, 90, 180, 270)
TRAINED_ON = ("60_03", "60_05", "60_13", "61_01", "61_06", "61_09")
HELD_OUT = ("60_12", "61_14")


@dataclass(frozen=True)
class Recording:
    """One take seen by one camera.

    `danced` are the mocap joints projected into the picture (pixels), `seen` MediaPipe's landmarks in
    it, `seen_in_space` its world landmarks (metres); all on the dancer skeleton, frame by frame.
    """

    danced: PoseSequence
    seen: PoseSequence
    seen_in_space: PoseSequence

    def errors(self) -> NDArray[np.float64]:
        """Return the distance between projected and extracted joints, (frames, joints), in torso lengths."""
        distance = np.linalg.norm(self.danced.keypoints - self.seen.keypoints, axis=2)
        return np.asarray(distance / normalize(self.danced).placement.scale)

    def bias_along_spine(self) -> NDArray[np.float64]:
        """Return how much higher along the spine joints are extracted than projected, (joints,), in torso lengths."""
        clip = normalize(self.danced)
        spine = clip.poses.joint("neck") / np.linalg.norm(clip.poses.joint("neck"), axis=1, keepdims=True)
        off = (self.seen.keypoints - self.danced.keypoints) * [1, -1] / clip.placement.scale
        return np.asarray(np.nanmedian((off * spine[:, None]).sum(axis=2), axis=0))


@cache
def record(motion: Path, yaw_deg: float, seconds: float = 12.0) -> Recording:
    """Render a take as a mannequin, the camera turned by `yaw_deg`, and extract its poses with MediaPipe."""
    dance = resample(load_bvh(motion), FPS)[: round(seconds * FPS)]
    seen, seen_in_space = (to_dancer(render_and_extract(dance, yaw_deg, world=world)) for world in (False, True))
    dancer = to_dancer(dance)
    return Recording(Camera.facing(dancer, yaw_deg, *SIZE_PX).project(dancer), seen, seen_in_space)


def picture_error(codec: Codec[Clip], clip: Clip, danced: PoseSequence) -> float:
    """Mean distance in the picture between the danced poses and those read as words and decoded, in torso lengths.

    Poses are compared around the hips, at the scale that fits best; 3D words are seen from where the
    dancer was seen, so neither kind pays for the path or the facing direction it would have to guess.
    """
    decoded = codec.decode(codec.encode(clip)).poses.keypoints
    if clip.poses.dims == 3:
        facing = facing_rad(clip.poses) - facing_rad(codec.decode(codec.encode(clip)).poses)
        decoded = turn(decoded, facing)[..., :2]
    truth = normalize(danced).poses.keypoints[: len(decoded)]
    scale = np.nansum(decoded * truth) / np.nansum(decoded**2)
    return float(np.nanmean(np.linalg.norm(decoded * scale - truth, axis=2)))


def main(folder: Path) -> None:
    def recordings(takes: tuple[str, ...]) -> list[Recording]:
        return [record(next(folder.glob(f"{take}*.bvh")), yaw) for take in takes for yaw in YAWS_DEG]

    trained_on, held_out = recordings(TRAINED_ON), recordings(HELD_OUT)
    everything = trained_on + held_out
    errors = np.concatenate([one.errors() for one in everything])
    bias = np.median([one.bias_along_spine() for one in everything], axis=0)
    print(f"{len(everything)} recordings of 12 s at {FPS:g} fps, {SIZE_PX[0]}x{SIZE_PX[1]}; all in torso lengths")
    print(f"median error {np.nanmedian(errors):.3f}, mean {np.nanmean(errors):.3f}")
    for joint, name in enumerate(DANCER.joint_names):
        print(f"  {name:<15} median error {np.nanmedian(errors[:, joint]):.3f}, along the spine {bias[joint]:+.3f}")

    def clips(of: list[Recording], kind: str) -> list[Clip]:
        return [normalize(one.seen if find_codec_preset(kind).dims == 2 else one.seen_in_space) for one in of]

    for kind in ("limbs", "picture", "body"):
        for n_words in (250, 1000):
            words = build_codec(clips(trained_on, kind), kind, n_words, seed=0)
            held = [
                picture_error(words, *pair) for pair in zip(clips(held_out, kind), _projections(held_out), strict=True)
            ]
            print(f"{kind:<8} {n_words} words of other takes: {np.mean(held):.3f}")
        own = [
            picture_error(build_codec([clip], kind, None, seed=0), clip, danced)
            for clip, danced in zip(clips(held_out, kind), _projections(held_out), strict=True)
        ]
        print(f"{kind:<8} words of the recording itself, one for three frames: {np.mean(own):.3f}")


def _projections(recordings: list[Recording]) -> list[PoseSequence]:
    return [one.danced for one in recordings]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
