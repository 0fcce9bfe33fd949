"""Make the gallery: every style and further options, drawn from the example video's poses.

    make gallery

Each picture is made by the command that stands below it.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bopbot.example.make_salsa import VIDEO
from pose_vocab import extract
from render.styles import STYLES

DOCS = Path(__file__).parent
PICTURES = DOCS / "gallery"
SECONDS = 3.2
"""Length of the part of the dance that is shown."""
SQUARE, WIDE = "--width 320 --height 320 --fps 15", "--width 480 --height 270 --fps 15"

FROM = f"""Made by `make gallery`. `salsa.npz` and `salsa-3d.npz` are the first {SECONDS:g} s of the poses that
`bopbot extract bopbot/example/salsa.mp4 -o poses` finds, without and with `--world`."""

STYLE_WORDS = {
    "stick": "the default, weighted limbs, left orange, right blue",
    "openpose": "the rainbow colours of OpenPose",
    "bopbot": "the robot",
    "mannequin": "solid enough for a pose estimator to detect a person",
    "silhouette": "the dancer's shadow",
    "neon": "glowing lines with a trail",
    "overlay": "thin lines, for drawing over a video",
}


@dataclass(frozen=True)
class Shot:
    """One picture of the gallery: what it shows, its file, the rest of the command that makes it, and its size."""

    title: str
    file: str
    arguments: str
    size: str = SQUARE


def shots() -> list[Shot]:
    """Return a shot of every style and of further options."""
    over = {"overlay": f"salsa.npz --over {VIDEO.name}"}
    return [
        *(
            Shot(f"`{name}`: {STYLE_WORDS[name]}", f"{name}.webp", f"{over.get(name, 'salsa-3d.npz')} --style {name}")
            for name in STYLES
        ),
        Shot("dark", "dark.webp", "salsa-3d.npz --theme dark --grid"),
        Shot("a line in canon", "line.webp", "salsa-3d.npz --formation line:5 --canon 0.25", WIDE),
        Shot(
            "a wedge, mirrored", "wedge.webp", "salsa-3d.npz --style bopbot --formation wedge:3 --mirror --grid", WIDE
        ),
        Shot("title and beats", "beats.webp", "salsa-3d.npz --style neon --title Salsa --beats"),
        Shot("from the side", "side.webp", "salsa-3d.npz --style mannequin --yaw 90"),
        Shot("a contact sheet", "sheet.svg", "salsa-3d.npz", "--width 240 --height 240"),
    ]


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    work = DOCS.parent / "out" / "gallery"
    work.mkdir(parents=True, exist_ok=True)
    (work / VIDEO.name).write_bytes(VIDEO.read_bytes())
    for name, world in (("salsa.npz", False), ("salsa-3d.npz", True)):
        poses = extract(VIDEO, world=world)
        poses[: round(SECONDS * poses.fps)].save(work / name)
    lines = ["# Gallery of styles", "", FROM, ""]
    for shot in shots():
        command = f"render {shot.arguments} {shot.size}"
        print(shot.file, flush=True)
        result = PICTURES / shot.file
        argv = [sys.executable, "-m", "bopbot", *shlex.split(command), "-o", str(result), "--quiet"]
        subprocess.run(argv, cwd=work, check=True)
        lines += [f"## {shot.title}", "", f"![{shot.file}](gallery/{shot.file})", ""]
        lines += ["```", f"bopbot render {shot.arguments} -o {shot.file}", "```", ""]
    (DOCS / "gallery.md").write_text("\n".join(lines))


if __name__ == "__main__":
    main()
