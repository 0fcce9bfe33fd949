"""The dance that is to be gone on with: watched in a video, or read from poses."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bopbot.codec_presets import CodecPreset
from bopbot.inputs.discovery import holds_poses
from bopbot.inputs.people import described, person_of
from bopbot.progress import Progress, of_stage
from pose_vocab.errors import VideoError
from pose_vocab.extraction import extract_dancers
from pose_vocab.extraction.dancers import damage_notices
from pose_vocab.formats import PoseInput, detect
from pose_vocab.resampling import resample
from pose_vocab.sequence import PoseSequence
from pose_vocab.video import probe


@dataclass(frozen=True, eq=False)
class Given:
    """What is known of the dancer.

    Parameters
    ----------
    poses : what words are made of.
    drawn : the same dance as it is shown beside the new one: in the pixels of the video, where there is one.
    video : None where poses were given.
    frames : how many were looked at, at the words' rate.
    notices : what a user should know of how they were read, a line each.
    """

    poses: PoseSequence
    drawn: PoseSequence
    video: Path | None
    frames: int
    notices: tuple[str, ...]


def check_sound(path: Path, pose_input: PoseInput | None = None) -> None:
    """Raises VideoError where there is no sound to take along."""
    if holds_poses(path, pose_input):
        raise VideoError(f"{path} holds poses, and no sound to take along; leave --audio out, or name a --music")
    if not probe(path).has_audio:
        raise VideoError(f"{path} has no sound to take along; leave --audio out")


def read_source_dance(
    path: Path,
    dancer: int,
    kind: CodecPreset,
    progress: Progress,
    *,
    pose_input: PoseInput | None = None,
    pose_model: str | Path | None = None,
) -> Given:
    """The dance of one person in a video or in a file or folder of poses, for words of that kind.

    Parameters
    ----------
    dancer : which of several people, 1 for the one most in the picture.
    pose_input : what is known about the file of poses.
    pose_model : another MediaPipe pose landmarker bundle (.task).

    Raises
    ------
    VideoError, PoseError : it cannot be read.
    NobodyDancingError : nobody is there, or there are fewer people.
    """
    if holds_poses(path, pose_input):
        row = detect(path, pose_input)
        read = row.read(path, pose_input or PoseInput())
        poses = person_of(path, read.people, dancer)
        about = f"{path} is read as {row.title}: {described(read.people)}"
        return Given(poses, poses, None, len(resample(poses, kind.fps)), (about, *read.notices))
    watched = extract_dancers(path, kind.fps, pose_model=pose_model, progress=of_stage(progress, "finding the dancer"))
    found = watched.dancer(dancer)
    poses = found.in_space if kind.dims == 3 else found.in_picture
    return Given(poses, found.in_picture, path, len(poses), damage_notices(watched))
