"""MediaPipe's PoseLandmarker for single images and for videos: an image in, the person in it out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import ModelError
from pose_vocab.extraction.detected_people import LANDMARKS, People
from pose_vocab.extraction.native_stderr import suppressed_stderr


class _Landmarker:
    """A PoseLandmarker in one of MediaPipe's running modes; its log output is suppressed."""

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
        """Free the model."""
        self._landmarker.close()

    def _people(self, detect: Any, frame: NDArray[np.uint8], *when_ms: int) -> People:
        image = self._image(image_format=self._srgb, data=np.ascontiguousarray(frame))
        if self._found_someone:
            return _as_people(detect(image, *when_ms), frame)
        # MediaPipe logs its last warning with the first person.
        with suppressed_stderr():
            people = _as_people(detect(image, *when_ms), frame)
        self._found_someone = len(people) > 0
        return people


class ImageLandmarker(_Landmarker):
    """Detects one person in single images, independently of earlier ones.

    Raises
    ------
    ModelError : `model` is not a PoseLandmarker bundle.
    """

    def __init__(self, model: Path) -> None:
        super().__init__(model, "IMAGE")

    def detect(self, frame: NDArray[np.uint8]) -> People:
        """Return one person or nobody in an image, uint8 (height, width, 3) RGB."""
        return self._people(self._landmarker.detect, frame)


class VideoLandmarker(_Landmarker):
    """Tracks one person from frame to frame; if they are lost, it detects one again.

    MediaPipe smooths the landmarks of a single person (a one-euro filter that uses the frames' times and
    lags by about a fifth of a frame).

    Raises
    ------
    ModelError : `model` is not a PoseLandmarker bundle.
    """

    def __init__(self, model: Path) -> None:
        super().__init__(model, "VIDEO")

    def detect(self, frame: NDArray[np.uint8], time_s: float) -> People:
        """Return one person or nobody in a frame, uint8 (height, width, 3) RGB, at least 1 ms later than the
        last one.
        """
        return self._people(self._landmarker.detect_for_video, frame, round(time_s * 1000))


class Landmarkers:
    """The landmarkers of one process: one for images, and as many for videos as are requested.

    Raises
    ------
    ModelError : `model` is not a PoseLandmarker bundle.
    """

    def __init__(self, model: Path) -> None:
        self.model = model
        self.image_landmarker = ImageLandmarker(model)
        self._spare: VideoLandmarker | None = None

    def preload(self) -> None:
        """Load a video landmarker before it is needed: loading takes as long as tracking ten frames."""
        self._spare = self._spare or VideoLandmarker(self.model)

    def video_landmarker(self) -> VideoLandmarker:
        """Return a landmarker that has tracked nobody yet; the caller must close it."""
        spare, self._spare = self._spare, None
        return spare or VideoLandmarker(self.model)

    def close(self) -> None:
        """Free the models that this object still owns."""
        self.image_landmarker.close()
        if self._spare:
            self._spare.close()


def _as_people(result: Any, frame: NDArray[np.uint8]) -> People:
    """Return MediaPipe's result as `People`, in pixels of `frame` and in metres."""
    if not result.pose_landmarks:
        return People.empty()
    height, width = frame.shape[:2]
    in_picture = [
        [(point.x * width, point.y * height, point.visibility) for point in person] for person in result.pose_landmarks
    ]
    # MediaPipe's y points down and its z away from the viewer.
    world = [[(point.x, -point.y, -point.z) for point in person] for person in result.pose_world_landmarks]
    landmarks = np.array(in_picture, np.float32).reshape(-1, LANDMARKS, 3)
    return People(landmarks[..., :2], landmarks[..., 2], np.array(world, np.float32).reshape(-1, LANDMARKS, 3))
