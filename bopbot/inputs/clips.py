"""Read videos and pose files as normalized clips, ready to be encoded into words."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bopbot.codec_presets import CodecPreset
from bopbot.inputs.dance_file import DancePoses, DanceVideo, open_dance
from bopbot.inputs.discovery import files_in, identity_of
from bopbot.progress import Progress, of_stage, silent
from pose_vocab.camera import Camera
from pose_vocab.cleaning import Cleaning, clean, explain_no_clips
from pose_vocab.errors import BopBotError, NobodyDancingError, PoseError
from pose_vocab.formats import PoseInput
from pose_vocab.grounding import plant_feet
from pose_vocab.joint_mapping import to_dancer
from pose_vocab.normalization import Clip, normalize
from pose_vocab.resampling import resample
from pose_vocab.sequence import PoseSequence

PICTURE_PX = (720, 1280)
"""Width and height of the picture onto which motion in metres is projected where words are 2D."""


@dataclass(frozen=True)
class FileClips:
    """A file and the normalized clips of its dancers."""

    path: Path
    clips: tuple[Clip, ...]


def clips_by_file(
    files: Sequence[Path],
    kind: CodecPreset[Any],
    cleaning: Cleaning,
    notice: Callable[[str], None],
    progress: Progress = silent,
    *,
    pose_input: PoseInput | None = None,
    cache: Path | None = None,
) -> list[FileClips]:
    """Return the clips of each video and pose file: of a video its first dancer, of a pose file all people.

    A file without a dance is skipped; `notice` is called with the reason.

    Parameters
    ----------
    pose_input : what is known about the sources.
    cache : folder for the poses of each video, so that it is extracted once only.

    Raises
    ------
    NobodyDancingError : no file holds a dance.
    """
    found: list[FileClips] = []
    for done, path in enumerate(files, 1):
        try:
            dance = open_dance(path, pose_input)
            if isinstance(dance, DancePoses):
                read = dance.read()
                for line in read.notices:
                    notice(line)
                clips = clips_of_all(read.people, kind, cleaning)
            else:
                clips = clips_of(_poses_in(dance, kind, cache, of_stage(progress, path.name)), kind, cleaning)
            found.append(FileClips(path, tuple(clips)))
        except BopBotError as error:
            notice(f"skipped {path}: {error}")
        progress("reading dances", done, len(files))
    if not found:
        raise NobodyDancingError(f"none of the {len(files)} files holds a dance; film the dancer from head to foot")
    return found


def clips_in(
    sources: Sequence[Path],
    kind: CodecPreset[Any],
    cleaning: Cleaning,
    notice: Callable[[str], None],
    progress: Progress = silent,
    *,
    pose_input: PoseInput | None = None,
) -> list[Clip]:
    """Return the clips of all dances among files and folders; raises what `files_in` and `clips_by_file` raise."""
    files = files_in(sources, pose_input, notice)
    found = clips_by_file(files, kind, cleaning, notice, progress, pose_input=pose_input)
    return [clip for file in found for clip in file.clips]


def _poses_in(
    video: DanceVideo,
    kind: CodecPreset[Any],
    cache: Path | None,
    progress: Callable[[int, int], None],
) -> PoseSequence:
    path = None
    if cache is not None:
        cache.mkdir(parents=True, exist_ok=True)
        model = "" if video.pose_model is None else f" {identity_of(video.pose_model)}"
        name = hashlib.sha256(f"{identity_of(video.path)} {kind.dims} {kind.fps}{model}".encode()).hexdigest()
        path = cache / f"{name}.npz"
        if path.exists():
            return PoseSequence.load(path)
    dancer = video.extract(kind.fps, progress).dancer(1)
    poses = dancer.in_space if kind.dims == 3 else dancer.in_picture
    if path is not None:
        poses.save(path)
    return poses


def clips_of_all(people: Sequence[PoseSequence], kind: CodecPreset[Any], cleaning: Cleaning) -> list[Clip]:
    """Return the clips of all people who dance; raises what `clips_of` raises where nobody does."""
    clips: list[Clip] = []
    reasons: list[NobodyDancingError] = []
    for person in people:
        try:
            clips += clips_of(person, kind, cleaning)
        except NobodyDancingError as reason:
            reasons.append(reason)
    if not clips:
        raise reasons[0]
    return clips


def clips_of(poses: PoseSequence, kind: CodecPreset[Any], cleaning: Cleaning) -> list[Clip]:
    """Return the dance in a sequence as clips for a codec preset: cleaned, at its frame rate, normalized.

    A dancer who walks away from the camera rises in its picture, and words that learned this would float. So
    the feet are put on the ground here, as they are after decoding. Where the preset's words are 2D, motion in
    metres is projected onto the picture of a camera that faces the dancer.

    Raises
    ------
    NobodyDancingError : too little of the dancer is seen, or nowhere for long enough.
    PoseError : the poses are in pixels and the preset's words in metres, or the skeleton is unknown.
    """
    dancer = to_dancer(poses)
    if dancer.dims > kind.dims:
        dancer = Camera.facing(dancer, 0.0, *PICTURE_PX).project(dancer)
    elif dancer.dims < kind.dims:
        raise PoseError(
            "these words need 3D poses, but the source has 2D pixels; extract it with --world, "
            "or let bopbot convert estimate the depth: -o DANCE.bvh"
        )
    clips = [plant_feet(normalize(resample(clip, kind.fps))) for clip in clean(dancer, cleaning)]
    if not clips:
        raise NobodyDancingError(explain_no_clips(dancer, cleaning))
    return clips
