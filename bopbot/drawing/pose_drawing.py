"""A file of poses drawn: as a film, an animation, pictures, a contact sheet, or a page that plays it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from bopbot.drawing.video_background import filmed
from bopbot.inputs.dance_file import open_poses
from bopbot.inputs.people import person_of
from bopbot.progress import Progress, counted, silent
from pose_vocab.errors import NobodyDancingError, OutputError
from pose_vocab.files import check_distinct
from pose_vocab.formats import PoseInput
from pose_vocab.joint_mapping import to_dancer
from pose_vocab.resampling import resample
from pose_vocab.sequence import PoseSequence
from pose_vocab.video import probe
from render.contact_sheet import check_contact_sheet_path, write_contact_sheet
from render.player import PLAYER_THEMES, check_player_path, write_player
from render.renderer import DanceRenderer
from render.scenery import Scenery
from render.sound import Soundtrack
from render.stage.formation import Formation
from render.writer import check_video_path, write_video

SIDE_PX = 720
"""Width and height of a picture where nothing else is wished."""


@dataclass(frozen=True)
class Look:
    """How poses are to be drawn.

    Parameters
    ----------
    style : a row of `render.styles.STYLES`.
    width, height : of the picture in pixels; None for `SIDE_PX`, or what suits a video that is drawn on.
    fps : pictures a second; the motion is interpolated, whatever its own rate.
    yaw_deg : from where 3D poses are seen.
    scenery, formation : what stands around the dancers, and what becomes of each of them.
    """

    style: str = "stick"
    width: int | None = None
    height: int | None = None
    fps: float = 30.0
    yaw_deg: float = 0.0
    scenery: Scenery = field(default_factory=Scenery)
    formation: Formation = field(default_factory=Formation)

    def renderer(self) -> DanceRenderer:
        """What draws so; raises OutputError where something is wished that there is not."""
        width, height = self.width or self.height or SIDE_PX, self.height or self.width or SIDE_PX
        return DanceRenderer(self.style, width, height, self.yaw_deg, self.scenery, self.formation)


@dataclass(frozen=True)
class Cast:
    """The dancers of some files, how each file was read, and what a user should know of that."""

    people: tuple[PoseSequence, ...]
    read_as: tuple[str, ...]
    notices: tuple[str, ...]


def cast_of(
    sources: Sequence[Path], fps: float, pose_input: PoseInput | None = None, person: int | None = None
) -> Cast:
    """Everybody in files and folders of poses, at one frame rate; or of each that person alone.

    Raises
    ------
    PoseError : one cannot be read, is a video, or its skeleton is unknown.
    NobodyDancingError : it holds no such person, or nobody is ever seen in it.
    """
    people: list[PoseSequence] = []
    read_as: list[str] = []
    notices: list[str] = []
    for source in sources:
        opened = open_poses(source, pose_input)
        read = opened.read()
        chosen = read.people if person is None else (person_of(source, read.people, person),)
        people += [resample(to_dancer(poses), fps) for poses in chosen]
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
    progress: Progress = silent,
) -> None:
    """Draw dancers into a file whose kind its suffix says.

    Parameters
    ----------
    people : all at `look.fps` and of one kind, as `cast_of` gives them.
    output : what `render.write_video` takes, or .svg for a contact sheet, or .html for a player.
    audio : a sound or video file whose sound goes along, from its beginning on, again and again.
    over : the video in whose pixels the poses are, to draw on.

    Raises
    ------
    OutputError : it cannot be written, or that kind of file cannot hold what is wished.
    PoseError : the dancers do not fit together, or not into a filmed picture.
    VideoError : the sound or the video cannot be read.
    """
    check_drawing(output, look, audio=audio, over=over)
    still = _STILL.get(output.suffix.lower())
    if still is not None:
        still.write(people, output, look)
        return
    total = max(len(poses) for poses in people)
    if over is None:
        frames = look.renderer().frames(*people)
    else:
        width, height, scale = _filmed_size(over, look)
        fitted = [poses.with_keypoints(poses.keypoints * np.float32(scale)) for poses in people]
        renderer = replace(look, width=width, height=height).renderer()
        frames = renderer.frames(*fitted, over=filmed(over, look.fps, (width, height)))
    write_video(counted(frames, progress, f"drawing {output.name}", total), output, look.fps, audio)


def check_drawing(output: Path, look: Look, *, audio: Path | None = None, over: Path | None = None) -> None:
    """Find out before long work whether `draw` can write that; raises OutputError, or VideoError for the sound."""
    for source in (audio, over):
        if source is not None:
            check_distinct(output, source)
    still = _STILL.get(output.suffix.lower())
    renderer = look.renderer()
    if over is not None:
        renderer.check_over_video()
    if still is not None:
        if audio is not None or over is not None:
            raise OutputError(f"cannot write {output}: {still.what} has no sound and no video behind it; name a .mp4")
        still.check(output, look)
    else:
        check_video_path(output, audio, alpha=renderer.theme.wall is None)
        if audio is not None:
            Soundtrack(audio).open().close()


def _filmed_size(video: Path, look: Look) -> tuple[int, int, float]:
    """(width, height, scale): the video's own size, or one of its shape that fits into what is wished."""
    info = probe(video)
    scale = min((look.width or info.width) / info.width, (look.height or info.height) / info.height)
    if look.width is None and look.height is None:
        scale = 1.0
    return max(round(info.width * scale), 1), max(round(info.height * scale), 1), scale


@dataclass(frozen=True)
class _Still:
    """A file that is no film."""

    what: str
    check: Callable[[Path, Look], None]
    write: Callable[[Sequence[PoseSequence], Path, Look], None]


def _check_sheet(output: Path, look: Look) -> None:
    check_contact_sheet_path(output)


def _write_sheet(people: Sequence[PoseSequence], output: Path, look: Look) -> None:
    write_contact_sheet(people, output, look.renderer())


def _check_player(output: Path, look: Look) -> None:
    check_player_path(output)
    if look.formation != Formation():
        raise OutputError(f"cannot write {output}: a player shows dancers as they are; leave the formation out")
    if look.style != "stick":
        raise OutputError(f"cannot write {output}: a player draws the style stick, not {look.style}; name a .mp4")
    if look.scenery.theme not in (None, *PLAYER_THEMES):
        raise OutputError(f"cannot write {output}: a player is {' or '.join(PLAYER_THEMES)}, not {look.scenery.theme}")


def _write_player(people: Sequence[PoseSequence], output: Path, look: Look) -> None:
    write_player(people, output, title=look.scenery.title, theme=look.scenery.theme, yaw_deg=look.yaw_deg)


_SHEET = _Still("a contact sheet", _check_sheet, _write_sheet)
_PLAYER = _Still("a player", _check_player, _write_player)
_STILL = {".svg": _SHEET, ".html": _PLAYER, ".htm": _PLAYER}
"""Files that are no films, by suffix."""
