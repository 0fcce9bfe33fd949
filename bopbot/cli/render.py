"""``bopbot render``: poses to a video, an animation, pictures or a page, or to a live stage."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from bopbot.cli.console import complain, say, showing_progress
from bopbot.cli.option_groups import PoseFileOptions, takes_option_groups
from bopbot.cli.options import Begin, FormationName, LiveTarget, Part, Quiet, Style, Theme


@takes_option_groups
def render(
    ctx: typer.Context,
    poses: Annotated[
        list[Path], typer.Argument(help="Files or folders of poses; dancers of several share one picture.")
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            help="What to write: .mp4, .webm, .gif, .webp, .png frames into a folder, "
            "a contact sheet (.svg) or a player (.html).",
        ),
    ] = None,
    style: Style = "stick",
    theme: Theme = None,
    width: Annotated[int | None, typer.Option(min=16, max=8192, help="Pixels across.")] = None,
    height: Annotated[int | None, typer.Option(min=16, max=8192, help="Pixels down.")] = None,
    begin: Begin = 0.0,
    seconds: Part = None,
    fps: Annotated[float, typer.Option(min=1, max=240, help="Pictures a second.")] = 30.0,
    yaw: Annotated[float, typer.Option(min=-360, max=360, help="Degrees from which 3D poses are seen.")] = 0.0,
    follow: Annotated[
        bool, typer.Option("--follow", help="A calm camera goes along, instead of showing the whole path.")
    ] = False,
    formation: FormationName = None,
    canon: Annotated[float, typer.Option(min=0, help="Seconds by which each of them begins later.")] = 0.0,
    mirror: Annotated[
        bool, typer.Option("--mirror", help="Show every second of them as in a mirror; of one, that one.")
    ] = False,
    shadow: Annotated[bool, typer.Option(help="Whether there is a shadow on the floor.")] = True,
    grid: Annotated[bool, typer.Option("--grid", help="Draw lines on the floor.")] = False,
    title: Annotated[str, typer.Option(help="Stands above the dance.")] = "",
    beats: Annotated[bool, typer.Option("--beats", help="Show the beats: of --audio, or of the dance.")] = False,
    captions: Annotated[
        Path | None, typer.Option(help="Show the words of the dance, as the model in this folder says them.")
    ] = None,
    audio: Annotated[
        Path | None, typer.Option(help="Sound or video file whose sound goes along, again and again.")
    ] = None,
    over: Annotated[Path | None, typer.Option(help="Draw on this video, in whose pixels the poses are.")] = None,
    live: LiveTarget = None,
    loop: Annotated[bool, typer.Option("--loop", help="Play --live again and again.")] = False,
    person: Annotated[int | None, typer.Option(min=1, help="Only this person of each file.")] = None,
    *,
    pose_files: PoseFileOptions,
    quiet: Quiet = False,
) -> None:
    """Draw POSES, or play them --live."""
    if (output is None) == (live is None):
        raise typer.BadParameter("name what to write, or --live where to play", param_hint="--output")
    if loop and live is None:
        raise typer.BadParameter("a file is not played; leave --loop out, or name a --live target", param_hint="--loop")
    from bopbot.drawing.look import Look
    from bopbot.drawing.pose_drawing import cast_of, check_drawing, draw
    from bopbot.inputs.excerpt import Excerpt
    from render.scenery import Scenery
    from render.stage.formation import Formation

    _refuse_ignored(ctx, "--live" if live is not None else output.suffix.lower() if output else "")
    excerpt = Excerpt(begin, seconds)
    known = pose_files.pose_input()
    if live is not None:
        from bopbot.live import play_live

        cast = cast_of(poses, fps, known, person, excerpt)
        _tell([*cast.read_as, *cast.notices], quiet)
        play_live(cast.people, fps, live, style, loop=loop)
        return
    assert output is not None
    scenery = Scenery(theme, shadow, grid, follow, title)
    look = Look(style, width, height, fps, yaw, scenery, Formation.parse(formation, canon, mirror))
    check_drawing(output, look, audio=audio, over=over, excerpt=excerpt)
    model = None
    if captions is not None:
        from bopbot.dance_model import DanceModel

        model = DanceModel.load(captions)
    cast = cast_of(poses, fps, known, person, excerpt)
    _tell(cast.notices, quiet)
    if model is not None:
        from bopbot.drawing.captions import word_captions

        scenery = replace(scenery, captions=word_captions(cast.people[0], model))
    if beats:
        from bopbot.drawing.captions import beat_times

        scenery = replace(scenery, beats_s=beat_times(cast.people[0], audio, begin))
    with showing_progress(quiet) as progress:
        draw(
            cast.people,
            output,
            replace(look, scenery=scenery),
            audio=audio,
            over=over,
            excerpt=excerpt,
            progress=progress,
        )
    _tell(cast.read_as, quiet)
    if not quiet:
        say(f"{output} ({max(dancer.duration_s for dancer in cast.people):.1f} s)")


_OF_A_STAGE = ("follow", "shadow", "grid", "beats", "captions", "over")
_IGNORED = {
    "--live": (*_OF_A_STAGE, "theme", "width", "height", "yaw", "formation", "canon", "mirror", "title", "audio"),
    ".html": (*_OF_A_STAGE, "width", "height", "audio"),
    ".htm": (*_OF_A_STAGE, "width", "height", "audio"),
    ".svg": ("beats", "captions", "over", "audio"),
}
"""What a live target, a player and a contact sheet know nothing of."""


def _refuse_ignored(ctx: typer.Context, kind: str) -> None:
    """Raises BadParameter where an option is given that changes nothing: it would be dropped without a word."""
    for name in _IGNORED.get(kind, ()):
        source = ctx.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            raise typer.BadParameter(f"it changes nothing with {kind}; leave it out", param_hint=f"--{name}")


def _tell(notices: Iterable[str], quiet: bool) -> None:
    if not quiet:
        for line in notices:
            complain(line)
