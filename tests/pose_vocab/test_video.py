"""Reading videos: every picture carries its number, so that what should be seen when follows by hand."""

import math
import os
import tracemalloc
from collections.abc import Sequence
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.bitstream import BitStreamFilterContext
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from pose_vocab.errors import VideoError
from pose_vocab.video import probe, read_frames

Picture = NDArray[np.uint8]
MILLISECOND = Fraction(1, 1000)
THIRTIETH = Fraction(1, 30)


def numbered(number: int, width: int = 64, height: int = 48) -> Picture:
    """A picture whose upper half holds eight stripes, from left to right the bits of `number`."""
    picture = np.full((height, width, 3), 128, np.uint8)
    for bit in range(8):
        picture[: height // 2, bit * width // 8 : (bit + 1) * width // 8] = 255 * (number >> bit & 1)
    return picture


def number_of(picture: Picture) -> int:
    height, width = picture.shape[:2]
    middles = [round((bit + 0.5) * width / 8) for bit in range(8)]
    return sum(1 << bit for bit, x in enumerate(middles) if picture[height // 4, x].mean() > 127)


def make_video(
    target: Path | BytesIO,
    times_s: Sequence[float],
    codec: str = "libx264",
    *,
    options: dict[str, str] | None = None,
    pix_fmt: str = "yuv420p",
    tick_s: Fraction = MILLISECOND,
    file_format: str | None = None,
    file_options: dict[str, str] | None = None,
    size: tuple[int, int] = (64, 48),
    first: int = 0,
    turned: dict[str, Any] | None = None,
    aspect: Fraction | None = None,
    pictures: Sequence[Picture] | None = None,
) -> None:
    """Write numbered pictures shown from these times on."""
    file = target if isinstance(target, BytesIO) else f"file:{target}"
    with av.open(file, "w", format=file_format, options=file_options or {}) as container:
        stream = container.add_stream(codec, rate=30, options=options or {})
        stream.width, stream.height = size
        stream.pix_fmt = pix_fmt
        stream.codec_context.time_base = tick_s
        if aspect:
            stream.codec_context.sample_aspect_ratio = aspect
        if turned:
            stream.set_display_rotation(**turned)
        for index, time_s in enumerate(times_s):
            picture = pictures[index] if pictures else numbered(first + index, *size)
            frame = av.VideoFrame.from_ndarray(picture)
            frame.pts, frame.time_base = round(time_s / tick_s), tick_s
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def jpeg(number: int, **how: Any) -> bytes:
    content = BytesIO()
    Image.fromarray(numbered(number)).save(content, "JPEG", **how)
    return content.getvalue()


def write_packets(path: Path, coded: Sequence[bytes], stamps_ms: Sequence[int]) -> None:
    """Put coded pictures into a motion JPEG file with these very times, in whatever order."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=10, width=64, height=48, pix_fmt="yuvj420p")
        for index, (content, stamp_ms) in enumerate(zip(coded, stamps_ms, strict=True)):
            packet = av.Packet(content)
            packet.stream, packet.time_base, packet.is_keyframe = stream, MILLISECOND, True
            packet.dts, packet.pts, packet.duration = index, stamp_ms, 100
            container.mux(packet)


def make_sound(path: Path, seconds: float = 2.0) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=48000, layout="mono")
        for _ in range(round(seconds * 48000 / 1024)):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            frame.sample_rate = 48000
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def steady(seconds: float, fps: int = 30) -> list[float]:
    return [index / fps for index in range(round(seconds * fps))]


def numbers(path: Path, *args: Any, **kwargs: Any) -> list[int]:
    return [number_of(picture) for picture in read_frames(path, *args, **kwargs)]


def newest(times_s: Sequence[float], n: int, fps: float = 20.0) -> list[int]:
    """Which of the pictures that come at these times is the newest one at 0, 1 / fps, 2 / fps ..."""
    return [max(i for i, t in enumerate(times_s) if t - times_s[0] <= k / fps + 1.001e-3) for k in range(n)]


def packets_between(path: Path, start_s: float, stop_s: float) -> list[tuple[int, int]]:
    """Where in the file the coded pictures of a stretch lie: position and size in bytes."""
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.pos is not None and packet.size]
        return [(p.pos, p.size) for p in packets if p.pos and start_s <= (p.pts or 0) * p.time_base < stop_s]


def cut_at(path: Path, time_s: float) -> None:
    """End the file in the middle of the picture at this time."""
    position, size = packets_between(path, time_s - 1e-3, math.inf)[0]
    path.write_bytes(path.read_bytes()[: position + size // 2])


def scratch(path: Path, start_s: float, stop_s: float) -> None:
    """Put garbage in the place of the coded pictures of a stretch."""
    content = bytearray(path.read_bytes())
    for position, size in packets_between(path, start_s, stop_s):
        content[position : position + size] = b"\xff" * size
    path.write_bytes(content)


# What is known before reading


def test_probe_tells_size_length_and_sound(data: Path) -> None:
    info = probe(data / "video" / "dancer_1.mp4")
    assert (info.width, info.height, info.has_audio) == (576, 1024, False)
    assert info.duration_s == pytest.approx(959 / 30, abs=1e-3)
    assert info.n_frames() == 640  # 31.967 s: ticks 0.00, 0.05, ... 31.95


def test_the_number_of_pictures_is_as_probed(data: Path) -> None:
    for name in ("two_people.gif", "upper_body_only.mkv", "no_people.mp4"):
        path = data / "video" / name
        assert sum(1 for _ in read_frames(path)) == probe(path).n_frames()


def test_a_file_without_a_length_in_its_header_is_counted(tmp_path: Path) -> None:
    """A browser's recorder writes such files: it cannot go back to the header."""

    class Pipe(BytesIO):
        def seekable(self) -> bool:
            return False

    pipe = Pipe()
    make_video(pipe, steady(3), "libvpx", file_format="webm", options={"deadline": "realtime"})
    path = tmp_path / "recorded.webm"
    path.write_bytes(pipe.getvalue())
    with av.open(str(path)) as container:
        assert container.duration is None
    assert probe(path).duration_s == pytest.approx(3, abs=0.04)
    assert numbers(path) == newest(steady(3), 60)


def understate(path: Path, *boxes: bytes, factor: int) -> None:
    """Divide the length stated in these boxes of an mp4 file."""
    content = bytearray(path.read_bytes())
    for box in boxes:
        at = content.index(box) + {b"mvhd": 20, b"tkhd": 24, b"mdhd": 20}[box]
        content[at : at + 4] = (int.from_bytes(content[at : at + 4]) // factor).to_bytes(4)
    path.write_bytes(content)


@pytest.mark.parametrize("boxes", [[b"mdhd"], [b"mvhd"], [b"mvhd", b"tkhd", b"mdhd"]])
def test_a_length_understated_by_the_header_follows_from_the_packets(boxes: list[bytes], tmp_path: Path) -> None:
    """Chrome's MediaRecorder writes a track header that counts in the film's ticks."""
    path = tmp_path / "recorded.mp4"
    make_video(path, steady(5), tick_s=THIRTIETH)
    understate(path, *boxes, factor=30)
    assert probe(path).duration_s == pytest.approx(5, abs=0.001)
    assert numbers(path) == newest(steady(5), 100)


def test_a_long_film_with_an_understated_length_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "long.mp4"
    make_video(path, [float(second) for second in range(200)], options={"bf": "0"})
    understate(path, b"mdhd", factor=200)
    assert numbers(path, fps=1) == list(range(200))


def test_a_jump_of_the_clock_is_no_part_of_the_length(tmp_path: Path) -> None:
    path = tmp_path / "joined.ts"
    for part, start_s in (("a.ts", 0.0), ("b.ts", 1000.0)):
        make_video(tmp_path / part, [start_s + time_s for time_s in steady(2)], tick_s=THIRTIETH)
    path.write_bytes((tmp_path / "a.ts").read_bytes() + (tmp_path / "b.ts").read_bytes())
    with av.open(str(path)) as container:
        stated_s = container.duration / av.time_base
    assert probe(path).duration_s == pytest.approx(max(4, stated_s), abs=0.1)


def test_sound_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "with_sound.mp4"
    with av.open(str(path), "w") as container:
        picture = container.add_stream("libx264", rate=30, width=64, height=48, pix_fmt="yuv420p")
        sound = container.add_stream("aac", rate=48000, layout="mono")
        for index in range(45):
            container.mux(picture.encode(av.VideoFrame.from_ndarray(numbered(index))))
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        silence.sample_rate = 48000
        container.mux(sound.encode(silence))
        container.mux(picture.encode(None))
        container.mux(sound.encode(None))
    assert probe(path).has_audio


# Which picture is shown when


def test_a_steady_video_is_resampled_by_time(tmp_path: Path) -> None:
    path = tmp_path / "steady.mp4"
    make_video(path, steady(2), tick_s=THIRTIETH)
    assert numbers(path, fps=20)[:7] == [0, 1, 3, 4, 6, 7, 9]
    assert numbers(path, fps=30) == list(range(60))
    assert numbers(path, fps=60) == [i // 2 for i in range(120)]
    assert numbers(path, fps=0.5) == [0]


def test_millisecond_times_lose_no_picture(tmp_path: Path) -> None:
    """Matroska puts the third picture of 30 a second at 0.067 s, a little after 2 / 30."""
    path = tmp_path / "rounded.mkv"
    make_video(path, steady(2))
    assert numbers(path, fps=30) == list(range(60))


def test_uneven_times_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "uneven.mkv"
    make_video(path, [0, 0.05, 0.06, 0.31, 1.0, 1.01])
    shown = numbers(path)
    assert shown[:8] == [0, 1, 2, 2, 2, 2, 2, 3]
    assert shown[7:20] == [3] * 13
    assert shown[20:] == [4]  # picture 5 comes at 1.01 s; the tick at 1.05 s is after its end


@settings(max_examples=12, deadline=None)
@given(gaps_ms=st.lists(st.integers(1, 300), min_size=12, max_size=40), fps=st.sampled_from([10, 20, 23.976, 60]))
def test_any_times_show_the_newest_picture(
    gaps_ms: list[int], fps: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    times_s = [sum(gaps_ms[:i]) / 1000 for i in range(len(gaps_ms))] + [sum(gaps_ms) / 1000, sum(gaps_ms) / 1000 + 1]
    path = tmp_path_factory.mktemp("uneven") / "any.mkv"
    make_video(path, times_s, "mjpeg", pix_fmt="yuvj420p")
    shown = numbers(path, fps)
    assert len(shown) >= math.floor(times_s[-1] * fps)
    assert shown == newest(times_s, len(shown), fps)


def test_time_begins_with_the_first_picture(tmp_path: Path) -> None:
    for name in ("late.mp4", "late.mkv", "late.ts"):
        path = tmp_path / name
        make_video(path, [7 + time_s for time_s in steady(2)], tick_s=THIRTIETH)
        assert numbers(path) == newest(steady(2), 40)
        assert numbers(path, start_s=1.0) == newest(steady(2), 40)[20:]


@pytest.mark.parametrize("second_start_s", [0, 1000])
def test_a_clock_that_starts_anew_goes_on(second_start_s: float, tmp_path: Path) -> None:
    """Two recordings joined byte by byte, as camcorders' chapters are."""
    path = tmp_path / "joined.ts"
    make_video(tmp_path / "a.ts", steady(2), tick_s=THIRTIETH)
    second = [second_start_s + time_s for time_s in steady(2)]
    make_video(tmp_path / "b.ts", second, tick_s=THIRTIETH, first=60)
    path.write_bytes((tmp_path / "a.ts").read_bytes() + (tmp_path / "b.ts").read_bytes())
    shown = numbers(path)
    assert shown == sorted(shown)
    assert len(shown) == pytest.approx(80, abs=1)
    assert shown[:40] == newest(steady(2), 40)
    assert set(shown[42:]) <= set(range(60, 120))
    assert numbers(path, start_s=3.0) == shown[60:]


def test_a_clock_that_stumbles_shows_the_pictures_in_their_order(tmp_path: Path) -> None:
    """The last picture says that it came before the one before it: it stands where that one stands."""
    path = tmp_path / "stumbles.mkv"
    stamps_ms = [*range(0, 2001, 100), 1500]
    write_packets(path, [jpeg(number) for number in range(22)], stamps_ms)
    shown = numbers(path)
    assert shown[:40] == newest(steady(3, 10), 60)[:40]
    assert shown[40:] == [21, 21]  # picture 20 is replaced at once, and 21 stands for its 0.1 s


def test_avi_with_reordered_pictures_keeps_their_order(tmp_path: Path) -> None:
    path = tmp_path / "reordered.avi"
    make_video(path, steady(2), tick_s=THIRTIETH, options={"bf": "3"})
    assert numbers(path, fps=30) == list(range(60))


# Stretches


UNEVEN = [0.0]
for gap_s in np.random.default_rng(1).choice([0.02, 0.03, 0.033, 0.05, 0.1, 0.4], 99):
    UNEVEN.append(round(UNEVEN[-1] + gap_s, 3))

X264_OPEN = {"g": "20", "bf": "3", "x264-params": "open-gop=1:scenecut=0:b-adapt=0:keyint=20:min-keyint=1"}
FORMATS: dict[str, dict[str, Any]] = {
    "one_keyframe.mp4": {"tick_s": THIRTIETH, "options": {"g": "999", "bf": "3"}},
    "many_keyframes.mp4": {"tick_s": THIRTIETH, "options": {"g": "12", "bf": "3", "sc_threshold": "0"}},
    "open_gop.mp4": {"tick_s": THIRTIETH, "options": X264_OPEN},
    "open_gop.mkv": {"tick_s": THIRTIETH, "options": X264_OPEN},
    "refreshed.mp4": {"tick_s": THIRTIETH, "options": {"x264-params": "intra-refresh=1:keyint=30"}},
    "hevc.mov": {
        "tick_s": THIRTIETH,
        "codec": "libx265",
        "options": {"preset": "ultrafast", "x265-params": "keyint=20:open-gop=1:bframes=4:log-level=none:pools=none"},
    },
    "uneven.mp4": {"times_s": UNEVEN, "options": {"g": "30"}},
    "uneven.mkv": {"times_s": UNEVEN, "options": {"g": "30"}},
    "vp9.webm": {
        "times_s": UNEVEN,
        "codec": "libvpx-vp9",
        "options": {"deadline": "realtime", "cpu-used": "8", "g": "40", "auto-alt-ref": "1", "lag-in-frames": "16"},
    },
    "fragments.mp4": {"tick_s": THIRTIETH, "options": {"g": "30"}, "file_options": {"movflags": "frag_keyframe"}},
    "transport.ts": {"tick_s": THIRTIETH, "options": {"g": "30"}},
    "program.mpg": {"tick_s": THIRTIETH, "codec": "mpeg2video", "options": {"g": "15", "bf": "2"}},
    "xvid.avi": {"tick_s": THIRTIETH, "codec": "mpeg4", "options": {"g": "30", "bf": "2"}},
    "raw.h264": {"tick_s": THIRTIETH, "options": {"g": "30", "bf": "2"}},
    "uneven.gif": {
        "times_s": [round(time_s, 2) for time_s in UNEVEN],
        "codec": "gif",
        "pix_fmt": "rgb8",
        "tick_s": Fraction(1, 100),
    },
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_stretch_is_the_same_as_in_the_whole(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    how = {"times_s": steady(6), **FORMATS[name]}
    make_video(path, **how)
    whole = list(read_frames(path))
    assert [number_of(picture) for picture in whole] == newest(how["times_s"], len(whole))
    assert len(whole) >= 115
    random = np.random.default_rng(7)
    starts = [0, 0.05, 1, 2.999, 5.95, *random.uniform(0, 6, 5)]
    for start_s, length_s in zip(starts, [0.05, 1, 1, 0.2, 60, *random.uniform(0, 2, 5)], strict=True):
        stretch = list(read_frames(path, start_s=start_s, stop_s=start_s + length_s))
        inside = [p for k, p in enumerate(whole) if start_s - 1e-3 <= k / 20 < start_s + length_s - 1e-3]
        assert len(stretch) == len(inside)
        assert all(np.array_equal(a, b) for a, b in zip(stretch, inside, strict=True))


def test_stretches_of_a_real_video_add_up_to_the_whole(data: Path) -> None:
    path = data / "video" / "no_people.mp4"
    parts = (picture for a in range(0, 40, 13) for picture in read_frames(path, start_s=a, stop_s=a + 13))
    assert all(np.array_equal(a, b) for a, b in zip(read_frames(path), parts, strict=True))


def test_beyond_the_end_there_is_nothing(tmp_path: Path) -> None:
    path = tmp_path / "short.mp4"
    make_video(path, steady(2), tick_s=THIRTIETH)
    assert numbers(path, start_s=2.0) == []
    assert numbers(path, start_s=100.0) == []
    assert numbers(path, start_s=1.0, stop_s=1.0) == []


def test_a_file_that_calls_every_picture_a_keyframe_is_entered_at_a_true_one(tmp_path: Path) -> None:
    honest, path = tmp_path / "honest.mp4", tmp_path / "boasts.mp4"
    make_video(honest, steady(5), "mpeg4", tick_s=THIRTIETH, options={"g": "40"})
    with av.open(str(honest)) as source, av.open(str(path), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.size:
                packet.is_keyframe, packet.stream = True, stream
                target.mux(packet)
    whole = list(read_frames(honest))
    for start in (7, 30, 61):
        stretch = list(read_frames(path, start_s=start / 20))
        assert all(np.array_equal(a, b) for a, b in zip(stretch, whole[start:], strict=True))


@pytest.mark.parametrize("options", [{"g": "30", "bf": "0", "sc_threshold": "0"}, X264_OPEN])
def test_entering_a_long_video_late_does_not_decode_what_is_before(options: dict[str, str], tmp_path: Path) -> None:
    """Garbage near the beginning is not met by who starts late, on a keyframe or on what leans on it."""
    path = tmp_path / "long.mp4"
    make_video(path, [index / 10 for index in range(150)], options=options)
    whole = numbers(path, fps=10)
    scratch(path, 0.5, 1.5)
    for start in range(120, 145):
        pictures = read_frames(path, fps=10, start_s=start / 10)
        assert [number_of(picture) for picture in pictures] == whole[start:]
        assert pictures.broken_at_s is None


# The picture itself


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_turned_video_comes_upright(degrees: int, tmp_path: Path) -> None:
    path = tmp_path / "turned.mp4"
    stored = np.rot90(numbered(5), -degrees // 90)  # turned clockwise, so shown turned counterclockwise
    size = (stored.shape[1], stored.shape[0])
    make_video(path, steady(1.5), size=size, turned={"degrees": degrees}, pictures=[stored] * 45)
    info = probe(path)
    assert (info.width, info.height) == (64, 48)
    picture = next(read_frames(path))
    assert picture.shape == (48, 64, 3)
    assert np.abs(picture.astype(int) - numbered(5)).mean() < 6


def test_a_mirrored_video_comes_unmirrored(tmp_path: Path) -> None:
    path = tmp_path / "selfie.mp4"
    flipped = numbered(5)[:, ::-1]
    make_video(path, steady(1.5), turned={"degrees": 0, "hflip": True}, pictures=[flipped] * 45)
    assert number_of(next(read_frames(path))) == 5


def test_oblong_pixels_are_made_square(tmp_path: Path) -> None:
    path = tmp_path / "oblong.mp4"
    make_video(path, steady(1.5), aspect=Fraction(16, 11), size=(72, 58))
    info = probe(path)
    assert (info.width, info.height) == (round(72 * 16 / 11), 58)
    assert next(read_frames(path)).shape == (58, 105, 3)


def test_an_impossible_pixel_shape_is_ignored(tmp_path: Path) -> None:
    path = tmp_path / "stretched.mkv"
    make_video(path, steady(1.5), aspect=Fraction(60_000, 1))
    assert probe(path).width == 64


def test_a_change_of_size_is_scaled_away(tmp_path: Path) -> None:
    for part, size, first in (("a.ts", (64, 48), 0), ("b.ts", (96, 80), 45)):
        make_video(tmp_path / part, steady(1.5), tick_s=THIRTIETH, size=size, first=first)
    path = tmp_path / "grows.ts"
    path.write_bytes((tmp_path / "a.ts").read_bytes() + (tmp_path / "b.ts").read_bytes())
    pictures = list(read_frames(path))
    assert {picture.shape for picture in pictures} == {(48, 64, 3)}
    assert number_of(pictures[-1]) == 88  # 45 + 43: the newest at 1.45 s


@pytest.mark.parametrize(("size", "shown"), [((48, 48), (0, 8, 48, 56)), ((64, 24), (12, 0, 36, 64))])
def test_pictures_of_another_shape_are_fitted_between_black_bars(
    size: tuple[int, int], shown: tuple[int, int, int, int], tmp_path: Path
) -> None:
    """A phone that is turned while it films: no picture is squashed."""
    white = [np.full((size[1], size[0], 3), 255, np.uint8)] * 45
    make_video(tmp_path / "a.ts", steady(1.5), tick_s=THIRTIETH)
    make_video(tmp_path / "b.ts", steady(1.5), tick_s=THIRTIETH, size=size, pictures=white)
    path = tmp_path / "turns.ts"
    path.write_bytes((tmp_path / "a.ts").read_bytes() + (tmp_path / "b.ts").read_bytes())
    expected = np.zeros((48, 64), bool)
    expected[shown[0] : shown[2], shown[1] : shown[3]] = True
    last = list(read_frames(path))[-1]
    assert last.shape == (48, 64, 3)
    assert np.array_equal(last.mean(2) > 127, expected)


# Animated WebP


def make_webp(path: Path, n: int, milliseconds: int | list[int] = 50, **how: Any) -> None:
    pictures = [Image.fromarray(numbered(index)) for index in range(n)]
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=milliseconds, **how)


def test_an_animated_webp_is_a_video(tmp_path: Path) -> None:
    path = tmp_path / "dance.webp"
    make_webp(path, 40)
    info = probe(path)
    assert (info.width, info.height, info.duration_s, info.has_audio) == (64, 48, 2.0, False)
    assert numbers(path) == list(range(40))
    assert numbers(path, start_s=1.0, stop_s=1.5) == list(range(20, 30))
    assert numbers(path, start_s=5.0) == []


def test_the_frames_of_a_webp_have_their_own_durations(tmp_path: Path) -> None:
    path = tmp_path / "uneven.webp"
    make_webp(path, 3, [500, 100, 1000])
    assert numbers(path, fps=10) == [0] * 5 + [1] + [2] * 10


def test_what_is_transparent_in_a_webp_is_white(tmp_path: Path) -> None:
    path = tmp_path / "transparent.webp"
    clear = [Image.new("RGBA", (64, 48), (index, 0, 0, 0)) for index in range(20)]
    for index, picture in enumerate(clear):
        picture.paste((200, 30, 30, 255), (index, 10, index + 20, 30))
    clear[0].save(path, save_all=True, append_images=clear[1:], duration=100, lossless=True)
    first = next(read_frames(path))
    assert np.array_equal(first[15, 5], (200, 30, 30))
    assert np.array_equal(first[40, 60], (255, 255, 255))


def test_a_webp_that_was_cut_short_is_used_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "cut.webp"
    make_webp(path, 40, lossless=True)
    content = path.read_bytes()
    frames = [at for at in range(len(content)) if content.startswith(b"ANMF", at)]
    path.write_bytes(content[: frames[30] + 40])
    assert probe(path).duration_s == 1.5
    pictures = read_frames(path)
    assert [number_of(picture) for picture in pictures] == list(range(30))
    assert pictures.broken_at_s == 1.5


def test_a_webp_with_a_damaged_frame_ends_there(tmp_path: Path) -> None:
    path = tmp_path / "scratched.webp"
    make_webp(path, 40, lossless=True)
    content = bytearray(path.read_bytes())
    frames = [at for at in range(len(content)) if content.startswith(b"ANMF", at)]
    content[frames[30] + 40 : frames[31]] = b"\xff" * (frames[31] - frames[30] - 40)
    path.write_bytes(content)
    pictures = read_frames(path)
    assert [number_of(picture) for picture in pictures] == list(range(30))
    assert pictures.broken_at_s == 1.5


@pytest.mark.parametrize("full_range", [False, True])
def test_colours_come_back(full_range: bool, tmp_path: Path) -> None:
    path = tmp_path / "colours.mp4"
    colours = [(200, 30, 30), (30, 200, 30), (30, 30, 200), (128, 128, 128)]
    pictures = [np.full((48, 64, 3), colour, np.uint8) for colour in colours for _ in range(15)]
    make_video(path, steady(2), pictures=pictures, pix_fmt="yuvj420p" if full_range else "yuv420p")
    seen = list(read_frames(path, fps=2))
    assert np.abs(np.array([picture.mean((0, 1)) for picture in seen]) - colours).max() < 4


def test_motion_jpeg_with_camera_notes_is_read(tmp_path: Path) -> None:
    """PyAV has no name for the EXIF side data that such frames carry."""
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    path = tmp_path / "camera.mkv"
    write_packets(path, [jpeg(5, exif=exif)] * 20, range(0, 2000, 100))
    assert numbers(path) == [5] * 40


def test_pictures_in_a_rare_colour_space_are_read_all_the_same(tmp_path: Path) -> None:
    """Dolby Vision's (15), for one, cannot be converted; its shapes are as good as any."""
    path = tmp_path / "rare.ts"
    make_video(tmp_path / "usual.ts", steady(2), tick_s=THIRTIETH)
    with av.open(str(tmp_path / "usual.ts")) as source, av.open(str(path), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        retag = BitStreamFilterContext("h264_metadata=matrix_coefficients=15", source.streams.video[0], stream)
        packets = (packet if packet.size else None for packet in source.demux(video=0))
        for retagged in (out for packet in packets for out in retag.filter(packet)):
            retagged.stream = stream
            target.mux(retagged)
    assert numbers(path) == newest(steady(2), 40)


def test_every_array_is_the_callers_own(tmp_path: Path) -> None:
    path = tmp_path / "slow.mkv"
    make_video(path, [0, 1.0, 1.5])
    pictures = read_frames(path)
    first = next(pictures)
    untouched = first.copy()
    first[:] = 0
    assert np.array_equal(next(pictures), untouched)


def test_few_pictures_are_held_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "large.mp4"
    blank = np.zeros((480, 640, 3), np.uint8)
    make_video(path, steady(4), size=(640, 480), pictures=[blank] * 120, options={"preset": "ultrafast"})
    tracemalloc.start()
    try:
        assert sum(1 for _ in read_frames(path)) == 80
        assert tracemalloc.get_traced_memory()[1] < 5 * blank.nbytes
    finally:
        tracemalloc.stop()


# What cannot be used


def refusal(path: Path) -> str:
    with pytest.raises(VideoError) as caught:
        probe(path)
    with pytest.raises(VideoError) as caught_reading:
        list(read_frames(path))
    message = str(caught.value)
    assert str(caught_reading.value).split(";")[0] == message.split(";")[0]
    assert str(path) in message
    assert "\n" not in message
    return message


def test_what_is_not_a_video_is_refused_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "prose.txt").write_text("Dance, dance, dance.\n" * 200)
    (tmp_path / "prose.mp4").write_text("Dance, dance, dance.\n" * 200)
    make_sound(tmp_path / "sound.m4a")
    Image.fromarray(numbered(5)).save(tmp_path / "one.png")
    Image.fromarray(numbered(5)).save(tmp_path / "one.jpg")
    Image.fromarray(numbered(5)).save(tmp_path / "one.webp")
    make_video(tmp_path / "short.mp4", steady(0.9), tick_s=THIRTIETH)
    assert "there is no file" in refusal(tmp_path / "missing.mp4")
    assert "there is no file" in refusal(tmp_path / "sound.m4a" / "inside.mp4")
    assert "is a folder" in refusal(tmp_path)
    assert "is not a file" in refusal(Path("/dev/zero"))
    assert "is empty" in refusal(tmp_path / "empty.mp4")
    assert "is not a video" in refusal(tmp_path / "prose.txt")
    assert "mp4, mov" in refusal(tmp_path / "prose.mp4")  # FFmpeg takes it for sound
    assert "only sound" in refusal(tmp_path / "sound.m4a")
    assert "a single image" in refusal(tmp_path / "one.png")
    assert "a single image" in refusal(tmp_path / "one.jpg")
    assert "a single image" in refusal(tmp_path / "one.webp")
    assert "lasts 0.90 s" in refusal(tmp_path / "short.mp4")
    assert "cannot be read" in refusal(tmp_path / ("long" * 100 + ".mp4"))


def test_a_webp_that_cannot_be_used_is_refused_with_the_reason(tmp_path: Path) -> None:
    make_webp(tmp_path / "short.webp", 5)
    make_webp(tmp_path / "large.webp", 40)
    make_webp(tmp_path / "empty.webp", 40)
    content = bytearray((tmp_path / "large.webp").read_bytes())
    content[24:30] = b"\xff\x3f\x00\xff\x3f\x00"  # the canvas, 16384 x 16384
    (tmp_path / "large.webp").write_bytes(content)
    (tmp_path / "empty.webp").write_bytes((tmp_path / "empty.webp").read_bytes()[:40])
    assert "lasts 0.25 s" in refusal(tmp_path / "short.webp")
    assert "16384 x 16384" in refusal(tmp_path / "large.webp")
    assert "no frame that can be decoded" in refusal(tmp_path / "empty.webp")


def test_a_cover_picture_makes_no_video(tmp_path: Path) -> None:
    path = tmp_path / "song.m4a"
    cover = BytesIO()
    Image.fromarray(numbered(5)).save(cover, "PNG")
    with av.open(str(path), "w", format="mp4") as container:
        sound = container.add_stream("aac", rate=48000, layout="mono")
        picture = container.add_stream("png", width=64, height=48, pix_fmt="rgb24")
        picture.disposition = av.stream.Disposition.attached_pic
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        silence.sample_rate = 48000
        container.mux(sound.encode(silence))
        container.mux(sound.encode(None))
        packet = av.Packet(cover.getvalue())
        packet.stream, packet.pts, packet.dts = picture, 0, 0
        container.mux(packet)
    assert "only sound" in refusal(path)


def test_a_playlist_is_not_followed(tmp_path: Path) -> None:
    make_video(tmp_path / "private.ts", steady(2), tick_s=THIRTIETH)
    private = tmp_path / "private.ts"
    (tmp_path / "list.m3u8").write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2.0,\n{private}\n#EXT-X-ENDLIST\n")
    (tmp_path / "list.ffconcat").write_text(f"ffconcat version 1.0\nfile '{private.name}'\n")
    assert "is not a video" in refusal(tmp_path / "list.m3u8")
    assert "is not a video" in refusal(tmp_path / "list.ffconcat")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_locked_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "locked.mp4"
    make_video(path, steady(2))
    path.chmod(0)
    assert "no permission" in refusal(path)


def test_odd_names_are_only_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("http:dance.mp4", "-i.mp4", "100%d dance [v1].mp4", "танец 舞.mp4"):
        make_video(Path(name), steady(1.5), tick_s=THIRTIETH)
        assert len(numbers(Path(name))) == 30


def test_a_title_in_an_unknown_script_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "titled.mkv"
    with av.open(str(path), "w") as container:
        container.metadata["title"] = "Cafe_"
        stream = container.add_stream("libx264", rate=30, width=64, height=48, pix_fmt="yuv420p")
        for index in range(45):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(numbered(index))))
        container.mux(stream.encode(None))
    content = path.read_bytes()
    path.write_bytes(content.replace(b"Cafe_", b"Caf\xe9 "))
    assert len(numbers(path)) == 30


@pytest.mark.parametrize("fps", [0, -1, math.nan, math.inf])
def test_an_impossible_rate_is_refused(fps: float, data: Path) -> None:
    with pytest.raises(VideoError, match="must be positive"):
        read_frames(data / "video" / "dancer_1.mp4", fps)


def test_pictures_too_large_to_be_turned_into_rgb_are_refused(tmp_path: Path) -> None:
    """A small file of a huge blank picture, four times as wide again by its pixels' shape."""
    path = tmp_path / "huge.mov"
    frame = av.VideoFrame(12_000, 12_000, "monob")
    frame.planes[0].update(bytes(frame.planes[0].buffer_size))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("png", rate=1, width=12_000, height=12_000, pix_fmt="monob")
        stream.codec_context.sample_aspect_ratio = Fraction(4)
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert "48000 x 12000" in refusal(path)


# Damage


def test_a_sound_file_is_not_called_broken(data: Path) -> None:
    for name in ("two_people.gif", "upper_body_only.mkv", "no_people.mp4"):
        pictures = read_frames(data / "video" / name)
        list(pictures)
        assert pictures.broken_at_s is None


@pytest.mark.parametrize("name", ["cut.mkv", "cut.mp4", "cut.avi", "cut.flv"])
def test_a_file_that_was_cut_short_is_used_as_far_as_it_goes(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    options = {"g": "30", "bf": "0", "x264-params": "scenecut=0"}
    faststart = {"movflags": "+faststart"} if name.endswith("mp4") else {}
    make_video(path, steady(6), tick_s=THIRTIETH, options=options, file_options=faststart)
    cut_at(path, 3.5)
    pictures = read_frames(path)
    shown = [number_of(picture) for picture in pictures]
    assert len(shown) in (70, 71)  # the picture that is half there may be shown or not
    assert shown[:70] == newest(steady(6), 70)
    assert pictures.broken_at_s == pytest.approx(3.5, abs=0.04)
    stretch = read_frames(path, start_s=1.0)
    assert [number_of(picture) for picture in stretch] == shown[20:]
    assert stretch.broken_at_s == pictures.broken_at_s
    beyond = read_frames(path, start_s=5.0)
    assert list(beyond) == []
    assert beyond.broken_at_s == pictures.broken_at_s


def test_a_cut_gif_is_used_as_far_as_it_goes(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.gif"
    content = (data / "video" / "two_people.gif").read_bytes()
    path.write_bytes(content[: len(content) // 2])
    assert 20 < sum(1 for _ in read_frames(path)) < 60


def test_a_file_without_its_index_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cut.mp4"
    make_video(path, steady(6))
    cut_at(path, 3.5)
    assert "damaged from the start" in refusal(path)


def test_a_damaged_spot_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "scratched.mp4"
    make_video(path, steady(6), tick_s=THIRTIETH, options={"g": "30", "bf": "0", "sc_threshold": "0"})
    scratch(path, 2.0, 2.5)
    pictures = read_frames(path)
    shown = [number_of(picture) for picture in pictures]
    assert len(shown) == 120
    assert shown[:40] == newest(steady(6), 120)[:40]
    assert shown[60:] == newest(steady(6), 120)[60:]  # from the next keyframe, at 3 s
    assert pictures.broken_at_s == pytest.approx(2.0, abs=0.05)


def test_a_file_cut_to_less_than_a_second_is_refused_at_its_end(tmp_path: Path) -> None:
    path = tmp_path / "stump.mkv"
    make_video(path, steady(6), tick_s=THIRTIETH, options={"g": "30", "bf": "0"})
    cut_at(path, 0.7)
    assert probe(path).duration_s == pytest.approx(6, abs=0.1)
    with pytest.raises(VideoError, match=r"lasts 0\.\d\d s"):
        list(read_frames(path))


def test_pictures_that_decode_with_errors_are_called_broken(tmp_path: Path) -> None:
    """MPEG-4 patches up what it lost, and says so only on the picture."""
    path = tmp_path / "patched.mkv"
    make_video(path, steady(4), "mpeg4", tick_s=THIRTIETH, options={"g": "30"})
    content = bytearray(path.read_bytes())
    for position, size in packets_between(path, 2.0, 2.5):
        content[position + size // 2 : position + size] = b"\x55" * (size - size // 2)
    path.write_bytes(content)
    pictures = read_frames(path)
    assert sum(1 for _ in pictures) == 80
    assert pictures.broken_at_s == pytest.approx(2.0, abs=0.1)


def test_a_file_that_cannot_be_parsed_further_ends_there(tmp_path: Path) -> None:
    path = tmp_path / "parsed.png"
    make_video(path, steady(3), "apng", tick_s=THIRTIETH, pix_fmt="rgb24", file_format="apng")
    content = path.read_bytes()
    chunks = [i for i in range(len(content)) if content.startswith(b"fcTL", i)]
    path.write_bytes(content[: chunks[60] - 4] + b"\xff" * 4 + content[chunks[60] :])  # the chunk's length
    pictures = read_frames(path)
    assert [number_of(picture) for picture in pictures] == newest(steady(2), 40)
    assert pictures.broken_at_s == pytest.approx(2.0, abs=0.04)


def test_a_stream_that_turns_up_on_the_way_is_no_obstacle(tmp_path: Path) -> None:
    """Sound that begins late, in a file that does not announce it: PyAV stumbles over it at the end."""
    path = tmp_path / "late_sound.flv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30, width=64, height=48, pix_fmt="yuv420p")
        sound = container.add_stream("libmp3lame", rate=44100, layout="mono")
        for index in range(240):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(numbered(index))))
        for index in range(10):
            silence = av.AudioFrame.from_ndarray(np.zeros((1, 1152), np.float32), format="fltp", layout="mono")
            silence.sample_rate, silence.pts = 44100, 7 * 44100 + 1152 * index
            container.mux(sound.encode(silence))
        container.mux(stream.encode(None))
        container.mux(sound.encode(None))
    content = bytearray(path.read_bytes().replace(b"audiocodecid", b"nothing here"))
    content[4] = 1  # pictures only
    path.write_bytes(content)
    with av.open(str(path)) as container:
        assert len(container.streams) == 1
    pictures = read_frames(path)
    assert [number_of(picture) for picture in pictures] == newest(steady(8), 160)
    assert pictures.broken_at_s is None


def test_a_video_begins_with_the_first_picture_that_can_be_decoded(tmp_path: Path) -> None:
    """What is before it leans on pictures that were cut away, and is no damage."""
    path = tmp_path / "begins_late.mp4"
    make_video(path, steady(4), tick_s=THIRTIETH, options={"g": "30", "bf": "0", "sc_threshold": "0"})
    scratch(path, 0.0, 0.5)
    pictures = read_frames(path)
    assert [number_of(picture) for picture in pictures] == [30 + number for number in newest(steady(3), 60)]
    assert pictures.broken_at_s is None
    assert [number_of(picture) for picture in read_frames(path, start_s=2.0)] == numbers(path)[40:]
