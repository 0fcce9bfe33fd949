"""Everybody in a picture, each followed on their own."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from pose_vocab.extraction.landmarker import Follower, Looker
from pose_vocab.extraction.people import People, distances, looks_real

MOST_PEOPLE = 5
"""So many people are followed at most."""
LOOK_EVERY_S = 2.0
"""How often a picture is searched for people whom nobody follows."""
LOST_S = 1.0
"""Who is lost for longer is followed no more, but found again by such a look."""
DOUBLE = 0.15
"""Two found people nearer to each other than this many body sizes are one, found twice."""
HIDDEN_BY = 1.2
"""A hidden person is covered out to this much of their outline."""
GREY = (128, 128, 128)


class Crowd:
    """Follows everybody in a video, one `Follower` for each; a solo costs no more than one of them.

    MediaPipe's own following of several people detects anew in every picture, does not smooth, and
    overlooks the smaller of two dancers: 25 of the 84 frames of the split screen in the test data.
    Here the followed people are painted over now and then, and what is left is searched.
    """

    def __init__(self, model: Path, fps: float) -> None:
        self._model = model
        self._fps = fps
        self._open = ExitStack()
        self._looker = self._open.enter_context(Looker(model))
