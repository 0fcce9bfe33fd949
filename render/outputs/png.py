"""Pictures as PNG, lossless: one as a file, several as the files of a folder."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from fractions import Fraction
from pathlib import Path

from render.image_file import encode_png
from render.outputs.consumer_thread import consume_in_thread
from render.outputs.output import Output, Picture
from render.sound import Sound

FRAME_NAME = re.compile(r"frame_\d{6,}\.png")


class Frames(Output):
    """A folder of ``frame_000001.png`` and so on; it replaces an existing folder of such frames."""

    supports_alpha = True

    def write(self, pictures: Iterator[Picture], path: Path, rate: Fraction, sound: Sound | None) -> None:
        path.mkdir()
        consume_in_thread(pictures, lambda taken: _write_all(taken, path))

    def own_files(self, path: Path) -> Collection[str]:
        return {inside.name for inside in path.glob("*") if FRAME_NAME.fullmatch(inside.name)}


class Png(Output):
    """A single picture."""

    supports_alpha = True
    single_picture = True

    def write(self, pictures: Iterator[Picture], path: Path, rate: Fraction, sound: Sound | None) -> None:
        for picture in pictures:
            path.write_bytes(encode_png(picture))


def _write_all(pictures: Iterator[Picture], folder: Path) -> None:
    for number, picture in enumerate(pictures, start=1):
        (folder / f"frame_{number:06}.png").write_bytes(encode_png(picture))
