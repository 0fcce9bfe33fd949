"""Measure adaptation to one upload: adapt to the first half of a clip, hold out the second.

    python -m tests.held_out_halves DATA

prints the results in the README for two real dancers, a rendered salsa take and a rendered solo.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bopbot.choreography.generation import Sampling, continue_dance, opening_of
from bopbot.codec_presets import find_codec_preset
from bopbot.dance_model import STARTER, DanceModel
from bopbot.inputs.clips import clips_of
from bopbot.metrics.copying import longest_common_run
from bopbot.metrics.jitter import jitter_ratio
from bopbot.starter.synthetic_videos import FPS, render_and_extract
from bopbot.training.adaptation import adapt, expand_to_dancer
from bopbot.training.corpus import stretches_of
from models.language_model import mean_loss
from pose_vocab.cleaning import Cleaning
from pose_vocab.codec.codec import Codec
from pose_vocab.extraction import extract
from pose_vocab.formats.bvh.load import load_bvh
from pose_vocab.ids import GAP
from pose_vocab.normalization import Clip
from pose_vocab.resampling import resample
from pose_vocab.sequence import PoseSequence

SEEDS = range(4)


@dataclass(frozen=True)
class Prediction:
    """How well the second half is encoded and predicted.

    Parameters
    ----------
    error_without, error_with : reconstruction error in torso lengths, without and with adaptation.
    bits_without, bits_with : bits per frame of 1/20 s with the adapted vocabulary, before and after fine-tuning.
    """

    error_without: float
    error_with: float
    bits_without: float
    bits_with: float


@dataclass(frozen=True)
class GeneratedDances:
    """Dances of 15 s after adaptation to the whole clip: means over `SEEDS`, and the longest run copied."""

    own_share: float
    distinct_words: float
    real_distinct_words: int
    longest_copied_s: float
    jitter_ratio: float


def halves(clips: list[Clip]) -> tuple[list[Clip], list[Clip]]:
    """Split clips in the middle of all their frames."""
    left = sum(map(len, clips)) // 2
    first, second = [], []
    for clip in clips:
        if left > 0:
            first.append(clip[:left])
        if left < len(clip):
            second.append(clip[max(0, left) :])
        left -= len(clip)
    return first, second


def reconstruction_error(codec: Codec[Clip], clips: list[Clip]) -> float:
    """Return the mean distance between poses and those decoded from their words, in torso lengths."""
    errors = []
    for clip in clips:
        rows = codec.encode(clip)
        readable = (rows != GAP).any(axis=1)
        decoded = codec.decode(np.where(readable[:, None], rows, codec.lexicon.starts))
        apart = np.linalg.norm(decoded.poses.keypoints - clip[: len(decoded)].poses.keypoints, axis=2)
        errors.append(apart[np.repeat(readable, codec.segments.frames)])
    return float(np.nanmean(np.concatenate(errors)))


def predict_second_half(model: DanceModel, language_model: str, clips: list[Clip]) -> Prediction:
    first, second = halves(clips)
    untuned = expand_to_dancer(model, first, [language_model], seed=0)
    tuned = adapt(model, first, [language_model], seed=0)
    streams = stretches_of(tuned.codec, second)
    codec = tuned.codec
    bits_a_nat = len(codec.places) / codec.segments.frames / np.log(2)
    bits = [mean_loss(one.language_model(language_model), streams) * bits_a_nat for one in (untuned, tuned)]
    return Prediction(
        reconstruction_error(model.codec, second),
        reconstruction_error(tuned.codec, second),
        float(bits[0]),
        float(bits[1]),
    )


def generate_dances(model: DanceModel, language_model: str, clips: list[Clip]) -> GeneratedDances:
    adapted = adapt(model, clips, [language_model], seed=0)
    codec = adapted.codec
    opening, before = opening_of(codec, clips)
    real = np.concatenate([codec.encode(clip) for clip in clips])
    last = real[-round(15 * codec.rows_per_second) :]
    dances = [
        continue_dance(adapted, language_model, opening, before, Sampling(seconds=15, seed=seed)) for seed in SEEDS
    ]
    return GeneratedDances(
        own_share=float(np.mean([adapted.own_words[ids] for ids, _ in dances])),
        distinct_words=float(np.mean([len(np.unique(ids)) for ids, _ in dances])),
        real_distinct_words=len(np.unique(last[last != GAP])),
        longest_copied_s=max(longest_common_run(ids, real) for ids, _ in dances) / codec.rows_per_second,
        jitter_ratio=jitter_ratio([dance for _, dance in dances], clips),
    )


def clips_seen(data: Path) -> dict[str, PoseSequence]:
    """Return the poses of four dancers as MediaPipe extracts them."""

    def rendered(name: str) -> PoseSequence:
        return render_and_extract(resample(load_bvh(data / "mocap" / name), FPS), yaw_deg=0)

    return {
        "dancer_1": extract(data / "video" / "dancer_1.mp4"),
        "dancer_3": extract(data / "video" / "dancer_3.mp4"),
        "salsa, take 12": rendered("60_12_scaled.bvh"),
        "jesse_dance": rendered("jesse_dance.bvh"),
    }


def main(data: Path) -> None:
    model = DanceModel.load(STARTER)
    for name, poses in clips_seen(data).items():
        clips = clips_of(poses, find_codec_preset(model.codec.preset), Cleaning())
        for language_model in ("gpt2", "lstm"):
            print(name, language_model, predict_second_half(model, language_model, clips), flush=True)
            print(" " * len(name), generate_dances(model, language_model, clips), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
