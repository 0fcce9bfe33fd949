"""An atlas of a vocabulary: the mean pose of every word, with the word below it."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from bopbot.codecs import PoseCodec
from pose_vocab.normalization import denormalize
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER
from render.renderer import DanceRenderer
from render.shapes import Image

CELL_PX = 160
CAPTION_PX = 22
COLUMNS = 12
LARGEST_ATLAS = 2400
"""Words in one atlas: more than these cannot be looked at, nor written as one picture."""
INK = (44, 50, 66)


def draw_atlas(codec: PoseCodec, ids: Sequence[int]) -> Image:
    """A picture, uint8 (H, W, 3) RGB, of the mean poses of those words, in rows of `COLUMNS`.

    The commonest words first, `LARGEST_ATLAS` at most; all poses have one scale.
    """
    vocabulary = codec.vocabulary
    chosen = np.array(ids)[np.argsort(-vocabulary.counts[list(ids)], kind="stable")][:LARGEST_ATLAS]
    features = codec.word_kind.features(codec.joint_names)
    # Mean poses are no motion: each is a clip of its own, in the middle of its floor.
    clips = [features.inverse_transform(row[None], codec.word_kind.fps) for row in vocabulary.look_up(chosen)]
    for clip in clips:
        clip.placement.hip_path[:, [0, *range(2, clip.poses.dims)]] = 0
    keypoints = np.concatenate([denormalize(clip).keypoints for clip in clips])
    together = PoseSequence.fully_seen(keypoints, codec.word_kind.fps, DANCER)
    cells = DanceRenderer("stick", CELL_PX, CELL_PX).frames(together)
    labelled = [_label(cell, word) for cell, word in zip(cells, vocabulary.words_of(chosen), strict=True)]
    blank = np.full_like(labelled[0], 255)
    labelled += [blank] * (-len(labelled) % COLUMNS)
    rows = [np.hstack(labelled[start : start + COLUMNS]) for start in range(0, len(labelled), COLUMNS)]
    return np.vstack(rows)


def _label(cell: Image, word: str) -> Image:
    caption = np.full((CAPTION_PX, CELL_PX, 3), 255, np.uint8)
    (width, _), _ = cv2.getTextSize(word, cv2.FONT_HERSHEY_SIMPLEX, 0.5, 1)
    cv2.putText(caption, word, ((CELL_PX - width) // 2, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.5, INK, 1, cv2.LINE_AA)
    return np.vstack([cell, caption])
