"""``bopbot render``: draw poses as a video, an animation, pictures or a page, or play them live."""

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
        list[Path], typer.Argument(help="Pose files or folders; the dancers of all of them are in one picture.")
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            help="The file to write; its suffix is its kind. A video: .mp4, .m4v, .mov, .webm. An animation: .gif, "
            ".webp. A picture of a single pose: .png. A folder of PNG frames: a name without a suffix. A contact "
            "sheet: .svg. A page that plays the dance: .html, .htm.",
        ),
    ] = None,
    style: Style = "stick",
    theme: Theme = None,
    width: Annotated[int | None, typer.Option(min=16, max=8192, help="Width of the picture in pixels.")] = None,
    height: Annotated[int | None, typer.Option(min=16, max=8192, help="Height of the picture in pixels.")] = None,
    begin: Begin = 0.0,
    seconds: Part = None,
    fps: Annotated[float, typer.Option(min=1, max=240, help="Frames a second.")] = 30.0,
    yaw: Annotated[
        float,
        typer.Option(
            min=-360, max=360, help="Direction from which 3D poses are seen, in degrees; 0 is from the front."
        ),
    ] = 0.0,
    follow: Annotated[
        bool, typer.Option("--follow", help="Follow the dancer with the camera, instead of showing the whole path.")
    ] = False,
    formation: FormationName = None,
    canon: Annotated[
        float, typer.Option(min=0, help="Delay in seconds from each dancer of the formation to the next.")
    ] = 0.0,
    mirror: Annotated[
        bool, typer.Option("--mirror", help="Mirror every second dancer of the formation; without one, the dancer.")
    ] = False,
    shadow: Annotated[bool, typer.Option(help="Draw a shadow on the floor.")] = True,
    grid: Annotated[bool, typer.Option("--grid", help="Draw lines on the floor.")] = False,
    title: Annotated[str, typer.Option(help="A title above the dance.")] = "",
    beats: Annotated[
        bool, typer.Option("--beats", help="Show the beats of --audio, or of the dance without it.")
    ] = False,
    captions: Annotated[
        Path | None, typer.Option(help="Show the words of the dance, encoded by the model in this folder.")
    ] = None,
    audio: Annotated[Path | None, typer.Option(help="Include the sound of this sound or video file, repeated.")] = None,
    over: Annotated[Path | None, typer.Option(help="Draw on this video; the poses must be in its pixels.")] = None,
    live: LiveTarget = None,
    loop: Annotated[bool, typer.Option("--loop", help="Repeat --live without end.")] = False,
    person: Annotated[
        int | None, typer.Option(min=1, help="Only this person of each file: 1 is the one longest in view.")
    ] = None,
    *,
    pose_files: PoseFileOptions,
    quiet: Quiet = False,
) -> None:
    """Draw POSES, or play them --live."""
    if (output is None) == (live is None):
        raise typer.BadParameter("name the file to write, or a target with --live", param_hint="--output")
    if loop and live is None:
        raise typer.BadParameter("only --live repeats; leave --loop out, or name a --live target", param_hint="--loop")
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
        _print_notices([*cast.read_as, *cast.notices], quiet)
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
    _print_notices(cast.notices, quiet)
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
    _print_notices(cast.read_as, quiet)
    if not quiet:
        say(f"{output} ({max(dancer.duration_s for dancer in cast.people):.1f} s)")


_SCENERY = ("follow", "shadow", "grid", "beats", "captions", "over")
_IGNORED = {
    "--live": (*_SCENERY, "theme", "width", "height", "yaw", "formation", "canon", "mirror", "title", "audio"),
    ".html": (*_SCENERY, "width", "height", "audio"),
    ".htm": (*_SCENERY, "width", "height", "audio"),
    ".svg": ("beats", "captions", "over", "audio"),
}
"""Options that have no effect on a live target, a player and a contact sheet."""


def _refuse_ignored(ctx: typer.Context, kind: str) -> None:
    """Raise BadParameter for an option that has no effect: it would be ignored silently."""
    for name in _IGNORED.get(kind, ()):
        source = ctx.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            raise typer.BadParameter(f"it has no effect with {kind}; leave it out", param_hint=f"--{name}")


def _print_notices(notices: Iterable[str], quiet: bool) -> None:
    if not quiet:
        for line in notices:
            complain(line)
