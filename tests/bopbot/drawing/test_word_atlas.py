import numpy as np
from builders import random_walk_px

from bopbot.codecs import build_codec
from bopbot.drawing.word_atlas import CAPTION_PX, CELL_PX, COLUMNS, draw_atlas
from pose_vocab.normalization import normalize
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER


def test_a_cell_for_every_word_the_commonest_first() -> None:
    codec = build_codec([normalize(random_walk_px(100, seed=3))], "picture", 15, seed=0)
    atlas = draw_atlas(codec, range(codec.lexicon.n_words))
    rows = -(-codec.lexicon.n_words // COLUMNS)
    assert atlas.shape == (rows * (CELL_PX + CAPTION_PX), COLUMNS * CELL_PX, 3)
    alone = draw_atlas(codec, [0])
    assert alone.shape[0] == CELL_PX + CAPTION_PX


def test_the_order_of_words_of_the_body_does_not_turn_them() -> None:
    """A word drawn twice looks the same twice, whatever turning stands between."""
    flat = random_walk_px(100, seed=3)
    keypoints = np.pad(flat.keypoints * [0.005, -0.005], ((0, 0), (0, 0), (0, 1)))
    keypoints[..., 2] = np.linspace(0, 0.3, 16)[None] * np.linspace(-1, 1, 100)[:, None]
    clip = normalize(PoseSequence.fully_seen(keypoints, 20, DANCER))
    codec = build_codec([clip], "body", 12, seed=0)
    atlas = draw_atlas(codec, [0, 1, 0])
    cells = [atlas[:CELL_PX, i * CELL_PX : (i + 1) * CELL_PX] for i in range(3)]
    assert sum(np.array_equal(cells[i], cells[j]) for i, j in ((0, 1), (1, 2), (0, 2))) == 1
