"""What a file or folder that is given as a dance is: a video, or poses in one of the formats. Decided here only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pose_vocab.errors import PoseError, VideoError
from pose_vocab.formats import FORMATS, SUFFIXES, PoseFormat, PoseInput, PosesRead, detect, find_format, read_as
from pose_vocab.webp_chunks import is_webp_animation

if TYPE_CHECKING:
    from pose_vocab.extraction import ExtractedVideo

VIDEO_SUFFIXES = frozenset({".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".gif", ".webp"})
"""Suffixes of videos in folders. A file that is named itself may have any suffix but a pose file's. A still .webp
in a folder is skipped."""
POSES_ONLY = (".bvh", ".pose")
"""Suffixes that only pose files have; files of other suffixes are opened to see whether they hold poses."""


@dataclass(frozen=True)
class DanceVideo:
    """A video, and the pose landmarker bundle for it; it is not opened yet."""

    path: Path
    pose_model: Path | None = None

    def extract(self, fps: float, progress: Callable[[int, int], None] | None = None) -> ExtractedVideo:
        """Return everybody who dances in it, at `fps`; raises what `pose_vocab.extraction.extract_dancers` raises."""
        from pose_vocab.extraction import extract_dancers  # brings mediapipe along, which pose files do not need

        return extract_dancers(self.path, fps, pose_model=self.pose_model, progress=progress)


@dataclass(frozen=True)
class DancePoses:
    """A file or folder of poses whose format is known; it is not read yet."""

    path: Path
    format: PoseFormat
    pose_input: PoseInput

    def read(self) -> PosesRead:
        """Return all people in it, as checked `PoseSequence` objects; raises PoseError where it is damaged."""
        return read_as(self.format, self.path, self.pose_input)


def open_dance(path: Path, pose_input: PoseInput | None = None) -> DanceVideo | DancePoses:
    """Return what `path` is: poses for a folder, a pose file's suffix or a format in `pose_input`, else a video.

    Raises
    ------
    PoseError : it should be poses, but does not exist, or no format recognizes it.
    """
    pose_input = pose_input or PoseInput()
    is_named_as_poses = path.is_dir() or path.suffix.lower() in SUFFIXES
    if is_named_as_poses or (pose_input.format is not None and not is_named_as_video(path)):
        return DancePoses(path, detect(path, pose_input), pose_input)
    return DanceVideo(path, pose_input.pose_model)


def open_poses(path: Path, pose_input: PoseInput | None = None) -> DancePoses:
    """Return `open_dance` where only poses can be used.

    Raises
    ------
    PoseError : it is a video, it does not exist, or no format recognizes it.
    """
    dance = open_dance(path, pose_input)
    if isinstance(dance, DancePoses):
        return dance
    if is_named_as_video(path):
        raise PoseError(f"{path} is a video; extract its poses first: bopbot extract {path} -o FOLDER")
    return DancePoses(path, detect(path, pose_input), pose_input or PoseInput())


def open_video(path: Path, pose_input: PoseInput | None = None) -> DanceVideo:
    """Return `open_dance` where only a video can be used; raises VideoError for poses."""
    dance = open_dance(path, pose_input)
    if isinstance(dance, DancePoses):
        raise VideoError(f"{path} holds poses already ({dance.format.title}); bopbot convert changes their format")
    return dance


def is_named_as_video(path: Path) -> bool:
    """Return whether the suffix is one of `VIDEO_SUFFIXES`."""
    return path.suffix.lower() in VIDEO_SUFFIXES


def formats_to_search(pose_input: PoseInput | None) -> Sequence[PoseFormat]:
    """Return the formats that poses in a folder may have: the one in `pose_input`, else all."""
    if pose_input is None or pose_input.format is None:
        return [*FORMATS.values()]
    return [find_format(pose_input.format)]


def suffixes_to_search(formats: Sequence[PoseFormat]) -> frozenset[str]:
    """Return the suffixes that a dance in a folder may have."""
    return VIDEO_SUFFIXES.union(*(row.suffixes for row in formats))


def looks_like_dance(path: Path, formats: Sequence[PoseFormat]) -> bool:
    """Return whether a path found in a folder, with one of `suffixes_to_search`, is a video or poses.

    A single format is the one that the user named: all files of its suffixes are taken for it.
    """
    suffix = path.suffix.lower()
    if suffix == ".webp":
        return is_webp_animation(path)
    if len(formats) == 1 or path.is_dir() or is_named_as_video(path) or suffix in POSES_ONLY:
        return True
    return any(row.recognizes(path) for row in formats if suffix in row.suffixes)
