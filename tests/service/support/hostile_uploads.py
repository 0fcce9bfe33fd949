"""Uploads that mean harm, or that harm was done to: more than a hundred, made in seconds and always the same."""

from __future__ import annotations

import gzip
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import av
import numpy as np
from PIL import Image

Expect = Literal["refused", "fails", "may work"]
"""A clear 4xx at once; a job that fails and says why; either of the two, or a dance."""

SECRET = "file:///etc/passwd"
INSIDE = "http://127.0.0.1:9/inside"
TEXT = b"This is not a video.\n" * 20
WIDTH, HEIGHT, FPS, SECONDS = 320, 256, 25, 2
KINDS: dict[str, tuple[str, str, dict[str, str]]] = {
    "mp4": ("libx264", "yuv420p", {"preset": "ultrafast"}),
    "mkv": ("libx264", "yuv420p", {"preset": "ultrafast"}),
    "webm": ("libvpx", "yuv420p", {"deadline": "realtime", "cpu-used": "8"}),
    "avi": ("mpeg4", "yuv420p", {}),
    "gif": ("gif", "rgb8", {}),
}
"""Codec, pixel format and options of the sound files."""
Part = tuple[str, bytes]


@dataclass(frozen=True)
class HostileUpload:
    """One upload: its content, what it calls itself, and what may happen to it."""

    name: str
    path: Path
    expect: Expect
    filename: str = "dance.mp4"
    media_type: str = "video/mp4"


def hostile_uploads(folder: Path, salsa: Path) -> Iterator[HostileUpload]:
    """Make all of them in a folder, `salsa` being a sound video to begin with."""
    sound = {kind: _sound(folder / f"sound.{kind}", *how) for kind, how in KINDS.items()}
    mp4 = salsa.read_bytes()
    groups: list[tuple[Expect, Iterable[Part]]] = [
        ("refused", [("empty", b"")]),
        ("fails", _no_videos()),
        ("fails", _playlists(SECRET, INSIDE)),
        ("fails", _without_pictures(folder)),
        ("may work", _boasting(sound)),
        ("fails", [("huge gif picture", _gif(65_535, 65_535, 40))]),
        ("fails", _bombs(folder)),
        ("fails", _beheaded(sound)),
        ("may work", _truncated({**sound, "salsa.mp4": mp4})),
        ("may work", _scratched({**sound, "salsa.mp4": mp4})),
        ("may work", _rearranged(mp4)),
        ("may work", _restated(mp4)),
        ("may work", _bottomless(sound)),
        ("may work", _padded(mp4, sound)),
        ("may work", _strange(folder)),
    ]
    for expect, parts in groups:
        for name, content in parts:
            path = folder / name.replace(" ", "_")
            path.write_bytes(content)
            yield HostileUpload(name, path, expect)
    path = folder / "text"
    for filename in FILENAMES:
        yield HostileUpload(f"named {filename[:30]!r}", path, "fails", filename=filename)
    for media_type in MEDIA_TYPES:
        yield HostileUpload(f"sent as {media_type[:30]!r}", path, "fails", media_type=media_type)


BOMB_PX = 16_000
"""Width and height of pictures that are larger than memory should hold; FFmpeg itself refuses 16,384."""

FILENAMES = (
    "../../etc/passwd",
    "/etc/passwd",
    "..\\..\\windows\\system32\\config",
    "C:\\con",
    "nul\0.mp4",
    "a" * 10_000 + ".mp4",
    'a"\r\nX-Injected: yes\r\n\r\n.mp4',
    "",
    ".",
    "..",
    "танец 💃 رقص.mp4",
    "\u202e4pm.exe",
    "-rf",
    "$(reboot).mp4",
    "|cat /etc/passwd",
    "concat:a|b",
    "<script>alert(1)</script>.mp4",
    "'; DROP TABLE jobs; --",
    "{{7*7}}.mp4",
    "%n%n%s%s.mp4",
)
MEDIA_TYPES = (
    "",
    "text/html",
    "image/svg+xml",
    "application/x-sh",
    "video/" + "x" * 5000,
    "multipart/form-data; boundary=b",
    "video/mp4; charset=utf-7",
    "nonsense",
)


def playlists(url: str) -> Iterator[Part]:
    """Files that ask the reader to read what lies at another address."""
    yield from _playlists(url, url)


# Sound files to begin with


def _sound(path: Path, codec: str, pix_fmt: str, options: dict[str, str] | None = None, **how: Any) -> bytes:
    pictures = how.pop("pictures", None) or [_picture(number) for number in range(FPS * SECONDS)]
    times = how.pop("times", None) or range(len(pictures))
    tick_s = how.pop("tick_s", Fraction(1, FPS))
    with av.open(f"file:{path}", "w") as container:
        stream: Any = container.add_stream(codec, rate=how.pop("rate", FPS), options=options or {})
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = pix_fmt
        stream.codec_context.time_base = tick_s
        for name, value in how.items():
            setattr(stream.codec_context, name, value)
        for time, picture in zip(times, pictures, strict=True):
            frame = av.VideoFrame.from_ndarray(picture)
            frame.pts, frame.time_base = time, tick_s
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path.read_bytes()


def _picture(number: int, width: int = WIDTH, height: int = HEIGHT) -> np.ndarray[Any, np.dtype[np.uint8]]:
    picture = np.full((height, width, 3), 90, np.uint8)
    at = number * 4 % max(width - 40, 1)
    picture[height // 4 : height // 2, at : at + 40] = 200
    return picture


# What is no video


def _no_videos() -> Iterator[Part]:
    yield "one byte", b"\0"
    yield "text", TEXT
    yield "html", b"<!doctype html><script>fetch('http://127.0.0.1')</script>" * 10
    yield "script", b"#!/bin/sh\nrm -rf /\n" * 20
    yield "json", json.dumps({"a": list(range(1000))}).encode()
    yield "pickle", b"cposix\nsystem\n(S'touch /tmp/owned'\ntR." * 5
    yield "zip", _zipped(b"hello" * 100)
    yield "zip bomb", _zipped(bytes(50_000_000))
    yield "gzip bomb", gzip.compress(bytes(50_000_000), mtime=0)
    for kind in ("PNG", "JPEG", "BMP", "TIFF", "WEBP"):
        content = io.BytesIO()
        Image.fromarray(_picture(0)).save(content, kind)
        yield f"one picture {kind}", content.getvalue()
    yield "svg", b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/><script>1</script></svg>'
    yield "pdf", b"%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n%%EOF\n"
    yield "elf", b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHI", 2, 62, 1) + bytes(4096)
    yield "windows program", b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0" + bytes(4096)
    yield "noise", np.random.default_rng(0).bytes(65_536)
    yield "zeros", bytes(65_536)
    yield "ones", b"\xff" * 65_536
    yield "xml bomb", b'<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><MPD>&b;&b;&b;</MPD>'


def _zipped(content: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("../../evil.mp4"), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def _playlists(near: str, far: str) -> Iterator[Part]:
    lists = {
        "m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{}\n#EXT-X-ENDLIST\n",
        "m3u8 key": '#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="{0}"\n#EXT-X-MAP:URI="{0}"\n#EXTINF:10,\n{0}\n',
        "m3u": "#EXTM3U\n{}\n",
        "concat": "ffconcat version 1.0\nfile '{}'\n",
        "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
        'mediaPresentationDuration="PT9S"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" '
        'bandwidth="1"><BaseURL>{}</BaseURL></Representation></AdaptationSet></Period></MPD>',
        "smil": '<smil><body><video src="{}"/></body></smil>',
        "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\na=control:{}\n"
        "a=rtpmap:96 H264/90000\n",
        "asx": '<asx version="3.0"><entry><ref href="{}"/></entry></asx>',
        "rtsp text": "RTSPtext\nrtsp://127.0.0.1:9/{}\n",
        "avisynth": 'AviSource("{}")\n',
        "vapoursynth": "import vapoursynth\nopen('{}')\n",
    }
    for name, text in lists.items():
        for reach, address in (("near", near), ("far", far)):
            yield f"{name} {reach}", text.format(address).encode()


def _without_pictures(folder: Path) -> Iterator[Part]:
    for kind, codec in (("mp4", "aac"), ("wav", "pcm_s16le"), ("ogg", "flac"), ("mp3", "libmp3lame")):
        path = folder / f"silence.{kind}"
        with av.open(str(path), "w") as container:
            stream: Any = container.add_stream(codec, rate=44_100)
            silence = av.AudioFrame(
                format=stream.format.name, layout=stream.layout.name, samples=stream.frame_size or 1024
            )
            silence.sample_rate = 44_100
            for plane in silence.planes:
                plane.update(bytes(plane.buffer_size))
            for index in range(90):
                silence.pts = index * silence.samples
                container.mux(stream.encode(silence))
            container.mux(stream.encode(None))
        yield f"only sound {kind}", path.read_bytes()
    cover = io.BytesIO()
    Image.fromarray(_picture(0)).save(cover, "JPEG")
    picture = b"\0image/jpeg\0\x03\0" + cover.getvalue()
    frame = b"APIC" + struct.pack(">I", len(picture)) + b"\0\0" + picture
    size = len(frame)
    sizes = bytes((size >> shift) & 127 for shift in (21, 14, 7, 0))
    yield "only a cover", b"ID3\x03\0\0" + sizes + frame + (folder / "silence.mp3").read_bytes()
    yield "only subtitles srt", b"1\n00:00:00,000 --> 00:00:09,000\n<script>dance</script>\n\n" * 20
    yield (
        "only subtitles ass",
        b"[Script Info]\nScriptType: v4.00+\n[Events]\nDialogue: 0,0:00:00.00,0:00:09.00,,,,,,,a\n",
    )
    yield "only subtitles vtt", b"WEBVTT\n\n00:00.000 --> 00:09.000\ndance\n"


# What claims to be larger than memory, and what is


def _boasting(sound: dict[str, bytes]) -> Iterator[Part]:
    """Headers that say 65535 x 65535, or nothing at all, over a small video."""
    most = struct.pack(">HH", 65_535, 65_535)
    mp4, avi, gif, webm = sound["mp4"], sound["avi"], sound["gif"], sound["webm"]
    size = struct.pack(">HH", WIDTH, HEIGHT)
    yield (
        "huge mp4",
        mp4.replace(size + struct.pack(">II", 72 << 16, 72 << 16), most + struct.pack(">II", 72 << 16, 72 << 16)),
    )
    small, huge = struct.pack("<II", WIDTH, HEIGHT), struct.pack("<II", 65_535, 65_535)
    yield "huge avi", avi.replace(small, huge)
    yield "huge gif", gif[:6] + most + gif[10:]
    for element, name in ((b"\xb0", "wide"), (b"\xba", "high")):
        pixels = {b"\xb0": WIDTH, b"\xba": HEIGHT}[element]
        yield f"{name} webm", webm.replace(element + b"\x82" + struct.pack(">H", pixels), element + b"\x82\xff\xff")


def _gif(width: int, height: int, n_pictures: int, delay_cs: int = 4) -> bytes:
    """Pictures of one pixel on a screen of any size."""
    header = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(3) + b"\xff" * 3
    control = b"\x21\xf9\x04" + struct.pack("<BHBB", 0, delay_cs, 0, 0)
    picture = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    return header + (control + picture) * n_pictures + b"\x3b"


def _png(side: int) -> bytes:
    """A black square in a few bytes, whatever its size: one bit a pixel, all zero."""
    rows = bytes((side // 8 + 1) * side)
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows, 9)),
        (b"IEND", b""),
    ]
    coded = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(coded)


def coded(path: Path, pictures: Iterable[bytes], side: int, codec: str = "png") -> bytes:
    """A file of coded pictures that calls itself so large."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=FPS, width=side, height=side, pix_fmt="monob")
        for index, content in enumerate(pictures):
            packet = av.Packet(content)
            packet.stream, packet.time_base, packet.is_keyframe = stream, Fraction(1, FPS), True
            packet.dts = packet.pts = index
            packet.duration = 1
            container.mux(packet)
    return path.read_bytes()


def _bombs(folder: Path) -> Iterator[Part]:
    """A few kilobytes that are gigabytes when decoded."""
    bomb = _png(BOMB_PX)
    for kind in ("avi", "mov"):
        yield f"bomb {kind}", coded(folder / f"bomb.{kind}", [bomb] * 60, BOMB_PX)
    yield "bomb that says it is small", coded(folder / "modest.mov", [bomb] * 60, 64)


def _strange(folder: Path) -> Iterator[Part]:
    small = _png(64)
    yield "bomb after a second", coded(folder / "late.mov", [small] * 30 + [_png(BOMB_PX)] * 60, 64)
    yield "a hundred thousand pictures of nothing", _gif(1, 1, 100_000)
    yield "a gif without time", _gif(64, 64, 1000, 0)
    yield "a gif of days", _gif(64, 64, 200, 65_535)
    quick = {"tick_s": Fraction(1, 10_000), "rate": 10_000}
    tiny = [_picture(number, 64, 48) for number in range(6000)]
    yield "ten thousand a second", _sound(folder / "quick.mp4", "mpeg4", "yuv420p", pictures=tiny, **quick)
    for name, width, height in (("dot", 2, 2), ("line", 2, 2000), ("thread", 4000, 2)):
        pictures = [_picture(number, width, height) for number in range(30)]
        yield name, _sound(folder / f"{name}.mov", "png", "rgb24", pictures=pictures)
    one = [_picture(number, 1, 1) for number in range(30)]
    yield "one pixel", _sound(folder / "one.mov", "png", "rgb24", pictures=one)
    leap = [*range(25), 25 * 86_400 * 20]
    yield "leap of days", _sound(folder / "leap.mkv", "libx264", "yuv420p", pictures=tiny[:26], times=leap)
    late = [25 * 86_400 * 365 * 10 + index for index in range(50)]
    yield "ten years late", _sound(folder / "years.mkv", "libx264", "yuv420p", pictures=tiny[:50], times=late)
    yield "before time", _sound(folder / "minus.mkv", "libx264", "yuv420p", pictures=tiny[:50], times=range(-30, 20))
    odd = Fraction(1, 100_000)
    yield "oblong pixels", _sound(folder / "oblong.mov", "png", "rgb24", pictures=tiny[:50], sample_aspect_ratio=odd)
    yield "sixteen bits", _sound(folder / "deep.mov", "png", "rgb48be", pictures=tiny[:50])
    yield "black and white", _sound(folder / "mono.mov", "png", "monob", pictures=tiny[:50])
    path = folder / "several.mkv"
    with av.open(str(path), "w") as container:
        streams: list[Any] = [container.add_stream("mpeg4", rate=25, width=64, height=48) for _ in range(30)]
        for number in range(50):
            for stream in streams:
                container.mux(stream.encode(av.VideoFrame.from_ndarray(tiny[number])))
        for stream in streams:
            container.mux(stream.encode(None))
    yield "thirty streams", path.read_bytes()


# What harm was done to


def _beheaded(sound: dict[str, bytes]) -> Iterator[Part]:
    for kind, content in sound.items():
        for n_bytes in (12, 40):
            yield f"first {n_bytes} bytes {kind}", content[:n_bytes]
    boxes = dict(_boxes(sound["mp4"]))
    for kind in ("ftyp", "mdat"):
        yield f"only {kind}", boxes[kind.encode()]
    yield "only moov", boxes[b"ftyp"] + boxes[b"moov"]


def _truncated(files: dict[str, bytes]) -> Iterator[Part]:
    for kind, content in files.items():
        for share in (0.02, 0.3, 0.7, 0.98):
            yield f"first {100 * share:.0f} % {kind}", content[: int(share * len(content))]
        yield f"all but a byte {kind}", content[:-1]
        yield f"last half {kind}", content[len(content) // 2 :]


def _scratched(files: dict[str, bytes]) -> Iterator[Part]:
    for kind, content in files.items():
        for seed in range(3):
            random = np.random.default_rng(seed)
            flipped = np.frombuffer(content, np.uint8).copy()
            places = random.integers(16, len(flipped), max(len(flipped) // 2000, 20))
            flipped[places] ^= (1 << random.integers(0, 8, len(places))).astype(np.uint8)
            yield f"flipped bits {seed} {kind}", flipped.tobytes()
        quarter = len(content) // 4
        yield f"zeroed {kind}", content[:quarter] + bytes(quarter) + content[2 * quarter :]
        yield f"repeated {kind}", content[:quarter] * 4
        header = np.frombuffer(content, np.uint8).copy()
        places = np.random.default_rng(9).integers(8, min(len(header), 6000), 200)
        header[places] = 255
        yield f"scratched header {kind}", header.tobytes()


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The outermost boxes of an MP4 file."""
    at = 0
    while at + 8 <= len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        yield content[at + 4 : at + 8], content[at : at + size]
        at += max(size, 8)


def _box(kind: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I", len(content) + 8) + kind + content


def _rearranged(mp4: bytes) -> Iterator[Part]:
    boxes = dict(_boxes(mp4))
    ftyp, moov, mdat = boxes[b"ftyp"], boxes[b"moov"], boxes[b"mdat"]
    yield "swapped boxes", ftyp + mdat + moov
    yield "two headers", ftyp + moov + moov + mdat
    yield "no beginning", moov + mdat
    yield "header alone", ftyp + moov
    yield "header of nothing", ftyp + _box(b"moov") + mdat
    yield "box of size 0", ftyp + bytes(4) + moov[4:] + mdat
    yield "box of size 7", ftyp + struct.pack(">I", 7) + moov[4:] + mdat
    for power in (62, 63):
        yield f"box of size 2^{power}", ftyp + moov + struct.pack(">I4sQ", 1, b"mdat", 2**power) + mdat[8:]
    yield "header of size 2^63", ftyp + struct.pack(">I4sQ", 1, b"moov", 2**63) + moov[8:] + mdat
    deep = b""
    for _ in range(10_000):
        deep = _box(b"moov", deep)
    yield "ten thousand boxes in boxes", ftyp + deep + moov + mdat
    yield "ten thousand streams", ftyp + _box(b"moov", _box(b"trak") * 10_000) + mdat
    empty = moov[8:].replace(b"trak", b"free")
    yield "no streams", ftyp + _box(b"moov", empty) + mdat


def _restated(mp4: bytes) -> Iterator[Part]:
    """One number of the header said otherwise."""
    most = 2**32 - 1
    changes: list[tuple[str, bytes, int, int | tuple[int, ...]]] = [
        ("endless", b"mvhd", 20, most),
        ("endless picture", b"mdhd", 20, most),
        ("of no length", b"mdhd", 20, 0),
        ("no ticks a second", b"mdhd", 16, 0),
        ("no ticks a second at all", b"mvhd", 16, 0),
        ("one tick a second", b"mdhd", 16, 1),
        ("a giga of ticks", b"mdhd", 16, most),
        ("pictures without end", b"stts", 16, 2**31 - 1),
        ("pictures that go back", b"stts", 16, most),
        ("pictures without time", b"stts", 16, 0),
        ("more times than bytes", b"stts", 8, most),
        ("more pictures than bytes", b"stsz", 12, most),
        ("pictures of gigabytes", b"stsz", 8, 2**31 - 1),
        ("first picture of gigabytes", b"stsz", 16, most),
        ("times before time", b"ctts", 16, 2**31),
        ("times far ahead", b"ctts", 16, 2**31 - 1),
        ("more keyframes than bytes", b"stss", 8, most),
        ("keyframe beyond", b"stss", 12, most),
        ("chunks of gigabytes", b"stsc", 16, most),
        ("no chunks", b"stsc", 8, 0),
        ("chunk beyond the file", b"stco", 12, most),
        ("chunk before the file", b"stco", 12, 0),
        ("more cuts than bytes", b"elst", 8, most),
        ("cut to never", b"elst", 16, 2**31 - 1),
        ("cut to before", b"elst", 16, 2**31),
        ("cut of no length", b"elst", 12, 0),
        ("backwards", b"elst", 20, most),
        ("turned to nothing", b"tkhd", 44, (0,) * 9),
        ("turned to nonsense", b"tkhd", 44, (0x7FFFFFFF, 0x80000000, 7, 0xDEADBEEF, 0xFFFF, 1, 2, 3, 4)),
        ("leaning", b"tkhd", 44, (46341, 46341, 0, 0xFFFF4AFB, 46341, 0, 0, 0, 0x40000000)),
        ("unknown codec", b"avc1", 0, int.from_bytes(b"evil", "big")),
        ("another codec", b"avc1", 0, int.from_bytes(b"mp4v", "big")),
        ("no size", b"avc1", 28, 0),
        ("one high", b"avc1", 28, (576 << 16) + 1),
        ("65535 wide and high", b"avc1", 28, most),
        ("another file's pictures", b"dref", 16, int.from_bytes(b"alis", "big")),
        ("no profile", b"avcC", 4, 0),
    ]
    for name, kind, offset, value in changes:
        at = mp4.index(kind) + offset
        numbers = value if isinstance(value, tuple) else (value,)
        coded = b"".join(struct.pack(">I", number) for number in numbers)
        yield name, mp4[:at] + coded + mp4[at + len(coded) :]


def _bottomless(sound: dict[str, bytes]) -> Iterator[Part]:
    """Matroska and RIFF that never end, or end in themselves."""
    webm, avi, gif = sound["webm"], sound["avi"], sound["gif"]
    segment = webm.index(b"\x18\x53\x80\x67")
    yield "segment without end", webm[: segment + 4] + b"\x01" + b"\xff" * 7 + webm[segment + 12 :]
    yield "segment of 2^56 bytes", webm[: segment + 4] + b"\x01" + b"\xff" * 6 + b"\xfe" + webm[segment + 12 :]
    yield "segments in segments", webm[:segment] + (b"\x18\x53\x80\x67\x01" + b"\xff" * 7) * 5000 + webm[segment:]
    yield "tags in tags", webm[: segment + 12] + (b"\x12\x54\xc3\x67\x01" + b"\xff" * 7) * 5000 + webm[segment + 12 :]
    yield (
        "lists in lists",
        avi[:12] + b"".join(b"LIST" + struct.pack("<I4s", 2**31 - 1, b"hdrl") for _ in range(5000)) + avi[12:],
    )
    yield "list of 4 GB", avi[:4] + b"\xff" * 4 + avi[8:16] + b"\xff" * 4 + avi[20:]
    rate = avi.index(b"strh") + 28
    yield "four thousand million pictures", avi[: rate + 4] + b"\xff" * 4 + avi[rate + 8 :]
    yield "no pictures a second", avi[:rate] + bytes(8) + avi[rate + 8 :]
    yield "gif that never ends", gif[:-1] + b"\x21\xfe" + (b"\xff" + b"a" * 255) * 2000
    yield "gif of comments", gif[:13] + b"\x21\xfe\x01a\x00" * 20_000 + gif[13:]


def _padded(mp4: bytes, sound: dict[str, bytes]) -> Iterator[Part]:
    yield "id3 in front", b"ID3\x04\0\0\0\0\x02\x01" + bytes(257) + mp4
    yield "junk in front", b"<?xpacket begin?>" + bytes(65_536) + mp4
    yield "free space in front", _box(b"free", bytes(100_000)) + mp4
    yield "zip behind", mp4 + _zipped(b"evil")
    yield "html behind", mp4 + b"<script>alert(document.domain)</script>"
    yield "mp4 behind webm", sound["webm"] + mp4
    yield "gif of script", sound["gif"][:13] + b"\x21\xfe\x08=1;alert\x00" + sound["gif"][13:]
