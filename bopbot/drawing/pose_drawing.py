"""Draw pose files: as a video, an animation, pictures, a contact sheet, or a page that plays them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bopbot.drawing.look import Look
from bopbot.drawing.outputs import DRAWN, OutputKind, OutputOptions, find_output
from bopbot.drawing.video_background import filmed
from bopbot.inputs.dance_file import open_poses
from bopbot.inputs.excerpt import Excerpt
from bopbot.inputs.people import person_of
from bopbot.progress import Progress, counted, silent
from pose_vocab.errors import NobodyDancingError
from pose_vocab.files import check_distinct
from pose_vocab.formats import PoseInput
from pose_vocab.joint_mapping import to_dancer
from pose_vocab.resampling import resample
from pose_vocab.sequence import PoseSequence
from pose_vocab.video import probe
from render.shapes import Image
from render.sound import Soundtrack

WHOLE = Excerpt()


@dataclass(frozen=True)
class Cast:
    """The dancers of some files, how each file was read, and what a user should know about it."""

    people: tuple[PoseSequence, ...]
    read_as: tuple[str, ...]
    notices: tuple[str, ...]


def cast_of(
    sources: Sequence[Path],
    fps: float,
    pose_input: PoseInput | None = None,
    person: int | None = None,
    excerpt: Excerpt = WHOLE,
) -> Cast:
    """Return everybody in pose files, at one frame rate; or only the person of that number of each file.

    Raises
    ------
    PoseError : a file cannot be read, is a video, ends before the excerpt, or its skeleton is unknown.
    NobodyDancingError : a file has no such person, or nobody is seen in it.
    """
    people: list[PoseSequence] = []
    read_as: list[str] = []
    notices: list[str] = []
    for source in sources:
        opened = open_poses(source, pose_input)
        read = opened.read()
        chosen = read.people if person is None else (person_of(source, read.people, person),)
        excerpt.check(chosen, source)
        people += [excerpt.of(resample(to_dancer(poses), fps)) for poses in chosen]
        if not any(poses.seen.any() for poses in chosen):
            raise NobodyDancingError(f"nobody is seen in any frame of {source}; there is nothing to draw")
        read_as.append(f"{source} is read as {opened.format.title}")
        notices += read.notices
    return Cast(tuple(people), tuple(read_as), tuple(notices))


def draw(
    people: Sequence[PoseSequence],
    output: Path,
    look: Look,
    *,
    audio: Path | None = None,
    over: Path | None = None,
    excerpt: Excerpt = WHOLE,
    kinds: Sequence[OutputKind] = DRAWN,
    progress: Progress = silent,
) -> tuple[str, ...]:
    """Draw dancers into a file whose kind is chosen by its suffix.

    Parameters
    ----------
    people : all at `look.fps` and all 2D or all 3D, as `cast_of` returns them.
    output : a file of one of `kinds`, which are rows of `bopbot.drawing.outputs`.
    audio : a sound or video file whose sound accompanies the dance, from its beginning on, repeated.
    over : the video to draw on, in whose pixels the poses are.
    excerpt : the part that `people` were cut to, so that sound and video begin there too.

    Returns
    -------
    tuple of str : what a user should know about the file, one line each.

    Raises
    ------
    OutputError : it cannot be written, or that kind of file cannot hold what is asked for.
    PoseError : the dancers do not fit together, or not into a filmed picture.
    VideoError : the sound or the video cannot be read.
    """
    kind, options = check_drawing(output, look, audio=audio, over=over, excerpt=excerpt, kinds=kinds)

    def pictures() -> Iterator[Image]:
        total = max(len(poses) for poses in people)
        frames = look.renderer().frames(*people) if over is None else _drawn_over(over, people, look, excerpt)
        return counted(frames, progress, f"drawing {output.name}", total)

    return kind.write(people, output, options, pictures)


def check_drawing(
    output: Path,
    look: Look,
    *,
    audio: Path | None = None,
    over: Path | None = None,
    excerpt: Excerpt = WHOLE,
    kinds: Sequence[OutputKind] = DRAWN,
) -> tuple[OutputKind, OutputOptions]:
    """Check before long work whether `draw` can write this; raises OutputError, or VideoError for the sound."""
    for source in (audio, over):
        if source is not None:
            check_distinct(output, source)
    kind = find_output(output, kinds)
    if over is not None:
        look.renderer().check_over_video()
    begin_s = excerpt.first_frame(look.fps) / look.fps
    sound = None if audio is None else Soundtrack(audio, begin_s, repeat_from_s=0.0)
    options = OutputOptions(look, sound, with_video=over is not None)
    kind.check(output, options)
    return kind, options


def _drawn_over(video: Path, people: Sequence[PoseSequence], look: Look, excerpt: Excerpt) -> Iterator[Image]:
    width, height, scale = _filmed_size(video, look)
    fitted = [poses.with_keypoints(poses.keypoints * np.float32(scale)) for poses in people]
    background = filmed(video, look.fps, (width, height), excerpt.first_frame(look.fps) / look.fps)
    renderer = replace(look, width=width, height=height).renderer()
    return renderer.frames(*fitted, over=background)


def _filmed_size(video: Path, look: Look) -> tuple[int, int, float]:
    """Return (width, height, scale): the video's own size, or one of its shape that fits into the requested size."""
    info = probe(video)
    scale = min((look.width or info.width) / info.width, (look.height or info.height) / info.height)
    if look.width is None and look.height is None:
        scale = 1.0
    return max(round(info.width * scale), 1), max(round(info.height * scale), 1), scale
