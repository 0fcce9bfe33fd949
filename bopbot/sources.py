"""Where dances come from: videos and pose files, as normalized clips that words can be made of."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bopbot.progress import Progress, of_stage, silent
from bopbot.word_kinds import WordKind
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
UNFINISHED = ".unfinished"
"""How the folder ends in which a training keeps what it has done so far."""
RESULTS = ("model.json", "codec.json")
"""A folder that holds one of these is a model or a vocabulary, and none of its files is a dance."""
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
            found += natural_order(path for path in _walk(source) if path.suffix.lower() in wanted)
        elif source.exists():
            found.append(source)
        else:
            raise PoseError(f"there is no file or folder {source}")
    if not found:
        raise PoseError(
            f"there is no video and no pose file ({', '.join(sorted(wanted))}) in {', '.join(map(str, sources))}"
        )
    return found


def _walk(folder: Path) -> Iterator[Path]:
    """All files in a folder and below it, but for those of models, vocabularies and unfinished trainings."""
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.endswith(UNFINISHED)]
        if set(RESULTS) & set(names):
            folders.clear()
        else:
            yield from (Path(place, name) for name in names)


@dataclass(frozen=True)
class Take:
    """A file, and the normalized clips of its dancer."""

    path: Path
    clips: tuple[Clip, ...]


def takes_in(
    files: Sequence[Path],
    kind: WordKind,
    cleaning: CleaningOptions,
    notice: Callable[[str], None],
    progress: Progress = silent,
    *,
    pose_model: str | Path | None = None,
    kept: Path | None = None,
) -> list[Take]:
    """The dances of videos and pose files, ready for words of that kind.

    A file without a dance in it is left out, and `notice` is told why.

    Parameters
    ----------
    pose_model : another MediaPipe pose landmarker bundle (.task).
    kept : folder for the poses of each video, which is then not watched a second time.

    Raises
    ------
    NobodyDancingError : no file holds a dance.
    """
    takes: list[Take] = []
    for done, path in enumerate(files, 1):
        try:
            if path.suffix.lower() in POSE_READERS:
                poses = read_poses(path)
            else:
                poses = _poses_in(path, kind, pose_model, kept, of_stage(progress, path.name))
            takes.append(Take(path, tuple(clips_of(poses, kind, cleaning))))
        except BopBotError as error:
            notice(f"left out: {path}: {error}")
        progress("reading dances", done, len(files))
    if not takes:
        raise NobodyDancingError(f"none of the {len(files)} files holds a dance; film the dancer from head to foot")
    return takes


def clips_in(
    sources: Sequence[Path],
    kind: WordKind,
    cleaning: CleaningOptions,
    notice: Callable[[str], None],
    progress: Progress = silent,
    pose_model: str | Path | None = None,
) -> list[Clip]:
    """The clips of all dances among files and folders; raises what `files_in` and `takes_in` raise."""
    takes = takes_in(files_in(sources), kind, cleaning, notice, progress, pose_model=pose_model)
    return [clip for take in takes for clip in take.clips]


def identity_of(path: Path) -> tuple[str, int, int]:
    """Tells a file, as it is now, from any other and from what it was before."""
    found = path.stat()
    return str(path.resolve()), found.st_size, found.st_mtime_ns


def _poses_in(
    video: Path, kind: WordKind, pose_model: str | Path | None, kept: Path | None, progress: Callable[[int, int], None]
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


def clips_of(poses: PoseSequence, kind: WordKind, cleaning: CleaningOptions) -> list[Clip]:
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
        raise PoseError("these words are made of 3D poses, but the source has 2D pixels; extract it with --world")
    clips = [plant_feet(normalize(resample(clip, kind.fps))) for clip in clean(dancer, cleaning)]
    if not clips:
        raise NobodyDancingError(what_is_missing(dancer, cleaning))
    return clips
