"""A window that shows a live dance."""

from __future__ import annotations

import subprocess
import sys
from collections import deque
from collections.abc import Iterable
from dataclasses import replace

import cv2
import numpy as np

from bopbot.live.frames import Frame, Joints
from pose_vocab.errors import OutputError
from pose_vocab.skeletons import DANCER
from render.draw_list import draw_lists
from render.raster import paint
from render.scenery import Scenery, empty_stage
from render.shapes import Image
from render.stage.stage import Stage, StagedClip
from render.styles import STYLES
from render.styles.style import Style
from render.theme import THEMES

TITLE = "BopBot"
WIDTH, HEIGHT = 960, 720
"""Size of the picture in pixels; the window can be resized."""
BODY = HEIGHT / 5
"""The length of a torso in pixels: there is room for raised arms and a leap."""
FLOOR = HEIGHT - 0.6 * BODY
"""The row of the picture on which the dancer stands."""
ROOM_TORSOS = WIDTH / BODY / 2 - 1.7
"""Distance from the middle of the picture at which the camera follows, in torso lengths: an arm still fits."""
ENDING_KEYS = (27, ord("q"))
"""Escape, and q."""
HISTORY_FRAMES = 30
"""Earlier frames that styles get, for trails and springs."""
PROBE = f"import cv2; cv2.namedWindow({TITLE!r}); cv2.waitKey(1)"
"""Run in another process to check whether a window can be shown."""
PROBE_S = 20.0

_HIPS = [DANCER.index("left_hip"), DANCER.index("right_hip")]
_SCENERY = Scenery()


class Window:
    """A target that draws the dancers in one of the styles, until Escape or q is pressed or the window is closed.

    The scale cannot depend on the dance, whose future is unknown: the floor and the length of a torso in pixels are
    fixed, and the camera moves sideways when the dancers would leave the picture. 3D is drawn from the front.

    Parameters
    ----------
    style : a name in `render.styles.STYLES`.

    Raises
    ------
    OutputError : an unknown style, or no display.
    """

    def __init__(self, style: str) -> None:
        if style not in STYLES:
            raise OutputError(f"unknown style {style!r}; choose from {', '.join(STYLES)}")
        _check_display()
        self._theme = THEMES[STYLES[style].default_theme]
        self._kind = STYLES[style]
        self._empty = empty_stage(WIDTH, HEIGHT, self._theme, FLOOR - self._theme.floor_behind * BODY)
        self._middle = 0.0
        self._recent: deque[Frame] = deque(maxlen=HISTORY_FRAMES)
        cv2.namedWindow(TITLE, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
        # A window that is resized before it has shown a picture may stay black without a window manager.
        _display(self._empty)
        cv2.resizeWindow(TITLE, WIDTH, HEIGHT)

    @classmethod
    def open(cls, address: str, style: str) -> Window:
        """Open a window; raise OutputError if there is an address: a window opens on this screen."""
        if address:
            raise OutputError(f"a window opens on this screen, not at {address!r}; to send poses: osc:HOST:PORT")
        return cls(style)

    def show(self, frame: Frame) -> bool:
        _display(self._draw(frame))
        return cv2.waitKey(1) & 0xFF not in ENDING_KEYS and cv2.getWindowProperty(TITLE, cv2.WND_PROP_VISIBLE) > 0

    def close(self) -> None:
        cv2.destroyAllWindows()

    def _style_of(self, person: int) -> Style:
        return self._kind(self._theme.of_person(person))

    def _draw(self, frame: Frame) -> Image:
        if self._recent and len(self._recent[-1].people) != len(frame.people):
            self._recent.clear()
        self._recent.append(frame)
        picture = self._empty.copy()
        hips = [float(person[_HIPS, 0].mean()) for person in frame.people if np.isfinite(person[_HIPS, 0]).all()]
        if hips:
            self._middle = float(np.clip(self._middle, np.mean(hips) - ROOM_TORSOS, np.mean(hips) + ROOM_TORSOS))
            everyone = enumerate(zip(*(recent.people for recent in self._recent), strict=True))
            dancers = tuple(replace(self._staged_clip(poses), person=person) for person, poses in everyone)
            *_, now = draw_lists(Stage(dancers, None, np.zeros((1, 2))), self._style_of, self._theme, _SCENERY)
            if now.shadows is not None:
                paint(picture, now.shadows)
            for figure in now.figures:
                figure.paint(picture)
        return picture

    def _staged_clip(self, poses: Iterable[Joints]) -> StagedClip:
        """Return one dancer's last poses, (16, 2 or 3) each, in pixels."""
        keypoints = np.stack(list(poses))
        place = np.stack([WIDTH / 2 + BODY * (keypoints[..., 0] - self._middle), FLOOR - BODY * keypoints[..., 1]], -1)
        joints = place.astype(np.float32)
        ground = joints[:, _HIPS].mean(axis=1)
        ground[:, 1] = FLOOR
        elapsed_s = self._recent[-1].time_s - self._recent[0].time_s
        return StagedClip(
            joints=joints,
            depth=-BODY * keypoints[..., 2] if keypoints.shape[2] == 3 else None,
            body=np.full(len(joints), BODY, np.float32),
            ground=ground,
            fps=(len(joints) - 1) / elapsed_s if elapsed_s else 1.0,
            begin_s=self._recent[0].time_s,
        )


def _display(picture: Image) -> None:
    cv2.imshow(TITLE, np.ascontiguousarray(picture[..., 2::-1]))


def _check_display() -> None:
    """Raise OutputError if no window can be shown.

    Qt ends the whole process if it finds no display, so another process tries first.
    """
    try:
        probe = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, timeout=PROBE_S)
    except subprocess.TimeoutExpired:
        pass
    else:
        if probe.returncode == 0:
            return
    raise OutputError(
        "no window can be shown here: no display answers; send the dance elsewhere as JSON lines (json) or as OSC "
        "(osc:HOST:PORT)"
    )
