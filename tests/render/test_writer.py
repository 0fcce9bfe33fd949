"""Writing videos: what goes in comes out, in colour and in time, and nothing half is ever left behind."""

import hashlib
import os
import subprocess
import sys
import textwrap
import tracemalloc
import wave
from collections.abc import Iterable, Iterator
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.stream import Disposition
from numpy.typing import NDArray
from PIL import Image

from pose_vocab.errors import OutputError, VideoError
from pose_vocab.video import probe, read_frames
from render.sound import Soundtrack
from render.writer import check_video_path, write_video

Picture = NDArray[np.uint8]
RATE_HZ = 44_100


def plain(colour: tuple[int, int, int], width: int = 64, height: int = 48) -> Picture:
    return np.full((height, width, 3), colour, np.uint8)


def greys(n: int) -> list[Picture]:
    """Pictures whose brightness tells their number."""
    return [plain((8 * i % 256,) * 3) for i in range(n)]


def first_stored(path: Path) -> av.VideoFrame:
    with av.open(str(path)) as container:
        return next(container.decode(video=0))


def make_clip(
    path: Path,
    click_s: float | None,
    *,
    seconds: float = 3.0,
    picture_start_s: float = 0.0,
    sound_start_s: float = 0.0,
    pause_s: tuple[float, float] = (0.0, 0.0),
    picture: bool = True,
    codec: str = "aac",
    layout: str = "stereo",
) -> None:
    """A clip with silence and a 1 kHz burst at `click_s` on the clip's clock; no sound during `pause_s`."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25, width=64, height=48, pix_fmt="yuv420p") if picture else None
        sound = container.add_stream(codec, rate=RATE_HZ, layout=layout) if click_s is not None else None
        if video is not None:
            for index in range(round(seconds * 25)):
                frame = av.VideoFrame.from_ndarray(plain((60, 60, 60)))
                frame.pts, frame.time_base = round(picture_start_s * 25) + index, Fraction(1, 25)
                container.mux(video.encode(frame))
            container.mux(video.encode(None))
        if sound is not None and click_s is not None:
            times_s = sound_start_s + np.arange(round(seconds * RATE_HZ)) / RATE_HZ
            burst = (times_s >= click_s) & (times_s < click_s + 0.05)
            signal = np.where(burst, 0.8 * np.sin(2000 * np.pi * times_s), 0).astype(np.float32)
            step = 1024
            for begin in range(0, len(signal) - step, step):
                time_s = times_s[begin]
                if pause_s[0] <= time_s < pause_s[1]:
                    continue
                channels = 1 if layout == "mono" else 2
                samples = (signal[begin : begin + step] * 32767).astype(np.int16).repeat(channels)[None]
                block = av.AudioFrame.from_ndarray(samples, format="s16", layout=layout)
                block.sample_rate, block.pts = RATE_HZ, round(time_s * RATE_HZ)
                block.time_base = Fraction(1, RATE_HZ)
                container.mux(sound.encode(block))
            container.mux(sound.encode(None))


def loudness(path: Path) -> tuple[NDArray[np.float32], int]:
    """The first channel's samples from time 0 on, and their rate."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        blocks = [(frame.pts * frame.time_base, frame.to_ndarray()[0]) for frame in container.decode(stream)]
        rate_hz = stream.rate
    end_s = blocks[-1][0] + Fraction(len(blocks[-1][1]), rate_hz)
    samples = np.zeros(round(end_s * rate_hz), np.float32)
    for time_s, block in blocks:
        at = round(time_s * rate_hz)
        samples[max(at, 0) : at + len(block)] = block[max(-at, 0) :]
    return samples, rate_hz


def click_in(path: Path) -> float:
    samples, rate_hz = loudness(path)
    return int(np.argmax(np.abs(samples) > 0.3)) / rate_hz


# Pictures


@pytest.mark.parametrize("suffix", [".mp4", ".m4v", ".mov", ".MP4"])
def test_pictures_come_back_in_order_and_number(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"dance{suffix}"
    write_video(greys(30), path, 20)
    back = list(read_frames(path, fps=20))
    assert len(back) == 30
    assert np.abs(np.array([p.mean() for p in back]) - [p.mean() for p in greys(30)]).max() < 3
    assert probe(path).duration_s == pytest.approx(1.5)


@pytest.mark.parametrize("fps", [10, 20.0, 23.976, 30000 / 1001, 60, 12.5])
def test_the_rate_is_kept(fps: float, tmp_path: Path) -> None:
    path = tmp_path / "dance.mp4"
    write_video(greys(120), path, fps)
    assert probe(path).duration_s == pytest.approx(120 / fps, abs=1e-3)


@pytest.mark.parametrize("colour", [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0), (250, 200, 20)])
def test_colours_come_back(colour: tuple[int, int, int], tmp_path: Path) -> None:
    path = tmp_path / "dance.mp4"
    write_video([plain(colour)] * 20, path, 20)
    assert np.abs(next(read_frames(path)).astype(int) - colour).max() <= 3


def test_colour_is_stored_as_bt_709_of_limited_range(tmp_path: Path) -> None:
    """Red is Y 63, Cb 102, Cr 240 there; BT.601 has Y 81, and the full range 54."""
    path = tmp_path / "dance.mp4"
    write_video([plain((255, 0, 0))] * 20, path, 20)
    frame = first_stored(path)
    assert frame.format.name == "yuv420p"
    means = [
        np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[:, : plane.width].mean() for plane in frame.planes
    ]
    assert means == pytest.approx([63, 102, 240], abs=1.5)
    assert (frame.colorspace, frame.color_range, frame.color_primaries, frame.color_trc) == (1, 1, 1, 1)


def test_odd_sizes_are_made_even_by_repeating_the_edge(tmp_path: Path) -> None:
    path = tmp_path / "dance.mp4"
    picture = plain((40, 40, 40), 65, 47)
    picture[:, 48:] = 220
    picture[40:] = 130
    write_video([picture] * 20, path, 20)
    back = next(read_frames(path))
    assert back.shape == (48, 66, 3)
    assert np.abs(back[:47, :65].astype(int) - picture).mean() < 3
    assert np.abs(back[47, :65].astype(int) - back[46, :65]).mean() < 6
    assert np.abs(back[:, 65].astype(int) - back[:, 64]).mean() < 6


def test_the_file_can_be_played_while_it_loads(tmp_path: Path) -> None:
    path = tmp_path / "dance.mp4"
    write_video(greys(20), path, 20)
    content = path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_the_same_pictures_give_the_same_bytes(data: Path, tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    make_clip(clip, 1.0)
    for name in ("a.mp4", "b.mp4"):
        pictures = read_frames(data / "video" / "people_arrive.mp4", start_s=40, stop_s=42)
        write_video(pictures, tmp_path / name, 20, audio=clip)
    assert digest(tmp_path / "a.mp4") == digest(tmp_path / "b.mp4")


def digest(path: Path) -> str:
    """A short name of a file's bytes: two long files that differ take minutes to compare in words."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_pictures_are_taken_one_at_a_time(tmp_path: Path) -> None:
    """The generator's own picture is gone when the next one is asked for: nothing piles up."""

    def pictures(n: int) -> Iterator[Picture]:
        for index in range(n):
            yield plain((index, index, index), 320, 240)

    write_video(pictures(2), tmp_path / "first.mp4", 20)  # what is loaded once is not counted below
    tracemalloc.start()
    try:
        write_video(pictures(150), tmp_path / "dance.mp4", 20)
        assert tracemalloc.get_traced_memory()[1] < 30 * 320 * 240 * 3
    finally:
        tracemalloc.stop()


# Sound


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("clip.mp4", {}),
        ("clip.mkv", {"codec": "aac", "layout": "mono"}),
        ("clip.mov", {"codec": "pcm_s16le", "layout": "mono"}),
        ("clip.mp3", {"codec": "libmp3lame", "picture": False}),
        ("clip.wav", {"codec": "pcm_s16le", "picture": False}),
        ("clip.flac", {"codec": "flac", "picture": False, "layout": "mono"}),
    ],
)
def test_sound_is_in_time(name: str, how: dict[str, Any], tmp_path: Path) -> None:
    clip, path = tmp_path / name, tmp_path / "dance.mp4"
    make_clip(clip, 1.2, **how)
    write_video(greys(60), path, 20, audio=clip)
    assert click_in(path) == pytest.approx(1.2, abs=0.005)
    assert probe(path).has_audio


def test_sound_that_begins_before_or_after_the_picture_is_in_time(tmp_path: Path) -> None:
    path = tmp_path / "dance.mp4"
    make_clip(tmp_path / "early.mkv", 1.5, picture_start_s=0.4)
    write_video(greys(60), path, 20, audio=tmp_path / "early.mkv")
    assert click_in(path) == pytest.approx(1.1, abs=0.005)
    make_clip(tmp_path / "late.mkv", 1.5, sound_start_s=0.6)
    write_video(greys(60), path, 20, audio=tmp_path / "late.mkv")
    assert click_in(path) == pytest.approx(1.5, abs=0.005)


def test_a_song_with_a_cover_is_in_time(tmp_path: Path) -> None:
    """The cover is a picture, but not one to count time from."""
    song, path = tmp_path / "song.mp3", tmp_path / "dance.mp4"
    cover = BytesIO()
    Image.fromarray(plain((200, 30, 30))).save(cover, "JPEG")
    make_clip(tmp_path / "plain.mp3", 1.2, codec="libmp3lame", picture=False)
    with av.open(str(tmp_path / "plain.mp3")) as source, av.open(str(song), "w") as target:
        sound = target.add_stream_from_template(source.streams.audio[0])
        picture = target.add_stream("mjpeg", width=64, height=48, pix_fmt="yuvj420p")
        picture.disposition = Disposition.attached_pic
        packet = av.Packet(cover.getvalue())
        packet.stream, packet.pts, packet.dts = picture, 0, 0
        target.mux(packet)
        for packet in source.demux(audio=0):
            if packet.size:
                packet.stream = sound
                target.mux(packet)
    with av.open(str(song)) as container:
        assert len(container.streams.video) == 1
    write_video(greys(60), path, 20, audio=song)
    assert click_in(path) == pytest.approx(1.2, abs=0.005)


def make_film_with_two_tracks(path: Path, *, unreadable: int, damage: str) -> None:
    """A film with clicks in two AAC tracks, one of which nobody can decode; the sizes of an iPhone's film."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25, width=64, height=48, pix_fmt="yuv420p")
        tracks = [container.add_stream("aac", rate=RATE_HZ, layout=layout) for layout in ("stereo", "4.0")]
        for track in tracks:
            track.disposition = Disposition.default
        for _ in range(75):
            container.mux(video.encode(av.VideoFrame.from_ndarray(plain((60, 60, 60)))))
        container.mux(video.encode(None))
        for track, channels in zip(tracks, (2, 4), strict=True):
            for begin in range(0, 3 * RATE_HZ, 1024):
                times_s = (begin + np.arange(1024)) / RATE_HZ
                burst = np.where(np.abs(times_s - 1.225) < 0.025, 0.8 * np.sin(2000 * np.pi * times_s), 0)
                samples = np.tile(burst.astype(np.float32), (channels, 1))
                block = av.AudioFrame.from_ndarray(samples, format="fltp", layout=track.layout.name)
                block.sample_rate, block.pts, block.time_base = RATE_HZ, begin, Fraction(1, RATE_HZ)
                container.mux(track.encode(block))
            container.mux(track.encode(None))
    content = bytearray(path.read_bytes())
    if damage == "codec":
        at = [n for n in range(len(content)) if content.startswith(b"stsd", n)][1 + unreadable]
        at = content.index(b"mp4a", at)
        content[at : at + 4] = b"apac"
        at = content.index(b"esds", at)
        content[at : at + 4] = b"free"
    else:
        with av.open(str(path)) as source:
            places = [(p.pos, p.size) for p in source.demux(source.streams.audio[unreadable]) if p.size]
        for position, size in places:
            content[position : position + size] = b"\xff" * size
    path.write_bytes(content)


@pytest.mark.parametrize("damage", ["codec", "packets"])
@pytest.mark.parametrize("unreadable", [0, 1])
def test_of_several_sound_tracks_the_one_that_decodes_is_heard(unreadable: int, damage: str, tmp_path: Path) -> None:
    film, path = tmp_path / "film.mov", tmp_path / "dance.mp4"
    make_film_with_two_tracks(film, unreadable=unreadable, damage=damage)
    assert probe(film).has_audio
    write_video(greys(60), path, 20, audio=film)
    assert click_in(path) == pytest.approx(1.2, abs=0.03)


def test_a_pause_in_the_sound_stays(tmp_path: Path) -> None:
    path = tmp_path / "dance.mp4"
    make_clip(tmp_path / "pause.mkv", 2.0, codec="pcm_s16le", pause_s=(0.5, 1.5))
    write_video(greys(60), path, 20, audio=tmp_path / "pause.mkv")
    assert click_in(path) == pytest.approx(2.0, abs=0.005)


def test_sound_that_changes_its_kind_goes_on_in_time(tmp_path: Path) -> None:
    """As broadcasts do: first mono, then stereo. Here two transport streams joined byte by byte."""
    path, joined = tmp_path / "dance.mp4", tmp_path / "joined.ts"
    make_clip(tmp_path / "a.ts", 5.0, seconds=2.0, codec="mp2", layout="mono", picture=False)
    make_clip(tmp_path / "b.ts", 3.0, seconds=2.0, codec="mp2", sound_start_s=2.0, picture=False)
    joined.write_bytes((tmp_path / "a.ts").read_bytes() + (tmp_path / "b.ts").read_bytes())
    write_video(greys(80), path, 20, audio=joined)
    assert click_in(path) == pytest.approx(3.0, abs=0.03)  # the mono part ends up to a frame of 26 ms early


def test_sound_ends_with_the_pictures(tmp_path: Path) -> None:
    clip, path = tmp_path / "clip.mp4", tmp_path / "dance.mp4"
    make_clip(clip, 0.5, seconds=4.0)
    write_video(greys(30), path, 20, audio=clip)
    samples, rate_hz = loudness(path)
    assert len(samples) / rate_hz == pytest.approx(1.5, abs=0.025)
    assert probe(path).duration_s == pytest.approx(1.5, abs=0.001)


def clicks_in(path: Path) -> NDArray[np.float64]:
    """When each click begins."""
    samples, rate_hz = loudness(path)
    loud = np.flatnonzero(np.abs(samples) > 0.3)
    return loud[np.diff(loud, prepend=-rate_hz) > 0.2 * rate_hz] / rate_hz


def write_wave(path: Path, click_s: float, seconds: float) -> None:
    """Silence and a click of 50 ms, as 16 bit samples; lasts exactly so long."""
    times_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    burst = (times_s >= click_s) & (times_s < click_s + 0.05)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
        file.writeframes((burst * 26_000 * np.sin(2000 * np.pi * times_s)).astype("<i2").tobytes())


@pytest.mark.parametrize("name", ["dance.mp4", "dance.webm"])
def test_short_sound_begins_anew_and_stays_in_time_with_the_pictures(name: str, tmp_path: Path) -> None:
    """A second of sound with a click at 0.4 s, under a minute of pictures that flash then."""
    sound, path = tmp_path / "beat.wav", tmp_path / name
    write_wave(sound, 0.4, 1.0)
    write_video([plain((255 * (i % 5 == 2),) * 3) for i in range(300)], path, 5, audio=sound)
    clicks_s = clicks_in(path)
    flashes_s = [i / 5 for i, picture in enumerate(read_frames(path, fps=5)) if picture.mean() > 128]
    assert len(clicks_s) == 60
    assert np.abs(clicks_s - np.arange(60) - 0.4).max() < 0.005
    assert np.abs(clicks_s - flashes_s).max() < 0.005


def test_a_song_does_not_begin_again_for_less_than_half_a_second(tmp_path: Path) -> None:
    song, beat, path = tmp_path / "song.wav", tmp_path / "beat.wav", tmp_path / "dance.mp4"
    write_wave(song, 0.1, 6.0)
    write_video(greys(64), path, 10, audio=song)
    assert clicks_in(path) == pytest.approx([0.1], abs=0.005)
    write_wave(beat, 0.1, 1.0)
    write_video(greys(14), path, 10, audio=beat)
    assert clicks_in(path) == pytest.approx([0.1, 1.1], abs=0.005)


def test_a_soundtrack_may_begin_later_and_end_once(tmp_path: Path) -> None:
    sound, path = tmp_path / "beat.wav", tmp_path / "dance.mp4"
    write_wave(sound, 2.4, 3.0)
    write_video(greys(40), path, 10, audio=Soundtrack(sound, begin_s=1.5))
    assert clicks_in(path) == pytest.approx([0.9, 2.4, 3.9], abs=0.005)
    write_video(greys(40), path, 10, audio=Soundtrack(sound, begin_s=1.5, loop=False))
    assert clicks_in(path) == pytest.approx([0.9], abs=0.005)
    assert len(loudness(path)[0]) / RATE_HZ < 2


@pytest.mark.parametrize("begin_s", [3.0, -0.1, float("nan")])
def test_a_soundtrack_begins_within_its_file(begin_s: float, tmp_path: Path) -> None:
    write_wave(tmp_path / "beat.wav", 0.4, 3.0)
    with pytest.raises(VideoError, match=r"no sound at .* s: it lasts 3\.0 s"):
        write_video(greys(5), tmp_path / "dance.mp4", 10, audio=Soundtrack(tmp_path / "beat.wav", begin_s))


def test_a_file_without_sound_is_said_before_the_work(tmp_path: Path) -> None:
    write_wave(tmp_path / "beat.wav", 0.4, 1.0)
    for name in ("dance.gif", "dance.webp", "dance.png", "frames", "frames.gif/"):
        with pytest.raises(OutputError, match=r"has no sound; \.mp4, \.m4v, \.mov and \.webm do"):
            check_video_path(f"{tmp_path}/{name}", tmp_path / "beat.wav")


def test_a_source_without_sound_is_refused(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "dance.mp4"
    with pytest.raises(VideoError, match=r"dancer_1\.mp4 has no sound"):
        write_video(greys(20), path, 20, audio=data / "video" / "dancer_1.mp4")
    with pytest.raises(VideoError, match="there is no file"):
        write_video(greys(20), path, 20, audio=tmp_path / "missing.mp3")
    with pytest.raises(VideoError, match="is empty"):
        (tmp_path / "empty.mp3").touch()
        write_video(greys(20), path, 20, audio=tmp_path / "empty.mp3")
    assert not path.exists()


def test_damaged_sound_is_used_as_far_as_it_goes(tmp_path: Path) -> None:
    clip, path = tmp_path / "clip.mp3", tmp_path / "dance.mp4"
    make_clip(clip, 0.5, codec="libmp3lame", picture=False)
    content = bytearray(clip.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 3000] = b"\x00" * 3000
    clip.write_bytes(content)
    write_video(greys(60), path, 20, audio=clip)
    assert click_in(path) == pytest.approx(0.5, abs=0.005)


def test_sound_of_which_nothing_can_be_decoded_leaves_the_pictures(tmp_path: Path) -> None:
    clip, path = tmp_path / "clip.mp4", tmp_path / "dance.mp4"
    make_clip(clip, 0.5)
    with av.open(str(clip)) as container:
        spots = [(packet.pos, packet.size) for packet in container.demux(audio=0) if packet.pos is not None]
    content = bytearray(clip.read_bytes())
    for position, size in spots:
        content[position : position + size] = b"\xff" * size
    clip.write_bytes(content)
    write_video(greys(60), path, 20, audio=clip)
    assert len(list(read_frames(path))) == 60


def test_a_video_can_be_written_over_its_own_sound(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    make_clip(path, 1.2)
    write_video(greys(60), path, 20, audio=path)
    assert click_in(path) == pytest.approx(1.2, abs=0.005)


# What cannot be written


def refusal(frames: Iterable[Picture], path: Path, fps: float = 20) -> str:
    with pytest.raises(OutputError) as caught:
        write_video(frames, path, fps)
    message = str(caught.value)
    assert message.startswith(f"cannot write {path}: ")
    assert "\n" not in message
    return message


def test_what_cannot_be_written_is_refused_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "dance.mp4"
    assert ".mp4, .m4v, .mov, .webm, .gif, .webp, .png; a folder" in refusal(greys(20), tmp_path / "dance.avi")
    assert "no pictures" in refusal([], path)
    assert "picture 1 is 32 x 48, the first one 64 x 48" in refusal([plain((0, 0, 0)), plain((0, 0, 0), 32)], path)
    assert "float64" in refusal([np.zeros((48, 64, 3))], path)  # type: ignore[list-item]
    assert "(48, 64)" in refusal([np.zeros((48, 64), np.uint8)], path)
    for fps in (0, -20, 1e-9, float("nan"), float("inf"), 1e12):
        assert "must be between 0 and 1000" in refusal(greys(20), path, fps=fps)
    assert "does not exist" in refusal(greys(20), tmp_path / "missing" / "dance.mp4")
    assert "is a folder" in refusal(greys(20), _folder(tmp_path / "folder.mp4"))
    assert "cannot write" in refusal([np.zeros((16, 40_000, 3), np.uint8)] * 2, path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["folder.mp4"]


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


def test_a_folder_that_cannot_be_written_to_is_refused() -> None:
    """/proc takes no files, not even root's."""
    assert refusal(greys(20), Path("/proc/self/dance.mp4"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_locked_folder_is_named(tmp_path: Path) -> None:
    locked = _folder(tmp_path / "locked")
    locked.chmod(0o500)
    assert "no permission" in refusal(greys(20), locked / "dance.mp4")


@pytest.mark.parametrize("error", [RuntimeError("pipe burst"), KeyboardInterrupt(), FileNotFoundError("font")])
def test_an_error_while_drawing_comes_through_and_harms_nothing(error: BaseException, tmp_path: Path) -> None:
    path = tmp_path / "dance.mp4"
    path.write_bytes(b"an earlier dance")

    def pictures() -> Iterator[Picture]:
        yield from greys(40)
        raise error

    with pytest.raises(type(error)) as caught:
        write_video(pictures(), path, 20)
    assert caught.value is error
    assert path.read_bytes() == b"an earlier dance"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_said_and_harms_nothing(tmp_path: Path) -> None:
    """A real process that may not write files larger than so many bytes."""
    path = tmp_path / "dance.mp4"
    path.write_bytes(b"an earlier dance")
    program = f"""
        import resource, signal
        import numpy as np
        from pose_vocab.errors import OutputError
        from render.writer import write_video
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        noise = np.random.default_rng(0)
        for room in (100_000, 5_000, 0):
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
            pictures = (noise.integers(0, 256, (120, 160, 3), dtype=np.uint8) for _ in range(40))
            try:
                write_video(pictures, {str(path)!r}, 20)
            except OutputError as error:
                print(error, flush=True)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    said = done.stdout.splitlines()
    assert len(said) == 3
    assert all(line.startswith(f"cannot write {path}: the disk is full") for line in said)
    assert path.read_bytes() == b"an earlier dance"
    assert list(tmp_path.iterdir()) == [path]
