"""Render motion capture as videos of a mannequin from many views, and extract poses from them.

Joints of motion capture are not where MediaPipe's are, so a vocabulary of them would not fit a filmed dancer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bopbot.progress import Progress, silent
from pose_vocab.extraction import extract
from pose_vocab.formats.bvh.load import load_bvh
from pose_vocab.resampling import resample
from pose_vocab.sequence import PoseSequence
from render.renderer import DanceRenderer
from render.writer import write_video

FPS = 20.0
SIZE_PX = (480, 640)


@dataclass(frozen=True)
class Shot:
    """A take, seen from `yaw_deg` degrees beside the direction that the dancer faces."""

    motion: Path
    yaw_deg: float

    @property
    def name(self) -> str:
        """File name without suffix."""
        return f"{self.motion.stem}.yaw{self.yaw_deg:g}"


def render_and_extract(
    dance: PoseSequence, yaw_deg: float, *, world: bool = False, workers: int | None = None
) -> PoseSequence:
    """Return the poses that MediaPipe extracts from a rendered 3D dance: in pixels, or in metres with `world`."""
    with TemporaryDirectory(prefix="bopbot-") as folder:
        video = Path(folder) / "take.mp4"
        write_video(DanceRenderer("mannequin", *SIZE_PX, yaw_deg).frames(dance), video, dance.fps)
        return extract(video, dance.fps, world=world, workers=workers)


def render_and_extract_all(shots: Sequence[Shot], folder: Path, progress: Progress = silent) -> list[Path]:
    """Render and extract shots on all processors, a pose file each in `folder`; skip files that exist.

    Raises
    ------
    PoseError : a take cannot be read.
    """
    import joblib

    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{shot.name}.npz" for shot in shots]
    missing = [(shot, path) for shot, path in zip(shots, paths, strict=True) if not path.exists()]
    extracted = joblib.Parallel(n_jobs=-1, return_as="generator_unordered")(
        joblib.delayed(_extract_into)(shot, path) for shot, path in missing
    )
    for done, _ in enumerate(extracted, len(shots) - len(missing) + 1):
        progress("rendering and extracting", done, len(shots))
    return paths


def _extract_into(shot: Shot, path: Path) -> None:
    render_and_extract(resample(load_bvh(shot.motion), FPS), shot.yaw_deg, workers=1).save(path)
