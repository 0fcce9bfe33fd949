"""The dance that new choreography continues: extracted from a video, or read from a pose file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bopbot.codec_presets import CodecPreset
from bopbot.inputs.dance_file import DancePoses, open_dance
from bopbot.inputs.people import described, person_of
from bopbot.progress import Progress, of_stage
from pose_vocab.errors import VideoError
from pose_vocab.extraction.dancers import damage_notices
from pose_vocab.formats import PoseInput
from pose_vocab.resampling import resample
from pose_vocab.sequence import PoseSequence
from pose_vocab.video import probe


@dataclass(frozen=True, eq=False)
class SourceDance:
    """One dancer of the source.

    Parameters
    ----------
    poses : the dance that is encoded into words.
    drawn : the same dance as it is drawn beside the new one: in the pixels of the video, where there is one.
    video : None where the source is a pose file.
    frames : how many frames were examined, at the words' frame rate.
    notices : what a user should know about the source, one line each.
    """

    poses: PoseSequence
    drawn: PoseSequence
    video: Path | None
    frames: int
    notices: tuple[str, ...]


def check_sound(path: Path, pose_input: PoseInput | None = None) -> None:
    """Raise VideoError where the source has no sound."""
    if isinstance(open_dance(path, pose_input), DancePoses):
        raise VideoError(f"{path} holds poses, which have no sound; leave --audio out, or name a --music")
    if not probe(path).has_audio:
        raise VideoError(f"{path} has no sound; leave --audio out")


def read_source_dance(
    path: Path,
    dancer: int,
    preset: CodecPreset[Any],
    progress: Progress,
    *,
    pose_input: PoseInput | None = None,
) -> SourceDance:
    """Return the dance of one person in a video or a pose file.

    Parameters
    ----------
    dancer : which of several people, 1 for the one longest in view.
    preset : gives the words' frame rate, and whether they are 2D or 3D.
    pose_input : what is known about the source.

    Raises
    ------
    VideoError, PoseError : it cannot be read.
    NobodyDancingError : nobody is in it, or fewer people than `dancer`.
    """
    source = open_dance(path, pose_input)
    if isinstance(source, DancePoses):
        read = source.read()
        poses = person_of(path, read.people, dancer)
        about = f"{path} is read as {source.format.title}: {described(read.people)}"
        return SourceDance(poses, poses, None, len(resample(poses, preset.fps)), (about, *read.notices))
    extracted = source.extract(preset.fps, of_stage(progress, "finding the dancer"))
    found = extracted.dancer(dancer)
    poses = found.in_space if preset.dims == 3 else found.in_picture
    return SourceDance(poses, found.in_picture, path, len(poses), damage_notices(extracted))
