"""Pictures as an animated WebP."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av

from render.outputs.frames import rgb_frame
from render.outputs.output import Output, Picture
from render.outputs.overlap import overlapped
from render.sound import Sound

OPTIONS = {"quality": "92", "compression_level": "2"}
"""Colours with loss, alpha without; at a quality of 80 spots stay behind where something has moved on. Of libwebp's
efforts 0 to 6 the fastest that finds most of what can be saved."""


class WebP(Output):
    """All colours, and alpha in all its degrees; it plays for ever.

    libwebp keeps the compressed pictures until the last one: about 10 kB for one of 1280 x 720.
    """

    keeps_alpha = True

    def write(self, pictures: Iterator[Picture], path: Path, rate: Fraction, sound: Sound | None) -> None:
        overlapped(pictures, lambda taken: _encode(taken, path, rate))


def _encode(pictures: Iterator[Picture], path: Path, rate: Fraction) -> None:
    options = {"loop": "0", "fflags": "+bitexact"}
    with av.open(f"file:{path}", "w", format="webp", options=options) as container:
        stream = container.add_stream("libwebp_anim", rate=rate, pix_fmt="bgra", options=OPTIONS)
        for index, picture in enumerate(pictures):
            if index == 0:
                stream.height, stream.width = picture.shape[:2]
            container.mux(stream.encode(rgb_frame(picture, index, 1 / rate)))
        container.mux(stream.encode(None))
