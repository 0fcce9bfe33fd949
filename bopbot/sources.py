"""Where dances come from: videos and pose files, as normalized clips that words can be made of."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from bopbot.presets import Preset
from bopbot.progress import Progress, of_stage, silent
from pose_vocab.bvh import load_bvh
from pose_vocab.camera import Camera
from pose_vocab.cleaning import CleaningOptions, clean, what_is_missing
from pose_vocab.errors import BopBotError, NobodyDancingError, PoseError
from pose_vocab.grounding import plant_feet
from pose_vocab.mapping import to_dancer
from pose_vocab.natural_order import natural_order
from pose_vocab.normalization import Clip, normalize
from pose_vocab.resampling import resample
from pose_vocab.sequence import PoseSequence

POSE_READERS: dict[str, Callable[[Path], PoseSequence]] = {".npz": PoseSequence.load, ".bvh": load_bvh}
"""How a pose file is read, by its suffix."""
VIDEO_SUFFIXES = frozenset({".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".gif"})
"""What is taken for a video in a folder; a file that is named itself may have any other suffix."""
PICTURE_PX = (720, 1280)
"""Width and height of the picture through which motion in metres becomes 2D."""


def read_poses(path: Path) -> PoseSequence:
    """The poses in a pose file.

    Raises
    ------
    PoseError : no such file, a suffix that no reader knows, or a damaged file.
    """
    if not path.exists():
        raise PoseError(f"there is no file {path}")
    reader = POSE_READERS.get(path.suffix.lower())
    if reader is None:
        raise PoseError(f"{path} is not a pose file: expected {' or '.join(POSE_READERS)}, got {path.suffix!r}")
    return reader(path)


def files_in(sources: Iterable[Path]) -> list[Path]:
    """The videos and pose files among files and folders, folders searched to the bottom, in natural order.

    Raises
    ------
    PoseError : a named source does not exist, or there is nothing in them.
    """
    found: list[Path] = []
    wanted = VIDEO_SUFFIXES | POSE_READERS.keys()
    for source in sources:
        if source.is_dir():
            found += natural_order(path for path in source.rglob("*") if path.suffix.lower() in wanted)
        elif source.exists():
            found.append(source)
        else:
            raise PoseError(f"there is no file or folder {source}")
    if not found:
        raise PoseError(
            f"there is no video and no pose file ({', '.join(sorted(wanted))}) in {', '.join(map(str, sources))}"
        )
    return found


def clips_in(
    sources: Sequence[Path],
    preset: Preset,
    cleaning: CleaningOptions,
    notice: Callable[[str], None],
    progress: Progress = silent,
) -> list[Clip]:
    """The dances of all videos and pose files among files and folders, ready for words of that preset.

    A file without a dance in it is left out, and `notice` is told why.

    Raises
    ------
    PoseError : a source does not exist.
    NobodyDancingError : no file holds a dance.
    """
    clips: list[Clip] = []
    files = files_in(sources)
    for done, path in enumerate(files, 1):
        try:
            if path.suffix.lower() in POSE_READERS:
                poses = read_poses(path)
            else:
                from pose_vocab.extraction import extract

                poses = extract(path, preset.fps, world=preset.dims == 3, progress=of_stage(progress, path.name))
            clips += clips_of(poses, preset, cleaning)
        except BopBotError as error:
            notice(f"left out: {path}: {error}")
        progress("reading dances", done, len(files))
    if not clips:
        raise NobodyDancingError(f"none of the {len(files)} files holds a dance")
    return clips


def clips_of(poses: PoseSequence, preset: Preset, cleaning: CleaningOptions) -> list[Clip]:
    """The dance in a sequence, ready for words of that preset: cleaned, at its frame rate, normalized.

    Who walks away from the camera rises in its picture; words that knew it would float. So the feet are
    put on the ground here as they are after decoding.

    Where the preset's words are 2D, motion in metres is seen by a camera that faces the dancer.

    Raises
    ------
    NobodyDancingError : nowhere long enough is enough of the dancer seen.
    PoseError : pixels where the preset's words need metres, or an unknown skeleton.
    """
    dancer = to_dancer(poses)
    if dancer.dims > preset.dims:
        dancer = Camera.facing(dancer, 0.0, *PICTURE_PX).project(dancer)
    elif dancer.dims < preset.dims:
        raise PoseError("these words are made of 3D poses, but the source has 2D pixels; extract it with --world")
    clips = [plant_feet(normalize(resample(clip, preset.fps))) for clip in clean(dancer, cleaning)]
    if not clips:
        raise NobodyDancingError(what_is_missing(dancer, cleaning))
    return clips
