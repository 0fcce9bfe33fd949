"""Poses from many videos: past the bad ones, and not twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bopbot.inputs.discovery import holds_poses
from bopbot.progress import Progress, of_stage, silent
from pose_vocab.errors import BopBotError, OutputError, VideoError
from pose_vocab.extraction import extract_dancers
from pose_vocab.extraction.dancers import damage_notices
from pose_vocab.formats import detect
from pose_vocab.sequence import PoseSequence


@dataclass(frozen=True)
class Request:
    """What to extract from every video.

    Parameters
    ----------
    fps : poses a second.
    world : metres in 3D instead of pixels.
    dancer : which dancer, 1 for the one most in the picture; None for a file each.
    pose_model : another MediaPipe pose landmarker bundle (.task).
    """

    fps: float = 20.0
    world: bool = False
    dancer: int | None = 1
    pose_model: Path | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of one video: "done", "there already" or "failed", and why or how much."""

    video: Path
    status: str
    detail: str


def extract_many(videos: Sequence[Path], folder: Path, request: Request, progress: Progress = silent) -> list[Outcome]:
    """Extract each video into `folder`; one outcome each.

    The file is named like the video; those of other dancers than the first, and of all dancers, have
    ``.dancer2`` and so on behind that. A video whose file is there already, with the dimensions and
    the rate asked for, is left alone; one that fails does not stop the rest.

    Raises
    ------
    OutputError : the folder cannot be made, or two videos of one name would write the same file.
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
        if holds_poses(video):
            raise VideoError(f"{video} holds poses already ({detect(video).title}); bopbot convert writes them anew")
        watched = extract_dancers(
            video, request.fps, pose_model=request.pose_model, progress=of_stage(progress, video.name)
        )
        chosen = watched.dancers if request.dancer is None else (watched.dancer(request.dancer),)
        dancers = [dancer.in_space if request.world else dancer.in_picture for dancer in chosen]
        # The first dancer's file says that the video is done, so it is written last.
        for number, poses in reversed(list(enumerate(dancers, 1))):
            poses.save(target if number == 1 else target.with_name(f"{video.stem}{_suffix(number)}.npz"))
    except BopBotError as error:
        return Outcome(video, "failed", str(error))
    seen = dancers[0].seen.any(axis=1).mean()
    found = f"{len(dancers)} dancers" if len(dancers) > 1 else "the dancer"
    detail = f"{target}: {len(dancers[0])} frames, {found} in {seen:.0%} of them"
    return Outcome(video, "done", "; ".join([detail, *damage_notices(watched)]))


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
