from collections.abc import Callable

import numpy as np
import pytest

from bopbot.metrics.clip_windows import cut_windows
from pose_vocab.errors import PoseError
from pose_vocab.normalization import Clip


def test_clips_are_cut_into_pieces_of_one_length(danced: Callable[..., Clip]) -> None:
    ways = [np.arange(frames)[:, None] * [1.0, 0.0] for frames in (50, 19, 20)]
    clips = [danced(np.zeros((len(way), 1, 2)), way) for way in ways]
    pieces = cut_windows(clips, seconds=1.0)
    assert [len(piece) for piece in pieces] == [20, 20, 20]
    starts = [piece.placement.hip_path[0, 0] - clips[0].placement.hip_path[0, 0] for piece in pieces]
    assert starts == [0, 20, 0]


@pytest.mark.parametrize("seconds", [3.0, 0.0, 0.01])
def test_windows_that_do_not_exist_are_refused(seconds: float, danced: Callable[..., Clip]) -> None:
    with pytest.raises(PoseError, match=f"{seconds:g} s"):
        cut_windows([danced(np.zeros((40, 1, 2)))], seconds)
