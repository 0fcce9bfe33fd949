"""``bopbot convert``: convert poses from one format to another."""

from pathlib import Path
from typing import Annotated

import typer

from bopbot.cli.console import complain, say
from bopbot.cli.option_groups import PoseFileOptions, takes_option_groups
from bopbot.cli.options import Begin, Part, Quiet


@takes_option_groups
def convert(
    poses: Annotated[Path, typer.Argument(help="A pose file or a folder of poses, in any format.")],
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            help="The file to write; its suffix is its format. Poses: .npz, .pose, .csv, .parquet, .nc. A character "
            "for 3D programs: .glb, .bvh, .usda, .usdc, .usdz. Markers: .c3d, .trc. A name without a suffix, or with "
            ".openpose, is a folder of OpenPose JSON.",
        ),
    ],
    person: Annotated[int | None, typer.Option(min=1, help="Only this person: 1 is the one longest in view.")] = None,
    begin: Begin = 0.0,
    seconds: Part = None,
    *,
    pose_files: PoseFileOptions,
    quiet: Quiet = False,
) -> None:
    """Write POSES, or a part of them, in another format."""
    from bopbot.drawing.outputs import POSES, OutputOptions, find_output
    from bopbot.inputs.dance_file import open_poses
    from bopbot.inputs.excerpt import Excerpt
    from bopbot.inputs.people import described, person_of
    from pose_vocab.files import check_distinct

    kind = find_output(output, POSES)
    check_distinct(output, poses)
    source = open_poses(poses, pose_files.pose_input())
    read = source.read()
    people = read.people if person is None else (person_of(poses, read.people, person),)
    excerpt = Excerpt(begin, seconds)
    excerpt.check(people, poses)
    people = tuple(map(excerpt.of, people))
    options = OutputOptions(n_people=len(people))
    kind.check(output, options)
    notices = kind.write(people, output, options, pictures=tuple)
    if not quiet:
        for line in (*read.notices, *notices):
            complain(line)
        say(f"{source.format.title}: {described(people)} -> {output}: {kind.title}")
