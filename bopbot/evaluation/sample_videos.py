"""Render short videos of dances and of the real takes that they continue, as data URIs for the page."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bopbot.evaluation.model_evaluation import EvaluatedModel
from bopbot.progress import Progress, silent
from pose_vocab.normalization import Clip, denormalize
from render.renderer import DanceRenderer
from render.writer import write_video

TAKES, SECONDS, SIZE_PX = 3, 6.0, 240
"""Number of takes that are shown, for how many seconds, and at what size."""


@dataclass(frozen=True)
class SampleVideo:
    """A video as a data URI, and the take or generator that it shows."""

    name: str
    uri: str


def sample_videos(evaluated: EvaluatedModel, progress: Progress = silent) -> list[list[SampleVideo]]:
    """Return a row for each of the first takes: its real continuation, then that of each generator."""
    names = {*(generator.name for generator in evaluated.generators), *evaluated.dataset.dances}
    shown = [each for each in evaluated.dance_sets if each.name in names]
    real = _real(evaluated)
    rows = []
    for i, (take, clip) in enumerate(real):
        row = [SampleVideo(take, _video(clip))]
        row += [SampleVideo(each.name, _video(each.dances[i].clip)) for each in shown if i < len(each.dances)]
        rows.append(row)
        progress("drawing", i + 1, len(real))
    return rows


def _real(evaluated: EvaluatedModel) -> list[tuple[str, Clip]]:
    """Return the takes from where the generated dances begin; from their first frame where nothing continues them."""
    if evaluated.openings:
        return [(take.take, take.clip[len(take.opening.before) :]) for take in evaluated.openings[:TAKES]]
    return [(name, max(clips, key=len)) for name, clips in list(evaluated.dataset.held_out.items())[:TAKES]]


def _video(clip: Clip) -> str:
    fps = clip.poses.fps
    with TemporaryDirectory() as folder:
        path = Path(folder) / "dance.mp4"
        poses = denormalize(clip[: round(SECONDS * fps)])
        write_video(DanceRenderer("stick", SIZE_PX, SIZE_PX).frames(poses), path, fps)
        return f"data:video/mp4;base64,{base64.b64encode(path.read_bytes()).decode()}"
