"""How new a dance is: what is most like each second of it, and how much of it is a copy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bopbot.metrics.motion import check_alike
from bopbot.metrics.novelty import NearestMoment, nearest_per_second
from pose_vocab.errors import PoseError
from pose_vocab.normalization import Clip

COPIED_TORSOS = 0.07
"""A second nearer than this to a known one is a copy, in torso lengths.

Of salsa that was put into words and decoded, 94 % of the seconds are nearer to what they were; of real takes that were
not trained on, 3 % are nearer to a training take, and half are at 0.12 or farther."""
SHOWN = 3
"""A person is told of so many seconds, those nearest to a known one."""


@dataclass(frozen=True, eq=False)
class Known:
    """A dance that a new one may be like.

    Parameters
    ----------
    name : what people call it or the file it is from, e.g. ``"the video"``.
    clip : the dance.
    begin_s : when it begins in there.
    """

    name: str
    clip: Clip
    begin_s: float = 0.0


@dataclass(frozen=True)
class Nearest:
    """The known second that is most like a second of a new dance; None where none shows enough of the same joints.

    Parameters
    ----------
    name : of the known dance.
    seconds : when the second begins in there; in a training take, in the stretch of it that was learned.
    distance : root of the mean squared distance of joints around the hips, in torso lengths.
    """

    name: str | None = None
    seconds: float | None = None
    distance: float | None = None


KEPT = Nearest("kept")
"""Of a second that was meant to stay as it was."""


@dataclass(frozen=True)
class Novelty:
    """How new a dance is.

    Parameters
    ----------
    seconds : the nearest to each whole second of it.
    copied_share : share of the seconds that are nearer than `COPIED_TORSOS`.
    """

    seconds: tuple[Nearest, ...]
    copied_share: float

    def line(self) -> str:
        """The same in a line of text: how much is copied, and what the nearest seconds are like."""
        near = [
            (nearest.distance, second) for second, nearest in enumerate(self.seconds) if nearest.distance is not None
        ]
        told = []
        for distance, second in sorted(near)[:SHOWN]:
            nearest = self.seconds[second]
            told.append(f"{second}-{second + 1} s like {nearest.seconds:.1f} s of {nearest.name} ({distance:.2f})")
        n_new = sum(nearest != KEPT for nearest in self.seconds)
        copied = f"{round(self.copied_share * n_new)} of {n_new} s copied"
        return f"{copied}; nearest, in torso lengths: {', '.join(told)}" if told else f"{copied}; nothing known is near"


def detect_copies(dance: Clip, known: Sequence[Known]) -> Novelty:
    """The known second nearest to each whole second of a dance, wherever on the floor either is danced.

    Raises
    ------
    PoseError : the dances differ in frames a second, skeleton or dimensions.
    """
    clips = [one.clip for one in known]
    frames = max(1, round(check_alike([dance, *clips])))
    try:
        moments: list[NearestMoment | None] = [*nearest_per_second(dance, clips)]
    except PoseError:  # a second shows too little that any known one shows: ask for each by itself
        starts = range(0, len(dance) - frames + 1, frames)
        moments = [_nearest(dance[start : start + frames], clips) for start in starts]
    seconds = tuple(_named(moment, known) for moment in moments)
    return Novelty(seconds, copied_share(seconds))


def copied_share(seconds: Sequence[Nearest], threshold: float = COPIED_TORSOS) -> float:
    """Share of seconds that are nearer to a known one than `threshold`, in torso lengths; 0 of none."""
    copied = sum(nearest.distance is not None and nearest.distance < threshold for nearest in seconds)
    return copied / max(1, len(seconds))


def _nearest(second: Clip, clips: Sequence[Clip]) -> NearestMoment | None:
    try:
        [moment] = nearest_per_second(second, clips)
    except PoseError:
        return None
    return moment


def _named(moment: NearestMoment | None, known: Sequence[Known]) -> Nearest:
    if moment is None:
        return Nearest()
    found = known[moment.clip]
    return Nearest(found.name, found.begin_s + moment.seconds, moment.distance)
