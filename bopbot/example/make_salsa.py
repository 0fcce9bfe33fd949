"""Render the example video beside this file: a salsa take, danced by the mannequin.

    python -m bopbot.example.make_salsa path/to/60_03_scaled.bvh

The motion is take 3 of subject 60 of the CMU motion capture database; see README, "Acknowledgements".
"""

import sys
from pathlib import Path

from pose_vocab.formats.bvh.load import load_bvh
from pose_vocab.resampling import resample
from render.renderer import DanceRenderer
from render.writer import write_video

VIDEO = Path(__file__).parent / "salsa.mp4"
FPS = 25.0
SIZE_PX = (540, 720)
YAW_DEG = 20.0


def main(motion: Path) -> None:
    """Render a motion capture file as the example video."""
    dance = resample(load_bvh(motion), FPS)
    write_video(DanceRenderer("mannequin", *SIZE_PX, YAW_DEG).frames(dance), VIDEO, FPS)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
