"""An atlas of words: the mean pose of every word, with the word below it.

A word of one limb is shown on a body that otherwise stands as it does on average; of a word of several frames
the first is shown.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pose_vocab.codec.codec import Codec
from pose_vocab.normalization import Clip, denormalize
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER
from render.renderer import DanceRenderer
from render.shapes import Image
from render.text import draw_text, text_width

CELL_PX = 160
CAPTION_PX, WORD_PX = 22, 14
"""Heights of the line below a cell and of the letters in it."""
COLUMNS = 12
LARGEST_ATLAS = 2400
"""Words in one atlas: more than these cannot be looked at, nor written as one picture."""
INK = (44, 50, 66)


def draw_atlas(codec: Codec[Clip], ids: Sequence[int]) -> Image:
    """A picture, uint8 (H, W, 3) RGB, of the mean poses of those words, in rows of `COLUMNS`.

    The commonest words first, `LARGEST_ATLAS` at most; all poses have one scale.
    """
    lexicon, segments = codec.lexicon, codec.segments
    counts = np.concatenate([part.vocabulary.counts for part in lexicon.parts.values()])
    chosen = np.array(ids)[np.argsort(-counts[list(ids)], kind="stable")][:LARGEST_ATLAS]
    alone = lexicon.alone()
    seen = ~np.isnan(alone)
    usual = np.where(seen, alone, 0).T @ counts / (seen.T @ counts)
    frames = segments.frames_of(np.where(seen, alone, usual)[chosen].astype(np.float32))[:: segments.frames]
    # Mean poses are no motion: each is a clip of its own, in the middle of its floor.
    clips = [segments.features.inverse_transform(frame[None], codec.fps) for frame in frames]
    for clip in clips:
        clip.placement.hip_path[:, [0, *range(2, clip.poses.dims)]] = 0
    keypoints = np.concatenate([denormalize(clip).keypoints for clip in clips])
    together = PoseSequence.fully_seen(keypoints, codec.fps, DANCER)
    cells = DanceRenderer("stick", CELL_PX, CELL_PX).frames(together)
    labelled = [_label(cell, word) for cell, word in zip(cells, lexicon.words_of(chosen), strict=True)]
    blank = np.full_like(labelled[0], 255)
    labelled += [blank] * (-len(labelled) % COLUMNS)
    rows = [np.hstack(labelled[start : start + COLUMNS]) for start in range(0, len(labelled), COLUMNS)]
    return np.vstack(rows)


def _label(cell: Image, word: str) -> Image:
    caption = np.full((CAPTION_PX, CELL_PX, 3), 255, np.uint8)
    draw_text(caption, word, (CELL_PX - text_width(word, WORD_PX)) / 2, 2, WORD_PX, INK)
    return np.vstack([cell, caption])
