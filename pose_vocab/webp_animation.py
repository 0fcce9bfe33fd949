"""Animated WebP, which FFmpeg does not read: the frames of a file and their times."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from io import BytesIO
from itertools import accumulate, pairwise
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame
from PIL import Image
from PIL.WebPImagePlugin import WebPImageFile

from pose_vocab.errors import VideoError
from pose_vocab.media_file import MAX_PX, refuse_large_frames
from pose_vocab.video_file import TimedFrame
from pose_vocab.webp_chunks import canvas_px, whole_chunks

MAX_BYTES = 256 * 2**20
"""A larger file is rejected: libwebp needs the whole of it in memory."""
BACKGROUND = (255, 255, 255)
"""Colour behind transparent pixels, RGB; that of a blank page."""


class WebPAnimation:
    """An animated WebP opened for one pass through it, with the members of `pose_vocab.video_file.VideoFile`.

    Raises
    ------
    VideoError : frames of more than `max_px` pixels, a file of more than `MAX_BYTES`, no frame that can be decoded.
    """

    has_audio = False
    pixel_aspect = Fraction(1)

    def __init__(self, path: Path, max_px: int = MAX_PX) -> None:
        self.path = path
        self.broken_at_s: float | None = None
        if path.stat().st_size > MAX_BYTES:
            raise VideoError(f"{path} has more than {MAX_BYTES // 2**20} MiB, too much for webp; convert it to mp4")
        content = path.read_bytes()
        refuse_large_frames(path, *canvas_px(content), max_px)
        chunks = whole_chunks(content)
        self._times_s = [Fraction(time_ms, 1000) for time_ms in accumulate(chunks.durations_ms, initial=0)]
        self._cut = chunks.cut
        try:
            self._picture = WebPImageFile(BytesIO(chunks.content))
            self.first = self._decode(0)
        except (OSError, EOFError, SyntaxError) as error:
            raise VideoError(f"{path} has no frame that can be decoded (webp); save it again, or as mp4") from error

    def duration_s(self) -> float:
        """Return the sum of the frames' durations in seconds."""
        return float(self._times_s[-1])

    def close(self) -> None:
        """Close the file; the attributes stay readable."""
        self._picture.close()

    def frames(self, start_s: Fraction) -> Iterator[TimedFrame]:
        """Yield the frames in order, starting with the one shown at `start_s`."""
        for index, (time_s, end_s) in enumerate(pairwise(self._times_s)):
            if end_s <= start_s and index < len(self._times_s) - 2:
                continue
            try:
                frame = self._decode(index) if index else self.first
            except (OSError, EOFError):
                self.broken_at_s = float(time_s)
                return
            yield TimedFrame(frame, time_s, end_s)
        if self._cut:
            self.broken_at_s = self.duration_s()

    def _decode(self, index: int) -> VideoFrame:
        """Return one frame of the animation, on `BACKGROUND`."""
        self._picture.seek(index)
        picture: Image.Image = self._picture
        if picture.has_transparency_data:
            picture = Image.alpha_composite(Image.new("RGBA", picture.size, BACKGROUND), picture.convert("RGBA"))
        return av.VideoFrame.from_ndarray(np.asarray(picture.convert("RGB")), format="rgb24")
