"""What each style looks like, as pictures to compare with: ``python -m tests.reference_pictures`` draws them anew.

Look at them before they are committed.
"""

from pathlib import Path

import numpy as np

from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER
from render.image_file import write_png
from render.renderer import DanceRenderer
from render.scenery import Scenery
from render.shapes import Image
from render.styles import STYLES

FOLDER = Path(__file__).parent / "render" / "references"
SIZE_PX = 200
FPS, FRAMES, SHOWN = 20.0, 20, 16
"""A second of the dance is drawn, so that trails are there, and one frame of it is kept."""

_POSE = {
    "nose": (0.02, 1.34, 0.28), "neck": (0.0, 1.0, 0.0),
    "left_shoulder": (0.33, 1.0, -0.05), "right_shoulder": (-0.33, 1.0, 0.05),
    "left_elbow": (0.72, 1.15, 0.0), "right_elbow": (-0.5, 0.62, 0.1),
    "left_wrist": (0.8, 1.58, 0.12), "right_wrist": (-0.22, 0.5, 0.32),
    "left_hip": (0.19, 0.0, 0.0), "right_hip": (-0.19, 0.0, 0.0),
    "left_knee": (0.42, -0.7, 0.3), "right_knee": (-0.24, -0.85, 0.02),
    "left_ankle": (0.46, -1.35, -0.05), "right_ankle": (-0.22, -1.7, -0.06),
    "left_toe": (0.55, -1.5, 0.2), "right_toe": (-0.28, -1.78, 0.28),
}  # fmt: skip
"""In torso lengths from the hips: one arm up, one knee lifted."""


def dance() -> PoseSequence:
    """In metres, facing the viewer: the arms swing, the body sways."""
    pose = np.array([_POSE[name] for name in DANCER.joint_names]) * 0.5
    beat = np.linspace(0, 2 * np.pi, FRAMES, endpoint=False)
    keypoints = np.repeat(pose[None], FRAMES, axis=0)
    for side, phase in (("left", 0.0), ("right", 1.5)):
        for joint, reach in (("elbow", 0.06), ("wrist", 0.18)):
            keypoints[:, DANCER.index(f"{side}_{joint}"), 1] += reach * np.sin(beat + phase)
            keypoints[:, DANCER.index(f"{side}_{joint}"), 0] += 0.5 * reach * np.cos(beat + phase)
    keypoints[..., 0] += 0.05 * np.sin(beat)[:, None] * (keypoints[..., 1] + 0.9)
    return PoseSequence.fully_seen(keypoints, FPS, DANCER)


def picture(style: str) -> Image:
    """The kept frame of the dance in a style, (`SIZE_PX`, `SIZE_PX`, 3 or 4)."""
    renderer = DanceRenderer(style, SIZE_PX, SIZE_PX, 15.0, Scenery(grid=True))
    return list(renderer.frames(dance()))[SHOWN]


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for style in STYLES:
        write_png(picture(style), FOLDER / f"{style}.png")


if __name__ == "__main__":
    main()
