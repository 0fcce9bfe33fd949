"""Forms are the same however they are cut, and large ones need no memory."""

import tracemalloc
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from bopbot.service.http.multipart_stream import MultipartForm

KIND = "multipart/form-data; boundary=edge"
PART = '--edge\r\nContent-Disposition: form-data; name="{}"\r\n\r\n'
VIDEO = '--edge\r\nContent-Disposition: form-data; name="video"; filename="x"\r\nContent-Type: video/mp4\r\n\r\n'
END = b"\r\n--edge--\r\n"
NAMES = ("seed", "style")


@given(
    video=st.binary(max_size=200) | st.just(b"\r\n--edg\r\n--ed") | st.just(b"\r\n" * 20),
    seed=st.text(max_size=20),
    cuts=st.lists(st.integers(0, 400), max_size=10),
)
def test_the_cuts_between_pieces_change_nothing(video: bytes, seed: str, cuts: list[int]) -> None:
    body = PART.format("seed").encode() + seed.encode() + b"\r\n" + VIDEO.encode() + video + END
    ends = [0, *sorted(cuts), len(body)]
    with TemporaryDirectory() as folder:
        form = MultipartForm(KIND, NAMES, Path(folder))
        for start, stop in pairwise(ends):
            form.write(body[start:stop])
        form.finish()
        form.close()
        assert form.fields == {"seed": seed}
        assert form.n_bytes == len(video)
        assert form.video.read_bytes() == video


def test_a_large_video_is_never_held(tmp_path: Path) -> None:
    piece, n_pieces = bytes(65536), 512
    tracemalloc.start()
    form = MultipartForm(KIND, NAMES, tmp_path)
    form.write(VIDEO.encode())
    for _ in range(n_pieces):
        form.write(piece)
    form.write(END)
    form.finish()
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert form.n_bytes == form.video.stat().st_size == n_pieces * len(piece)
    assert peak_bytes < 4 * len(piece)
