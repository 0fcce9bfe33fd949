"""Where dances come from: videos and poses, as normalized clips that words can be made of."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bopbot.codec_presets import CodecPreset
from bopbot.inputs.discovery import files_in, holds_poses, identity_of
from bopbot.progress import Progress, of_stage, silent
from pose_vocab.camera import Camera
from pose_vocab.cleaning import Cleaning, clean, explain_no_clips
from pose_vocab.errors import BopBotError, NobodyDancingError, PoseError
from pose_vocab.formats import PoseInput, read_people
from pose_vocab.grounding import plant_feet
from pose_vocab.joint_mapping import to_dancer
from pose_vocab.normalization import Clip, normalize
from pose_vocab.resampling import resample
from pose_vocab.sequence import PoseSequence

PICTURE_PX = (720, 1280)
"""Width and height of the picture through which motion in metres becomes 2D."""


@dataclass(frozen=True)
class Take:
    """A file, and the normalized clips of its dancers."""

    path: Path
    clips: tuple[Clip, ...]


def takes_in(
    files: Sequence[Path],
    kind: CodecPreset,
    cleaning: Cleaning,
    notice: Callable[[str], None],
    progress: Progress = silent,
    *,
    pose_input: PoseInput | None = None,
    pose_model: str | Path | None = None,
    kept: Path | None = None,
) -> list[Take]:
    """The dances of videos and of files of poses, ready for words of that kind.

    Of a video it is that of its first dancer, of poses those of all people. A file without a dance
    in it is left out, and `notice` is told why.

    Parameters
    ----------
    pose_input : what is known about the files of poses.
    pose_model : another MediaPipe pose landmarker bundle (.task).
    kept : folder for the poses of each video, which is then not watched a second time.

    Raises
    ------
    NobodyDancingError : no file holds a dance.
    """
    takes: list[Take] = []
    for done, path in enumerate(files, 1):
        try:
            if holds_poses(path, pose_input):
                read = read_people(path, pose_input)
                for line in read.notices:
                    notice(line)
                clips = clips_of_all(read.people, kind, cleaning)
            else:
                clips = clips_of(_poses_in(path, kind, pose_model, kept, of_stage(progress, path.name)), kind, cleaning)
            takes.append(Take(path, tuple(clips)))
        except BopBotError as error:
            notice(f"left out: {path}: {error}")
        progress("reading dances", done, len(files))
    if not takes:
        raise NobodyDancingError(f"none of the {len(files)} files holds a dance; film the dancer from head to foot")
    return takes


def clips_in(
    sources: Sequence[Path],
    kind: CodecPreset,
    cleaning: Cleaning,
    notice: Callable[[str], None],
    progress: Progress = silent,
    *,
    pose_input: PoseInput | None = None,
    pose_model: str | Path | None = None,
) -> list[Clip]:
    """The clips of all dances among files and folders; raises what `files_in` and `takes_in` raise."""
    files = files_in(sources, pose_input, notice)
    takes = takes_in(files, kind, cleaning, notice, progress, pose_input=pose_input, pose_model=pose_model)
    return [clip for take in takes for clip in take.clips]


def _poses_in(
    video: Path,
    kind: CodecPreset,
    pose_model: str | Path | None,
    kept: Path | None,
    progress: Callable[[int, int], None],
) -> PoseSequence:
    from pose_vocab.extraction import extract

    path = None
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256(f"{identity_of(video)} {kind.dims} {kind.fps}".encode()).hexdigest()
        path = kept / f"{name}.npz"
        if path.exists():
            return PoseSequence.load(path)
    poses = extract(video, kind.fps, world=kind.dims == 3, pose_model=pose_model, progress=progress)
    if path is not None:
        poses.save(path)
    return poses


def clips_of_all(people: Sequence[PoseSequence], kind: CodecPreset, cleaning: Cleaning) -> list[Clip]:
    """The dances of those people who dance; raises what `clips_of` raises where nobody does."""
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


def clips_of(poses: PoseSequence, kind: CodecPreset, cleaning: Cleaning) -> list[Clip]:
    """The dance in a sequence, ready for words of that kind: cleaned, at its frame rate, normalized.

    Who walks away from the camera rises in its picture; words that knew it would float. So the feet are
    put on the ground here as they are after decoding.

    Where that kind's words are 2D, motion in metres is seen by a camera that faces the dancer.

    Raises
    ------
    NobodyDancingError : nowhere long enough is enough of the dancer seen.
    PoseError : pixels where that kind's words need metres, or an unknown skeleton.
    """
    dancer = to_dancer(poses)
    if dancer.dims > kind.dims:
        dancer = Camera.facing(dancer, 0.0, *PICTURE_PX).project(dancer)
    elif dancer.dims < kind.dims:
        raise PoseError(
            "these words are made of 3D poses, but the source has 2D pixels; extract it with --world, "
            "or let bopbot convert guess its depth: -o DANCE.bvh"
        )
    clips = [plant_feet(normalize(resample(clip, kind.fps))) for clip in clean(dancer, cleaning)]
    if not clips:
        raise NobodyDancingError(explain_no_clips(dancer, cleaning))
    return clips
