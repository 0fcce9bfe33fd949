"""Motion as MediaPipe sees it: a take is danced by the mannequin, filmed from many sides, and watched.

Raw joints of motion capture are not MediaPipe's: words made of them fit no filmed dancer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bopbot.progress import Progress, silent
from pose_vocab.extraction import extract
from pose_vocab.formats.bvh.bvh_reader import load_bvh
from pose_vocab.resampling import resample
from pose_vocab.sequence import PoseSequence
from render.renderer import DanceRenderer
from render.writer import write_video

FPS = 20.0
SIZE_PX = (480, 640)


@dataclass(frozen=True)
class Shot:
    """One take, filmed from `yaw_deg` beside the direction that it faces."""

    motion: Path
    yaw_deg: float

    @property
    def name(self) -> str:
        return f"{self.motion.stem}.yaw{self.yaw_deg:g}"


def film(dance: PoseSequence, yaw_deg: float, *, world: bool = False, workers: int | None = None) -> PoseSequence:
    """What MediaPipe sees of a 3D dance that the mannequin dances: pixels, or metres where `world` is asked for."""
    with TemporaryDirectory(prefix="bopbot-") as folder:
        video = Path(folder) / "take.mp4"
        write_video(DanceRenderer("mannequin", *SIZE_PX, yaw_deg).frames(dance), video, dance.fps)
        return extract(video, dance.fps, world=world, workers=workers)


def film_all(shots: Sequence[Shot], folder: Path, progress: Progress = silent) -> list[Path]:
    """Film takes on all processors, a pose file each in `folder`; a shot that is there already is not filmed again.

    Raises
    ------
    PoseError : a take cannot be read.
    """
    import joblib

    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{shot.name}.npz" for shot in shots]
    missing = [(shot, path) for shot, path in zip(shots, paths, strict=True) if not path.exists()]
    films = joblib.Parallel(n_jobs=-1, return_as="generator_unordered")(
        joblib.delayed(_film_into)(shot, path) for shot, path in missing
    )
    for done, _ in enumerate(films, len(shots) - len(missing) + 1):
        progress("filming", done, len(shots))
    return paths


def _film_into(shot: Shot, path: Path) -> None:
    film(resample(load_bvh(shot.motion), FPS), shot.yaw_deg, workers=1).save(path)
