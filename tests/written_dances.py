"""Open a written dance of any kind by the reader of its kind."""

from pathlib import Path

import av
from PIL import Image

from bopbot.drawing.outputs import DANCES, find_output
from pose_vocab.formats import read_people

SUFFIXES = list(dict.fromkeys(suffix for kind in DANCES for suffix in kind.suffixes))


def name_for(suffix: str) -> str:
    return f"dance{suffix}" if suffix else "frames"


def assert_holds_dance(path: Path, n_frames: int) -> None:
    if not find_output(path, DANCES).is_drawn:
        assert len(read_people(path).people[0]) == n_frames
    elif path.suffix == "":
        assert len(list(path.glob("frame_*.png"))) == n_frames
    elif path.suffix in (".svg", ".html", ".htm"):
        text = path.read_text(encoding="utf-8").lower()
        assert text.startswith("<?xml" if path.suffix == ".svg" else "<!doctype html>")
    elif path.suffix == ".webp":
        with Image.open(path) as picture:
            assert picture.n_frames == n_frames
    else:
        with av.open(str(path)) as container:
            assert sum(1 for _ in container.decode(video=0)) == n_frames
