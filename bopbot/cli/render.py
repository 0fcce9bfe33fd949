"""``bopbot render``: a pose file to a video."""

from pathlib import Path
from typing import Annotated

import typer

from bopbot.cli.console import say, showing_progress
from bopbot.cli.options import Quiet, Style


def render(
    poses: Annotated[Path, typer.Argument(help="A pose file: BopBot's own (.npz) or motion capture (.bvh).")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The .mp4 to write.")],
    style: Style = "stick",
    width: Annotated[int, typer.Option(min=16, max=4096, help="Pixels across.")] = 720,
    height: Annotated[int, typer.Option(min=16, max=4096, help="Pixels down.")] = 720,
    fps: Annotated[float, typer.Option(min=1, max=240, help="Pictures a second.")] = 30.0,
    yaw: Annotated[float, typer.Option(min=-360, max=360, help="Degrees from which 3D poses are seen.")] = 0.0,
    quiet: Quiet = False,
) -> None:
    """Draw a POSES file as a video."""
    from bopbot.progress import counted
    from bopbot.sources import read_poses
    from pose_vocab.resampling import resample
    from render.renderer import DanceRenderer
    from render.writer import check_video_path, write_video

    check_video_path(output)
    clip = resample(read_poses(poses), fps)
    with showing_progress(quiet) as progress:
        frames = DanceRenderer(style, width, height, yaw).frames(clip)
        write_video(counted(frames, progress, "drawing", len(clip)), output, fps)
    if not quiet:
        say(f"{output} ({clip.duration_s:.1f} s)")
