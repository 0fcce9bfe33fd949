"""Every kind of file: what goes in comes out, in colour, transparency and time, and the same bytes each time."""

import hashlib
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageSequence

from pose_vocab.errors import OutputError
from render.image_file import write_png
from render.outputs.frames import yuv_frame
from render.writer import check_video_path, write_video

Picture = NDArray[np.uint8]
MOVING = ("dance.mp4", "dance.mov", "dance.webm", "dance.gif", "dance.webp", "frames")
WITH_ALPHA = ("dance.webm", "dance.gif", "dance.webp", "frames")
LEAST_PSNR_DB = {".mp4": 36, ".mov": 36, ".webm": 36, ".gif": 42, ".webp": 36, "": np.inf}
"""Of a drawing's colours; halved colour costs the most at the edges of small pictures."""


def drawing(index: int, width: int = 160, height: int = 120, alpha: bool = False) -> Picture:
    """A ball that rolls over a floor of soft shades; with `alpha`, over nothing."""
    centre, radius = (width // 8 + 5 * index, height // 2), height // 5
    shades = np.linspace(200, 230, height).astype(np.uint8)
    picture = np.repeat(np.repeat(shades[:, None, None], width, axis=1), 3, axis=2)
    cv2.circle(picture, centre, radius, (200, 60, 40), cv2.FILLED, cv2.LINE_AA)
    if not alpha:
        return picture
    cover = np.zeros((height, width), np.uint8)
    cv2.circle(cover, centre, radius, 255, cv2.FILLED, cv2.LINE_AA)
    return np.dstack([picture, cover])


def drawings(n: int, width: int = 160, height: int = 120, alpha: bool = False) -> list[Picture]:
    return [drawing(index, width, height, alpha) for index in range(n)]


def read_back(path: Path) -> list[Picture]:
    """All pictures of a file as RGBA, read by others than those who wrote it where there are others."""
    if path.is_dir():
        return [np.asarray(Image.open(inside).convert("RGBA")) for inside in sorted(path.iterdir())]
    if path.suffix in (".gif", ".webp", ".png"):
        with Image.open(path) as image:
            return [np.asarray(frame.convert("RGBA")) for frame in ImageSequence.Iterator(image)]
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        decoder = stream.codec_context
        if path.suffix == ".webm":  # FFmpeg's own decoder leaves the alpha out
            decoder = av.CodecContext.create("libvpx-vp9", "r")
        packets = [packet for packet in container.demux(stream) if packet.size]
        return [frame.to_ndarray(format="rgba") for packet in [*packets, None] for frame in decoder.decode(packet)]


def delays_ms(path: Path) -> list[int]:
    with Image.open(path) as image:
        return [(frame.load(), frame.info["duration"])[1] for frame in ImageSequence.Iterator(image)]


def psnr_db(one: Picture, other: Picture) -> float:
    error = np.mean((one.astype(float) - other) ** 2)
    return float(10 * np.log10(255**2 / error)) if error else np.inf


def digest(path: Path) -> str:
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    return hashlib.sha256(b"".join(file.name.encode() + file.read_bytes() for file in files)).hexdigest()


kinds = pytest.mark.parametrize("name", MOVING)
kinds_with_alpha = pytest.mark.parametrize("name", WITH_ALPHA)


@kinds
def test_pictures_come_back_in_order_and_colour(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    pictures = drawings(12)
    write_video(pictures, path, 25)
    back = read_back(path)
    assert len(back) == 12
    for picture, seen in zip(pictures, back, strict=True):
        assert psnr_db(picture, seen[..., :3]) >= LEAST_PSNR_DB[path.suffix]
        assert (seen[..., 3] == 255).all()


@kinds_with_alpha
def test_transparency_comes_back(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    pictures = drawings(12, alpha=True)
    write_video(pictures, path, 25)
    back = read_back(path)
    assert len(back) == 12
    for picture, seen in zip(pictures, back, strict=True):
        if path.suffix == ".gif":
            assert np.array_equal(seen[..., 3] >= 128, picture[..., 3] >= 128)
        else:
            assert psnr_db(picture[..., 3], seen[..., 3]) >= 35
        covered = picture[..., 3] == 255
        assert psnr_db(picture[covered], seen[covered]) >= 30


@kinds
def test_the_same_pictures_give_the_same_bytes(name: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    noise = [rng.integers(0, 256, (48, 64, 3), np.uint8) for _ in range(20)]
    digests = set()
    for number in range(3):
        path = tmp_path / f"{number}" / name
        path.parent.mkdir()
        write_video(noise, path, 25)
        digests.add(digest(path))
    assert len(digests) == 1


@kinds_with_alpha
def test_the_same_transparent_pictures_give_the_same_bytes(name: str, tmp_path: Path) -> None:
    digests = set()
    for _ in range(2):
        write_video(drawings(20, alpha=True), tmp_path / name, 25)
        digests.add(digest(tmp_path / name))
    assert len(digests) == 1


@pytest.mark.parametrize("name", [*MOVING, "dance.png"])
def test_one_picture_is_enough(name: str, tmp_path: Path) -> None:
    write_video([drawing(3)], tmp_path / name, 25)
    (back,) = read_back(tmp_path / name)
    assert psnr_db(drawing(3), back[..., :3]) > 35


@kinds
@pytest.mark.parametrize(("width", "height"), [(16, 16), (17, 16), (33, 47)])
def test_any_small_size(name: str, width: int, height: int, tmp_path: Path) -> None:
    path = tmp_path / name
    write_video(drawings(3, width, height), path, 25)
    back = read_back(path)
    film = path.suffix in (".mp4", ".mov", ".webm")
    expected = (height + height % 2, width + width % 2, 4) if film else (height, width, 4)
    assert [picture.shape for picture in back] == [expected] * 3


@pytest.mark.slow
@kinds
def test_4k(name: str, tmp_path: Path) -> None:
    write_video(drawings(3, 3840, 2160), tmp_path / name, 25)
    assert read_back(tmp_path / name)[-1].shape == (2160, 3840, 4)


@kinds
def test_pictures_may_be_views_and_read_only(name: str, tmp_path: Path) -> None:
    pictures = np.array(drawings(4))
    pictures.flags.writeable = False
    write_video(pictures[:, ::-1, ::-1], tmp_path / name, 25)
    back = read_back(tmp_path / name)
    assert psnr_db(pictures[0, ::-1, ::-1], back[0][..., :3]) > 35


# Time


@pytest.mark.parametrize(
    ("fps", "n_shown", "length_ms"),
    [(25, 60, 2400), (30, 60, 2000), (30000 / 1001, 60, 2000), (50, 60, 1200), (60, 50, 1000), (240, 12, 250)],
)
def test_a_gif_keeps_the_time_and_leaves_out_what_it_cannot_show(
    fps: float, n_shown: int, length_ms: int, tmp_path: Path
) -> None:
    path = tmp_path / "dance.gif"
    write_video([drawing(index % 20, 32, 24) for index in range(60)], path, fps)
    delays = delays_ms(path)
    assert sum(delays) == pytest.approx(length_ms, abs=10)
    assert min(delays) >= 20
    assert len(delays) == pytest.approx(n_shown, abs=1)


@pytest.mark.parametrize("fps", [12.5, 30, 30000 / 1001, 60, 1000])
def test_a_webp_keeps_the_time(fps: float, tmp_path: Path) -> None:
    path = tmp_path / "dance.webp"
    write_video([drawing(index % 20, 32, 24) for index in range(60)], path, fps)
    assert sum(delays_ms(path)) == pytest.approx(60_000 / fps, abs=2)


@pytest.mark.parametrize("name", ["dance.gif", "dance.webp"])
def test_pictures_that_stand_still_take_their_time(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    write_video([*[drawing(0)] * 10, drawing(5), *[drawing(9)] * 10], path, 10)
    assert sum(delays_ms(path)) == pytest.approx(2100, abs=100)


@pytest.mark.parametrize("name", ["dance.gif", "dance.webp"])
@pytest.mark.parametrize("alpha", [False, True])
def test_animations_play_for_ever(name: str, alpha: bool, tmp_path: Path) -> None:
    write_video(drawings(5, alpha=alpha), tmp_path / name, 10)
    with Image.open(tmp_path / name) as image:
        assert image.info["loop"] == 0


@pytest.mark.parametrize("fps", [12.5, 30000 / 1001, 60])
def test_a_webm_keeps_the_time(fps: float, tmp_path: Path) -> None:
    path = tmp_path / "dance.webm"
    write_video(drawings(30), path, fps)
    with av.open(str(path)) as container:
        assert container.duration / av.time_base == pytest.approx(30 / fps, abs=2e-3)
        times_s = [frame.time for frame in container.decode(video=0)]
    assert np.abs(np.array(times_s) - np.arange(30) / fps).max() < 1e-3


# Colours


def test_what_stands_still_in_a_gif_does_not_shimmer(tmp_path: Path) -> None:
    """Far from the ball, the shades of the floor are the same pixel by pixel in every picture."""
    write_video(drawings(12), tmp_path / "dance.gif", 25)
    back = np.array(read_back(tmp_path / "dance.gif"))
    assert np.ptp(back[:, :30], axis=0).max() == 0
    assert np.ptp(back[:, 40:80, :90], axis=0).max() > 100


def test_a_gif_of_a_whole_clip_has_the_colours_of_its_end(tmp_path: Path) -> None:
    """As it would not if the palette were that of the first pictures."""
    pictures = [np.full((24, 32, 3), (255 - 4 * i, 4 * i, (40 * i) % 256), np.uint8) for i in range(60)]
    write_video(pictures, tmp_path / "dance.gif", 25)
    for picture, seen in zip(pictures, read_back(tmp_path / "dance.gif"), strict=True):
        assert np.abs(picture.astype(int) - seen[..., :3]).max() <= 4


@pytest.mark.parametrize("colour", [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0), (250, 200, 20)])
@pytest.mark.parametrize("alpha", [(), (255,)])
def test_yuv_is_that_of_ffmpegs_scaler(colour: tuple[int, ...], alpha: tuple[int, ...]) -> None:
    picture = np.full((16, 16, 3 + len(alpha)), colour + alpha, np.uint8)
    ours = yuv_frame(picture, 0, Fraction(1, 25))
    theirs = av.VideoFrame.from_ndarray(picture, "rgba" if alpha else "rgb24").reformat(
        format=ours.format.name, dst_colorspace="ITU709", dst_color_range="MPEG"
    )
    for mine, other in zip(ours.planes, theirs.planes, strict=True):
        assert abs(memoryview(mine)[0] - memoryview(other)[0]) <= 1


# Folders


def test_frames_are_numbered_from_one(tmp_path: Path) -> None:
    write_video(drawings(3), f"{tmp_path}/dance.v2/", 25)
    assert [inside.name for inside in sorted((tmp_path / "dance.v2").iterdir())] == [
        "frame_000001.png",
        "frame_000002.png",
        "frame_000003.png",
    ]


def test_frames_replace_only_frames(tmp_path: Path) -> None:
    folder = tmp_path / "frames"
    write_video(drawings(5), folder, 25)
    write_video(drawings(2), folder, 25)
    assert len(list(folder.iterdir())) == 2
    (folder / "thesis.txt").write_text("important")
    with pytest.raises(OutputError, match=r"contains thesis\.txt"):
        write_video(drawings(2), folder, 25)
    with pytest.raises(OutputError, match=r"contains thesis\.txt"):
        check_video_path(folder)
    assert len(list(folder.iterdir())) == 3


def test_a_file_is_not_replaced_by_a_folder(tmp_path: Path) -> None:
    (tmp_path / "frames").write_text("important")
    with pytest.raises(OutputError, match="it is a file"):
        write_video(drawings(2), tmp_path / "frames", 25)


def test_a_single_picture_keeps_its_alpha(tmp_path: Path) -> None:
    picture = drawing(2, alpha=True)
    for write in (write_png, lambda picture, path: write_video([picture], path, 25)):
        write(picture, tmp_path / "dance.png")
        assert np.array_equal(read_back(tmp_path / "dance.png")[0], picture)


# What cannot be written


def test_what_a_kind_cannot_hold_is_refused_with_what_can(tmp_path: Path) -> None:
    for name in ("dance.mp4", "dance.mov", "dance.m4v"):
        with pytest.raises(OutputError, match=r"transparent; \.webm, \.gif, \.webp, \.png and PNG frames keep"):
            write_video(drawings(2, alpha=True), tmp_path / name, 25)
    with pytest.raises(OutputError, match=r"one picture; name a folder \(.*dance\.png/\)"):
        write_video(drawings(2), tmp_path / "dance.png", 25)
    with pytest.raises(OutputError, match=r"between 0\.0015 and 1000"):
        write_video(drawings(2), tmp_path / "dance.gif", 0.001)
    with pytest.raises(OutputError, match="the first one 160 x 120 with alpha"):
        write_video([drawing(0, alpha=True), drawing(0)], tmp_path / "dance.webm", 25)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["dance.webm", "dance.gif", "dance.webp", "dance.png", "frames"])
@pytest.mark.parametrize(
    ("pictures", "message"),
    [
        ([], "no pictures"),
        ([np.zeros((48, 64), np.uint8)], r"not uint8 \(48, 64\)"),
        ([np.zeros((48, 64, 3))], "not float64"),
        ([np.zeros((48, 0, 3), np.uint8)], r"not uint8 \(48, 0, 3\)"),
        ([drawing(0), drawing(0, 64, 48)], "picture 1 is 64 x 48, the first one 160 x 120"),
    ],
)
def test_bad_pictures_are_refused(name: str, pictures: list[Picture], message: str, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=message):
        write_video(pictures, tmp_path / name, 25)
    assert list(tmp_path.iterdir()) == []


@kinds
def test_an_error_while_drawing_harms_nothing(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    write_video(drawings(3), path, 25)
    before = digest(path)

    def failing() -> Iterator[Picture]:
        yield from drawings(20)
        raise FileNotFoundError("font")

    with pytest.raises(FileNotFoundError, match="font"):
        write_video(failing(), path, 25)
    assert digest(path) == before
    assert list(tmp_path.iterdir()) == [path]


def run(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_a_full_disk_is_said_and_harms_nothing(tmp_path: Path) -> None:
    """A real process that may not write files larger than 20 kB, and drawings that take more."""
    paths = [str(tmp_path / name) for name in ("dance.webm", "dance.gif", "dance.webp", "frames")]
    said = run(f"""
        import resource, signal
        import numpy as np
        from pose_vocab.errors import OutputError
        from render.writer import write_video
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
        noise = np.random.default_rng(0)
        for path in {paths!r}:
            pictures = (noise.integers(0, 256, (120, 160, 3), dtype=np.uint8) for _ in range(40))
            try:
                write_video(pictures, path, 20)
            except OutputError as error:
                print(error, flush=True)
    """).splitlines()
    assert len(said) == len(paths)
    assert all(
        line.startswith(f"cannot write {path}: the disk is full") for line, path in zip(said, paths, strict=True)
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "kept_bytes"), [*((name, 100) for name in MOVING if name != "dance.webp"), ("dance.webp", 4000)]
)
def test_memory_does_not_grow_with_the_number_of_pictures(name: str, kept_bytes: int, tmp_path: Path) -> None:
    """The peak after 3,000 pictures of 160 x 120 over that after 500; a WebP keeps its compressed pictures.

    Films and GIFs keep an index: a few bytes a picture.
    """
    program = f"""
        import resource
        import numpy as np
        from render.writer import write_video
        def pictures():
            for index in range(%d):
                picture = np.zeros((120, 160, 3), np.uint8)
                picture[40:80, index %% 120 : index %% 120 + 40] = (200, 60, 40)
                yield picture
        write_video(pictures(), {str(tmp_path / name)!r}, 25)
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    """
    few, many = (int(run(program % n)) * 1024 for n in (500, 3000))
    assert many - few < 2500 * kept_bytes + 4 * 2**20
