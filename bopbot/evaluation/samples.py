"""Small videos of dances beside the real takes that they continue, as text that stands in a page."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bopbot.evaluation.part import Part
from bopbot.progress import Progress, silent
from pose_vocab.normalization import Clip, denormalize
from render.renderer import DanceRenderer
from render.writer import write_video

TAKES, SECONDS, SIZE_PX = 3, 6.0, 240
"""How many takes are shown, for how long, and how large."""


@dataclass(frozen=True)
class Sample:
    """A video, and who dances in it."""

    name: str
    uri: str


def samples(part: Part, progress: Progress = silent) -> list[list[Sample]]:
    """For each of the first takes a video of how it went on, and one of how each dancer goes on."""
    shown = [danced for danced in part.danced if danced.name in {*_dancers(part), *part.material.dances}]
    real = _real(part)
    rows = []
    for i, (take, clip) in enumerate(real):
        row = [Sample(take, _video(clip))]
        row += [Sample(each.name, _video(each.dances[i].clip)) for each in shown if i < len(each.dances)]
        rows.append(row)
        progress("drawing", i + 1, len(real))
    return rows


def _dancers(part: Part) -> list[str]:
    return [dancer.name for dancer in part.dancers]


def _real(part: Part) -> list[tuple[str, Clip]]:
    """How the takes go on where the dances begin; from their beginning where no dance continues them."""
    if part.starts:
        return [(start.take, start.clip[len(start.opening.before) :]) for start in part.starts[:TAKES]]
    return [(name, max(clips, key=len)) for name, clips in list(part.material.held_out.items())[:TAKES]]


def _video(clip: Clip) -> str:
    fps = clip.poses.fps
    with TemporaryDirectory() as folder:
        path = Path(folder) / "dance.mp4"
        poses = denormalize(clip[: round(SECONDS * fps)])
        write_video(DanceRenderer("stick", SIZE_PX, SIZE_PX).frames(poses), path, fps)
        return f"data:video/mp4;base64,{base64.b64encode(path.read_bytes()).decode()}"
