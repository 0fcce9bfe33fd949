"""Pictures and sound in a video file: H.264 in MP4 and MOV, VP9 in WebM."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import count
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from av.video.stream import VideoStream

from render.outputs.consumer_thread import consume_in_thread
from render.outputs.frames import yuv_frame
from render.outputs.output import Output, Picture
from render.parallel_map import parallel_map
from render.sound import RATE_HZ, Sound

THREADS = 1
"""Threads of the encoder: with two, x264 wrote different bytes in some of fourteen runs and was no faster."""
X264 = {"crf": "24", "preset": "superfast", "bf": "0"}
"""The same quality as veryfast with one reference at crf 19 (51 dB in Y) in 80 % of its processor time, for 25 % more
bytes."""
VP9 = {"crf": "30", "b": "0", "deadline": "realtime", "cpu-used": "8"}


@dataclass(frozen=True)
class Film(Output):
    """Pictures in a video codec with 4:2:0 chroma, and sound.

    Parameters
    ----------
    container, picture_codec, sound_codec : FFmpeg's names.
    picture_options, options : for the video codec, and for the container.
    """

    container: str
    picture_codec: str
    picture_options: Mapping[str, str]
    sound_codec: str
    options: Mapping[str, str]
    supports_alpha: bool
    supports_sound: bool = True

    def write(self, pictures: Iterator[Picture], path: Path, rate: Fraction, sound: Sound | None) -> None:
        options = {**self.options, "fflags": "+bitexact"}
        with av.open(f"file:{path}", "w", format=self.container, options=options) as container:
            frames = parallel_map(lambda numbered: yuv_frame(*numbered, 1 / rate), zip(pictures, count()))
            consume_in_thread(frames, lambda taken: self._encode(taken, container, rate, sound))

    def _encode(
        self, frames: Iterator[VideoFrame], container: OutputContainer, rate: Fraction, sound: Sound | None
    ) -> None:
        video = container.add_stream(self.picture_codec, rate=rate, options=dict(self.picture_options))
        assert isinstance(video, VideoStream)
        track = None if sound is None else self._sound_track(container, sound)
        for index, frame in enumerate(frames):
            if index == 0:
                _configure(video, frame)
            container.mux(video.encode(frame))
            if sound is not None and track is not None:
                samples = sound.read_until((index + 1) / rate)
                if samples is not None:
                    container.mux(track.encode(samples))
        container.mux(video.encode(None))
        if track is not None:
            container.mux(track.encode(None))

    def _sound_track(self, container: OutputContainer, sound: Sound) -> AudioStream:
        track = container.add_stream(self.sound_codec, rate=RATE_HZ, layout=sound.layout)
        assert isinstance(track, AudioStream)
        return track


def _configure(stream: VideoStream, frame: VideoFrame) -> None:
    stream.height, stream.width = frame.height, frame.width
    stream.pix_fmt = frame.format.name
    stream.thread_count = THREADS
    stream.color_range = ColorRange.MPEG
    stream.colorspace = Colorspace.ITU709
    stream.color_primaries = ColorPrimaries.BT709
    stream.color_trc = ColorTrc.BT709


MP4 = Film(
    container="mp4",
    picture_codec="libx264",
    picture_options=X264,
    sound_codec="aac",
    options={"movflags": "+faststart"},
    supports_alpha=False,
)
MOV = replace(MP4, container="mov")
WEBM = Film(
    container="webm",
    picture_codec="libvpx-vp9",
    picture_options=VP9,
    sound_codec="libopus",
    options={},
    supports_alpha=True,
)
