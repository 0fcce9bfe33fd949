"""One picture in, the person in it out: MediaPipe's PoseLandmarker for single pictures and for videos."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import ModelError
from pose_vocab.extraction.detected_people import LANDMARKS, People
from pose_vocab.extraction.native_stderr import suppressed_stderr


class _Landmarker:
    def __init__(self, model: Path, mode: str) -> None:
        with suppressed_stderr():
            import mediapipe
            from mediapipe.tasks.python import BaseOptions, vision

            options = vision.PoseLandmarkerOptions(
                base_options=BaseOptions(model_asset_path=str(model)),
                running_mode=vision.RunningMode[mode],
            )
            try:
                self._landmarker: Any = vision.PoseLandmarker.create_from_options(options)
            except (OSError, RuntimeError, ValueError) as error:
                raise ModelError(
                    f"{model} cannot be used as a pose model; give the path of a pose_landmarker .task file"
                ) from error
        self._image: Any = mediapipe.Image
        self._srgb: Any = mediapipe.ImageFormat.SRGB
        self._found_someone = False

    def close(self) -> None:
        self._landmarker.close()

    def _people(self, detect: Any, frame: NDArray[np.uint8], *when_ms: int) -> People:
        image = self._image(image_format=self._srgb, data=np.ascontiguousarray(frame))
        if self._found_someone:
            return _as_people(detect(image, *when_ms), frame)
        # The last of MediaPipe's warnings comes with the first person.
        with suppressed_stderr():
            people = _as_people(detect(image, *when_ms), frame)
        self._found_someone = len(people) > 0
        return people


class ImageLandmarker(_Landmarker):
    """Finds one person in single pictures, whatever was seen before.

    Raises
    ------
    ModelError : `model` is not a PoseLandmarker bundle.
    """

    def __init__(self, model: Path) -> None:
        super().__init__(model, "IMAGE")

    def detect(self, frame: NDArray[np.uint8]) -> People:
        """One person or nobody in a picture, uint8 (height, width, 3) RGB."""
        return self._people(self._landmarker.detect, frame)


class VideoLandmarker(_Landmarker):
    """Finds one person and follows them from picture to picture until they are lost, then finds one again.

    MediaPipe smooths the landmarks of a single person (a one-euro filter that knows the pictures'
    times and is about a fifth of a frame late).

    Raises
    ------
    ModelError : `model` is not a PoseLandmarker bundle.
    """

    def __init__(self, model: Path) -> None:
        super().__init__(model, "VIDEO")

    def detect(self, frame: NDArray[np.uint8], time_s: float) -> People:
        """One person or nobody in a picture, uint8 (height, width, 3) RGB, later by a millisecond than the last one."""
        return self._people(self._landmarker.detect_for_video, frame, round(time_s * 1000))


class Landmarkers:
    """One that looks, and as many that follow as are asked for, all of one model.

    Raises
    ------
    ModelError : `model` is not a PoseLandmarker bundle.
    """

    def __init__(self, model: Path) -> None:
        self.model = model
        self.image_landmarker = ImageLandmarker(model)
        self._spare: VideoLandmarker | None = None

    def preload(self) -> None:
        """Have a follower ready before it is needed: to load one takes as long as to follow for ten pictures."""
        self._spare = self._spare or VideoLandmarker(self.model)

    def video_landmarker(self) -> VideoLandmarker:
        """One that has followed nobody yet; whoever asks for it closes it."""
        spare, self._spare = self._spare, None
        return spare or VideoLandmarker(self.model)

    def close(self) -> None:
        self.image_landmarker.close()
        if self._spare:
            self._spare.close()


def _as_people(result: Any, frame: NDArray[np.uint8]) -> People:
    if not result.pose_landmarks:
        return People.empty()
    height, width = frame.shape[:2]
    image = [[(point.x * width, point.y * height, point.visibility) for point in one] for one in result.pose_landmarks]
    # MediaPipe's y points down and its z away from the viewer.
    world = [[(point.x, -point.y, -point.z) for point in one] for one in result.pose_world_landmarks]
    seen = np.array(image, np.float32).reshape(-1, LANDMARKS, 3)
    return People(seen[..., :2], seen[..., 2], np.array(world, np.float32).reshape(-1, LANDMARKS, 3))
