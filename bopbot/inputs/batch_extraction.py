"""Extract the poses of many videos: bad ones are skipped, finished ones are not repeated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bopbot.inputs.dance_file import open_video
from bopbot.progress import Progress, of_stage, silent
from pose_vocab.errors import BopBotError, OutputError
from pose_vocab.extraction.dancers import damage_notices
from pose_vocab.formats import PoseInput
from pose_vocab.sequence import PoseSequence


@dataclass(frozen=True)
class Request:
    """What to extract from each video.

    Parameters
    ----------
    fps : poses a second.
    world : metres in 3D instead of pixels.
    dancer : which dancer, 1 for the one longest in view; None for all, one file each.
    pose_model : another MediaPipe pose landmarker bundle (.task).
    """

    fps: float = 20.0
    world: bool = False
    dancer: int | None = 1
    pose_model: Path | None = None


@dataclass(frozen=True)
class Outcome:
    """The result for one video: "done", "there already" or "failed", and a line about it."""

    video: Path
    status: str
    detail: str


def extract_many(videos: Sequence[Path], folder: Path, request: Request, progress: Progress = silent) -> list[Outcome]:
    """Extract each video into `folder` and return one outcome for each.

    The file is named like the video; for dancers after the first ``.dancer2`` and so on is added. A video
    whose file exists with the requested dimensions and frame rate is skipped; one that fails does not
    stop the rest.

    Raises
    ------
    OutputError : the folder cannot be made, or two videos of the same name would write the same file.
    """
    targets = [
        folder / f"{video.stem}{'' if request.dancer == 1 else _suffix(request.dancer or 1)}.npz" for video in videos
    ]
    for video, target in zip(videos, targets, strict=True):
        if targets.count(target) > 1:
            raise OutputError(f"{video} and another video would both write {target}; extract them into two folders")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot make the folder {folder}: {error.strerror}") from error
    return [_outcome(video, target, request, progress) for video, target in zip(videos, targets, strict=True)]


def _outcome(video: Path, target: Path, request: Request, progress: Progress) -> Outcome:
    if _is_done(target, request):
        return Outcome(video, "there already", str(target))
    try:
        extracted = open_video(video, PoseInput(pose_model=request.pose_model)).extract(
            request.fps, of_stage(progress, video.name)
        )
        chosen = extracted.dancers if request.dancer is None else (extracted.dancer(request.dancer),)
        dancers = [dancer.in_space if request.world else dancer.in_picture for dancer in chosen]
        # The first dancer's file marks the video as done, so it is written last.
        for number, poses in reversed(list(enumerate(dancers, 1))):
            poses.save(target if number == 1 else target.with_name(f"{video.stem}{_suffix(number)}.npz"))
    except BopBotError as error:
        return Outcome(video, "failed", str(error))
    seen = dancers[0].seen.any(axis=1).mean()
    found = f"{len(dancers)} dancers" if len(dancers) > 1 else "the dancer"
    detail = f"{target}: {len(dancers[0])} frames, {found} in {seen:.0%} of them"
    return Outcome(video, "done", "; ".join([detail, *damage_notices(extracted)]))


def _suffix(dancer: int) -> str:
    return f".dancer{dancer}"


def _is_done(target: Path, request: Request) -> bool:
    if not target.exists():
        return False
    try:
        there = PoseSequence.load(target)
    except BopBotError:
        return False
    return (there.dims, there.fps) == (3 if request.world else 2, request.fps)
