"""Pictures as an animated WebP."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av

from render.outputs.consumer_thread import consume_in_thread
from render.outputs.frames import rgb_frame
from render.outputs.output import Output, Picture
from render.sound import Sound

OPTIONS = {"quality": "92", "compression_level": "2"}
"""Lossy colours, lossless alpha; at a quality of 80 moving figures leave spots behind. Of the levels 0 to 6,
2 is the fastest that saves most of the bytes."""


class WebP(Output):
    """Full colour and full alpha; it loops forever.

    libwebp keeps all compressed pictures in memory until the end: about 10 kB for one of 1280 x 720.
    """

    supports_alpha = True

    def write(self, pictures: Iterator[Picture], path: Path, rate: Fraction, sound: Sound | None) -> None:
        consume_in_thread(pictures, lambda taken: _encode(taken, path, rate))


def _encode(pictures: Iterator[Picture], path: Path, rate: Fraction) -> None:
    options = {"loop": "0", "fflags": "+bitexact"}
    with av.open(f"file:{path}", "w", format="webp", options=options) as container:
        stream = container.add_stream("libwebp_anim", rate=rate, pix_fmt="bgra", options=OPTIONS)
        for index, picture in enumerate(pictures):
            if index == 0:
                stream.height, stream.width = picture.shape[:2]
            container.mux(stream.encode(rgb_frame(picture, index, 1 / rate)))
        container.mux(stream.encode(None))
